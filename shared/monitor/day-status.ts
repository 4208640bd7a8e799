/**
 * A monitor's UTC days as the faces show them: time by verdict, and what each region's checks saw.
 * Made from rollups, of which they keep a fraction. Pure.
 */
import type { LatencyHistogram } from "./latency-histogram.ts";
import { mergeHistograms } from "./latency-histogram.ts";
import type { Rollup } from "./rollup.ts";
import { QUORUM_REGION, dayStartMs } from "./rollup.ts";
import type { VerdictTimes } from "./uptime.ts";

/** Time by verdict of one UTC day, in milliseconds. */
export interface DayStatus extends VerdictTimes {
  /** Start of the day (UTC epoch milliseconds). */
  dayMs: number;
}

/** Counts of one region's observations on one UTC day. */
export interface RegionDayStatus {
  dayMs: number;
  up: number;
  degraded: number;
  down: number;
  unknown: number;
}

/** What one region saw of a monitor. */
export interface RegionDays {
  /** Oldest first. */
  days: RegionDayStatus[];
  /** Of the days whose latency was asked for. */
  latency: LatencyHistogram;
}

/** One monitor's days, oldest first; days without data are left out. */
export interface MonitorDays {
  quorum: DayStatus[];
  /** By region. */
  regions: Map<string, RegionDays>;
}

/** A monitor of which no day is known. */
export function noDays(): MonitorDays {
  return { quorum: [], regions: new Map() };
}

function quorumDay(row: Rollup): DayStatus {
  const { operationalMs, degradedMs, partialMs, downMs, unknownMs, maintenanceMs } = row;
  const dayMs = dayStartMs(row.bucketStartMs);
  return { dayMs, operationalMs, degradedMs, partialMs, downMs, unknownMs, maintenanceMs };
}

function regionDay({ bucketStartMs, up, degraded, down, unknown }: Rollup): RegionDayStatus {
  return { dayMs: dayStartMs(bucketStartMs), up, degraded, down, unknown };
}

/** Adds a day to others, in its place; one of the same date is added up: all its fields are counts. */
function addDay<Day extends { dayMs: number }>(days: Day[], day: Day): void {
  const at = days.findLastIndex(({ dayMs }) => dayMs <= day.dayMs);
  const known = days[at];
  if (known?.dayMs !== day.dayMs) {
    days.splice(at + 1, 0, day);
    return;
  }
  const sums = Object.entries(day).map(([name, count]): [string, number] => [
    name,
    name === "dayMs" ? day.dayMs : Number(count) + Number(Reflect.get(known, name)),
  ]);
  days[at] = Object.fromEntries(sums) as Day;
}

/**
 * Adds a rollup, of whatever resolution, to the day in which it lies.
 *
 * @param latencyFromMs latency is kept of what begins then or later (UTC epoch milliseconds)
 */
export function addToDays(days: MonitorDays, row: Rollup, latencyFromMs: number): void {
  if (row.region === QUORUM_REGION) {
    addDay(days.quorum, quorumDay(row));
    return;
  }
  const region = days.regions.get(row.region) ?? { days: [], latency: "" };
  addDay(region.days, regionDay(row));
  if (row.bucketStartMs >= latencyFromMs) {
    region.latency = mergeHistograms(region.latency, row.latency);
  }
  days.regions.set(row.region, region);
}

/** The same days, to be added to: the others stay as they are. */
export function copyDays({ quorum, regions }: MonitorDays): MonitorDays {
  const copy: MonitorDays = { quorum: [...quorum], regions: new Map() };
  for (const [region, { days, latency }] of regions) {
    copy.regions.set(region, { days: [...days], latency });
  }
  return copy;
}
