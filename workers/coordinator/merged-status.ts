/**
 * What several coordinators know of a network, as one status: each has its own monitors and their
 * incidents, the first also what concerns the network as a whole. Pure.
 */
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import { loadOf } from "../../shared/monitor/region-load.ts";
import {
  CHECK_ASSUMED_MS,
  STATUS_INCIDENTS_MAX,
  STATUS_OPEN_INCIDENTS_MAX,
} from "./object/limits.ts";
import type {
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
  RegionStatus,
  ShardStatus,
} from "./object/rpc.ts";

/** Worst first. */
const REGION_STATES: ReadonlyArray<RegionStatus["state"]> = [
  "suspended",
  "misplaced",
  "silent",
  "active",
  "waiting",
];
const SHARD_STATES: ReadonlyArray<ShardStatus["state"]> = [
  "unbound",
  "silent",
  "active",
  "waiting",
];

/** Merges the statuses of all coordinators, in their order; one at least. */
export function mergeStatuses(
  first: NetworkStatus,
  ...others: readonly NetworkStatus[]
): NetworkStatus {
  if (others.length === 0) return first;
  const { order, ...network } = first;
  const parts = [first, ...others];
  const newest = parts.flatMap(({ newestRunAtMs }) => newestRunAtMs ?? []);
  return {
    ...network,
    // As old as the oldest part of it.
    generatedAtMs: Math.min(...parts.map(({ generatedAtMs }) => generatedAtMs)),
    newestRunAtMs: newest.length === 0 ? null : Math.min(...newest),
    config: {
      ...first.config,
      version: Math.min(...parts.map(({ config }) => config.version)),
    },
    regions: first.regions.map((region) => mergeRegion(region, others, first.config)),
    monitoring: mergeMonitoring(parts),
    monitors: inOrder(
      parts.flatMap(({ monitors }) => monitors),
      order ?? [],
    ),
    openIncidents: newestFirst(
      parts.flatMap(({ openIncidents }) => openIncidents),
      startOf,
      STATUS_OPEN_INCIDENTS_MAX,
    ),
    pastIncidents: newestFirst(
      parts.flatMap(({ pastIncidents }) => pastIncidents),
      startOf,
      STATUS_INCIDENTS_MAX,
    ),
  };
}

/** The newest of some items, in the order in which each coordinator lists its own. */
export function newestFirst<T extends { id: string }>(
  items: readonly T[],
  momentOf: (item: T) => number,
  limit: number,
): T[] {
  return items
    .toSorted((a, b) => momentOf(b) - momentOf(a) || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/** When an incident began (UTC epoch milliseconds). */
export function startOf({ startedAtMs }: Pick<IncidentWithTimeline, "startedAtMs">): number {
  return startedAtMs;
}

function inOrder(monitors: MonitorStatus[], order: readonly string[]): MonitorStatus[] {
  const places = new Map(order.map((id, place) => [id, place]));
  const placeOf = ({ id }: MonitorStatus) => places.get(id) ?? order.length;
  return monitors.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** A region as it is to all: what keeps it from voting at one of them is said. */
function mergeRegion(
  region: RegionStatus,
  others: readonly NetworkStatus[],
  config: Pick<PublishedConfig, "defaultIntervalMs">,
): RegionStatus {
  const seen = [
    region,
    ...others.flatMap(({ regions }) => regions.find(({ id }) => id === region.id) ?? []),
  ];
  const worst = worstOf(seen, REGION_STATES);
  const checks = seen.reduce((sum, { checksPerMinute = 0 }) => sum + checksPerMinute, 0);
  const { why: _why, ...facts } = region;
  return {
    ...facts,
    state: worst.state,
    ...(worst.why === undefined ? {} : { why: worst.why }),
    ...loadOf(checks, config, CHECK_ASSUMED_MS),
    shards: region.shards?.map((shard) => {
      const same = seen.flatMap(
        ({ shards = [] }) => shards.find(({ number }) => number === shard.number) ?? [],
      );
      return { ...shard, state: worstOf(same, SHARD_STATES).state };
    }),
  };
}

function worstOf<T extends { state: string }>(
  items: readonly T[],
  states: ReadonlyArray<T["state"]>,
): T {
  const [worst] = items.toSorted((a, b) => states.indexOf(a.state) - states.indexOf(b.state));
  if (worst === undefined) throw new RangeError("there is nothing to choose from");
  return worst;
}

function mergeMonitoring(parts: readonly NetworkStatus[]): NetworkStatus["monitoring"] {
  const known = parts.flatMap(({ monitoring }) => monitoring ?? []);
  for (const state of ["impaired", "working"] as const) {
    const such = known.filter((each) => each.state === state);
    if (such.length > 0) return { state, sinceMs: Math.min(...such.map((each) => each.sinceMs)) };
  }
  return known[0];
}
