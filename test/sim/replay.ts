/**
 * The log of a world read again by an object that remembers nothing. It must come to the same
 * history, word for word, however often it dies while it reads. Where the log was written in time
 * and the clocks were right, it must find what was found live: every `down` that lasted for an
 * interval, and no other.
 *
 * Not word for word, because the log does not say in which order answers to an ask arrived: what a
 * few votes said for a moment, while others were on their way, may be seen by one and not the other.
 */
import { intervalMs } from "../../shared/monitor/monitor.ts";
import { freshnessMs } from "../../shared/monitor/vote.ts";
import type { Transition } from "../../shared/monitor/verdict.ts";
import type { Witness } from "./object-host.ts";
import { ObjectHost } from "./object-host.ts";
import type { Fault, Scenario } from "./scenario.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { World } from "./world.ts";

/** Time in which a log of minutes is read again, deaths and all, in milliseconds. */
const READ_WITHIN_MS = 10 * 60_000;
/** An absence for ever: nobody answers who might add to the log. */
const FOR_EVER = [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }];

/** Share of transactions at which the object dies while it reads again. */
const DEATHS = 0.2;
/** Faults after which the log does not say what was known live, or when. */
const MISLEADING: readonly Fault[] = [
  "config",
  "skew",
  "writes_late",
  "writes_lost",
  "log_outage",
  "maintenance",
  "clock_step",
  "hours_late",
];

/** A world after the end of another: its log and its configuration are there, and nothing happens. */
function quiet(scenario: Scenario, nowMs: number, crashRate: number): Scenario {
  return {
    ...scenario,
    startMs: nowMs,
    calmFromMs: nowMs + READ_WITHIN_MS,
    regions: scenario.regions.map((plan) => ({ ...plan, partitions: FOR_EVER })),
    targetFaults: [],
    logOutages: [],
    objectAway: [],
    senderOutages: [],
    refusalRate: 0,
    lostAcks: 0,
    userChecks: [],
    crashRate,
    awayMs: 0,
    runsKeptMs: Number.MAX_SAFE_INTEGER,
  };
}

/** What an object concludes from a log that it reads from the beginning, up to a moment. */
async function replayLog(world: World, untilMs: number, crashRate: number): Promise<Transition[]> {
  const nowMs = world.clock.nowMs;
  const clock = new VirtualClock(nowMs);
  const later = new World(quiet(world.scenario, nowMs, crashRate), clock);
  for (const run of world.log.runs()) later.log.append(run, nowMs);
  const transitions: Transition[] = [];
  const witness: Witness = {
    committed: ({ changes }) => void transitions.push(...changes.transitions),
    delivered: () => undefined,
    asked: () => undefined,
    mirrored: () => undefined,
    printed: () => undefined,
    pruned: () => undefined,
    died: () => undefined,
  };
  const host = new ObjectHost(later, witness);
  host.start();
  await clock.runTo(nowMs + READ_WITHIN_MS);
  host.stop();
  return transitions.filter(({ atMs }) => atMs <= untilMs);
}

function describe({ id, atMs, from, to, message }: Transition): string {
  return `${new Date(atMs).toISOString()} ${id} ${from} → ${to}: ${message}`;
}

function beginsDown({ from, to }: Transition): boolean {
  return to === "down" && from !== "down";
}

/** Whether a monitor stayed as a transition left it for at least a while. */
function lasts(transition: Transition, history: readonly Transition[], whileMs: number): boolean {
  const { monitor, atMs } = transition;
  const later = history.slice(history.indexOf(transition) + 1);
  const next = later.find((other) => other.monitor === monitor);
  return next === undefined || next.atMs - atMs >= whileMs;
}

/** Beginnings of a lasting `down` in one history to which the other has nothing like it. */
function onlyIn(mine: readonly Transition[], other: readonly Transition[], world: World): string[] {
  const { config } = world.scenario.configs[0] ?? { config: null };
  return mine
    .filter((transition) => {
      const monitor = config?.monitors.find(({ id }) => id === transition.monitor);
      if (!beginsDown(transition) || config === null || monitor === undefined) return false;
      const everyMs = intervalMs(monitor, config.defaultIntervalMs);
      const withinMs = freshnessMs(everyMs);
      if (!lasts(transition, mine, everyMs)) return false;
      return !other.some(
        (found) =>
          beginsDown(found) &&
          found.monitor === transition.monitor &&
          Math.abs(found.atMs - transition.atMs) <= withinMs,
      );
    })
    .map(describe);
}

/**
 * Reads a world's log again once the world is over.
 *
 * @param live what the object concluded while it happened
 * @returns how the histories differ; null: they do not
 */
export async function replayDiffers(
  world: World,
  live: readonly Transition[],
): Promise<string | null> {
  // Rows of the last runs may not have been written.
  const untilMs = world.clock.nowMs - 60_000;
  const once = await replayLog(world, untilMs, 0);
  const dying = await replayLog(world, untilMs, DEATHS);
  const [first, second] = [once, dying].map((history) => history.map(describe));
  if (first?.join("\n") !== second?.join("\n")) {
    const at = first?.findIndex((line, index) => line !== second?.[index]) ?? 0;
    return `read again with deaths: ${second?.[at]}\ninstead of ${first?.[at]}`;
  }
  const { faults } = world.scenario;
  if (MISLEADING.some((fault) => faults.has(fault))) return null;
  const past = live.filter(({ atMs }) => atMs <= untilMs);
  const [lost, invented] = [onlyIn(past, once, world), onlyIn(once, past, world)];
  if (lost.length > 0) return `not found in the log again: ${lost.join("; ")}`;
  return invented.length > 0 ? `found in the log alone: ${invented.join("; ")}` : null;
}
