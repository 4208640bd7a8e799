/**
 * A world and everything that will befall it, drawn from a seed before it begins.
 *
 * Swarm testing: each kind of fault is left out of half of the worlds, so that rare combinations
 * are not drowned by the common ones. All faults end at `calmFromMs`; after that the network must
 * recover by itself.
 */
import type { AlertPolicy } from "../../shared/alert/policy.ts";
import { alertPolicySchema } from "../../shared/alert/policy.ts";
import type { Silence } from "../../shared/alert/silence.ts";
import type { Maintenance } from "../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../shared/monitor/monitor.ts";
import { monitorSchema } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import { WHOLE } from "../../shared/monitor/shard.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import { REGIONS } from "../../shared/regions.ts";
import { Random } from "./random.ts";

/** A time in which something is so. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** Whether a moment lies in any of some times. */
export function during(times: readonly Span[], atMs: number): boolean {
  return times.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
}

/** Trouble of a target, as some regions see it. */
export interface TargetFault extends Span {
  monitor: string;
  /** Regions that see it. */
  regions: readonly string[];
  reason: Reason;
}

/** One probe Worker of a region. */
export interface ShardPlan {
  shard: Shard;
  /** It neither runs nor answers. */
  dead: readonly Span[];
  /** Its cron alone does not fire. */
  cronDead: readonly Span[];
}

/** A vantage and its troubles. */
export interface RegionPlan {
  id: string;
  /** The Workers among which its monitors are divided; one at least. */
  shards: readonly ShardPlan[];
  colo: string | null;
  /** Its clock minus true time. */
  skewMs: number;
  /** Its cron does not fire. */
  cronDead: readonly Span[];
  /** How late its cron fires. */
  cronLateMs: number;
  /** The coordinator cannot reach it. */
  partitions: readonly Span[];
  /** It reaches no target, and blames them. */
  blind: readonly Span[];
  /** Its checks fail by its own fault. */
  buggy: readonly Span[];
  /** Its rows do not get into the log. */
  writesLost: readonly Span[];
  /** Its rows get into the log only after this long. */
  writesLateMs: number;
  /** How long a good check takes. */
  checkMs: number;
}

/** A change of the configuration. */
export interface ConfigChange {
  atMs: number;
  config: PublishedConfig;
}

/** The kinds of fault of which each world has some. */
export const FAULTS = [
  "outage",
  "regional",
  "slow",
  "flap",
  "skew",
  "cron_dead",
  "cron_late",
  "partition",
  "blind",
  "buggy",
  "writes_lost",
  "writes_late",
  "shared_colo",
  "unknown_colo",
  "log_outage",
  "crash",
  "away",
  "storage",
  "sender",
  "config",
  "maintenance",
  "dead_shard",
  "policy",
] as const;
/** See {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

/** A world before it begins. */
export interface Scenario {
  seed: number;
  faults: ReadonlySet<Fault>;
  startMs: number;
  calmFromMs: number;
  /** How long a failing check takes. */
  failMs: number;
  regions: readonly RegionPlan[];
  configs: readonly ConfigChange[];
  targetFaults: readonly TargetFault[];
  /** D1 does not answer the coordinator, nor take rows. */
  logOutages: readonly Span[];
  /** Whether in outages the log can be written and trimmed, but not read. */
  logReadsOnly: boolean;
  /** Whether D1 hangs, instead of refusing, during outages. */
  logHangs: boolean;
  /** Share of transactions at which the object is killed, half before and half after the commit. */
  crashRate: number;
  /** The object does not run. */
  objectAway: readonly Span[];
  /** Share of transactions that the object's storage refuses. */
  refusalRate: number;
  /** How long the object stays away after a crash. */
  awayMs: number;
  /** Channels do not accept anything. */
  senderOutages: readonly Span[];
  /** Share of messages whose acceptance is not heard of. */
  lostAcks: number;
  /** How long runs stay in the log: barely longer than a row may be late without being looked for. */
  runsKeptMs: number;
  /** Channels of the network. */
  channels: readonly string[];
  /** How alerts are grouped, repeated and muted; null: nothing is declared. */
  alertPolicy: AlertPolicy | null;
  silences: readonly Silence[];
  /** Moments at which somebody wants a monitor checked. */
  userChecks: ReadonlyArray<{ atMs: number; monitor: string }>;
}

const REASONS = ["accept_mismatch", "connect_timeout", "message_timeout", "tls_failed"] as const;
const MINUTE_MS = 60_000;

/** Draws up to `most` times inside a window. */
function spans(random: Random, window: Span, most: number, longestMs: number): Span[] {
  return Array.from({ length: random.int(1, most) }, () => {
    const fromMs = random.int(window.fromMs, window.toMs);
    return { fromMs, toMs: Math.min(window.toMs, fromMs + random.int(1_000, longestMs)) };
  });
}

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

