/**
 * One request to a channel and what came of it, within a deadline that somebody else has set.
 *
 * Redirects are not followed (a signed message goes nowhere but where its owner said), and little
 * of the answer is read. HTTP semantics: RFC 9110; success and failure as Standard Webhooks 1.0.0
 * has them ("Delivery success and failure"). What is reported may hold secrets: redact it.
 */
import type { DeliveryOutcome } from "../../../shared/alert/delivery.ts";
import { DELIVERY_LIFETIME_MS } from "../../../shared/alert/delivery.ts";
import { formatDuration } from "../../../shared/duration.ts";
import { VERSION } from "../../../shared/version.ts";
import type { ChannelRequest } from "./channel.ts";

/** How a request is made. */
export interface ExchangeOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Moment of the attempt (UTC epoch milliseconds). */
  nowMs: number;
  /** Deadline of the attempt, in milliseconds, as it is reported. */
  timeoutMs: number;
  /** Resolves when the time is up. */
  deadline: Promise<null>;
  signal: AbortSignal;
  /** Whether the body of an answer that accepts is of interest. */
  readsAnswer: boolean;
  /** Takes secrets out of what the receiver said. */
  redact: (text: string) => string;
}

/** Most that is read of an answer that refuses a message, in bytes. */
const ANSWER_BYTES_MAX = 1_024;
/** Most that is read of one that accepts, where that matters: Slack repeats the message in it. */
const ACCEPTANCE_BYTES_MAX = 262_144;
/** Most that is reported, in characters. */
const ANSWER_CHARACTERS_MAX = 200;
/** Client errors that a repetition may overcome: timeout, too early, too many requests. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Does an attempt's work under one deadline, and ends whatever of it still runs afterwards: a request
 * without an answer, a body that nobody needs.
 */
export async function withinAttempt<T>(
  timeoutMs: number,
  work: (time: Pick<ExchangeOptions, "timeoutMs" | "deadline" | "signal">) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await work({ timeoutMs, deadline, signal: abort.signal });
  } finally {
    if (timer !== null) clearTimeout(timer);
    abort.abort();
  }
}

/** Makes a request. Rejects when it cannot be made at all. */
export async function exchange(
  { url, headers, body }: ChannelRequest,
  options: ExchangeOptions,
): Promise<DeliveryOutcome & { answer: string }> {
  const { fetch, nowMs, timeoutMs, deadline, signal, readsAnswer, redact } = options;
  const init: RequestInit = {
    method: "POST",
    headers: { ...headers, "user-agent": `Echoquorum/${VERSION}` },
    body,
    redirect: "manual",
    signal,
  };
  const late = { ...failure(`no answer within ${formatDuration(timeoutMs)}`, false), answer: "" };
  const response = await Promise.race([fetch(url, init), deadline]);
  if (response === null) return late;
  const { status } = response;
  if (status >= 200 && status < 300) {
    const accepted = { ok: true, status, error: null, retryAfterMs: null, permanent: false };
    if (!readsAnswer) return { ...accepted, answer: "" };
    const answer = await Promise.race([readBeginning(response, ACCEPTANCE_BYTES_MAX), deadline]);
    return answer === null ? { ...late, status } : { ...accepted, answer };
  }
  // The status counts even if the rest of the answer never comes.
  const answer = await Promise.race([readBeginning(response, ANSWER_BYTES_MAX), deadline]);
  return {
    ok: false,
    status,
    error: explain(status, redact(oneLine(answer ?? ""))),
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), nowMs),
    permanent: isPermanent(status),
    answer: "",
  };
}

/** An attempt that got no answer. */
export function failure(error: string, permanent: boolean): DeliveryOutcome {
  return { ok: false, status: null, error, retryAfterMs: null, permanent };
}

/** Whether no repetition can succeed: a redirect, or a client error that does not pass. */
function isPermanent(status: number): boolean {
  return status >= 300 && status < 500 && !TRANSIENT_STATUSES.has(status);
}

/**
 * Parses `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3).
 *
 * @returns milliseconds from `nowMs`, 0 … {@link DELIVERY_LIFETIME_MS}; null: absent or malformed
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  const text = value?.trim() ?? "";
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  if (Number.isNaN(delayMs)) return null;
  return Math.min(Math.max(delayMs, 0), DELIVERY_LIFETIME_MS);
}

function explain(status: number, answer: string): string {
  if (status < 400) return `the receiver redirects (HTTP ${status}); redirects are not followed`;
  return `the receiver answered HTTP ${status}${answer === "" ? "" : `: ${answer}`}`;
}

/** Reads the beginning of an answer, and drops the rest. */
async function readBeginning(response: Response, bytesMax: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytesLeft = bytesMax;
  try {
    while (bytesLeft > 0) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value.subarray(0, bytesLeft), { stream: true });
      bytesLeft -= value.length;
    }
  } catch {
    // The status says enough; an answer that breaks off only shortens what is known.
  }
  return text;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return line.length > ANSWER_CHARACTERS_MAX ? `${line.slice(0, ANSWER_CHARACTERS_MAX)}…` : line;
}
