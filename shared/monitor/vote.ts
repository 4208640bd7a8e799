/**
 * From observations to a region's vote: the newest observation with the series that led up to it,
 * and how long it may be believed. Pure.
 *
 * Rows of the log may arrive late, twice or in any order. A vote only moves forward in the time of
 * its own region: an observation that is not newer changes nothing, so a straggler can neither
 * break a series nor lengthen it.
 */
import type { ObservationDigest } from "../probe/digest.ts";
import type { Vote } from "./verdict.ts";

/** Allowance on top of two intervals: a late cron, a slow check, the log's tail. */
const FRESHNESS_GRACE_MS = 30_000;

/** How long a vote counts after its observation began: one missed round is forgiven, two not. */
export function freshnessMs(intervalMs: number): number {
  return 2 * intervalMs + FRESHNESS_GRACE_MS;
}

/**
 * Whether a vote may still be believed.
 *
 * Its age is taken both ways: a probe whose clock runs ahead by more than the freshness would
 * otherwise never fall silent.
 */
export function isFresh(vote: Pick<Vote, "atMs">, intervalMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - vote.atMs) <= freshnessMs(intervalMs);
}

/** Streaks of a region of which nothing is known. */
const NO_STREAKS = {
  failingSinceMs: null,
  impairedSinceMs: null,
  failures: 0,
  slowdowns: 0,
  successes: 0,
  recoveries: 0,
} as const;

type Streaks = { [K in keyof typeof NO_STREAKS]: Vote[K] };

function advanceStreaks(before: Streaks, status: "up" | "degraded" | "down", atMs: number) {
  const bad = status !== "up";
  const down = status === "down";
  return {
    failingSinceMs: down ? (before.failingSinceMs ?? atMs) : null,
    impairedSinceMs: bad ? (before.impairedSinceMs ?? atMs) : null,
    failures: down ? before.failures + 1 : 0,
    slowdowns: status === "degraded" ? before.slowdowns + 1 : 0,
    successes: down ? 0 : before.successes + 1,
    recoveries: bad ? 0 : before.recoveries + 1,
  };
}

/**
 * Takes an observation into a region's vote.
 *
 * An observation that is not newer returns the previous vote itself. The probe's own trouble makes
 * the vote `unknown` and leaves the series as it was. With `intervalMs` given, a silence longer
 * than a vote stays fresh ends every series: nobody knows what happened meanwhile, so an outage
 * must not be dated back across it.
 */
export function castVote(
  previous: Vote | undefined,
  observation: ObservationDigest,
  intervalMs?: number,
): Vote {
  if (previous !== undefined && observation.startedAtMs <= previous.atMs) return previous;
  const { blame, http, startedAtMs: atMs } = observation;
  const usableBeforeMs = previous?.usableAtMs ?? null;
  const interrupted =
    intervalMs !== undefined &&
    usableBeforeMs !== null &&
    atMs - usableBeforeMs > freshnessMs(intervalMs);
  const before: Streaks = previous === undefined || interrupted ? NO_STREAKS : previous;
  const status = blame === "probe" ? "unknown" : observation.status;
  const streaks = status === "unknown" ? before : advanceStreaks(before, status, atMs);
  // Field by field: a coordinator holds one for each monitor and region, and copies take more room.
  const vote: Vote = {
    region: observation.region,
    colo: observation.colo,
    phase: observation.phase,
    reason: observation.reason,
    blame,
    message: observation.message,
    atMs,
    status,
    failingSinceMs: streaks.failingSinceMs,
    impairedSinceMs: streaks.impairedSinceMs,
    failures: streaks.failures,
    slowdowns: streaks.slowdowns,
    successes: streaks.successes,
    recoveries: streaks.recoveries,
    usableAtMs: status === "unknown" ? usableBeforeMs : atMs,
    totalMs: observation.timings.totalMs,
  };
  if (http !== undefined) {
    vote.http = { status: http.status, reason: http.reason, code: http.code };
  }
  return vote;
}
