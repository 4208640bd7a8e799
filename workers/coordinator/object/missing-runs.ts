/**
 * Which regions owe a run: its round is over, its checks had the time they may take, and no row of
 * it has come. Pure; a region that does not answer is asked less and less often.
 */
import { parseDuration } from "../../../shared/duration.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { monitorRegions } from "../../../shared/monitor/monitor.ts";
import { latestRoundBefore } from "../../../shared/monitor/schedule.ts";
import { MISSING_BACKOFF_MS, MISSING_MARGIN_MS, PROBE_CONCURRENCY } from "./limits.ts";
import type { RegionLedger } from "./state.ts";

/** Longest time that the checks of one round are given before the run is missed, in milliseconds. */
const CHECKS_MAX_MS = 60_000;

/** How a region answered to asks for missing runs. */
export interface Reluctance {
  /** Asks in a row that failed. */
  failures: number;
  /** Not to be asked before. */
  untilMs: number;
}

/** A run that should exist. */
export interface MissingRun {
  region: string;
  scheduledAtMs: number;
}

/** Longest that checks may take when a probe runs them as fast as it may, in milliseconds. */
export function checksMs(monitors: readonly Monitor[]): number {
  const longestMs = Math.max(0, ...monitors.map(({ timeout }) => parseDuration(timeout) ?? 0));
  return Math.ceil(monitors.length / PROBE_CONCURRENCY) * longestMs;
}

/** Runs that are missing now and whose regions may be asked. */
export function findMissingRuns(facts: {
  config: PublishedConfig;
  /** Regions that have a probe. */
  regions: readonly string[];
  ledgerOf: (region: string) => Pick<RegionLedger, "lastRoundMs">;
  reluctance: ReadonlyMap<string, Reluctance>;
  nowMs: number;
}): MissingRun[] {
  const { config, regions, ledgerOf, reluctance, nowMs } = facts;
  return regions.flatMap((region) => {
    if ((reluctance.get(region)?.untilMs ?? 0) > nowMs) return [];
    const monitors = config.monitors.filter(
      (monitor) => !monitor.paused && monitorRegions(monitor, config.regions).includes(region),
    );
    const graceMs = Math.min(checksMs(monitors), CHECKS_MAX_MS) + MISSING_MARGIN_MS;
    const dueMs = latestRoundBefore({ config, region, beforeMs: nowMs - graceMs });
    if (dueMs === null || (ledgerOf(region).lastRoundMs ?? 0) >= dueMs) return [];
    return [{ region, scheduledAtMs: dueMs }];
  });
}

/** A region's reluctance after one more ask that failed. */
export function advanceReluctance(before: Reluctance | undefined, nowMs: number): Reluctance {
  const failures = (before?.failures ?? 0) + 1;
  const { first, longest } = MISSING_BACKOFF_MS;
  return { failures, untilMs: nowMs + Math.min(longest, first * 2 ** (failures - 1)) };
}
