/**
 * The message about one transition of an incident, in the model that all channels share.
 *
 * Frozen when the transition is committed, so that a repetition says the same. Pure: it takes the
 * incident as it stands after the transition. Fields hold times in ISO 8601 (RFC 3339, UTC).
 */
import type { Monitor } from "../monitor/monitor.ts";
import { diagnose } from "../monitor/diagnosis.ts";
import type { CountedVote, Incident, IncidentKind, Transition } from "../monitor/verdict.ts";
import type { CertificateResult } from "../probe/observation.ts";
import { reasonFacts } from "../probe/reason.ts";
import { regionLabel } from "../regions.ts";
import type {
  AlertCertificate,
  AlertIncident,
  AlertKind,
  AlertMessage,
  AlertMonitor,
  AlertRegion,
  AlertSeen,
  AlertStep,
} from "./alert-message.ts";
import type { Advisory } from "./advisory.ts";
import type { Words } from "./words.ts";
import { ENGLISH } from "./words.ts";

export type { Severity } from "./alert-message.ts";

/** Most steps of an incident that a message tells; of a longer one the middle is left out. */
export const TIMELINE_STEPS_MAX = 20;
const DAY_MS = 86_400_000;

/** The monitor as far as a message speaks of it. */
export type MessageMonitor = Pick<Monitor, "id" | "name" | "group"> &
  Partial<Pick<Monitor, "labels">>;

/** A certificate as far as a message speaks of it. */
export type CertificateFacts = Pick<CertificateResult, "subject" | "issuer" | "notAfterMs">;

/** What a message is made of. */
export interface MessageFacts {
  alert: Exclude<AlertKind, "test">;
  severity: AlertMessage["severity"];
  monitor: MessageMonitor;
  /** As it stands after the transition. */
  incident: Incident;
  transition: Transition;
  /** It was told before, and goes on; default false. */
  reminder?: boolean | undefined;
  /** Nothing was told of it before its end; default false. */
  unheard?: boolean | undefined;
  /** Everything that happened in the incident, oldest first; absent: no timeline is told. */
  timeline?: readonly TimelineStep[] | undefined;
  /** What is known of the server's certificate; null or absent: nothing. */
  certificate?: CertificateFacts | null | undefined;
  /** Address of the status page; null: not configured. */
  publicUrl: string | null;
  /** When a reminder is made; absent: at the transition. */
  nowMs?: number | undefined;
}

/** One step of an incident, as far as a message tells it. */
export type TimelineStep = Pick<Transition, "atMs" | "message"> &
  Partial<Pick<Transition, "kind" | "to" | "reason">>;

/** Renders the message about one transition of an incident. */
export function renderMessage(facts: MessageFacts, words: Words = ENGLISH): AlertMessage {
  const { alert, severity, monitor, incident, transition, publicUrl } = facts;
  const reason = transition.reason ?? incident.reason;
  const { certificate, timeline } = facts;
  const atMs = facts.reminder === true ? (facts.nowMs ?? transition.atMs) : transition.atMs;
  const seen = seenBy(facts);
  return {
    alert,
    ...marks(facts),
    title: title(facts, seen, words),
    text: alert === "resolved" ? resolvedText(incident, transition, words) : transition.message,
    severity,
    monitor: renderMonitor(monitor),
    incident: renderIncident(incident, alert, atMs),
    ...(seen === null ? {} : { seen }),
    reason,
    ...(reason === null ? {} : { meaning: reasonFacts(reason).meaning }),
    cause: reason === null ? null : reasonFacts(reason).cause,
    ...diagnosisOf(transition, words),
    regions: transition.votes.map((vote) => renderVote(vote, monitor.id, publicUrl)),
    ...(certificate ? { certificate: renderCertificate(certificate, atMs) } : {}),
    ...(alert === "resolved" && timeline !== undefined
      ? { timeline: renderTimeline(timeline) }
      : {}),
    link: incidentLink(incident.id, publicUrl),
    at: iso(atMs),
  };
}

/** Renders the message about a fact that is no incident. */
export function renderAdvisory(
  advisory: Advisory,
  facts: Pick<MessageFacts, "alert" | "severity" | "reminder" | "unheard" | "publicUrl">,
  atMs: number,
): AlertMessage {
  const { about, region, title: told, text, reason, monitor, certificate, ended } = advisory;
  return {
    about,
    ...(region === undefined ? {} : { region }),
    alert: facts.alert,
    ...marks(facts),
    title: told,
    text,
    severity: facts.severity,
    monitor: monitor === null ? null : { id: monitor.id, name: monitor.name, group: monitor.group },
    incident: null,
    reason,
    ...(reason === null ? {} : { meaning: reasonFacts(reason).meaning }),
    cause: reason === null ? null : reasonFacts(reason).cause,
    regions: [],
    ...(ended === undefined ? {} : { ended }),
    ...(certificate === undefined ? {} : { certificate: renderCertificate(certificate, atMs) }),
    link: pageLink(facts.publicUrl),
    at: iso(atMs),
  };
}

function marks({ reminder = false, unheard = false }: Pick<MessageFacts, "reminder" | "unheard">) {
  return {
    ...(reminder ? { reminder: true as const } : {}),
    ...(unheard ? { unheard: true as const } : {}),
  };
}

