/**
 * Counts, latencies and times per period: what stays when the log is trimmed, and what bars,
 * uptimes and reports are drawn from. Pure.
 *
 * Two kinds of rows share one shape: a region's own observations, and under region `*` the time by
 * verdict. Both are made as *changes* of five minutes, to be added to what is stored; an hour is the
 * sum of its twelve, a day of its twenty-four. Adding is exact because the owner adds in the
 * transaction in which it marks the run as taken in, or stores the account; what it then copies
 * elsewhere are whole rows, so copying twice is harmless. `recount.ts` makes the same rows from the
 * log alone.
 */
import type { ObservationDigest } from "../probe/digest.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";
import { latencyHistogram, mergeHistograms } from "./latency-histogram.ts";
import type { VerdictTimes } from "./uptime.ts";
import { addTimes } from "./uptime.ts";
import type { Verdict, VerdictKind } from "./verdict.ts";

/** Region under which the time by verdict is kept. */
export const QUORUM_REGION = "*";

/** Length of the periods of each resolution, in milliseconds, finest first. */
export const PERIOD_MS = { "5min": 300_000, hour: 3_600_000, day: 86_400_000 } as const;
/** How finely is counted. */
export type Resolution = keyof typeof PERIOD_MS;
/** Resolutions, finest first. */
export const RESOLUTIONS: readonly Resolution[] = ["5min", "hour", "day"];

/**
 * Time that may be entered in one piece, in milliseconds. What went by unjudged for longer is entered
 * by whole hours where it can be, and is never dated back into.
 */
export const PIECE_MAX_MS = 6 * 3_600_000;

/** Counts, latencies and times of one monitor, region and period. */
export interface Rollup extends VerdictTimes {
  monitor: string;
  resolution: Resolution;
  /** Region id, or {@link QUORUM_REGION}. */
  region: string;
  /** Start of the period: a multiple of its length (UTC epoch milliseconds). */
  bucketStartMs: number;
  observations: number;
  up: number;
  degraded: number;
  down: number;
  unknown: number;
  /** Sum of `timings.totalMs` over the observations that were up or degraded and have it. */
  latencySumMs: number;
  /** Number of those observations; older releases counted those that were down too. */
  latencyCount: number;
  /** Their histogram; rows that an older release counted have none. */
  latency: LatencyHistogram;
}

/** What tells a row from the others. */
export type RollupIdentity = Pick<Rollup, "monitor" | "resolution" | "region" | "bucketStartMs">;

/** Start of the period in which a moment lies. */
export function periodStartMs(resolution: Resolution, atMs: number): number {
  return Math.floor(atMs / PERIOD_MS[resolution]) * PERIOD_MS[resolution];
}

/** Start of the UTC day of a moment. */
export function dayStartMs(atMs: number): number {
  return periodStartMs("day", atMs);
}

/** Identity of a row as text; the same for all its changes. */
export function rollupKey(rollup: RollupIdentity): string {
  return `${rollup.monitor}/${rollup.resolution}/${rollup.region}/${rollup.bucketStartMs}`;
}

/** A row in which nothing has been counted yet. */
export function emptyRollup({
  monitor,
  resolution,
  region,
  bucketStartMs,
}: RollupIdentity): Rollup {
  return {
    monitor,
    resolution,
    region,
    bucketStartMs,
    operationalMs: 0,
    degradedMs: 0,
    partialMs: 0,
    downMs: 0,
    unknownMs: 0,
    maintenanceMs: 0,
    observations: 0,
    up: 0,
    degraded: 0,
    down: 0,
    unknown: 0,
    latencySumMs: 0,
    latencyCount: 0,
    latency: "",
  };
}

/** Adds a change to a row of the same identity. */
export function addRollup(row: Rollup, change: Rollup): Rollup {
  return {
    ...row,
    ...addTimes(row, change),
    observations: row.observations + change.observations,
    up: row.up + change.up,
    degraded: row.degraded + change.degraded,
    down: row.down + change.down,
    unknown: row.unknown + change.unknown,
    latencySumMs: row.latencySumMs + change.latencySumMs,
    latencyCount: row.latencyCount + change.latencyCount,
    latency: mergeHistograms(row.latency, change.latency),
  };
}

/** Joins changes of the same row, in order of first appearance. */
export function mergeRollups(changes: Iterable<Rollup>): Rollup[] {
  const rows = new Map<string, Rollup>();
  for (const change of changes) {
    const key = rollupKey(change);
    const row = rows.get(key);
    rows.set(key, row === undefined ? change : addRollup(row, change));
  }
  return [...rows.values()];
}

/** The same counts as part of a coarser period. */
export function coarsen(row: Rollup, resolution: Resolution): Rollup {
  return { ...row, resolution, bucketStartMs: periodStartMs(resolution, row.bucketStartMs) };
}

