/**
 * One deadline for a whole check, divided among its phases.
 *
 * Every moment is in milliseconds of one monotonic clock of the caller's choosing. A phase gets
 * what is left, less what the phases after it cannot do without; so a slow phase is not cut short
 * only because it is not the last. Pure; imports nothing.
 */

/** Parts of a check that wait for something; the order in which they come. */
export type TimedPhase =
  "dns" | "connect" | "tls" | "tls_confirmation" | "upgrade" | "dialogue" | "close";

/** When a check began and how long it may take. */
export interface CheckWindow {
  startedAtMs: number;
  /** 100 … 60,000. */
  timeoutMs: number;
}

/** Part of what is left that DNS may use: a connection attempt must still fit in after it. */
const DNS_SHARE = 0.4;
/** Part of what is left that a TLS handshake may use: its confirmation must still fit in. */
const TLS_SHARE = 0.6;
/** Part of the whole that the dialogue leaves for the closing handshake, and its upper bound. */
const CLOSE_SHARE = 0.1;
const CLOSE_RESERVE_MAX_MS = 1_000;
/** A server that has not answered a close frame by then will not. */
const CLOSE_MAX_MS = 2_000;
/** Part of the whole kept back for timers that fire late, and its bounds. */
const MARGIN_SHARE = 0.02;
const MARGIN_MIN_MS = 5;
const MARGIN_MAX_MS = 100;

/** The moment by which a check must have its result, a little before its timeout. */
export function checkDeadlineMs(window: CheckWindow): number {
  const marginMs = Math.min(
    MARGIN_MAX_MS,
    Math.max(MARGIN_MIN_MS, window.timeoutMs * MARGIN_SHARE),
  );
  return window.startedAtMs + window.timeoutMs - marginMs;
}

/**
 * The moment by which a phase that begins at `nowMs` must be over; never after the check's
 * deadline, and `nowMs` or earlier when there is no time left.
 */
export function phaseDeadlineMs(phase: TimedPhase, window: CheckWindow, nowMs: number): number {
  const endMs = checkDeadlineMs(window);
  switch (phase) {
    case "dns":
      return Math.min(endMs, nowMs + (endMs - nowMs) * DNS_SHARE);
    case "tls":
      return Math.min(endMs, nowMs + (endMs - nowMs) * TLS_SHARE);
    case "dialogue":
      return endMs - Math.min(CLOSE_RESERVE_MAX_MS, window.timeoutMs * CLOSE_SHARE);
    case "close":
      return Math.min(endMs, nowMs + CLOSE_MAX_MS);
    case "connect":
    case "tls_confirmation":
    case "upgrade":
      return endMs;
  }
}
