/**
 * Promptness: an outage for everybody, in a world in which nothing else is wrong, is confirmed
 * within the time between two regions' rounds, two checks and the log's tail; and so is its end.
 */
import { intervalMs } from "../../shared/monitor/monitor.ts";
import { roundsIn } from "../../shared/monitor/schedule.ts";
import type { Inspector } from "./inspector.ts";
import type { Fault, TargetFault } from "./scenario.ts";
import type { World } from "./world.ts";

/** Faults that do not slow detection down. */
const HARMLESS: ReadonlySet<Fault> = new Set([
  "outage",
  "unknown_colo",
  "sender",
  "config",
  "policy",
]);
/** The tail's tick twice, D1, and the judging of it. */
const TAIL_MS = 5_000;

/** Faults of the world that have done anything. */
function isClean(world: World): boolean {
  const { scenario } = world;
  return (
    [...scenario.faults].every((fault) => HARMLESS.has(fault)) && scenario.configs.length === 1
  );
}

/** Says which outage was not noticed in time; null: none. */
export function alertedInTime(world: World, inspector: Inspector): string | null {
  if (!isClean(world)) return null;
  const { scenario } = world;
  const config = world.configAt(scenario.calmFromMs);
  for (const monitor of config.monitors) {
    const faults = scenario.targetFaults.filter((fault) => fault.monitor === monitor.id);
    const [fault] = faults;
    const { raiseAfter, clearAfter, raise, clear } = monitor.quorum;
    const plain = raiseAfter === 1 && clearAfter === 1 && clear === "majority";
    if (fault === undefined || faults.length > 1 || !plain || monitor.paused) continue;
    if (monitor.regions !== null || (raise !== "majority" && typeof raise === "number")) continue;
    const everyMs = intervalMs(monitor, config.defaultIntervalMs);
    const late = lateOn(fault, everyMs, world, inspector);
    if (late !== null) return late;
  }
  return null;
}

/** Longest time around a fault in which no region's round begins. */
function longestGapMs({ monitor, fromMs, toMs }: TargetFault, everyMs: number, world: World) {
  const config = world.configAt(fromMs);
  const monitors = config.monitors.filter(({ id }) => id === monitor);
  const moments = config.regions
    .flatMap((region) =>
      roundsIn({
        config: { ...config, monitors },
        region,
        fromMs: fromMs - everyMs,
        toMs: toMs + 2 * everyMs,
      }),
    )
    .map(({ scheduledAtMs }) => scheduledAtMs)
    .sort((a, b) => a - b);
  const gaps = moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? atMs));
  return Math.max(0, ...gaps);
}

function lateOn(
  fault: TargetFault,
  everyMs: number,
  world: World,
  inspector: Inspector,
): string | null {
  const { scenario } = world;
  const betweenMs = longestGapMs(fault, everyMs, world);
  const slowestMs = Math.max(scenario.failMs, ...scenario.regions.map(({ checkMs }) => checkMs));
  const boundMs = betweenMs + 2 * slowestMs + TAIL_MS;
  const { fromMs, toMs, monitor } = fault;
  const own = inspector.transitions.filter((transition) => transition.monitor === monitor);
  const knownBefore = own.some(({ atMs, to }) => atMs < fromMs && to === "operational");
  if (!knownBefore || toMs - fromMs < boundMs) return null;
  const down = own.find(({ to, atMs }) => to === "down" && atMs >= fromMs);
  if (down === undefined || down.atMs > fromMs + boundMs) {
    return `${monitor} failed at ${fromMs}, and within ${boundMs} ms nobody was told`;
  }
  const up = own.find(({ to, atMs }) => to === "operational" && atMs >= toMs);
  if (up === undefined || up.atMs > toMs + boundMs) {
    return `${monitor} recovered at ${toMs}, and within ${boundMs} ms nobody was told`;
  }
  return null;
}
