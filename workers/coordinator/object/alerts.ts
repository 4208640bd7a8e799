/**
 * Takes what happens into the alerts, inside the step in which it happens: transitions of incidents
 * and facts that are no incident become subjects, and before the step commits the pipeline decides
 * what every channel is told of them. So a transition, what is remembered of its telling and the
 * messages it calls for are stored together or not at all.
 *
 * Who is told what and when is decided in `shared/alert`.
 */
import type { Advisory } from "../../../shared/alert/advisory.ts";
import type { Decision } from "../../../shared/alert/decision.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { subjectsOf } from "../../../shared/alert/delivery.ts";
import type { CertificateFacts, TimelineStep } from "../../../shared/alert/message.ts";
import { advanceAlerts } from "../../../shared/alert/pipeline.ts";
import type { AlertSubject, Telling } from "../../../shared/alert/subject.ts";
import { UNTOLD, subjectOfAdvisory, subjectOfIncident } from "../../../shared/alert/subject.ts";
import { watchedCertificate } from "../../../shared/monitor/certificate-watch.ts";
import { openIncident } from "../../../shared/monitor/incident.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { Incident, Transition } from "../../../shared/monitor/verdict.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";

/** Transitions that change what there is to tell of an incident. */
const TOLD: ReadonlySet<string> = new Set([
  "incident_opened",
  "incident_changed",
  "incident_resolved",
]);

/** Takes a transition of an incident in; the incident is as it stands after it. */
export function noteTransition(
  draft: Draft,
  monitor: Monitor,
  incident: Incident,
  transition: Transition,
  court: Court,
): void {
  const before = draft.alertSubject(incident.id) ?? recall(draft, incident, transition);
  if (TOLD.has(transition.kind)) {
    // Nobody was to be told of what began and ended while there was a backlog.
    if (before === null && incident.endedAtMs !== null) return;
    const certificate = certificateOf(draft, monitor, court.wallMs);
    const story = { incident, transition, certificate, timeline: timelineOf(draft, incident) };
    draft.touchAlert(subjectOfIncident({ ...story, monitor }, before));
    return;
  }
  if (before !== null && transition.kind === "incident_acknowledged") {
    draft.touchAlert({ ...before, acknowledged: true });
  }
  const why = `${transition.kind} is not told`;
  draft.changes.decisions.push(...nothing(draft, incident.id, transition.id, why, court));
}

/** What happened in an incident that is over; undefined: it goes on. */
function timelineOf(draft: Draft, { id, endedAtMs }: Incident): TimelineStep[] | undefined {
  if (endedAtMs === null) return undefined;
  return draft
    .transitionsOf(id)
    .map(({ atMs, message, kind, to, reason }) => ({ atMs, message, kind, to, reason }));
}

/** The certificate that the monitor's server was last seen to show; null: it is not known. */
function certificateOf(draft: Draft, monitor: Monitor, nowMs: number): CertificateFacts | null {
  const watch = draft.certificate(monitor.id);
  return watch === null || watch.url !== monitor.url ? null : watchedCertificate(watch, nowMs);
}

/** Takes a fact that is no incident in, or its end. */
export function noteAdvisory(draft: Draft, advisory: Advisory, court: Court): void {
  const before = draft.alertSubject(advisory.subject) ?? recallAdvisory(draft, advisory);
  if (before === null && advisory.over) return;
  draft.touchAlert(subjectOfAdvisory(advisory, court.wallMs, before));
}

/** Ends the facts about a monitor that is not watched any more, or by another coordinator. */
export function endAdvisories(draft: Draft, monitor: string, moved: boolean, court: Court): void {
  const what = moved ? "is watched by another coordinator now" : "is not watched any more";
  for (const subject of draft.alertSubjects().values()) {
    const { story } = subject;
    if (subject.monitor?.id !== monitor || !("advisory" in story)) continue;
    const { advisory } = story;
    const title = `${subject.monitor.name} ${what}`;
    const text = `This ends what was told before: ${advisory.title}.`;
    const step = advisory.step + 1;
    noteAdvisory(draft, { ...advisory, step, over: true, title, text }, court);
  }
}

/**
 * Takes in open incidents that are not among the alerts: those that were told by a release that kept
 * no subjects. Those whose telling is withheld stay out.
 */
