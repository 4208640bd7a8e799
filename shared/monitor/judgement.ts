/**
 * One step of the judgement of a monitor: votes in, verdict, incident, transitions and the wish to
 * ask all regions out. The coordinator calls it after every change of votes and as time passes;
 * calling it again with nothing new changes nothing. Pure.
 */
import { decideConfirmation } from "./confirmation.ts";
import { flappingPolicyOf } from "./flapping.ts";
import { advanceIncident, heldKind, openIncident } from "./incident.ts";
import type { Monitor } from "./monitor.ts";
import { decideVerdict } from "./quorum.ts";
import type { Judgement, Transition, Vote } from "./verdict.ts";

/** What a step of the judgement looks at. */
export interface JudgementInput {
  monitor: Monitor;
  /** Active regions in the network's order. */
  regions: readonly string[];
  /** By region. */
  votes: ReadonlyMap<string, Vote>;
  judgement: Judgement;
  /** The monitor's interval in milliseconds. */
  intervalMs: number;
  /** Regions whose votes do not count at present. */
  suspended: ReadonlySet<string>;
  /** Whether the monitor is under maintenance; default false. */
  maintenance?: boolean | undefined;
  nowMs: number;
}

/** What a step of the judgement leads to. */
export interface JudgementStep {
  judgement: Judgement;
  /** Oldest first; at most one per step. */
  transitions: Transition[];
  /** All the monitor's regions are to be asked now; null: no. */
  ask: { why: string } | null;
}

/** The judgement of a monitor of which nothing is known. */
export function initialJudgement(monitorId: string, nowMs: number): Judgement {
  return {
    monitor: monitorId,
    verdict: {
      monitor: monitorId,
      kind: "unknown",
      reason: null,
      message: "Not observed yet",
      sinceMs: nowMs,
      votes: [],
    },
    incident: null,
    sequence: 0,
    askedAtMs: null,
    asks: 0,
  };
}

/**
 * Id of a judgement's next transition: `<incident>.<sequence>`, or without an incident
 * `<monitor>.<atMs>.<sequence>`, for a monitor that is created again begins to count anew.
 */
function transitionId(
  { monitor, sequence }: Judgement,
  incident: string | null,
  atMs: number,
): string {
  return `${incident ?? `${monitor}.${atMs}`}.${sequence}`;
}

/** Judges a monitor by the votes of this moment. */
export function advanceJudgement(input: JudgementInput): JudgementStep {
  const { judgement, nowMs } = input;
  const previous = judgement.verdict;
  const question = {
    ...input,
    maintenance: input.maintenance ?? false,
    previous,
    held: heldKind(judgement.incident),
  };
  const verdict = decideVerdict(question);
  const { incident, kind, openingsMs, remark } = advanceIncident({
    incident: judgement.incident,
    openingsMs: judgement.openingsMs ?? [],
    flapping: flappingPolicyOf(input.monitor, input.intervalMs),
    previous,
    verdict,
    nowMs,
  });
  const held = heldKind(incident);
  const { ask, ...asking } = decideConfirmation({ ...question, held }, verdict, judgement);
  const transitions: Transition[] = [];
  if (kind !== null) {
    const about = kind === "incident_resolved" ? incident : openIncident(incident);
    transitions.push({
      id: transitionId(judgement, about?.id ?? null, nowMs),
      monitor: verdict.monitor,
      incident: about?.id ?? null,
      atMs: nowMs,
      kind,
      from: previous.kind,
      to: verdict.kind,
      reason: verdict.reason,
      message: remark === null ? verdict.message : `${verdict.message}. ${remark}`,
      sinceMs: verdict.sinceMs,
      votes: verdict.votes,
    });
  }
  return {
    judgement: {
      monitor: verdict.monitor,
      verdict,
      incident,
      sequence: judgement.sequence + transitions.length,
      ...(openingsMs.length > 0 ? { openingsMs } : {}),
      ...asking,
    },
    transitions,
    ask,
  };
}

/** Notes that somebody has taken an open incident on; repeating it changes nothing. */
export function acknowledge(
  judgement: Judgement,
  nowMs: number,
): { judgement: Judgement; transitions: Transition[] } {
  const incident = openIncident(judgement.incident);
  if (incident === null || incident.acknowledgedAtMs !== null) {
    return { judgement, transitions: [] };
  }
  const { verdict } = judgement;
  const transition: Transition = {
    id: transitionId(judgement, incident.id, nowMs),
    monitor: judgement.monitor,
    incident: incident.id,
    atMs: nowMs,
    kind: "incident_acknowledged",
    from: verdict.kind,
    to: verdict.kind,
    reason: verdict.reason,
    message: "Acknowledged",
    votes: verdict.votes,
  };
  return {
    judgement: {
      ...judgement,
      incident: { ...incident, acknowledgedAtMs: nowMs },
      sequence: judgement.sequence + 1,
    },
    transitions: [transition],
  };
}

/**
 * The end of a monitor's judgement: its incident ends, and what was thought of it holds no longer.
 *
 * @param moved whether the monitor is still there, and is judged by another coordinator from now on
 */
export function removeMonitor(
  judgement: Judgement,
  atMs: number,
  moved = false,
): { judgement: Judgement; transitions: [Transition] } {
  const { monitor, verdict, sequence } = judgement;
  const incident = openIncident(judgement.incident);
  const transition: Transition = {
    id: transitionId(judgement, incident?.id ?? null, atMs),
    monitor,
    incident: incident?.id ?? null,
    atMs,
    kind: incident === null ? "verdict_changed" : "incident_resolved",
    from: verdict.kind,
    to: "unknown",
    reason: null,
    message: moved
      ? "Another coordinator judges the monitor from now on; what is still so begins again there"
      : "The monitor was removed",
    votes: [],
    removed: true,
  };
  return {
    judgement: {
      ...judgement,
      incident: incident === null ? judgement.incident : { ...incident, endedAtMs: atMs },
      sequence: sequence + 1,
    },
    transitions: [transition],
  };
}
