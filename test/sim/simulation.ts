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

/** Plays a world; with `replay` its log is read again afterwards. */
export async function simulate(seed: number, options: { replay?: boolean } = {}): Promise<Outcome> {
  const scenario = drawScenario(seed);
  const clock = new VirtualClock(scenario.startMs);
  const world = new World(scenario, clock);
  const inspector = new Inspector(world);
  const host = new ObjectHost(world, inspector);
  const watch = new Watch(world, inspector, host);
  const intervals = scenario.configs.flatMap(({ config }) =>
    config.monitors.map((monitor) => intervalMs(monitor, config.defaultIntervalMs)),
  );
  const longestMs = Math.max(...intervals);
  const endMs = scenario.calmFromMs + 3 * longestMs + CALM_MAX_MS;
  world.startCrons(endMs);
  host.start();
  tellOfChanges(scenario, clock, host);
  for (let atMs = scenario.startMs; atMs < scenario.calmFromMs; atMs += LOOK_EVERY_MS) {
    if (inspector.violation !== null) break;
    await clock.runTo(Math.min(atMs + LOOK_EVERY_MS, scenario.calmFromMs));
    watch.look();
  }
  let open = ["recovery was not looked at"];
  while (inspector.violation === null && clock.nowMs < endMs && open.length > 0) {
    await clock.runTo(clock.nowMs + LOOK_EVERY_MS);
    watch.look();
    open =
      clock.nowMs - scenario.calmFromMs < 2 * longestMs ? open : unfinished(world, inspector, host);
  }
  const late = open.length === 0 ? alertedInTime(world, inspector) : null;
  const { engine } = host;
  const miscounted =
    engine === null ? null : inspector.rollups.mismatch(engine, inspector.transitions);
  host.stop();
  let violation =
    inspector.violation?.message ??
    (open.length > 0 ? `not recovered: ${open.join("; ")}` : (late ?? miscounted));
  if (violation === null && options.replay === true) {
    violation = await replayDiffers(world, inspector.transitions);
  }
  return {
    seed,
    violation,
    scenario,
    runs: inspector.taken.size,
    transitions: inspector.transitions.length,
    incidents: inspector.incidents.size,
    deliveries: inspector.deliveries.size,
    deaths: host.deaths,
    simulatedMs: clock.nowMs - scenario.startMs,
    history: inspector.transitions.map(
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
