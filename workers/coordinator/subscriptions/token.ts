/**
 * Links that prove themselves: whoever has one was written to. A token is the subscription's random
 * id and an HMAC (RFC 2104, SHA-256) under the subscription's own key of what the link is for, so
 * one that unsubscribes confirms nothing. Nothing can be looked up by guessing. Pure.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { encodeBase64Url } from "../../sealing.ts";
import { isEqualSecret } from "../equality.ts";
import type { SubscriptionTarget } from "./subscription.ts";

/** What a link is for. */
export type TokenPurpose = "confirm" | "manage" | "unsubscribe";

const TOKEN = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** Bytes of a subscription's id; 128 bits. */
export const ID_BYTES = 16;
/** Bytes of the key of its links. */
export const KEY_BYTES = 32;

/** Makes the token of a link. */
export function makeToken(purpose: TokenPurpose, id: string, key: string): string {
  return `${id}.${signatureOf(purpose, id, key)}`;
}

/** The id in a token, not proven yet; null: it is no token. */
export function idOfToken(token: string): string | null {
  return TOKEN.exec(token)?.[1] ?? null;
}

/** Whether a token was made for a purpose, with a subscription's own key. */
export async function isTokenOf(
  purpose: TokenPurpose,
  token: string,
  { id, key }: { id: string; key: string },
): Promise<boolean> {
  return idOfToken(token) === id && isEqualSecret(token, makeToken(purpose, id, key));
}

/** Address of a page that does something with a subscription. */
export function linkOf(
  purpose: TokenPurpose,
  id: string,
  { key, pageUrl }: Pick<SubscriptionTarget, "key" | "pageUrl">,
): string {
  return `${pageUrl}/subscriptions/${purpose}/${makeToken(purpose, id, key)}`;
}

function signatureOf(purpose: TokenPurpose, id: string, key: string): string {
  const words = utf8ToBytes(`echoquorum subscription ${purpose} ${id}`);
  return encodeBase64Url(hmac(sha256, utf8ToBytes(key), words));
}
