/**
 * Sessions of visitors of private pages: a moment until which somebody is let in, signed
 * (HMAC-SHA-256) with a key made of the API's token and of what is stored of the page's secrets. So
 * nobody makes one from the database alone, and all end when password or token change. Nothing is
 * stored. Times are UTC epoch milliseconds.
 */
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { isEqualSecret } from "../equality.ts";
import type { StoredAccess } from "./access.ts";

/** How long a visitor is let in, in milliseconds. */
export const SESSION_MS = 7 * 86_400_000;
/** Name of the cookie. */
export const SESSION_COOKIE = "echoquorum-session";

/** What a session is of. */
export interface SessionOf {
  /** Id of the page. */
  page: string;
  access: StoredAccess;
  /** Secret of the Worker. */
  secret: string;
}

/** Begins a session. */
export async function beginSession(of: SessionOf, nowMs: number): Promise<string> {
  const untilMs = nowMs + SESSION_MS;
  return `${untilMs}.${await sign(of, untilMs)}`;
}

/** Whether a session lasts. */
export async function isSession(of: SessionOf, session: string, nowMs: number): Promise<boolean> {
  const [, until = "", signature = ""] = /^(\d{13,15})\.([0-9a-f]{64})$/.exec(session) ?? [];
  const untilMs = Number(until);
  if (until === "" || untilMs <= nowMs) return false;
  return isEqualSecret(signature, await sign(of, untilMs));
}

async function sign({ page, access, secret }: SessionOf, untilMs: number): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const material = utf8ToBytes(`echoquorum/page-session\n${secret}\n${JSON.stringify(access)}`);
  const key = await crypto.subtle.importKey("raw", material, algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, utf8ToBytes(`${page}\n${untilMs}`));
  return bytesToHex(new Uint8Array(signature));
}