/** What one observation adds to its region's five minutes. */
export function rollUpObservation(observation: ObservationDigest): Rollup {
  const { monitor, region, status, startedAtMs, timings } = observation;
  const usable = status !== "unknown" && observation.blame !== "probe";
  // How long a check took to fail says nothing about how fast the service is.
  const latencyMs = usable && status !== "down" ? timings.totalMs : null;
  const bucketStartMs = periodStartMs("5min", startedAtMs);
  const row = emptyRollup({ monitor, resolution: "5min", region, bucketStartMs });
  row.observations = 1;
  row[usable ? status : "unknown"] = 1;
  if (latencyMs !== null) {
    row.latencySumMs = latencyMs;
    row.latencyCount = 1;
    row.latency = latencyHistogram(latencyMs);
  }
  return row;
}

/** Up to where a monitor's time has been entered, and as what. */
export interface TimeAccount {
  kind: VerdictKind;
  /** Start of the span of this kind: nothing before it is ever changed again. */
  sinceMs: number;
  /** Everything before this moment has been entered. */
  enteredToMs: number;
}

/** The account of a monitor that begins to be judged. */
export function openAccount(nowMs: number): TimeAccount {
  return { kind: "unknown", sinceMs: nowMs, enteredToMs: nowMs };
}

const TIME_OF: Readonly<Record<VerdictKind, keyof VerdictTimes>> = {
  operational: "operationalMs",
  degraded: "degradedMs",
  partial: "partialMs",
  down: "downMs",
  unknown: "unknownMs",
  maintenance: "maintenanceMs",
};

/** A monitor's time under one verdict. */
export interface TimeSpan {
  monitor: string;
  kind: VerdictKind;
  fromMs: number;
  toMs: number;
}

/** Changes that enter a span, by whole hours where it is a long piece; `sign` −1 takes it back. */
export function spanChanges(span: TimeSpan, sign: 1 | -1 = 1, isPiece = false): Rollup[] {
  const { monitor, kind, fromMs, toMs } = span;
  const byHour = isPiece && toMs - fromMs > PIECE_MAX_MS;
  const changes: Rollup[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const wholeHour = atMs % PERIOD_MS.hour === 0 && toMs - atMs >= PERIOD_MS.hour;
    const resolution = byHour && wholeHour ? "hour" : "5min";
    const bucketStartMs = periodStartMs(resolution, atMs);
    const endMs = Math.min(toMs, bucketStartMs + PERIOD_MS[resolution]);
    const row = emptyRollup({ monitor, resolution, region: QUORUM_REGION, bucketStartMs });
    changes.push({ ...row, [TIME_OF[kind]]: sign * (endMs - atMs) });
    atMs = endMs;
  }
  return changes;
}

/**
 * Enters the time up to now under the verdict that held, and what a new verdict dates back.
 *
 * Call it with every verdict, and from time to time between them. A verdict that begins in the past
 * takes the time since from the span before it, at most back to that span's start and to
 * `earliestMs`. When more than `gapMaxMs` went by unjudged, nobody knows what that time was: all of
 * it is entered as `unknown`. Calling it again with the same verdict and moment, or an earlier
 * moment, changes nothing.
 */
export function enterTime(entry: {
  account: TimeAccount;
  verdict: Pick<Verdict, "monitor" | "kind" | "sinceMs">;
  nowMs: number;
  gapMaxMs: number;
  /** Nothing before it may be changed any more; absent: no bound. */
  earliestMs?: number;
}): { account: TimeAccount; changes: Rollup[] } {
  const { account, verdict, gapMaxMs, earliestMs = -Infinity } = entry;
  const { monitor, kind } = verdict;
  const nowMs = Math.max(entry.nowMs, account.enteredToMs);
  const passedMs = nowMs - account.enteredToMs;
  const gap = passedMs > gapMaxMs;
  const changes: Rollup[] = [];
  const passed = gap ? "unknown" : account.kind;
  const piece = { monitor, kind: passed, fromMs: account.enteredToMs, toMs: nowMs };
  changes.push(...spanChanges(piece, 1, true));
  const spanMs = gap || passedMs > PIECE_MAX_MS ? nowMs : account.sinceMs;
  if (gap || kind === account.kind) {
    const after = { kind, sinceMs: spanMs, enteredToMs: nowMs };
    return { account: after, changes: mergeRollups(changes) };
  }
  const fromMs = Math.min(nowMs, Math.max(spanMs, verdict.sinceMs, earliestMs));
  changes.push(
    ...spanChanges({ monitor, kind: account.kind, fromMs, toMs: nowMs }, -1),
    ...spanChanges({ monitor, kind, fromMs, toMs: nowMs }),
  );
  return { account: { kind, sinceMs: fromMs, enteredToMs: nowMs }, changes: mergeRollups(changes) };
}
