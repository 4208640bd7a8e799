/**
 * How much a region has to do in its busiest minute, and how many shards that takes. Pure; whoever
 * asks says how long a check is assumed to take.
 */
import type { MonitorSchedule } from "./monitor.ts";
import { intervalMs, monitorRegions } from "./monitor.ts";
import type { PublishedConfig } from "./published-config.ts";
import { cronPaceMs, intervalMomentsIn } from "./schedule.ts";
import { shardsNeeded } from "./shard.ts";

const DAY_MS = 86_400_000;
/**
 * Part of the time between two crons that planned work may fill. The rest is for targets that hang
 * until their timeouts, and for shards that got more than their share.
 */
const PLANNED_SHARE = 0.5;

/** What a region has to do. */
export interface RegionLoad {
  /**
   * Checks in the busiest cron period: a minute, where it is deployed. One with an HTTP request
   * beside it counts twice, as it takes two connections.
   */
  checksPerMinute: number;
  /** Shards over which they should be divided: 1 or more. */
  shardsNeeded: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Time after which a schedule repeats, in milliseconds; a day at most. */
function periodMs(intervals: Iterable<number>, paceMs: number): number {
  let period = paceMs;
  for (const everyMs of intervals) {
    period *= everyMs / greatestCommonDivisor(period, everyMs);
    if (period >= DAY_MS) return DAY_MS;
  }
  return period;
}

/** Monitors of a network as far as they say when they are checked. */
export type WatchedNetwork = Pick<PublishedConfig, "regions" | "defaultIntervalMs"> & {
  monitors: readonly MonitorSchedule[];
};

/**
 * Checks of a region in its busiest cron period. Intervals that do not divide a day may meet more
 * often on another day than on the one that is looked at.
 */
function busiestMinute(network: WatchedNetwork, region: string): number {
  const monitors = network.monitors.filter(
    (monitor) => !monitor.paused && monitorRegions(monitor, network.regions).includes(region),
  );
  // Monitors of one interval have their rounds together.
  const byInterval = Map.groupBy(monitors, (monitor) =>
    intervalMs(monitor, network.defaultIntervalMs),
  );
  const paceMs = cronPaceMs(network);
  const toMs = periodMs(byInterval.keys(), paceMs);
  const checks = new Map<number, number>();
  let busiest = 0;
  for (const [everyMs, together] of byInterval) {
    // An older coordinator published no `http`.
    const work = together.reduce((sum, { http = false }) => sum + (http === false ? 1 : 2), 0);
    const window = { config: network, region, intervalMs: everyMs, fromMs: 0, toMs };
    for (const atMs of intervalMomentsIn(window)) {
      const period = Math.floor(atMs / paceMs);
      const count = (checks.get(period) ?? 0) + work;
      checks.set(period, count);
      busiest = Math.max(busiest, count);
    }
  }
  return busiest;
}

/**
 * Computes what a region has to do.
 *
 * @param work.checkMs how long a check is assumed to take, in milliseconds
 */
export function regionLoad(work: {
  config: WatchedNetwork;
  region: string;
  checkMs: number;
}): RegionLoad {
  const { config, region, checkMs } = work;
  return loadOf(busiestMinute(config, region), config, checkMs);
}

/** What so many checks in the busiest cron period come to. */
export function loadOf(
  checksPerMinute: number,
  config: Pick<PublishedConfig, "defaultIntervalMs">,
  checkMs: number,
): RegionLoad {
  const budgetMs = cronPaceMs(config) * PLANNED_SHARE;
  return { checksPerMinute, shardsNeeded: shardsNeeded(checksPerMinute, checkMs, budgetMs) };
}
