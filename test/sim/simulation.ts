/**
 * One world from beginning to end: faults, then calm, then the question whether everything is as it
 * should be. Deterministic: a seed gives the same history every time.
 */
import { intervalMs } from "../../shared/monitor/monitor.ts";
import { alertedInTime } from "./detection.ts";
import { Inspector } from "./inspector.ts";
import { ObjectHost } from "./object-host.ts";
import { unfinished } from "./recovery.ts";
import { replayDiffers } from "./replay.ts";
import type { Scenario } from "./scenario.ts";
import { drawScenario } from "./scenario-drawing.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { Watch } from "./watch.ts";
import { World } from "./world.ts";

/** Longest time that recovery may take after the last fault, besides three intervals. */
const CALM_MAX_MS = 25 * 60_000;
const LOOK_EVERY_MS = 5_000;

/** What came of a world. */
export interface Outcome {
  seed: number;
  /** Null: every promise was kept. */
  violation: string | null;
  scenario: Scenario;
  runs: number;
  transitions: number;
  incidents: number;
  deliveries: number;
  deaths: number;
  /** Virtual time that passed, in milliseconds. */
  simulatedMs: number;
  /** The history in one line per transition. */
  history: string[];
}

/** A coordinator and who watches it. */
interface Party {
  world: World;
  inspector: Inspector;
  host: ObjectHost;
  watch: Watch;
}

function join(world: World): Party {
  const inspector = new Inspector(world);
  const host = new ObjectHost(world, inspector);
  return { world, inspector, host, watch: new Watch(world, inspector, host) };
}

/** Plays a world; with `replay` its log is read again afterwards. */
export async function simulate(
  seed: number,
  options: { replay?: boolean; coordinators?: number | undefined } = {},
): Promise<Outcome> {
  const scenario = drawScenario(seed, options.coordinators);
  const clock = new VirtualClock(scenario.startMs);
  const whole = new World(scenario, clock);
  const parties = whole.divide(scenario.coordinators).map(join);
  const hosts = parties.map(({ host }) => host);
  for (const host of hosts) host.peers = hosts.filter((other) => other !== host);
  const broken = () =>
    parties.map(({ inspector }) => inspector.violation).find((each) => each !== null) ?? null;
  const intervals = scenario.configs.flatMap(({ config }) =>
    config.monitors.map((monitor) => intervalMs(monitor, config.defaultIntervalMs)),
  );
  const longestMs = Math.max(...intervals);
  // The last rows that are hours late are written when all else has long been well.
  const lateMs = Math.max(...scenario.regions.map(({ rowsHoursLateMs }) => rowsHoursLateMs));
  const writtenAtMs = scenario.calmFromMs + lateMs;
  const endMs = writtenAtMs + 3 * longestMs + CALM_MAX_MS;
  whole.startCrons(endMs);
  for (const host of hosts) host.start();
  for (const host of hosts) tellOfChanges(scenario, clock, host);
  for (let atMs = scenario.startMs; atMs < scenario.calmFromMs; atMs += LOOK_EVERY_MS) {
    if (broken() !== null) break;
    await clock.runTo(Math.min(atMs + LOOK_EVERY_MS, scenario.calmFromMs));
    for (const { watch } of parties) watch.look();
  }
  let open = ["recovery was not looked at"];
  while (broken() === null && clock.nowMs < endMs && open.length > 0) {
    await clock.runTo(clock.nowMs + LOOK_EVERY_MS);
    for (const { watch } of parties) watch.look();
    if (clock.nowMs - writtenAtMs < 2 * longestMs) continue;
    open = parties.flatMap(({ world, inspector, host }) => unfinished(world, inspector, host));
  }
  const found = open.length > 0 ? `not recovered: ${open.join("; ")}` : parties.map(lookBack);
  for (const host of hosts) host.stop();
  let violation = broken()?.message ?? [found].flat().find((each) => each !== null) ?? null;
  // Of several, one that begins anew leaves what is old to the others.
  const [first] = parties;
  if (violation === null && options.replay === true && first !== undefined) {
    violation = await replayDiffers(first.world, first.inspector.transitions);
  }
  return {
    seed,
    violation,
    scenario,
    simulatedMs: clock.nowMs - scenario.startMs,
    ...sum(parties),
  };
}

/** Says what was late or miscounted, now that all is over; null: nothing. */
function lookBack({ world, inspector, host: { engine } }: Party): string | null {
  const late = alertedInTime(world, inspector);
  if (late !== null || engine === null) return late;
  return inspector.rollups.mismatch(engine, inspector.transitions);
}

function sum(parties: readonly Party[]) {
  const count = (of: (party: Party) => number) =>
    parties.reduce((total, party) => total + of(party), 0);
  const transitions = parties
    .flatMap(({ inspector }) => inspector.transitions)
    .sort((a, b) => a.atMs - b.atMs);
  return {
    runs: count(({ inspector }) => inspector.taken.size),
    transitions: transitions.length,
    incidents: count(({ inspector }) => inspector.incidents.size),
    deliveries: count(({ inspector }) => inspector.deliveries.size),
    deaths: count(({ host }) => host.deaths),
    history: transitions.map(
      ({ id, atMs, from, to, message }) =>
        `${new Date(atMs).toISOString()} ${id} ${from} → ${to}: ${message}`,
    ),
  };
}

/** What happens to the object meanwhile, and what people do: they change the configuration, look, ask, acknowledge. */
function tellOfChanges(scenario: Scenario, clock: VirtualClock, host: ObjectHost): void {
  for (const { atMs } of scenario.configs) {
    clock.at(atMs, () => {
      // The API tells the object, but may not reach it: the object looks by itself too.
      host.engine?.configChanged().catch(() => undefined);
    });
  }
  for (const { fromMs, toMs } of scenario.objectAway) clock.at(fromMs, () => host.kill(toMs));
  const { redeployAtMs } = scenario;
  if (redeployAtMs !== null) clock.at(redeployAtMs, () => host.redeploy());
  for (const { atMs, monitor } of scenario.userChecks) {
    clock.at(atMs, () => {
      host.engine?.checkNow(monitor).catch(() => undefined);
      const incident = host.engine?.memory.state.judgements.get(monitor)?.incident;
      if (incident !== undefined && incident !== null && incident.endedAtMs === null) {
        try {
          host.engine?.acknowledge(incident.id);
        } catch {
          // Storage refused, or the object died: the person tries again or does not.
        }
      }
      host.engine?.status();
    });
  }
}
