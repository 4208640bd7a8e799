/**
 * All monitors of a network, whichever of its coordinators judges them: what is told of the network as
 * a whole names them. The first coordinator of several keeps a list; to a single one it is its own
 * configuration. Pure.
 */
import { findMonitor, regionIntervals } from "../../../shared/monitor/config-index.ts";
import type { MonitorSchedule, RosterMonitor } from "../../../shared/monitor/monitor.ts";
import { intervalMs, monitorRegions } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { WatchedNetwork } from "../../../shared/monitor/region-load.ts";

/** A list that is never changed, only replaced. */
type Roster = readonly RosterMonitor[];

/** What a coordinator knows of the network's monitors. */
interface Known {
  roster: Roster;
  config: PublishedConfig | null;
}

const indexes = new WeakMap<Roster, ReadonlyMap<string, RosterMonitor>>();

/** All monitors, in their order. */
export function membersOf(roster: Roster, config: PublishedConfig | null): Roster {
  return roster.length > 0 ? roster : (config?.monitors ?? []);
}

/**
 * All monitors with what each region has to do; null: nothing is published, or what there is of the
 * list was stored by an older release, and will be read again soon.
 */
export function networkOf({ roster, config }: Known): WatchedNetwork | null {
  if (config === null || roster.length === 0) return config;
  const [first] = roster;
  if (first?.interval === undefined) return null;
  return { ...config, monitors: roster as ReadonlyArray<RosterMonitor & MonitorSchedule> };
}

/** Intervals of regions, as long as neither list nor configuration is replaced. */
interface Intervals {
  config: PublishedConfig | null;
  byRegion: Map<string, ReadonlySet<number>>;
}

const intervals = new WeakMap<Roster, Intervals>();

/** Intervals at which a region checks anything at all, in milliseconds. */
export function networkIntervals(known: Known, region: string): ReadonlySet<number> {
  const { roster, config } = known;
  if (config === null) return new Set();
  const network = networkOf(known);
  if (network === config || network === null) return regionIntervals(config, region);
  let cache = intervals.get(roster);
  if (cache?.config !== config) {
    cache = { config, byRegion: new Map() };
    intervals.set(roster, cache);
  }
  const found = cache.byRegion.get(region) ?? intervalsOf(network, region);
  cache.byRegion.set(region, found);
  return found;
}

function intervalsOf({ monitors, regions, defaultIntervalMs }: WatchedNetwork, region: string) {
  const found = new Set<number>();
  for (const monitor of monitors) {
    if (monitor.paused || !monitorRegions(monitor, regions).includes(region)) continue;
    found.add(intervalMs(monitor, defaultIntervalMs));
  }
  return found;
}

/** One of them; undefined: there is none of that id. */
export function findMember({ roster, config }: Known, id: string): RosterMonitor | undefined {
  const own = findMonitor(config, id);
  if (own !== undefined || roster.length === 0) return own;
  let index = indexes.get(roster);
  if (index === undefined) {
    index = new Map(roster.map((monitor) => [monitor.id, monitor]));
    indexes.set(roster, index);
  }
  return index.get(id);
}
