/**
 * One POST to a subscriber's address within one deadline: private addresses are refused, redirects
 * are not followed, and what is reported repeats nothing that the receiver said, because it may
 * repeat the address.
 */
import type { ChannelRequest } from "../channels/channel.ts";
import { isPrivateHost } from "../channels/address.ts";
import { exchange, failure, withinAttempt } from "../channels/http-exchange.ts";
import type { SubscriberOutcome } from "./subscription.ts";

/** How a message leaves. */
export interface PostOptions {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Moment of the attempt (UTC epoch milliseconds). */
  nowMs: number;
  /** Deadline of the attempt, in milliseconds. */
  timeoutMs: number;
  /** Whether loopback and private addresses may be called: only ever locally. */
  allowPrivateAddresses: boolean;
}

/** Answers that say that nothing will ever be taken there again (RFC 9110 §15.5.5, §15.5.11). */
const GONE: ReadonlySet<number | null> = new Set([404, 410]);

/** Posts a message. Never throws: whatever goes wrong is the outcome. */
export async function postMessage(
  request: ChannelRequest,
  options: PostOptions,
  readsAnswer = false,
): Promise<SubscriberOutcome & { answer: string }> {
  const { fetch, nowMs, timeoutMs, allowPrivateAddresses } = options;
  const theirs = { gone: false, ours: false, answer: "" };
  if (!allowPrivateAddresses && isPrivateHost(new URL(request.url).hostname)) {
    return { ...failure("the address is private", true), ...theirs };
  }
  try {
    const outcome = await withinAttempt(timeoutMs, (time) =>
      exchange(request, { ...time, fetch, nowMs, readsAnswer, redact: () => "" }),
    );
    return { ...theirs, ...outcome, gone: GONE.has(outcome.status) };
  } catch {
    return { ...failure("the request failed", false), ...theirs };
  }
}
