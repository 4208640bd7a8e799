/**
 * Renders how the regions and their probe Workers are doing. Reads only.
 */
import { regionIntervals } from "../../../shared/monitor/config-index.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { findRegion, regionLabel } from "../../../shared/regions.ts";
import type { RegionShards, ShardWork } from "./region-shards.ts";
import { silentAfterMs } from "./region-watch.ts";
import { networkIntervals } from "./roster.ts";
import type { RegionStatus, ShardStatus } from "./rpc.ts";
import type { RegionLedger, State } from "./state.ts";
import { emptyLedger } from "./state.ts";

/** Renders one region at one moment. */
export function renderRegion(
  state: Readonly<State>,
  id: string,
  shards: RegionShards,
  nowMs: number,
): RegionStatus {
  const facts = findRegion(id);
  const ledger = state.regions.get(id) ?? emptyLedger(id);
  const { why } = ledger.health;
  const { config } = state;
  return {
    id,
    label: regionLabel(id),
    latitude: facts?.latitude ?? 0,
    longitude: facts?.longitude ?? 0,
    expectedColos: facts?.expectedColos ?? [],
    colo: ledger.colo,
    lastRunAtMs: ledger.lastRunAtMs,
    state: regionState(state, ledger, nowMs),
    ...(why === "" ? {} : { why }),
    shards: renderShards(config, ledger, shards, nowMs),
    shardsNeeded: 1,
    checksPerMinute: 0,
    ...(config === null ? {} : shards.load(config, id)),
  };
}

/** As it is now: silence is a matter of time, which may have passed since it was last looked at. */
function regionState(
  state: Readonly<State>,
  { region, lastRunAtMs, health }: RegionLedger,
  nowMs: number,
): RegionStatus["state"] {
  if (lastRunAtMs === null) return "waiting";
  const afterMs = silentAfterMs(networkIntervals(state, region));
  return nowMs - lastRunAtMs > afterMs ? "silent" : health.state;
}

function renderShards(
  config: PublishedConfig | null,
  ledger: RegionLedger,
  shards: RegionShards,
  nowMs: number,
): ShardStatus[] {
  const work = config === null ? [] : shards.divide(config);
  return shards.of(ledger.region).map((shard) => {
    const lastRunAtMs = ledger.shards.get(shard.shard.index)?.lastRunAtMs ?? null;
    const own = work.find(({ name }) => name === shard.name);
    const state = shards.isBound(shard) ? shardState(own, lastRunAtMs, nowMs) : "unbound";
    return { number: shard.shard.index + 1, lastRunAtMs, state };
  });
}

function shardState(
  work: ShardWork | undefined,
  lastRunAtMs: number | null,
  nowMs: number,
): ShardStatus["state"] {
  if (lastRunAtMs === null) return "waiting";
  const intervals = work === undefined ? [] : regionIntervals(work.config, work.region);
  return nowMs - lastRunAtMs > silentAfterMs(new Set(intervals)) ? "silent" : "active";
}