function drawConfigs(random: Random, faults: ReadonlySet<Fault>, stir: Span): ConfigChange[] {
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
function announceMaintenance(random: Random, configs: ConfigChange[], stir: Span): ConfigChange[] {
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

function drawRegion(
  random: Random,
  id: string,
  faults: ReadonlySet<Fault>,
  stir: Span,
): Omit<RegionPlan, "shards"> {
  const trouble = (fault: Fault, share: number, longestMs: number): Span[] =>
    faults.has(fault) && random.chance(share) ? spans(random, stir, 2, longestMs) : [];
  const own = REGIONS.find((region) => region.id === id)?.expectedColos[0] ?? null;
  const shared = faults.has("shared_colo") && random.chance(0.5) ? "FRA" : own;
  const skewed = faults.has("skew") && random.chance(0.5);
  return {
    id,
    colo: faults.has("unknown_colo") && random.chance(0.3) ? null : shared,
    skewMs: skewed ? random.pick([-40_000, -5_000, -500, 500, 5_000, 40_000, 900_000]) : 0,
    cronDead: trouble("cron_dead", 0.4, 6 * MINUTE_MS),
    cronLateMs: faults.has("cron_late") && random.chance(0.5) ? random.int(0, 20_000) : 0,
    partitions: trouble("partition", 0.4, 6 * MINUTE_MS),
    blind: trouble("blind", 0.3, 4 * MINUTE_MS),
    buggy: trouble("buggy", 0.4, 4 * MINUTE_MS),
    writesLost: trouble("writes_lost", 0.4, 4 * MINUTE_MS),
    writesLateMs:
      faults.has("writes_late") && random.chance(0.5)
        ? random.pick([1_000, 10_000, 60_000, 250_000])
        : 0,
    checkMs: random.pick([20, 100, 500]),
  };
}

/** A probe Worker with which nothing is wrong. */
export function soundShard(shard: Shard): ShardPlan {
  return { shard, dead: [], cronDead: [] };
}

/** Most regions are one Worker; in half of the worlds all are. */
function drawShards(random: Random, faults: ReadonlySet<Fault>, stir: Span): ShardPlan[] {
  const count = random.pick([1, 1, 2, 3]);
  return Array.from({ length: count }, (_, index) => {
    const shard = { index, count };
    if (count === 1 || !faults.has("dead_shard") || random.chance(0.4)) return soundShard(shard);
    const times = spans(random, stir, 2, 6 * MINUTE_MS);
    return random.chance(0.5)
      ? { shard, dead: times, cronDead: [] }
      : { shard, dead: [], cronDead: times };
  });
}

function drawTargetFaults(
  random: Random,
  faults: ReadonlySet<Fault>,
  config: PublishedConfig,
  stir: Span,
): TargetFault[] {
  const drawn: TargetFault[] = [];
  const add = (kind: Fault, regions: () => readonly string[], span: Span, reason: Reason) => {
    if (!faults.has(kind)) return;
    for (const monitor of config.monitors) {
      if (random.chance(0.3)) continue;
      drawn.push({ ...span, monitor: monitor.id, regions: regions(), reason });
    }
  };
  const one = (longestMs: number): Span => {
    const [span] = spans(random, stir, 1, longestMs);
    return span ?? stir;
  };
  const all = () => config.regions;
  const few = () => random.some(config.regions, 1);
  add("outage", all, one(6 * MINUTE_MS), random.pick(REASONS));
  add("regional", few, one(6 * MINUTE_MS), random.pick(REASONS));
  add("slow", random.chance(0.5) ? all : few, one(5 * MINUTE_MS), "latency_over_budget");
  if (faults.has("flap")) {
    const start = random.int(stir.fromMs, stir.toMs);
    const everyMs = random.int(3_000, 90_000);
    for (let flap = 0; flap < random.int(2, 8); flap += 1) {
      const fromMs = start + 2 * flap * everyMs;
      const toMs = Math.min(stir.toMs, fromMs + everyMs);
      add("flap", all, { fromMs, toMs }, random.pick(REASONS));
    }
  }
  return drawn.filter(({ fromMs, toMs }) => fromMs < toMs);
}

/**
 * An absence in the midst of which everything begins to fail and goes on failing: what is found
 * then is old, and still so.
 */
function drawLongAbsence(random: Random, config: PublishedConfig, stir: Span) {
  const fromMs = random.int(stir.fromMs, stir.toMs - 5 * MINUTE_MS);
  const toMs = random.int(fromMs + 3 * MINUTE_MS, stir.toMs - 2 * MINUTE_MS);
  const outage = {
    fromMs: random.int(fromMs, toMs - 2 * MINUTE_MS),
    toMs: stir.toMs,
    regions: config.regions,
    reason: random.pick(REASONS),
  };
  return {
    objectAway: [{ fromMs, toMs }],
    targetFaults: config.monitors.map(({ id }): TargetFault => ({ ...outage, monitor: id })),
  };
}

/** Draws which monitors are told to flap sooner or later than by default, or never. */
function drawFlapping(random: Random, configs: readonly ConfigChange[]): ConfigChange[] {
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

/** How alerts are gathered and repeated: every value short, so that it shows within a world. */
function drawAlertPolicy(random: Random): AlertPolicy {
  return alertPolicySchema.parse({
    tiers: { partial: random.pick(["none", "none", "info"]) },
    groupBy: random.pick([[], ["monitor"], ["severity"]]),
    groupWait: random.pick(["0s", "3s", "10s"]),
    groupInterval: random.pick(["5s", "20s"]),
    atOnce: random.pick([1, 1, 5]),
    repeatInterval: random.pick([null, "1m", "4h"]),
    easeAfter: random.pick(["0s", "20s", "2m"]),
    ...(random.chance(0.3)
      ? { routes: [{ name: "hook", channels: ["hook"], groupWait: "5s" }] }
      : {}),
    ...(random.chance(0.3)
      ? { inhibitions: [{ source: ['monitor="monitor-1"'], target: ['monitor="monitor-0"'] }] }
      : {}),
  });
}

function drawSilences(random: Random, stir: Span): Silence[] {
  if (random.chance(0.5)) return [];
  return spans(random, stir, 1, 4 * MINUTE_MS).map(({ fromMs, toMs }) => ({
    id: "silence-1",
    matchers: ['monitor="monitor-0"'],
    author: "somebody",
    comment: "known",
    startsAtMs: fromMs,
    endsAtMs: toMs,
    createdAtMs: stir.fromMs,
  }));
}

/** Draws a world. */
export function drawScenario(seed: number): Scenario {
  const random = new Random(seed);
  const swarm = random.fork();
  const calmWorld = swarm.chance(0.25);
  const faults = new Set(
    FAULTS.filter((fault) => swarm.chance(calmWorld ? (fault === "outage" ? 0.9 : 0.03) : 0.5)),
  );
  const startMs = Date.UTC(2026, 10, 20, 14) + random.int(0, 3_600_000);
  const stir = { fromMs: startMs + 2 * MINUTE_MS, toMs: startMs + random.int(5, 11) * MINUTE_MS };
  const drawn = drawConfigs(random.fork(), faults, { ...stir, fromMs: startMs + MINUTE_MS });
  const configs = faults.has("maintenance")
    ? announceMaintenance(new Random(seed ^ 0x3a17), drawn, stir)
    : drawn;
  const last = configs.at(-1)?.config ?? { regions: [], monitors: [] };
  const everything = configs.flatMap(({ config }) => config.monitors.map(({ id }) => id));
  const regionDraws = random.fork();
  const first = configs[0]?.config;
  if (first === undefined) throw new Error("a world needs a configuration");
  const faultDraws = random.fork();
  const targetFaults = drawTargetFaults(faultDraws, faults, { ...first, ...last }, stir);
  const rest = random.fork();
  const sender = faults.has("sender");
  const alerting = new Random(seed ^ 0xa1e7);
  const declared = faults.has("policy");
  const world = {
    seed,
    alertPolicy: declared ? drawAlertPolicy(alerting) : null,
    silences: declared ? drawSilences(alerting, stir) : [],
    faults,
    startMs,
    calmFromMs: stir.toMs,
    failMs: rest.pick([20, 300, 2_000, 10_000]),
    configs,
    targetFaults,
    logOutages: faults.has("log_outage") ? spans(rest, stir, 2, 4 * MINUTE_MS) : [],
    logReadsOnly: seed % 4 === 0,
    logHangs: rest.chance(0.5),
    crashRate: faults.has("crash") ? rest.pick([0.002, 0.02, 0.1]) : 0,
    objectAway: faults.has("away") ? spans(rest, stir, 2, 6 * MINUTE_MS) : [],
    refusalRate: faults.has("storage") ? rest.pick([0.01, 0.05]) : 0,
    awayMs: rest.pick([0, 1_000, 20_000, 200_000]),
    senderOutages: sender ? spans(rest, stir, 2, 2 * MINUTE_MS) : [],
    lostAcks: sender ? rest.pick([0, 0.1, 0.3]) : 0,
    channels: rest.pick([["hook"], ["hook", "slack"]]),
    userChecks: spans(rest, stir, 2, 1_000).map(({ fromMs }) => ({
      atMs: fromMs,
      monitor: rest.pick(everything),
    })),
  };
  const shardDraws = rest.fork();
  const divided = shardDraws.chance(0.5);
  const regions = first.regions.map((id) => ({
    ...drawRegion(regionDraws.fork(), id, faults, stir),
    shards: divided ? drawShards(shardDraws, faults, stir) : [soundShard(WHOLE)],
  }));
  // Rows that come later than the tail reads again by itself are looked for every ten minutes only.
  const veryLate = regions.some(({ writesLateMs }) => writesLateMs > MINUTE_MS);
  const runsKeptMs = (veryLate ? 10_080 : 2) * MINUTE_MS;
  const away = new Random(seed ^ 0x10a6);
  const longAway =
    faults.has("away") && stir.toMs - stir.fromMs >= 6 * MINUTE_MS && away.chance(0.3)
      ? drawLongAbsence(away, { ...first, ...last }, stir)
      : {};
  return { ...world, ...longAway, regions, configs: drawFlapping(rest, configs), runsKeptMs };
}
