/**
 * Which probe Workers owe a run: its round began, its first row had the time that it may take, and
 * has not come. What its stragglers do is not waited for. Each shard of a region owes its own. Of
 * several rounds that have not come the last is asked for, with what the others were to check too.
 * Pure; a probe that does not answer is asked less and less often.
 */
import { parseDuration } from "../../../shared/duration.ts";
import type { Assignment } from "../../../shared/monitor/config-index.ts";
import { regionAssignments } from "../../../shared/monitor/config-index.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { latestRoundBefore } from "../../../shared/monitor/schedule.ts";
import { SPLIT_AFTER_MS } from "../../../shared/probe/run.ts";
import { MISSING_BACKOFF_MS, MISSING_MARGIN_MS, PROBE_CONCURRENCY } from "./limits.ts";
import type { ShardWork } from "./region-shards.ts";
import type { RegionLedger } from "./state.ts";

type OneOrMore = readonly [Assignment, ...Assignment[]];

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
  /** Ids of those to check; null: those whose round is at the scheduled time. */
  monitors: string[] | null;
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
    const lastRoundMs = ledgers.get(region)?.shards.get(shard.index)?.lastRoundMs ?? null;
    if (dueMs === null || (lastRoundMs ?? 0) >= dueMs) return [];
    const monitors = lastRoundMs === null ? null : missedMonitors(work, lastRoundMs, dueMs);
    return [{ work, scheduledAtMs: dueMs, monitors }];
  });
}

/**
 * Monitors whose last round up to a moment came after the last one that was made; null: they are
 * those whose round is at that moment.
 */
function missedMonitors(
  { config, region }: ShardWork,
  lastRoundMs: number,
  dueMs: number,
): string[] | null {
  // Monitors of one interval have their rounds together: one of them stands for all.
  const byInterval = Map.groupBy(regionAssignments(config, region), (each) => each.intervalMs);
  const missed: string[] = [];
  let isMore = false;
  for (const [{ monitor }, ...others] of byInterval.values() as Iterable<OneOrMore>) {
    const alone = { ...config, monitors: [monitor] };
    const ownMs = latestRoundBefore({ config: alone, region, beforeMs: dueMs + 1 });
    if (ownMs === null || ownMs <= lastRoundMs) continue;
    missed.push(monitor.id, ...others.map(({ id }) => id));
    if (ownMs < dueMs) isMore = true;
  }
  return isMore ? missed : null;
}

/** A probe's reluctance after one more ask that failed. */
export function advanceReluctance(before: Reluctance | undefined, nowMs: number): Reluctance {
  const failures = (before?.failures ?? 0) + 1;
  const { first, longest } = MISSING_BACKOFF_MS;
  return { failures, untilMs: nowMs + Math.min(longest, first * 2 ** (failures - 1)) };
}
