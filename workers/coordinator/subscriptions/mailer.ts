/**
 * E-mail by Cloudflare's Email Service (developers.cloudflare.com/email-service): its binding takes
 * the parts of a message, makes and signs the MIME itself, and says by a code what went wrong.
 *
 * Trouble with the service or the sender is everybody's, and is tried again; an address that does not
 * take mail is its owner's. What is reported never holds an address: messages of errors may.
 */
import { failure } from "../channels/http-exchange.ts";
import { within } from "../deadline.ts";
import type { Env } from "../env.ts";
import type { Letter } from "./letter.ts";
import type { SubscriberOutcome } from "./subscription.ts";
import { DELIVERED } from "./subscription.ts";

const HOUR_MS = 3_600_000;

/** How long the service asks to be left alone by its code, in milliseconds. */
const RESTS_MS: Readonly<Record<string, number>> = {
  E_RATE_LIMIT_EXCEEDED: 60_000,
  E_DAILY_LIMIT_EXCEEDED: HOUR_MS,
  E_SENDER_NOT_VERIFIED: HOUR_MS,
  E_SENDER_DOMAIN_NOT_AVAILABLE: HOUR_MS,
};
/** About one receiver, who may take mail later. */
const PASSING: ReadonlySet<string> = new Set(["E_DELIVERY_FAILED"]);
/** About one receiver or message, for good. */
const PERMANENT: ReadonlySet<string> = new Set([
  "E_VALIDATION_ERROR",
  "E_RECIPIENT_NOT_ALLOWED",
  "E_RECIPIENT_SUPPRESSED",
  "E_CONTENT_TOO_LARGE",
]);
/** The address has bounced, or its owner has called us a spammer. */
const GONE = "E_RECIPIENT_SUPPRESSED";

type Sender = string | { name: string; email: string };

/** Whether e-mail can be sent. */
export function canMail({ EMAIL, MAIL_FROM }: Pick<Env, "EMAIL" | "MAIL_FROM">): boolean {
  return EMAIL !== undefined && parseSender(MAIL_FROM ?? "") !== null;
}

/** Reads `Name <address>` or an address (RFC 5322 §3.4, its plain forms); null: it is neither. */
export function parseSender(text: string): Sender | null {
  const named = /^\s*"?([^"<>]*?)"?\s*<([^<>\s]+@[^<>\s]+)>\s*$/.exec(text);
  if (named !== null) {
    const [, name = "", email = ""] = named;
    return name === "" ? email : { name, email };
  }
  return /^[^<>\s]+@[^<>\s]+$/.test(text.trim()) ? text.trim() : null;
}

/** Sends an e-mail, once. Never throws: whatever goes wrong is the outcome. */
export async function sendLetter(
  { EMAIL, MAIL_FROM = "" }: Pick<Env, "EMAIL" | "MAIL_FROM">,
  to: string,
  letter: Letter,
  timeoutMs: number,
): Promise<SubscriberOutcome> {
  const from = parseSender(MAIL_FROM);
  if (EMAIL === undefined || from === null) return ours("e-mail is not configured", HOUR_MS);
  const late = new Error("no answer in time");
  try {
    const send = async () => EMAIL.send({ from, to, ...letter });
    await within(timeoutMs, send, () => late);
    return DELIVERED;
  } catch (error) {
    return error === late ? ours(late.message, null) : judge(codeOf(error));
  }
}

function judge(code: string): SubscriberOutcome {
  const said = `the e-mail was refused: ${code}`;
  if (PERMANENT.has(code)) return { ...failure(said, true), gone: code === GONE, ours: false };
  if (PASSING.has(code)) return { ...failure(said, false), gone: false, ours: false };
  return ours(said, RESTS_MS[code] ?? null);
}

function ours(error: string, retryAfterMs: number | null): SubscriberOutcome {
  return { ...failure(error, false), retryAfterMs, gone: false, ours: true };
}

/** The code of an error; by way of another Worker only its message comes through. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : "";
  return /\bE_[A-Z_]{3,40}\b/.exec(`${code} ${message}`)?.[0] ?? "unknown error";
}
