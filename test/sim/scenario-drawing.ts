/**
 * Draws a world from a seed, before it begins: its network, all that will befall it, and how it tells.
 *
 * Swarm testing: each kind of fault is left out of half of the worlds, so that rare combinations
 * are not drowned by the common ones. All faults end at `calmFromMs`; after that the network must
 * recover by itself.
 */
import type { AlertPolicy } from "../../shared/alert/policy.ts";
import { alertPolicySchema } from "../../shared/alert/policy.ts";
import type { Silence } from "../../shared/alert/silence.ts";
import { WHOLE } from "../../shared/monitor/shard.ts";
import {
  drawLateTroubles,
  drawLongAbsence,
  drawRegion,
  drawShards,
  drawTargetFaults,
  spans,
} from "./fault-drawing.ts";
import { announceMaintenance, drawConfigs, drawFlapping } from "./network-drawing.ts";
import { Random } from "./random.ts";
import type { Fault, Scenario, Span } from "./scenario.ts";
import { FAULTS, soundShard } from "./scenario.ts";

const MINUTE_MS = 60_000;

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

/**
 * Worlds before this one were played when every network had a single coordinator and some faults were
 * not known: they stay as they were, for what they once showed.
 */
const LATER_FROM_SEED = 100_000_000;
const LATER_FAULTS: ReadonlySet<Fault> = new Set(["clock_step", "hours_late", "redeploy"]);
/** Share of the worlds that wait hours for late rows: each takes ten times as long to play. */
const HOURS_LATE_SHARE = 0.05;

function drawFaults(seed: number, swarm: Random): Set<Fault> {
  const calmWorld = swarm.chance(0.25);
  const drawn = FAULTS.filter((fault) =>
    swarm.chance(calmWorld ? (fault === "outage" ? 0.9 : 0.03) : 0.5),
  );
  if (seed < LATER_FROM_SEED) return new Set(drawn.filter((fault) => !LATER_FAULTS.has(fault)));
  const waits = swarm.chance(HOURS_LATE_SHARE);
  return new Set(drawn.filter((fault) => fault !== "hours_late" || waits));
}

function drawCoordinators(seed: number): number {
  if (seed < LATER_FROM_SEED) return 1;
  return new Random(seed ^ 0xc00d).pick([1, 1, 1, 1, 1, 1, 2, 3]);
}

/** Draws a world; the number of coordinators too, unless it is given. */
export function drawScenario(seed: number, coordinators = drawCoordinators(seed)): Scenario {
  const random = new Random(seed);
  const faults = drawFaults(seed, random.fork());
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
    coordinators,
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
  const later = new Random(seed ^ 0x1a7e);
  const regions = first.regions.map((id) => {
    const region = {
      ...drawRegion(regionDraws.fork(), id, faults, stir),
      shards: divided ? drawShards(shardDraws, faults, stir) : [soundShard(WHOLE)],
    };
    return drawLateTroubles(later, region, faults, stir);
  });
  const redeploys = faults.has("redeploy");
  const redeploy = {
    redeployAtMs: redeploys ? later.int(stir.fromMs, stir.toMs) : null,
    redeployDeaths: redeploys ? spans(later, stir, 3, 1).map(() => later.int(0, 30)) : [],
  };
  // Rows that come later than the tail reads again by itself are looked for every ten minutes only.
  const veryLate = regions.some(
    ({ writesLateMs, rowsHoursLateMs }) => Math.max(writesLateMs, rowsHoursLateMs) > MINUTE_MS,
  );
  const runsKeptMs = (veryLate ? 10_080 : 2) * MINUTE_MS;
  const away = new Random(seed ^ 0x10a6);
  const longAway =
    faults.has("away") && stir.toMs - stir.fromMs >= 6 * MINUTE_MS && away.chance(0.3)
      ? drawLongAbsence(away, { ...first, ...last }, stir)
      : {};
  return {
    ...world,
    ...longAway,
    ...redeploy,
    regions,
    configs: drawFlapping(rest, configs),
    runsKeptMs,
  };
}
