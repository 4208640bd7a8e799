/**
 * Counts and times per UTC hour and day: what stays when the log is trimmed, and what bars and
 * uptimes are drawn from. Pure.
 *
 * Two kinds of rows share one shape: a region's own observations, and under region `*` the time by
 * verdict. Both are made as *changes* to be added to what is stored. Adding is exact because the
 * owner adds in the transaction in which it marks the run as taken in, or stores the account; what
 * it then copies elsewhere are whole rows, so copying twice is harmless.
 */
import type { Observation } from "../probe/observation.ts";
import type { VerdictTimes } from "./uptime.ts";
import { addTimes, NO_TIME } from "./uptime.ts";
import type { Verdict, VerdictKind } from "./verdict.ts";

/** Region under which the time by verdict is kept. */
export const QUORUM_REGION = "*";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const RESOLUTIONS = [
  { resolution: "hour", lengthMs: HOUR_MS },
  { resolution: "day", lengthMs: DAY_MS },
] as const;

/** Counts and times of one monitor, region and period. */
export interface Rollup extends VerdictTimes {
  monitor: string;
  resolution: "hour" | "day";
  /** Region id, or {@link QUORUM_REGION}. */
  region: string;
  /** Start of the UTC hour or day. */
  bucketStartMs: number;
  observations: number;
  up: number;
  degraded: number;
  down: number;
  unknown: number;
  /** Sum of `timings.totalMs` over the observations that have it. */
  latencySumMs: number;
  /** Number of those observations. */
  latencyCount: number;
}

/** Start of the UTC day of a moment. */
export function dayStartMs(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

/** Identity of a row as text; the same for all its changes. */
export function rollupKey(
  rollup: Pick<Rollup, "monitor" | "resolution" | "region" | "bucketStartMs">,
): string {
  return `${rollup.monitor}/${rollup.resolution}/${rollup.region}/${rollup.bucketStartMs}`;
}

function emptyRollup(
  key: Pick<Rollup, "monitor" | "resolution" | "region" | "bucketStartMs">,
): Rollup {
  return {
    ...key,
    ...NO_TIME,
    observations: 0,
    up: 0,
    degraded: 0,
    down: 0,
    unknown: 0,
    latencySumMs: 0,
    latencyCount: 0,
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

/** What one observation adds to its region's hour and day. */
export function rollUpObservation(observation: Observation): Rollup[] {
  const { monitor, region, status, startedAtMs, timings } = observation;
  const usable = status !== "unknown" && observation.blame !== "probe";
  return RESOLUTIONS.map(({ resolution, lengthMs }) => {
    const bucketStartMs = Math.floor(startedAtMs / lengthMs) * lengthMs;
    const row = emptyRollup({ monitor, resolution, region, bucketStartMs });
    return {
      ...row,
      observations: 1,
      [usable ? status : "unknown"]: 1,
      latencySumMs: usable ? (timings.totalMs ?? 0) : 0,
      latencyCount: usable && timings.totalMs !== null ? 1 : 0,
    };
  });
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

/** Changes that enter [fromMs, toMs) as time of a kind; `sign` −1 takes it back. */
function spanChanges(
  monitor: string,
  kind: VerdictKind,
  fromMs: number,
  toMs: number,
  sign: 1 | -1 = 1,
): Rollup[] {
  const changes: Rollup[] = [];
  for (const { resolution, lengthMs } of RESOLUTIONS) {
    for (let atMs = fromMs; atMs < toMs;) {
      const bucketStartMs = Math.floor(atMs / lengthMs) * lengthMs;
      const endMs = Math.min(toMs, bucketStartMs + lengthMs);
      const row = emptyRollup({ monitor, resolution, region: QUORUM_REGION, bucketStartMs });
      changes.push({ ...row, [TIME_OF[kind]]: sign * (endMs - atMs) });
      atMs = endMs;
    }
  }
  return changes;
}

/**
 * Enters the time up to now under the verdict that held, and what a new verdict dates back.
 *
 * Call it with every verdict, and from time to time between them. A verdict that begins in the past
 * takes the time since from the span before it, at most back to that span's start. When more than
 * `gapMaxMs` went by unjudged, nobody knows what that time was: all of it is entered as `unknown`.
 * Calling it again with the same verdict and moment, or an earlier moment, changes nothing.
 */
export function enterTime(entry: {
  account: TimeAccount;
  verdict: Pick<Verdict, "monitor" | "kind" | "sinceMs">;
  nowMs: number;
  gapMaxMs: number;
}): { account: TimeAccount; changes: Rollup[] } {
  const { account, verdict, gapMaxMs } = entry;
  const { monitor, kind } = verdict;
  const nowMs = Math.max(entry.nowMs, account.enteredToMs);
  const gap = nowMs - account.enteredToMs > gapMaxMs;
  const changes: Rollup[] = [];
  const passed = gap ? "unknown" : account.kind;
  changes.push(...spanChanges(monitor, passed, account.enteredToMs, nowMs));
  if (gap || kind === account.kind) {
    const sinceMs = gap ? nowMs : account.sinceMs;
    return { account: { kind, sinceMs, enteredToMs: nowMs }, changes: mergeRollups(changes) };
  }
  const sinceMs = Math.min(nowMs, Math.max(account.sinceMs, verdict.sinceMs));
  changes.push(
    ...spanChanges(monitor, account.kind, sinceMs, nowMs, -1),
    ...spanChanges(monitor, kind, sinceMs, nowMs),
  );
  return { account: { kind, sinceMs, enteredToMs: nowMs }, changes: mergeRollups(changes) };
}
