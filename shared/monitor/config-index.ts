/**
 * What is asked of a published configuration for every run, made once per configuration: each
 * monitor by its id, its interval in milliseconds, its regions, and what each region has to do.
 *
 * A configuration is never changed, only replaced; so the index is kept as long as it. Pure.
 */
import type { Monitor } from "./monitor.ts";
import { intervalMs, monitorRegions } from "./monitor.ts";
import { partOf } from "./shard.ts";
import type { PublishedConfig } from "./published-config.ts";

/** Monitors up to which a network is one part… */
const WHOLE_MAX = 1_000;
/** …and of which about as many are a part of a larger one: what is kept for each is kept apart. */
export const PART_MONITORS = 500;

/** Whether a network is so large that what is kept for each monitor is kept in parts. */
export function isDivided(config: PublishedConfig | null): boolean {
  return (config?.monitors.length ?? 0) > WHOLE_MAX;
}

/** A monitor with what follows from its configuration. */
export interface Assignment {
  /** The monitor's. */
  id: string;
  monitor: Monitor;
  /** Milliseconds between two checks of one region. */
  intervalMs: number;
  /** Regions that check it, in the network's order; as if it were not paused. */
  regions: readonly string[];
  /** Which part of a large network it falls to: see {@link PART_MONITORS}. */
  part: number;
  /** Host of the target, with its port where that is not the default. */
  host: string;
}

/** What one region has to do. */
interface RegionWork {
  /** Assignments that are not paused, in the configuration's order. */
  assignments: readonly Assignment[];
  /** Intervals of these, each once. */
  intervals: ReadonlySet<number>;
}

const NO_WORK: RegionWork = { assignments: [], intervals: new Set() };

class ConfigIndex {
  readonly assignments: ReadonlyMap<string, Assignment>;
  readonly #works = new Map<string, RegionWork>();

  constructor(config: PublishedConfig) {
    const { monitors, defaultIntervalMs, regions } = config;
    const parts = isDivided(config) ? Math.ceil(monitors.length / PART_MONITORS) : 1;
    const all = monitors.map((monitor): [string, Assignment] => [
      monitor.id,
      {
        id: monitor.id,
        monitor,
        intervalMs: intervalMs(monitor, defaultIntervalMs),
        regions: monitor.regions === null ? regions : monitorRegions(monitor, regions),
        part: partOf(monitor.id, parts),
        host: new URL(monitor.url).host,
      },
    ]);
    this.assignments = new Map(all);
  }

  work(region: string): RegionWork {
    const known = this.#works.get(region);
    if (known !== undefined) return known;
    const assignments = [...this.assignments.values()].filter(
      ({ monitor, regions }) => !monitor.paused && regions.includes(region),
    );
    const intervals = new Set(assignments.map((assignment) => assignment.intervalMs));
    const work = assignments.length === 0 ? NO_WORK : { assignments, intervals };
    this.#works.set(region, work);
    return work;
  }
}

const indexes = new WeakMap<PublishedConfig, ConfigIndex>();

function indexOf(config: PublishedConfig): ConfigIndex {
  let index = indexes.get(config);
  if (index === undefined) {
    index = new ConfigIndex(config);
    indexes.set(config, index);
  }
  return index;
}

/** A monitor of a configuration with what follows from it; undefined: there is none of that id. */
export function findAssignment(config: PublishedConfig | null, id: string): Assignment | undefined {
  return config === null ? undefined : indexOf(config).assignments.get(id);
}

/** A monitor of a configuration; undefined: there is none of that id. */
export function findMonitor(config: PublishedConfig | null, id: string): Monitor | undefined {
  return findAssignment(config, id)?.monitor;
}

/** Every monitor with what follows from its configuration, in the configuration's order. */
export function assignmentsOf(config: PublishedConfig): Iterable<Assignment> {
  return indexOf(config).assignments.values();
}

/** Monitors that a region checks, in the configuration's order; paused ones it does not. */
export function regionAssignments(config: PublishedConfig, region: string): readonly Assignment[] {
  return indexOf(config).work(region).assignments;
}

/** Intervals at which a region checks anything, in milliseconds. */
export function regionIntervals(config: PublishedConfig, region: string): ReadonlySet<number> {
  return indexOf(config).work(region).intervals;
}
