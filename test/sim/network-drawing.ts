/** Draws the network of a world: monitors, and how people change its configuration meanwhile. */
import type { Maintenance } from "../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../shared/monitor/monitor.ts";
import { monitorSchema } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import { REGIONS } from "../../shared/regions.ts";
import { spans } from "./fault-drawing.ts";
import type { Random } from "./random.ts";
import type { ConfigChange, Fault, Span } from "./scenario.ts";

const MINUTE_MS = 60_000;

function drawMonitor(random: Random, index: number, regions: readonly string[]): Monitor {
  const simple = random.chance(0.5);
  const fields: Record<string, unknown> = {
    id: `monitor-${index}`,
    name: `Monitor ${index}`,
    url: `wss://target-${index}.example/`,
    interval: random.pick([null, null, null, "15s", "30s", "1m"]),
    regions: random.chance(0.8) ? null : random.some(regions, 1),
    quorum: simple
      ? {}
      : {
          raise: random.pick(["majority", 1, 2, 3, "50%", "75%", "100%"]),
          clear: random.pick(["majority", 1, 2, "50%", "100%"]),
          raiseAfter: random.pick([1, 1, 2, 3]),
          clearAfter: random.pick([1, 1, 2]),
          ...(random.chance(0.3) ? { minVotes: random.int(1, 4) } : {}),
        },
  };
  return monitorSchema.parse(fields);
}

/** A change that somebody makes to the configuration. */
function changeConfig(random: Random, config: PublishedConfig): PublishedConfig {
  const regions = config.regions;
  const monitors = [...config.monitors];
  const index = random.int(0, monitors.length - 1);
  const monitor = monitors[index];
  const what = random.pick(["add", "remove", "pause", "policy", "interval"] as const);
  if (what === "add") monitors.push(drawMonitor(random, 10 + config.version, regions));
  else if (what === "remove" && monitors.length > 1) monitors.splice(index, 1);
  else if (monitor !== undefined) {
    const drawn = drawMonitor(random, 0, regions);
    const { interval, quorum } = what === "interval" ? { ...drawn, quorum: monitor.quorum } : drawn;
    monitors[index] =
      what === "pause"
        ? { ...monitor, paused: !monitor.paused }
        : { ...monitor, interval: what === "policy" ? monitor.interval : interval, quorum };
  }
  return { ...config, version: config.version + 1, monitors };
}

/** Draws the first configuration, and how it changes. */
export function drawConfigs(
  random: Random,
  faults: ReadonlySet<Fault>,
  stir: Span,
): ConfigChange[] {
  const ids = REGIONS.map(({ id }) => id);
  const regions = random.some(ids, 1).slice(0, random.pick([1, 2, 3, 4, 4, 4, 5, 6]));
  let config: PublishedConfig = {
    version: 1,
    regions,
    defaultIntervalMs: random.pick([10_000, 15_000, 30_000, 60_000]),
    monitors: Array.from({ length: random.int(1, 3) }, (_, index) =>
      drawMonitor(random, index, regions),
    ),
  };
  const configs = [{ atMs: stir.fromMs - MINUTE_MS, config }];
  if (!faults.has("config")) return configs;
  const moments = spans(random, stir, 3, 1_000).map(({ fromMs }) => fromMs);
  for (const atMs of moments.sort((a, b) => a - b)) {
    config = changeConfig(random, config);
    configs.push({ atMs, config });
  }
  return configs;
}

/**
 * Announces windows of maintenance: most from the beginning, some only with a later change of the
 * configuration, which may be in their midst or after them, and some are withdrawn again.
 */
export function announceMaintenance(
  random: Random,
  configs: ConfigChange[],
  stir: Span,
): ConfigChange[] {
  const ids = configs[0]?.config.monitors.map(({ id }) => id) ?? [];
  const windows = spans(random, stir, 3, 6 * MINUTE_MS).map(({ fromMs, toMs }, index) => {
    const window: Maintenance = {
      id: `work-${index}`,
      name: `Work ${index}`,
      description: "",
      monitors: random.chance(0.4) ? null : random.some(ids, 1),
      groups: [],
      startsAtMs: fromMs,
      endsAtMs: toMs,
    };
    const first = random.chance(0.6) ? 0 : random.int(0, configs.length - 1);
    const last = random.chance(0.8) ? configs.length - 1 : random.int(first, configs.length - 1);
    return { window, first, last };
  });
  return configs.map(({ atMs, config }, index) => {
    const announced = windows.filter(({ first, last }) => first <= index && index <= last);
    return { atMs, config: { ...config, maintenances: announced.map(({ window }) => window) } };
  });
}

/** Draws which monitors are told to flap sooner or later than by default, or never. */
export function drawFlapping(random: Random, configs: readonly ConfigChange[]): ConfigChange[] {
  const drawn = new Map<string, Monitor["quorum"]["flapping"]>();
  const flappingOf = ({ id, quorum }: Monitor) => {
    if (!drawn.has(id)) {
      const incidents = random.int(2, 4);
      const calm = random.pick(["10s", "1m", "3m"]);
      const what = random.pick(["default", "never", "soon"] as const);
      const soon = what === "soon" ? { incidents, window: "20m", calm } : undefined;
      drawn.set(id, what === "never" ? false : soon);
    }
    const flapping = drawn.get(id);
    return flapping === undefined ? quorum : { ...quorum, flapping };
  };
  return configs.map(({ atMs, config }) => {
    const monitors = config.monitors.map((monitor) => ({
      ...monitor,
      quorum: flappingOf(monitor),
    }));
    return { atMs, config: { ...config, monitors } };
  });
}
