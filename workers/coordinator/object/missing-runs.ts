/**
 * Which probe Workers owe a run: its round began, its first row had the time that it may take, and
 * has not come. What its stragglers do is not waited for. Each shard of a region owes its own. Pure;
 * a probe that does not answer is asked less and less often.
 */
import { parseDuration } from "../../../shared/duration.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { latestRoundBefore } from "../../../shared/monitor/schedule.ts";
import { SPLIT_AFTER_MS } from "../../../shared/probe/run.ts";
import { MISSING_BACKOFF_MS, MISSING_MARGIN_MS, PROBE_CONCURRENCY } from "./limits.ts";
import type { ShardWork } from "./region-shards.ts";
import type { RegionLedger } from "./state.ts";

/** How a probe answered to asks for missing runs. */
export interface Reluctance {
  /** Asks in a row that failed. */
  failures: number;
  /** Not to be asked before. */
  untilMs: number;
}

/** A run that should exist. */
export interface MissingRun {
  work: ShardWork;
  scheduledAtMs: number;
}

/** Longest that checks may take when a probe runs them as fast as it may, in milliseconds. */
export function checksMs(monitors: readonly Monitor[]): number {
  const longestMs = Math.max(0, ...monitors.map(({ timeout }) => parseDuration(timeout) ?? 0));
  return Math.ceil(monitors.length / PROBE_CONCURRENCY) * longestMs;
}

/** Runs that are missing now and whose probes may be asked. */
export function findMissingRuns(facts: {
  /** The network's probe Workers. */
  shards: readonly ShardWork[];
  /** By region. */
  ledgers: ReadonlyMap<string, Pick<RegionLedger, "shards">>;
  /** By the probe's name. */
  reluctance: ReadonlyMap<string, Reluctance>;
  nowMs: number;
}): MissingRun[] {
  const { shards, ledgers, reluctance, nowMs } = facts;
  return shards.flatMap((work) => {
    const { config, region, shard, name } = work;
    if ((reluctance.get(name)?.untilMs ?? 0) > nowMs) return [];
    const beforeMs = nowMs - SPLIT_AFTER_MS - MISSING_MARGIN_MS;
    const dueMs = latestRoundBefore({ config, region, beforeMs });
    const lastRoundMs = ledgers.get(region)?.shards.get(shard.index)?.lastRoundMs ?? 0;
    return dueMs === null || lastRoundMs >= dueMs ? [] : [{ work, scheduledAtMs: dueMs }];
  });
}

/** A probe's reluctance after one more ask that failed. */
export function advanceReluctance(before: Reluctance | undefined, nowMs: number): Reluctance {
  const failures = (before?.failures ?? 0) + 1;
  const { first, longest } = MISSING_BACKOFF_MS;
  return { failures, untilMs: nowMs + Math.min(longest, first * 2 ** (failures - 1)) };
}
