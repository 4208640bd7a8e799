/**
 * A channel's gate: how fast it is sent to, and whether it is given a rest.
 *
 * A channel that fails again and again is left alone for a while, then tried with one message; only
 * when that arrives the others follow. One that asks to be left alone is. Besides, there is a bound
 * on messages per second. It holds messages up, it never drops one. Pure: it is kept in memory, and
 * a restart begins with an open gate.
 */
import type { DeliveryOutcome } from "./delivery.ts";

/** Failures in a row after which a channel is given a rest. */
export const TRIPS_AFTER = 5;
/** First and longest rest, in milliseconds; it doubles with each further failure. */
export const REST_MS = { first: 15_000, longest: 300_000 } as const;
/** Longest that a channel as a whole rests because it asked to, in milliseconds. */
export const ASKED_REST_MAX_MS = 900_000;
/** Messages that may follow each other at once; then one per {@link TOKEN_MS}. */
export const BURST = 20;
/** Time in which a channel earns another message, in milliseconds. */
export const TOKEN_MS = 1_000;
/** Duration of an attempt from which a channel counts as slow, in milliseconds. */
export const SLOW_MS = 3_000;

/** What is known of a channel's recent attempts. */
export interface Gate {
  /** Failures in a row. */
  failures: number;
  /** Whether the last attempt took long. */
  slow: boolean;
  /** Until when it rests. */
  restsUntilMs: number;
  /** Messages that it may be sent at once, as of `countedAtMs`. */
  tokens: number;
  countedAtMs: number;
}

/** A channel of which nothing is known. */
export const OPEN_GATE: Gate = {
  failures: 0,
  slow: false,
  restsUntilMs: 0,
  tokens: BURST,
  countedAtMs: 0,
};

/** Whether a channel is in trouble, and must not take the places of others. */
export function isSuspect({ failures, slow }: Gate): boolean {
  return failures > 0 || slow;
}

/**
 * Decides whether another message may go.
 *
 * @param underWay attempts to this channel that have not ended
 * @returns null: yes; else why not
 */
export function decideAdmission(gate: Gate, underWay: number, nowMs: number): string | null {
  if (nowMs < gate.restsUntilMs) return "it rests";
  if (gate.failures >= TRIPS_AFTER && underWay > 0) return "one message tries it first";
  return tokensAt(gate, nowMs) < 1 ? "it was sent many messages just now" : null;
}

/** Takes a message that goes into account. */
export function admit(gate: Gate, nowMs: number): Gate {
  return { ...gate, tokens: tokensAt(gate, nowMs) - 1, countedAtMs: nowMs };
}

/** Takes the outcome of an attempt into account. */
export function recordOutcome(
  gate: Gate,
  outcome: Pick<DeliveryOutcome, "ok" | "permanent" | "retryAfterMs">,
  durationMs: number,
  nowMs: number,
): Gate {
  const slow = durationMs >= SLOW_MS;
  const askedMs = Math.min(outcome.retryAfterMs ?? 0, ASKED_REST_MAX_MS);
  // A refusal for good is an answer too: it is about the message, and the channel works.
  if (outcome.ok || outcome.permanent) return { ...gate, failures: 0, slow, restsUntilMs: 0 };
  const failures = gate.failures + 1;
  const times = failures - TRIPS_AFTER;
  const restMs = times < 0 ? 0 : Math.min(REST_MS.longest, REST_MS.first * 2 ** times);
  return { ...gate, failures, slow, restsUntilMs: nowMs + Math.max(restMs, askedMs) };
}

function tokensAt({ tokens, countedAtMs }: Gate, nowMs: number): number {
  return Math.min(BURST, tokens + (nowMs - countedAtMs) / TOKEN_MS);
}
