/**
 * Sends one delivery to one channel, once, and says what came of it.
 *
 * One deadline covers the whole attempt. Redirects are not followed (a signed message goes nowhere
 * but where its owner said), private addresses are refused, little of the answer is read, and what
 * is reported holds none of the channel's secrets. It neither stores nor repeats: that is for
 * `recordAttempt` to decide. HTTP semantics: RFC 9110; success and failure as Standard Webhooks
 * 1.0.0 has them ("Delivery success and failure").
 */
import type { Delivery, DeliveryOutcome } from "../../../shared/alert/delivery.ts";
import { DELIVERY_LIFETIME_MS } from "../../../shared/alert/delivery.ts";
import { formatDuration } from "../../../shared/duration.ts";
import { VERSION } from "../../../shared/version.ts";
import { isPrivateHost } from "./address.ts";
import type { Channel, ChannelRequest } from "./channel.ts";
import { redact } from "./channel.ts";
import { renderSlackRequest } from "./slack.ts";
import { renderWebhookRequest } from "./webhook.ts";

/** How a delivery is sent. */
export interface SendOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Moment of the attempt (UTC epoch milliseconds). */
  nowMs: number;
  /** Deadline of the attempt, in milliseconds. */
  timeoutMs: number;
  /** Whether loopback and private addresses may be called: only ever locally. */
  allowPrivateAddresses: boolean;
}

/** Most that is read of an answer that refuses a message, in bytes. */
const ANSWER_BYTES_MAX = 1_024;
/** Most that is reported of it, in characters. */
const ANSWER_CHARACTERS_MAX = 200;
/** Client errors that a repetition may overcome: timeout, too early, too many requests. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends a delivery. Never throws: whatever goes wrong is the outcome. */
export async function sendDelivery(
  channel: Channel,
  delivery: Delivery,
  options: SendOptions,
): Promise<DeliveryOutcome> {
  if (!options.allowPrivateAddresses && isPrivateHost(new URL(channel.settings.url).hostname)) {
    return failure("the channel's address is private: alerts go to public addresses only", true);
  }
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), options.timeoutMs);
  });
  try {
    const request = renderRequest(channel, delivery, options.nowMs);
    return await exchange(channel, request, options, { deadline, signal: abort.signal });
  } catch (error) {
    return failure(redact(`the request failed: ${describe(error)}`, channel), false);
  } finally {
    if (timer !== null) clearTimeout(timer);
    // Ends whatever still runs: a request without an answer, a body that nobody needs.
    abort.abort();
  }
}

function renderRequest(channel: Channel, delivery: Delivery, nowMs: number): ChannelRequest {
  switch (channel.kind) {
    case "webhook":
      return renderWebhookRequest(channel, delivery, nowMs);
    case "slack":
      return renderSlackRequest(channel, delivery);
  }
}

async function exchange(
  channel: Channel,
  { url, headers, body }: ChannelRequest,
  { fetch, nowMs, timeoutMs }: SendOptions,
  { deadline, signal }: { deadline: Promise<null>; signal: AbortSignal },
): Promise<DeliveryOutcome> {
  const init: RequestInit = {
    method: "POST",
    headers: { ...headers, "user-agent": `Echoquorum/${VERSION}` },
    body,
    redirect: "manual",
    signal,
  };
  const response = await Promise.race([fetch(url, init), deadline]);
  if (response === null) return failure(`no answer within ${formatDuration(timeoutMs)}`, false);
  const { status } = response;
  if (status >= 200 && status < 300) {
    return { ok: true, status, error: null, retryAfterMs: null, permanent: false };
  }
  // The status counts even if the rest of the answer never comes.
  const answer = await Promise.race([readAnswer(response), deadline]);
  return {
    ok: false,
    status,
    error: explain(status, redact(answer ?? "", channel)),
    retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), nowMs),
    permanent: isPermanent(status),
  };
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

/** Reads the beginning of an answer as one printable line, and drops the rest. */
async function readAnswer(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytesLeft = ANSWER_BYTES_MAX;
  try {
    while (bytesLeft > 0) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value.subarray(0, bytesLeft), { stream: true });
      bytesLeft -= value.length;
    }
  } catch {
    // The status says enough; an answer that breaks off only shortens the explanation.
  }
  const line = text.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return line.length > ANSWER_CHARACTERS_MAX ? `${line.slice(0, ANSWER_CHARACTERS_MAX)}…` : line;
}

/** What an exception says, with the system's error code where there is one. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  // The runtime says no more than this of a name that does not resolve.
  if (error.message.startsWith("internal error")) return "the host name cannot be resolved";
  const cause: unknown = error.cause;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return `${error.message}${code}`;
}

function failure(error: string, permanent: boolean): DeliveryOutcome {
  return { ok: false, status: null, error, retryAfterMs: null, permanent };
}
