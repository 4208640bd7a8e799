/**
 * An incident as the public may see it: title, span, regions and timeline, in words made from its
 * typed facts. Pure: `now` is an argument.
 */
import type { Transition, VerdictKind } from "../../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../../shared/monitor/written-incident.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import type { IncidentWithTimeline } from "../../object/rpc.ts";
import type { EvidenceView } from "./evidence.ts";
import { renderEvidence } from "./evidence.ts";
import { ENGLISH } from "../language/languages.ts";
import type { Words } from "../language/words.ts";
import { fill } from "../language/words.ts";
import type { Tone } from "./words.ts";
import { renderWrittenUpdates } from "./written-incident.ts";

/** One thing that happened in an incident. */
export interface TimelineEntryView {
  atMs: number;
  tone: Tone;
  title: string;
  /** Null where the title says it all. */
  evidence: EvidenceView | null;
  /** What people wrote at that moment, sanitised; absent: it is a fact. */
  markup?: string | undefined;
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

/**
 * Renders an incident.
 *
 * @param written what the public may see of what people wrote; of it what is linked to the incident
 *   is told among its facts
 */
export function renderIncident(
  incident: IncidentWithTimeline,
  nowMs: number,
  words: Words = ENGLISH,
  written: readonly WrittenIncident[] = [],
): IncidentView {
  const name = words.name(incident.monitorName);
  const linked = written.filter(({ incidents }) => incidents.includes(incident.id));
  const open = incident.endedAtMs === null;
  return {
    id: incident.id,
    monitor: { id: incident.monitor, name },
    title: fill(incidentWords(incident, words), { name }),
    tone: open ? incident.kind : incident.worst,
    cause: words.reason(incident.reason),
    reason: incident.reason,
    startedAtMs: incident.startedAtMs,
    endedAtMs: incident.endedAtMs,
    duration: words.duration((incident.endedAtMs ?? nowMs) - incident.startedAtMs),
    regions: incident.regions.map((region) => words.place(region)),
    acknowledged: incident.acknowledgedAtMs !== null,
    timeline: [
      beginning(incident, words),
      ...incident.transitions.flatMap((transition) => renderTransition(transition, words)),
      ...linked.flatMap((each) => renderLinked(each, words)),
    ].sort((a, b) => a.atMs - b.atMs),
  };
}

function incidentWords(
  { kind, worst, flapping, endedAtMs }: IncidentWithTimeline,
  words: Words,
): string {
  const { present, past } = words.t.incident;
  if (endedAtMs !== null) return flapping === true ? past.flapping : past[worst];
  return flapping === true ? present.flapping : present[kind];
}

function beginning(incident: IncidentWithTimeline, words: Words): TimelineEntryView {
  const { firstCheck, firstCheckFrom } = words.t.incident;
  const [first] = incident.regions;
  return {
    atMs: incident.startedAtMs,
    tone: incident.transitions[0]?.to ?? incident.kind,
    title: first === undefined ? firstCheck : fill(firstCheckFrom, { place: words.place(first) }),
    evidence: null,
  };
}

function renderLinked(written: WrittenIncident, words: Words): TimelineEntryView[] {
  return renderWrittenUpdates(written, words).map(({ atMs, tone, title, markup }) => {
    return { atMs, tone, title: `${title}: ${words.name(written.title)}`, evidence: null, markup };
  });
}

function renderTransition(transition: Transition, words: Words): TimelineEntryView[] {
  const { kind, to } = transition;
  // A verdict that changes inside an incident is told by the incident's own transition.
  if (kind === "verdict_changed") return [];
  return [
    {
      atMs: transition.atMs,
      tone: to,
      title: transitionWords(kind, transition.from, to, words),
      evidence:
        kind === "incident_acknowledged"
          ? null
          : renderEvidence(to, transition.reason, transition.votes, words),
    },
  ];
}

function transitionWords(
  kind: Exclude<Transition["kind"], "verdict_changed">,
  from: VerdictKind,
  to: VerdictKind,
  words: Words,
): string {
  const { incident: t, tones } = words.t;
  switch (kind) {
    case "incident_opened":
      return fill(t.opened, { tone: tones[to] });
    case "incident_changed":
      return fill(t.changed, { from: tones[from], to: tones[to] });
    case "incident_resolved":
      return t.resolved;
    case "incident_acknowledged":
      return t.acknowledged;
  }
}

/** Regions of an incident in a few words: names while they are few, a count beyond. */
export function incidentRegions(incident: Pick<IncidentView, "regions">, words: Words): string {
  const { regions } = incident;
  return regions.length <= 4
    ? words.list(regions)
    : words.count(regions.length, words.t.incident.regions);
}
