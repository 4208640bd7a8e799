/**
 * Liveness: what is still not as it should be after the last fault has ended. Empty at some point
 * of the calm, or the network has lost something.
 */
import type { Incident } from "../../shared/monitor/verdict.ts";
import type { Delivery } from "../../shared/alert/delivery.ts";
import { subjectsOf } from "../../shared/alert/delivery.ts";
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
    for (const subject of subjectsOf(delivery)) {
      const fired = tellingOf(inspector, subject, delivery.channel);
      const heard = fired.some(({ state }) => state === "sent");
      if (!heard && !isUnheard(delivery, subject)) {
        problems.push(`${delivery.id} resolves what was never told of ${subject}`);
      }
      for (const { id, state } of fired) {
        const [before, after] = [firstArrival.get(id), firstArrival.get(delivery.id)];
        // One that never arrived, as far as was heard, is not waited for.
        if (state === "merged" || before === undefined || after === undefined) continue;
        if (before > after) problems.push(`${delivery.id} arrived before ${id}`);
      }
    }
  }
  return problems;
}

/** Longest time after which the object learns of what has happened, in milliseconds. */
const LEARNED_WITHIN_MS = 10 * 60_000;

/** Ended incidents that a channel was not told of once: by themselves, or in a summary. */
function unsummarised(world: World, inspector: Inspector): string[] {
  const { alertPolicy, channels } = world.scenario;
  // Maintenance mutes what waits in its group, or is learned of, during it.
  const isMuted = ({ monitor, startedAtMs, endedAtMs }: Incident) =>
    inspector.transitions.some(
      ({ to, atMs, ...other }) =>
        other.monitor === monitor &&
        to === "maintenance" &&
        atMs >= startedAtMs &&
        atMs <= (endedAtMs ?? Infinity) + LEARNED_WITHIN_MS,
    );
  return [...inspector.incidents.values()].flatMap((incident) => {
    const { id, monitor, worst, endedAtMs } = incident;
    if (endedAtMs === null || worst === "partial") return [];
    if (monitor === "monitor-0" && alertPolicy !== null) return [];
    return channels.flatMap((channel) => {
      const deliveries = [...inspector.deliveries.values()].filter(
        (delivery) => delivery.channel === channel,
      );
      const about = deliveries.filter((delivery) => subjectsOf(delivery).includes(id));
      const fired = about.filter((delivery) => alertAbout(delivery, id) === "fired").length;
      const unheard = about.some((delivery) => isUnheard(delivery, id)) ? 1 : 0;
      const named = deliveries.filter(({ message }) =>
        message.ended?.some((ended) => ended.id === id),
      ).length;
      const heard = Math.max(fired, unheard) + named;
      const inhibited = inspector.inhibited.has(`${channel}/${id}`);
      if (heard === 1 || (heard === 0 && (inhibited || isMuted(incident)))) return [];
      return [`${channel} heard of ${id} ${fired} times, in ${named} summaries`];
    });
  });
}

/** Messages that told a channel of something before its end. */
function tellingOf(inspector: Inspector, subject: string, channel: string): Delivery[] {
  return [...inspector.deliveries.values()].filter(
    (delivery) =>
      delivery.channel === channel &&
      delivery.alert !== "resolved" &&
      subjectsOf(delivery).includes(subject),
  );
}

/** Whether a message says that nothing was told of a subject before. */
function isUnheard(delivery: Delivery, subject: string): boolean {
  const { message, subjects } = delivery;
  if (subjects === undefined) return message.unheard === true;
  return entryOf(delivery, subject)?.unheard === true;
}

/** What a message tells of one of its subjects. */
function alertAbout(delivery: Delivery, subject: string): string {
  return entryOf(delivery, subject)?.alert ?? delivery.alert;
}

/** A subject's entry in a message about several; facts that are no incident are known by kind. */
function entryOf({ message }: Delivery, subject: string) {
  return message.alerts?.find(({ incident, about }) =>
    incident === null ? subject.startsWith(`${about}-`) : incident.id === subject,
  );
}

/** Incidents of a told kind that a channel was never told of, or not of the end. */
function untold(world: World, inspector: Inspector): string[] {
  const problems: string[] = [];
  for (const incident of inspector.incidents.values()) {
    const about = [...inspector.deliveries.values()].filter((delivery) =>
      subjectsOf(delivery).includes(incident.id),
    );
    for (const channel of world.scenario.channels) {
      const told = about.filter((delivery) => delivery.channel === channel);
      const alerts = told.map((delivery) => alertAbout(delivery, incident.id));
      const fired = alerts.includes("fired");
      const resolved = alerts.includes("resolved");
      // What a policy silences for good may go on untold.
      const silenced = world.scenario.alertPolicy !== null && incident.monitor === "monitor-0";
      if (incident.endedAtMs === null && incident.kind !== "partial" && !fired && !silenced) {
        problems.push(`${channel} was not told of ${incident.id}`);
      }
      if (incident.endedAtMs !== null && fired && !resolved) {
        problems.push(`${channel} was not told of the end of ${incident.id}`);
      }
      for (const once of ["fired", "resolved"] as const) {
        if (alerts.filter((alert) => alert === once).length <= 1) continue;
        problems.push(`${channel} was told of ${incident.id} (${once}) twice`);
      }
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
    (key) =>
      !inspector.taken.has(key) &&
      !inspector.forgone.has(key) &&
      Number.parseInt(key, 10) < settledMs,
  );
  const mislaid = inspector.copies.mislaid();
  const unlogged = [...inspector.taken].filter(
    (key) => !log.writtenAtMs.has(key) && Number.parseInt(key, 10) < settledMs - 60_000,
  );
  return [
    ...(lost.length > 0 ? [`${lost.length} runs of the log were not taken in, as ${lost[0]}`] : []),
    ...(unlogged.length > 0 ? [`${unlogged.length} runs are not logged, as ${unlogged[0]}`] : []),
    ...(mislaid.length > 0 ? [`the log has another run than was made as ${mislaid[0]}`] : []),
    ...wrongVerdicts(world, host),
    ...undelivered(world, inspector),
    ...untold(world, inspector),
    ...unsummarised(world, inspector),
    ...unmirrored(inspector),
    ...inspector.rollups.unmirrored(),
  ];
}
