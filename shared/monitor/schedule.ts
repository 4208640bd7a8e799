/**
 * When each region checks each monitor: a pure function of the published configuration, so that a
 * probe, the coordinator that looks for missing runs, and a simulation all agree without talking.
 *
 * Region `i` of `n` starts a monitor's round `i·T/n` into the interval `T`, counted from the epoch.
 * Runs cost a row each, so with intervals of more than a minute each region keeps to its one phase
 * inside the minute: however many such monitors there are, it has at most one run for them per
 * minute. Its minute of the interval is the nearest before `i·T/n`, or, where regions outnumber
 * minutes, `i` modulo their number; so regions still look about `T/n` apart. Intervals below the
 * minute are rounds inside it. Where the network's default interval is shorter than a minute (a
 * local network with a fast cron) it takes the minute's place.
 */
import type { Monitor } from "./monitor.ts";
import { regionAssignments, regionIntervals } from "./config-index.ts";
import type { PublishedConfig } from "./published-config.ts";

/** Pace of the platform's cron, inside which rounds share one phase. */
const MINUTE_MS = 60_000;

/** Monitors that one region checks at one moment. */
export interface Round {
  /** UTC epoch milliseconds; identifies the run. */
  scheduledAtMs: number;
  /** In the configuration's order. */
  monitors: Monitor[];
}

/** A region's place in the stagger. */
interface Stagger {
  index: number;
  count: number;
  /** Rounds of intervals at least this long share one phase inside it. */
  paceMs: number;
}

/** What of a configuration says when regions look, whatever they look at. */
type Pace = Pick<PublishedConfig, "regions" | "defaultIntervalMs">;

function staggerOf(config: Pace, region: string): Stagger | null {
  const index = config.regions.indexOf(region);
  if (index < 0) return null;
  return { index, count: config.regions.length, paceMs: cronPaceMs(config) };
}

/** Time between two crons, in milliseconds: a minute, less only in a local network. */
export function cronPaceMs(config: Pick<PublishedConfig, "defaultIntervalMs">): number {
  return Math.min(MINUTE_MS, config.defaultIntervalMs);
}

/** How far into an interval of at least one pace a region's minute begins, before its phase. */
function paceOffsetMs({ index, count, paceMs }: Stagger, everyMs: number): number {
  const paces = Math.floor(everyMs / paceMs);
  return (count > paces ? index % paces : Math.floor((index * paces) / count)) * paceMs;
}

/** Moment of the `k`-th round since the epoch. */
function roundAt(k: number, everyMs: number, stagger: Stagger): number {
  const { index, count, paceMs } = stagger;
  if (everyMs < paceMs) return k * everyMs + Math.floor((index * everyMs) / count);
  const nominalMs = k * everyMs + paceOffsetMs(stagger, everyMs);
  const phaseMs = Math.floor((index * paceMs) / count);
  return Math.floor(nominalMs / paceMs) * paceMs + phaseMs;
}

/** Moments of a region's rounds at one interval, in [fromMs, toMs), ascending. */
function momentsIn(everyMs: number, stagger: Stagger, fromMs: number, toMs: number): number[] {
  const moments: number[] = [];
  // A round lies at most one pace and one interval from k·T: start early enough, then filter.
  const first = Math.floor((fromMs - stagger.paceMs) / everyMs) - 1;
  for (let k = first; k * everyMs - stagger.paceMs < toMs; k += 1) {
    const atMs = roundAt(k, everyMs, stagger);
    if (atMs >= fromMs && atMs < toMs) moments.push(atMs);
  }
  return moments;
}

/**
 * Rounds of a region that are scheduled in [fromMs, toMs), in order of time.
 *
 * Paused monitors and monitors to which the region is not assigned are left out; moments without
 * monitors are not rounds. Empty for a region that is not active.
 */
export function roundsIn(window: {
  config: PublishedConfig;
  region: string;
  fromMs: number;
  toMs: number;
}): Round[] {
  const { config, region, fromMs, toMs } = window;
  const stagger = staggerOf(config, region);
  if (stagger === null) return [];
  const rounds = new Map<number, Monitor[]>();
  for (const { monitor, intervalMs: everyMs } of regionAssignments(config, region)) {
    for (const atMs of momentsIn(everyMs, stagger, fromMs, toMs)) {
      const due = rounds.get(atMs);
      if (due === undefined) rounds.set(atMs, [monitor]);
      else due.push(monitor);
    }
  }
  return [...rounds]
    .map(([scheduledAtMs, monitors]) => ({ scheduledAtMs, monitors }))
    .sort((a, b) => a.scheduledAtMs - b.scheduledAtMs);
}

/** Moments at which a region would look at one interval, in [fromMs, toMs), ascending. */
export function intervalMomentsIn(window: {
  config: Pace;
  region: string;
  intervalMs: number;
  fromMs: number;
  toMs: number;
}): number[] {
  const { config, region, intervalMs, fromMs, toMs } = window;
  const stagger = staggerOf(config, region);
  return stagger === null ? [] : momentsIn(intervalMs, stagger, fromMs, toMs);
}

/** Moments of a region's rounds in [fromMs, toMs), ascending: {@link roundsIn} without monitors. */
export function roundMomentsIn(window: {
  config: PublishedConfig;
  region: string;
  fromMs: number;
  toMs: number;
}): number[] {
  const { config, region, fromMs, toMs } = window;
  const stagger = staggerOf(config, region);
  if (stagger === null) return [];
  const moments = [...regionIntervals(config, region)].flatMap((everyMs) =>
    momentsIn(everyMs, stagger, fromMs, toMs),
  );
  return [...new Set(moments)].sort((a, b) => a - b);
}

/**
 * Moment of a region's last round before a moment (exclusive): the run that should exist by then.
 *
 * @returns null when the region is not active or has nothing to check
 */
export function latestRoundBefore(query: {
  config: PublishedConfig;
  region: string;
  beforeMs: number;
}): number | null {
  const { config, region, beforeMs } = query;
  const stagger = staggerOf(config, region);
  if (stagger === null) return null;
  let latestMs: number | null = null;
  for (const everyMs of regionIntervals(config, region)) {
    const fromMs = beforeMs - 2 * Math.max(everyMs, stagger.paceMs);
    const lastMs = momentsIn(everyMs, stagger, fromMs, beforeMs).at(-1);
    if (lastMs !== undefined && (latestMs === null || lastMs > latestMs)) latestMs = lastMs;
  }
  return latestMs;
}
