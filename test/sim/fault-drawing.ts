/** Draws what befalls a world: troubles of regions and their Workers, of targets, and an absence. */
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import { REGIONS } from "../../shared/regions.ts";
import type { Random } from "./random.ts";
import type { Fault, RegionPlan, ShardPlan, Span, TargetFault } from "./scenario.ts";
import { soundShard } from "./scenario.ts";

const MINUTE_MS = 60_000;
const REASONS = ["accept_mismatch", "connect_timeout", "message_timeout", "tls_failed"] as const;

/** Draws up to `most` times inside a window. */
export function spans(random: Random, window: Span, most: number, longestMs: number): Span[] {
  return Array.from({ length: random.int(1, most) }, () => {
    const fromMs = random.int(window.fromMs, window.toMs);
    return { fromMs, toMs: Math.min(window.toMs, fromMs + random.int(1_000, longestMs)) };
  });
}

/** Draws a vantage and its troubles. */
export function drawRegion(
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
    clockSteps: [],
    rowsHoursLateMs: 0,
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

/** Draws what was not drawn yet when the first worlds were: steps of its clock, and rows hours late. */
export function drawLateTroubles(
  random: Random,
  plan: RegionPlan,
  faults: ReadonlySet<Fault>,
  stir: Span,
): RegionPlan {
  const steps = faults.has("clock_step") && random.chance(0.4);
  const byMs = () => random.pick([-300_000, -40_000, -1_000, 1_000, 40_000, 300_000, 900_000]);
  const isLate = faults.has("hours_late") && random.chance(0.4);
  return {
    ...plan,
    clockSteps: steps
      ? spans(random, stir, 2, 3 * MINUTE_MS).map((span) => ({ ...span, byMs: byMs() }))
      : [],
    rowsHoursLateMs: isLate ? random.pick([65, 95, 150]) * MINUTE_MS : 0,
  };
}

/** Draws the Workers of a region: most are one Worker; in half of the worlds all are. */
export function drawShards(random: Random, faults: ReadonlySet<Fault>, stir: Span): ShardPlan[] {
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

/** Draws outages of targets, as all or some regions see them. */
export function drawTargetFaults(
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
 * Draws an absence in the midst of which everything begins to fail and goes on failing: what is found
 * then is old, and still so.
 */
export function drawLongAbsence(random: Random, config: PublishedConfig, stir: Span) {
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
