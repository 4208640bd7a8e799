/**
 * The probe Workers of the network: one for each region, or several among which the region's monitors
 * are divided. Says which there are, what falls to each and what a region has to do; keeps nothing
 * but what it has computed for the present configuration.
 */
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { RegionLoad, WatchedNetwork } from "../../../shared/monitor/region-load.ts";
import { regionLoad } from "../../../shared/monitor/region-load.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { divideConfig } from "../../../shared/monitor/shard.ts";
import { probeBindingName, probeName } from "../../../shared/regions.ts";
import { CHECK_ASSUMED_MS } from "./limits.ts";
import type { Ports, Settings } from "./ports.ts";

/** One probe Worker. */
export interface RegionShard {
  region: string;
  shard: Shard;
  /** Tells it from the others: `eu-central`, `eu-central-2`. */
  name: string;
}

/** One probe Worker with the configuration, as far as it falls to it. */
export interface ShardWork extends RegionShard {
  config: PublishedConfig;
}

/** The probe Workers. */
export class RegionShards {
  readonly #missing: ReadonlySet<string>;
  /** All of them, by region. */
  readonly all: readonly RegionShard[];
  #work: { of: PublishedConfig; divided: ShardWork[] } | null = null;
  #loads: { of: PublishedConfig; byRegion: Map<string, RegionLoad> } | null = null;
  #warnedVersion: number | null = null;

  constructor({ regions, shardCounts, missingBindings }: Settings) {
    this.#missing = new Set(missingBindings);
    this.all = regions.flatMap((region) => {
      const count = shardCounts?.get(region) ?? 1;
      return Array.from({ length: count }, (_, index) => ({
        region,
        shard: { index, count },
        name: probeName(region, index),
      }));
    });
  }

  /** Those of one region. */
  of(region: string): RegionShard[] {
    return this.all.filter((shard) => shard.region === region);
  }

  /** Whether the coordinator has a binding to a probe Worker that should be there. */
  isBound({ region, shard }: RegionShard): boolean {
    return !this.#missing.has(probeBindingName(region, shard.index));
  }

  /** What falls to each. */
  divide(config: PublishedConfig): readonly ShardWork[] {
    if (this.#work?.of !== config) {
      const parts = new Map<number, PublishedConfig[]>();
      const divided = this.all.map((shard) => {
        const { index, count } = shard.shard;
        const configs = parts.get(count) ?? divideConfig(config, count);
        parts.set(count, configs);
        return { ...shard, config: configs[index] ?? config };
      });
      this.#work = { of: config, divided };
    }
    return this.#work.divided;
  }

  /** What a region has to do. */
  load(config: PublishedConfig, region: string): RegionLoad {
    if (this.#loads?.of !== config) this.#loads = { of: config, byRegion: new Map() };
    const { byRegion } = this.#loads;
    const load = byRegion.get(region) ?? regionLoad({ config, region, checkMs: CHECK_ASSUMED_MS });
    byRegion.set(region, load);
    return load;
  }

  /** Prints which bindings are missing: a gap in the numbering of a region's shards. */
  tellMissing(print: Ports["print"]): void {
    for (const shard of this.all) {
      if (this.isBound(shard)) continue;
      const { region, name } = shard;
      const binding = probeBindingName(region, shard.shard.index);
      print({ event: "binding_missing", region, probe: name, binding });
    }
  }

  /**
   * Prints, once for each version of the configuration, which regions have more to do than they can.
   *
   * @param network all its monitors, whichever coordinator judges them; null: they are not known
   */
  tellOverload(version: number, network: WatchedNetwork | null, print: Ports["print"]): void {
    if (network === null || version === this.#warnedVersion) return;
    this.#warnedVersion = version;
    for (const region of new Set(this.all.map((shard) => shard.region))) {
      const shards = this.of(region).length;
      const work = { config: network, region, checkMs: CHECK_ASSUMED_MS };
      const { checksPerMinute, shardsNeeded } = regionLoad(work);
      if (shards >= shardsNeeded) continue;
      print({
        event: "region_overloaded",
        region,
        shards,
        shardsNeeded,
        checksPerMinute,
        configVersion: version,
        remedy: `npm run eq -- region add ${region} --shards ${shardsNeeded}`,
      });
    }
  }
}
