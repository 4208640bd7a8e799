/**
 * An incident as the public may see it: title, span, regions and timeline, in words made from its
 * typed facts. Pure: `now` is an argument.
 */
import type { IncidentKind, Transition, VerdictKind } from "../../../../shared/monitor/verdict.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import { regionLabel } from "../../../../shared/regions.ts";
import type { IncidentWithTimeline } from "../../object/rpc.ts";
import type { EvidenceView } from "./evidence.ts";
import { renderEvidence } from "./evidence.ts";
import type { Tone } from "./words.ts";
import { durationWords, listWords, nameWords, reasonWords, TONE_WORDS } from "./words.ts";

/** One thing that happened in an incident. */
export interface TimelineEntryView {
  atMs: number;
  tone: Tone;
  title: string;
  /** Null where the title says it all. */
  evidence: EvidenceView | null;
}

/** An incident. */
export interface IncidentView {
  id: string;
  monitor: { id: string; name: string };
  /** E.g. `Chat is down`, `Chat was down`. */
  title: string;
  tone: Tone;
  /** What is wrong, in a sentence; null: not known. */
  cause: string | null;
  reason: Reason | null;
  startedAtMs: number;
  /** Null: still open. */
  endedAtMs: number | null;
  /** How long it lasted or has lasted. */
  duration: string;
  /** Labels of the regions that failed in it. */
  regions: string[];
  acknowledged: boolean;
  /** Oldest first. */
  timeline: TimelineEntryView[];
}

const PRESENT: Readonly<Record<IncidentKind, string>> = {
  down: "is down",
  partial: "fails in some regions",
  degraded: "is degraded",
};
const PAST: Readonly<Record<IncidentKind, string>> = {
  down: "was down",
  partial: "failed in some regions",
  degraded: "was degraded",
};

/** Renders an incident. */
export function renderIncident(incident: IncidentWithTimeline, nowMs: number): IncidentView {
  const name = nameWords(incident.monitorName);
  const open = incident.endedAtMs === null;
  return {
    id: incident.id,
    monitor: { id: incident.monitor, name },
    title: `${name} ${incidentWords(incident)}`,
    tone: open ? incident.kind : incident.worst,
    cause: reasonWords(incident.reason),
    reason: incident.reason,
    startedAtMs: incident.startedAtMs,
    endedAtMs: incident.endedAtMs,
    duration: durationWords((incident.endedAtMs ?? nowMs) - incident.startedAtMs),
    regions: incident.regions.map(regionLabel),
    acknowledged: incident.acknowledgedAtMs !== null,
    timeline: [beginning(incident), ...incident.transitions.flatMap(renderTransition)],
  };
}

function incidentWords({ kind, worst, flapping, endedAtMs }: IncidentWithTimeline): string {
  if (endedAtMs !== null) return flapping === true ? "kept failing" : PAST[worst];
  return flapping === true ? "keeps failing and recovering" : PRESENT[kind];
}

function beginning(incident: IncidentWithTimeline): TimelineEntryView {
  const [first] = incident.regions;
  const where = first === undefined ? "" : ` from ${regionLabel(first)}`;
  return {
    atMs: incident.startedAtMs,
    tone: incident.transitions[0]?.to ?? incident.kind,
    title: `First failing check${where}`,
    evidence: null,
  };
}

function renderTransition(transition: Transition): TimelineEntryView[] {
  const { kind, to } = transition;
  // A verdict that changes inside an incident is told by the incident's own transition.
  if (kind === "verdict_changed") return [];
  return [
    {
      atMs: transition.atMs,
      tone: to,
      title: transitionWords(kind, transition.from, to),
      evidence:
        kind === "incident_acknowledged"
          ? null
          : renderEvidence(to, transition.reason, transition.votes),
    },
  ];
}

function transitionWords(
  kind: Exclude<Transition["kind"], "verdict_changed">,
  from: VerdictKind,
  to: VerdictKind,
): string {
  switch (kind) {
    case "incident_opened":
      return `Confirmed by quorum: ${TONE_WORDS[to].toLowerCase()}`;
    case "incident_changed":
      return `From ${TONE_WORDS[from].toLowerCase()} to ${TONE_WORDS[to].toLowerCase()}`;
    case "incident_resolved":
      return "Resolved";
    case "incident_acknowledged":
      return "Acknowledged by the people in charge";
  }
}

/** Regions of an incident in a few words: names while they are few, a count beyond. */
export function incidentRegions(incident: Pick<IncidentView, "regions">): string {
  const { regions } = incident;
  return regions.length <= 4 ? listWords(regions) : `${regions.length} regions`;
}
