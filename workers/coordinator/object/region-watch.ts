/**
 * Watches the regions themselves: takes runs, and the passing of time, into each region's health.
 * What makes a region suspended, silent or misplaced is decided in `shared/monitor/region-health.ts`.
 * The first of several coordinators, which tells of regions, takes the monitors of all for the
 * measure of silence; the others their own.
 */
import { regionAssignments } from "../../../shared/monitor/config-index.ts";
import type { RegionRun } from "../../../shared/monitor/region-health.ts";
import { advanceRegionHealth } from "../../../shared/monitor/region-health.ts";
import { freshnessMs } from "../../../shared/monitor/vote.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import { isAskLane } from "../../../shared/probe/run.ts";
import { findRegion } from "../../../shared/regions.ts";
import type { Draft } from "./draft.ts";
import { networkIntervals } from "./roster.ts";

/** Time without a run after which a region is silent, in milliseconds; Infinity: it has no work. */
export function silentAfterMs(intervals: ReadonlySet<number>): number {
  return intervals.size === 0 ? Infinity : freshnessMs(Math.min(...intervals));
}

/** Advances one region's health; whether it may vote has changed where that is returned. */
function watch(draft: Draft, region: string, run: RegionRun | null, nowMs: number): boolean {
  const { config } = draft;
  if (config === null || !config.regions.includes(region)) return false;
  const suspendedBefore = draft.suspendedRegions().has(region);
  const ledger = draft.ledger(region);
  const { health, transition } = advanceRegionHealth({
    health: ledger.health,
    run,
    expectedColos: findRegion(region)?.expectedColos ?? [],
    subjects: regionAssignments(config, region),
    voteOf: (monitor, other) => draft.vote(monitor, other),
    silentAfterMs: silentAfterMs(networkIntervals(draft, region)),
    nowMs,
  });
  draft.saveLedger({ ...ledger, health });
  if (transition !== null) draft.recordRegionTransition(transition);
  return draft.suspendedRegions().has(region) !== suspendedBefore;
}

/**
 * Takes runs, whose votes have been cast, into their regions' health.
 *
 * @returns whether any region may vote now that might not, or the reverse
 */
export function watchRuns(draft: Draft, runs: readonly RunDigest[], nowMs: number): boolean {
  let changed = false;
  for (const { region, lane, scheduledAtMs: roundMs, startedAtMs, colo, controls } of runs) {
    const asked = isAskLane(lane);
    const run = { startedAtMs, colo, controls: controls ?? null, asked, roundMs };
    if (watch(draft, region, run, nowMs)) changed = true;
  }
  return changed;
}

/** Notes which regions have fallen silent, or speak again. */
export function watchSilence(draft: Draft, nowMs: number): void {
  for (const region of draft.config?.regions ?? []) {
    const { lastRunAtMs, state } = draft.ledger(region).health;
    if (lastRunAtMs === null) continue;
    const silent = nowMs - lastRunAtMs > silentAfterMs(networkIntervals(draft, region));
    if (silent !== (state === "silent")) watch(draft, region, null, nowMs);
  }
}
