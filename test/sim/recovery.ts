/**
 * Liveness: what is still not as it should be after the last fault has ended. Empty at some point
 * of the calm, or the network has lost something.
 */
import type { Inspector } from "./inspector.ts";
import type { ObjectHost } from "./object-host.ts";
import type { World } from "./world.ts";

/** Monitors whose verdict is not the truth. */
function wrongVerdicts(world: World, host: ObjectHost): string[] {
  const state = host.engine?.memory.state;
  const config = world.configAt(world.clock.nowMs);
  if (state === undefined) return ["the object is away"];
  if (state.config?.version !== config.version) return ["an old configuration is in force"];
  return config.monitors.flatMap((monitor) => {
    const kind = state.judgements.get(monitor.id)?.verdict.kind ?? "unknown";
    const incident = state.judgements.get(monitor.id)?.incident ?? null;
    const expected = canVote(world, monitor.id) ? "operational" : "unknown";
    if (kind !== expected) return [`${monitor.id} is ${kind} instead of ${expected}`];
    // An incident that nobody can see the end of rightly stays open.
    if (expected === "operational" && incident !== null && incident.endedAtMs === null) {
      return [`the incident ${incident.id} is still open`];
    }
    return [];
  });
}

/** Whether enough places with a believable clock check a monitor. */
function canVote(world: World, id: string): boolean {
  const config = world.configAt(world.clock.nowMs);
  const monitor = config.monitors.find((candidate) => candidate.id === id);
  if (monitor === undefined || monitor.paused) return false;
  const assigned = config.regions.filter(
    (region) => monitor.regions === null || (monitor.regions as readonly string[]).includes(region),
  );
  const places = new Set<string>();
  for (const region of assigned) {
    const plan = world.scenario.regions.find((candidate) => candidate.id === region);
    if (plan !== undefined && Math.abs(plan.skewMs) < 60_000) places.add(plan.colo ?? region);
  }
  const least = Math.max(1, Math.min(monitor.quorum.minVotes ?? 2, assigned.length));
  return places.size >= least;
}

function undelivered(world: World, inspector: Inspector): string[] {
  const problems: string[] = [];
  const firstArrival = new Map<string, number>();
  world.arrivals.forEach(({ id }, index) => {
    if (!firstArrival.has(id)) firstArrival.set(id, index);
    if (!inspector.deliveries.has(id)) problems.push(`${id} arrived but was never decided`);
  });
  for (const delivery of inspector.deliveries.values()) {
    if (delivery.state === "pending") problems.push(`${delivery.id} is pending`);
    if (delivery.state === "dead") problems.push(`${delivery.id} is dead`);
    if (delivery.alert !== "resolved") continue;
    const fired = [...inspector.deliveries.values()].filter(
      (other) =>
        other.incident === delivery.incident &&
        other.channel === delivery.channel &&
        other.alert !== "resolved",
    );
    if (fired.length === 0) problems.push(`${delivery.id} resolves what was never told`);
    for (const { id } of fired) {
      const [before, after] = [firstArrival.get(id), firstArrival.get(delivery.id)];
      if (before !== undefined && after !== undefined && before > after) {
        problems.push(`${delivery.id} arrived before ${id}`);
      }
    }
  }
  return problems;
}

/** Ended incidents that nobody was told of one by one, unless one summary names each. */
function unsummarised(world: World, inspector: Inspector): string[] {
  const deliveries = [...inspector.deliveries.values()];
  return [...inspector.incidents.values()].flatMap(({ id, worst, endedAtMs }) => {
    if (endedAtMs === null || worst === "partial") return [];
    return world.scenario.channels.flatMap((channel) => {
      const mine = deliveries.filter((delivery) => delivery.channel === channel);
      const fired = mine.filter(({ incident, alert }) => incident === id && alert === "fired");
      const named = mine.filter(({ message }) => message.ended?.some((ended) => ended.id === id));
      if (fired.length + named.length === 1) return [];
      return [`${channel} heard of ${id} ${fired.length} times, in ${named.length} summaries`];
    });
  });
}

/** Incidents of a told kind that a channel was never told of, or not of the end. */
function untold(world: World, inspector: Inspector): string[] {
  const problems: string[] = [];
  for (const incident of inspector.incidents.values()) {
    const about = [...inspector.deliveries.values()].filter(
      (delivery) => delivery.incident === incident.id,
    );
    for (const channel of world.scenario.channels) {
      const told = about.filter((delivery) => delivery.channel === channel);
      const fired = told.some(({ alert }) => alert === "fired");
      const resolved = told.some(({ alert }) => alert === "resolved");
      if (incident.endedAtMs === null && incident.kind !== "partial" && !fired) {
        problems.push(`${channel} was not told of ${incident.id}`);
      }
      if (incident.endedAtMs !== null && fired && !resolved) {
        problems.push(`${channel} was not told of the end of ${incident.id}`);
      }
      const repeated = told.filter(({ alert }) => alert === "fired").length > 1;
      if (repeated) problems.push(`${channel} was told of ${incident.id} twice`);
    }
  }
  return problems;
}

function unmirrored(inspector: Inspector): string[] {
  const lost: string[] = [];
  for (const transition of inspector.transitions) {
    if (inspector.mirroredTransitions.get(transition.id) !== JSON.stringify(transition)) {
      lost.push(transition.id);
    }
  }
  for (const [id, incident] of inspector.incidents) {
    if (inspector.mirroredIncidents.get(id) !== JSON.stringify(incident)) lost.push(id);
  }
  for (const [id, delivery] of inspector.deliveries) {
    if (inspector.mirroredDeliveries.get(id) !== JSON.stringify(delivery)) lost.push(id);
  }
  return lost.length === 0 ? [] : [`D1 does not have ${lost.slice(0, 3).join(", ")}`];
}

/** What is still not as it should be. */
export function unfinished(world: World, inspector: Inspector, host: ObjectHost): string[] {
  const { clock, log } = world;
  // A row that has just been written is taken in with the next tick.
  const settledMs = clock.nowMs - 15_000;
  const lost = [...log.writtenAtMs.keys()].filter(
    (key) => !inspector.taken.has(key) && Number.parseInt(key, 10) < settledMs,
  );
  const unlogged = [...inspector.taken].filter(
    (key) => !log.writtenAtMs.has(key) && Number.parseInt(key, 10) < settledMs - 60_000,
  );
  return [
    ...(lost.length > 0 ? [`${lost.length} runs of the log were not taken in, as ${lost[0]}`] : []),
    ...(unlogged.length > 0 ? [`${unlogged.length} runs are not logged, as ${unlogged[0]}`] : []),
    ...wrongVerdicts(world, host),
    ...undelivered(world, inspector),
    ...untold(world, inspector),
    ...unsummarised(world, inspector),
    ...unmirrored(inspector),
    ...inspector.rollups.unmirrored(),
  ];
}