/** What a message tells of a certificate. */
export function renderCertificate(certificate: CertificateFacts, atMs: number): AlertCertificate {
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    notAfter: iso(certificate.notAfterMs),
    daysLeft: Math.floor((certificate.notAfterMs - atMs) / DAY_MS),
  };
}

/** Address of the status page, with a slash at its end; null: not configured. */
export function pageLink(publicUrl: string | null): string | null {
  return publicUrl === null ? null : `${withoutSlash(publicUrl)}/`;
}

function incidentLink(id: string, publicUrl: string | null): string | null {
  return publicUrl === null ? null : `${withoutSlash(publicUrl)}/incidents/${id}`;
}

function renderMonitor({ id, name, group, labels = {} }: MessageMonitor): AlertMonitor {
  const shown = { id, name, group };
  return Object.keys(labels).length === 0 ? shown : { ...shown, labels };
}

function renderIncident(
  incident: Incident,
  alert: MessageFacts["alert"],
  atMs: number,
): AlertIncident {
  const { id, startedAtMs, endedAtMs } = incident;
  return {
    id,
    kind: alert === "resolved" ? incident.worst : incident.kind,
    startedAt: iso(startedAtMs),
    endedAt: endedAtMs === null ? null : iso(endedAtMs),
    durationSeconds: endedAtMs === null ? null : lastedSeconds(incident, endedAtMs),
    lastedSeconds: lastedSeconds(incident, endedAtMs ?? atMs),
  };
}

/** Regions that see it, and those that counted; null: no vote shows it, or it is over. */
function seenBy({ alert, incident, transition }: MessageFacts): AlertSeen | null {
  if (alert === "resolved") return null;
  const counted = transition.votes.filter((vote) => vote.counted === "counted");
  const bad = counted.filter((vote) => isBad(vote, incident.kind)).length;
  return bad === 0 ? null : { bad, counted: counted.length };
}

function title(facts: MessageFacts, seen: AlertSeen | null, words: Words): string {
  const { alert, monitor, incident, reminder = false, unheard = false } = facts;
  const { name } = monitor;
  if (alert === "resolved") {
    const seconds = lastedSeconds(incident, incident.endedAtMs ?? incident.startedAtMs);
    if (unheard) return words["title.unheard"]({ name, kind: incident.worst, seconds });
    return words["title.recovered"]({ name, seconds });
  }
  const known = reminder ? "still" : alert === "changed" ? "otherwise" : "new";
  return words["title.bad"]({ name, kind: incident.kind, known, seen });
}

function resolvedText(incident: Incident, transition: Transition, words: Words): string {
  const endedAtMs = incident.endedAtMs ?? transition.atMs;
  return words["text.recovered"]({
    quorum: transition.message,
    kind: incident.worst,
    seconds: lastedSeconds(incident, incident.endedAtMs ?? incident.startedAtMs),
    from: readable(incident.startedAtMs),
    to: readable(endedAtMs),
  });
}

function diagnosisOf({ votes }: Transition, words: Words): Pick<AlertMessage, "diagnosis"> {
  const diagnosis = diagnose(votes);
  if (diagnosis === null) return {};
  return { diagnosis: { case: diagnosis.case, text: words.diagnosis(diagnosis) } };
}

/** Whether a vote is one of those that the kind of incident counts. */
function isBad(vote: CountedVote, kind: IncidentKind): boolean {
  return vote.status === "down" || (kind === "degraded" && vote.status === "degraded");
}

function renderVote(vote: CountedVote, monitor: string, publicUrl: string | null): AlertRegion {
  const at = vote.atMs === null ? null : iso(vote.atMs);
  const shown = {
    region: vote.region,
    label: regionLabel(vote.region),
    status: vote.status,
    reason: vote.reason,
    message: vote.message,
    colo: vote.colo,
    at,
    counted: vote.counted === "counted",
    ...(vote.http === undefined ? {} : { http: vote.http }),
  };
  // Only checks that were not up keep what was said.
  if (publicUrl === null || at === null || vote.status !== "down") return shown;
  const path = `monitors/${monitor}/observations/${vote.region}/${at}/capture`;
  return { ...shown, evidence: `${withoutSlash(publicUrl)}/api/v1/${path}` };
}

/** The first and the last steps, where there are more than fit. */
function renderTimeline(transitions: readonly TimelineStep[]): AlertStep[] {
  const half = TIMELINE_STEPS_MAX / 2;
  const told =
    transitions.length <= TIMELINE_STEPS_MAX
      ? transitions
      : [...transitions.slice(0, half), ...transitions.slice(-half)];
  return told.map(({ atMs, message, kind, to, reason }) => ({
    at: iso(atMs),
    text: message,
    ...(kind === undefined ? {} : { kind, to, reason }),
  }));
}

/** Whole seconds from the first failing observation to a moment. */
function lastedSeconds({ startedAtMs }: Incident, untilMs: number): number {
  return Math.max(0, Math.round((untilMs - startedAtMs) / 1_000));
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** A moment for people, to the second: `2026-11-20 14:02:11 UTC`. */
function readable(atMs: number): string {
  return `${iso(atMs).slice(0, 19).replace("T", " ")} UTC`;
}