export function noteForgotten(draft: Draft, monitors: readonly Monitor[], court: Court): void {
  for (const monitor of monitors) {
    const incident = openIncident(draft.judgement(monitor.id)?.incident ?? null);
    if (incident === null || draft.alertSubject(incident.id) !== null) continue;
    if (draft.tail.withheld.includes(incident.id)) continue;
    const transition = draft.transitionsOf(incident.id).findLast(({ kind }) => TOLD.has(kind));
    if (transition !== undefined) noteTransition(draft, monitor, incident, transition, court);
  }
}

/** Decides what every channel is told of what has happened in the step. */
export function tellAlerts(draft: Draft, { wallMs, publicUrl }: Court): void {
  const only = draft.alertsDue;
  if (only?.size === 0) return;
  const subjects = draft.alertSubjects();
  const step = advanceAlerts({
    policy: draft.alertPolicy,
    silences: draft.silences,
    channels: draft.channels,
    subjects,
    maintained: maintainedMonitors(draft, subjects.values()),
    groups: draft.alertGroups(),
    outbox: draft.outbox(),
    only,
    publicUrl,
    nowMs: wallMs,
  });
  draft.saveAlerts(step);
}

/** Monitors that some alerts are about and that are under maintenance. */
function maintainedMonitors(draft: Draft, subjects: Iterable<AlertSubject>): Set<string> {
  const maintained = new Set<string>();
  for (const { monitor } of subjects) {
    if (monitor === null) continue;
    if (draft.judgement(monitor.id)?.verdict.kind === "maintenance") maintained.add(monitor.id);
  }
  return maintained;
}

/** Forgets that a message told anything, once it has been given up; or remembers it, tried anew. */
export function noteDelivery(draft: Draft, delivery: Delivery): void {
  for (const id of subjectsOf(delivery)) {
    const subject = draft.alertSubject(id);
    const telling = subject?.tellings[delivery.channel];
    if (subject === null || telling === undefined) continue;
    const others = telling.deliveries.filter((other) => other !== delivery.id);
    const deliveries = delivery.state === "dead" ? others : [...others, delivery.id];
    draft.changes.alertSubjects.set(id, {
      ...subject,
      tellings: { ...subject.tellings, [delivery.channel]: { ...telling, deliveries } },
    });
  }
}

/** What is known of an incident's telling from its messages alone; null: there were none. */
function recall(draft: Draft, incident: Incident, transition: Transition): AlertSubject | null {
  const tellings = recallTellings(draft, incident.id, ({ impact }) =>
    impact === null ? -1 : INCIDENT_KINDS.indexOf(impact),
  );
  if (tellings === null) return null;
  const monitor = {
    id: incident.monitor,
    name: incident.monitor,
    group: null,
    severity: "critical" as const,
    notify: null,
    labels: {},
  };
  return { ...subjectOfIncident({ incident, transition, monitor }, null), tellings, seen: true };
}

function recallAdvisory(draft: Draft, advisory: Advisory): AlertSubject | null {
  const tellings = recallTellings(draft, advisory.subject, () => advisory.step - 1);
  if (tellings === null) return null;
  const subject = subjectOfAdvisory(advisory, 0, null);
  return { ...subject, tellings, seen: true };
}

/** What was told by messages, by channel; null: there were none. */
function recallTellings(
  draft: Draft,
  subject: string,
  levelOf: (delivery: Delivery) => number,
): Record<string, Telling> | null {
  const deliveries = draft.deliveriesAbout(subject);
  if (deliveries.length === 0) return null;
  const tellings: Record<string, Telling> = {};
  for (const delivery of deliveries) {
    const known = tellings[delivery.channel] ?? UNTOLD;
    const lives = delivery.state === "pending" || delivery.state === "sent";
    tellings[delivery.channel] = {
      ...known,
      level: Math.max(known.level ?? -1, levelOf(delivery)),
      atMs: Math.max(known.atMs ?? 0, delivery.createdAtMs),
      deliveries: lives ? [...known.deliveries, delivery.id] : known.deliveries,
    };
  }
  return tellings;
}

/** That nothing is told of a transition to any channel. */
function nothing(
  draft: Draft,
  subject: string,
  transition: string,
  why: string,
  court: Court,
): Decision[] {
  return draft.channels.map(({ id: channel }) => ({
    subject,
    transition,
    channel,
    atMs: court.wallMs,
    alert: null,
    delivery: null,
    steps: [{ stage: "deduplication", passed: false, why }],
  }));
}
