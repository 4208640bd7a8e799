/**
 * What an alert is about, from its beginning to its end: an incident, or a fact that no quorum
 * votes on (a certificate expires, Echoquorum itself cannot see or judge). With it is kept what each channel
 * has been told, so that what is to be told next follows from what is stored. Pure; decides nothing.
 */
import type { Monitor } from "../monitor/monitor.ts";
import type { Incident, Transition } from "../monitor/verdict.ts";
import { INCIDENT_KINDS } from "../monitor/verdict.ts";
import { reasonFacts } from "../probe/reason.ts";
import type { Advisory } from "./advisory.ts";
import type { Severity } from "./delivery.ts";
import type { Attributes } from "./matcher.ts";
import type { CertificateFacts, TimelineStep } from "./message.ts";

/** Kinds of alert, each of which the policy gives a tier. */
export const SUBJECT_KINDS = [
  "down",
  "degraded",
  "partial",
  "security",
  "certificate",
  "monitoring",
  "history",
  "unknown",
  "region",
] as const;
/** See {@link SUBJECT_KINDS}. */
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** What alerts need to know of a monitor. */
export type AlertMonitor = Pick<
  Monitor,
  "id" | "name" | "group" | "severity" | "notify" | "labels"
>;

/** What the messages about an incident are made of. */
export interface IncidentStory {
  incident: Incident;
  transition: Transition;
  /** What happened in it, oldest first; absent while it is open. */
  timeline?: readonly TimelineStep[] | undefined;
  /** The certificate that the monitor's server shows; absent or null: it is not known. */
  certificate?: CertificateFacts | null | undefined;
}

/** What one channel has been told of a subject. */
export interface Telling {
  /** Whether something waits in its group to be told. */
  waiting: boolean;
  /** Level of the last message; null: none was made. */
  level: number | null;
  /** When the last message was made; null: none was. */
  atMs: number | null;
  /** Messages that have told it or may yet; those that were given up are not among them. */
  deliveries: readonly string[];
  /** Reminders so far; numbers the next. */
  reminders: number;
  /** Whether the end has been told. */
  over: boolean;
  /** The decision that was recorded last. */
  decided: { transition: string; why: string } | null;
}

/** What an alert is about. */
export interface AlertSubject {
  /** Of the incident, or the episode of the fact. */
  id: string;
  kind: SubjectKind;
  /** Whether it is the incident of a monitor that flaps. */
  flapping: boolean;
  /** How bad it is among the states of this subject: above what was told, it is told again. */
  level: number;
  /** Most urgent that it may be, as it was declared. */
  declared: Severity;
  /** Null: it is about Echoquorum itself. */
  monitor: AlertMonitor | null;
  /** Regions that see it. */
  regions: readonly string[];
  reason: string | null;
  startedAtMs: number;
  /** When its level last changed. */
  levelSinceMs: number;
  /** Null: it goes on. */
  endedAtMs: number | null;
  acknowledged: boolean;
  /** The transition that brought it to where it is. */
  transition: string;
  /** What its messages are made of. */
  story: IncidentStory | { advisory: Advisory; atMs: number };
  /** Whether anybody has looked yet whether it is to be told. */
  seen: boolean;
  /** By channel. */
  tellings: Readonly<Record<string, Telling>>;
}

/** A channel that has heard nothing yet. */
export const UNTOLD: Telling = {
  waiting: false,
  level: null,
  atMs: null,
  deliveries: [],
  reminders: 0,
  over: false,
  decided: null,
};

/** What a subject is known by to matchers and groups. */
export function attributesOf(subject: AlertSubject, severity: Severity): Attributes {
  const { monitor, kind, regions, reason } = subject;
  const attributes = new Map<string, readonly string[]>([
    ["kind", [kind]],
    ["severity", [severity]],
    ["region", regions],
    ["reason", reason === null ? [] : [reason]],
    ["monitor", monitor === null ? [] : [monitor.id]],
    ["group", monitor === null || monitor.group === null ? [] : [monitor.group]],
  ]);
  for (const [name, value] of Object.entries(monitor?.labels ?? {})) {
    attributes.set(`label.${name}`, [value]);
  }
  return attributes;
}

/** An incident as it stands after a transition; `before` is the same subject until then. */
export function subjectOfIncident(
  facts: IncidentStory & { monitor: AlertMonitor },
  before: AlertSubject | null,
): AlertSubject {
  const { monitor, ...story } = facts;
  const { incident, transition } = story;
  // Of what is over the worst counts: its end is told as that of an outage, not of what was left.
  const kind = incident.endedAtMs === null ? incident.kind : incident.worst;
  const level = INCIDENT_KINDS.indexOf(kind);
  const reason = transition.reason ?? incident.reason;
  const insecure = reason !== null && reasonFacts(reason).phase === "security";
  const failing = transition.votes
    .filter(({ status }) => status === "down" || status === "degraded")
    .map(({ region }) => region);
  return {
    id: incident.id,
    kind: insecure && kind === "degraded" ? "security" : kind,
    flapping: incident.flapping === true,
    level,
    declared: monitor.severity,
    monitor: pickMonitor(monitor),
    regions: failing.length > 0 ? failing : (before?.regions ?? incident.regions),
    reason,
    startedAtMs: incident.startedAtMs,
    levelSinceMs: before?.level === level ? before.levelSinceMs : transition.atMs,
    endedAtMs: incident.endedAtMs,
    acknowledged: incident.acknowledgedAtMs !== null,
    transition: transition.id,
    story,
    // What has become worse since anybody looked has not been looked at.
    seen: before !== null && before.seen && level <= before.level,
    tellings: before?.tellings ?? {},
  };
}

/** A fact as it stands now; `before` is the same subject until then. */
export function subjectOfAdvisory(
  advisory: Advisory,
  atMs: number,
  before: AlertSubject | null,
): AlertSubject {
  const { subject: id, step, about, over, severity, monitor, reason, region } = advisory;
  return {
    id,
    kind: about,
    flapping: false,
    level: step,
    declared: severity,
    monitor: monitor === null ? null : pickMonitor(monitor),
    regions: region === undefined ? [] : [region],
    reason,
    startedAtMs: before?.startedAtMs ?? atMs,
    levelSinceMs: atMs,
    endedAtMs: over ? atMs : null,
    acknowledged: false,
    transition: `${id}.${step}`,
    story: { advisory, atMs },
    seen: before?.seen ?? false,
    tellings: before?.tellings ?? {},
  };
}

function pickMonitor({ id, name, group, severity, notify, labels }: AlertMonitor): AlertMonitor {
  return { id, name, group, severity, notify, labels };
}
