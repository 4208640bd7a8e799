/** Builds the facts that alerts are made of: a monitor's outage, step by step, and its messages. */
import type { Delivery } from "../../shared/alert/delivery.ts";
import type { CertificateFacts } from "../../shared/alert/message.ts";
import { advanceAlerts } from "../../shared/alert/pipeline.ts";
import { DEFAULT_POLICY } from "../../shared/alert/policy.ts";
import type { AlertMonitor, Telling } from "../../shared/alert/subject.ts";
import { UNTOLD, subjectOfIncident } from "../../shared/alert/subject.ts";
import type {
  CountedVote,
  Incident,
  IncidentKind,
  Transition,
} from "../../shared/monitor/verdict.ts";
import { INCIDENT_KINDS } from "../../shared/monitor/verdict.ts";
import type { Status } from "../../shared/probe/reason.ts";

/** When the outage of the fixtures begins: 2026-11-20T14:02:11Z. */
export const OUTAGE_AT_MS = Date.UTC(2026, 10, 20, 14, 2, 11);

/** What is to be told of, and what was told before. */
export interface AlertFacts {
  transition: Transition;
  /** As it stands after the transition. */
  incident: Incident;
  monitor: AlertMonitor;
  channels: ReadonlyArray<{ id: string }>;
  /** Deliveries about the incident so far. */
  previous: readonly Delivery[];
  timeline?: readonly Transition[] | undefined;
  certificate?: CertificateFacts | null | undefined;
  publicUrl: string | null;
  nowMs: number;
}

export const chatMonitor: AlertMonitor = {
  id: "chat",
  name: "Chat",
  group: "Public",
  severity: "critical",
  notify: null,
  labels: {},
};

/** Deliveries that the facts call for, with no policy declared. */
export function decideDeliveries(facts: AlertFacts): Delivery[] {
  const { transition, incident, monitor, channels, previous, publicUrl, nowMs } = facts;
  if (!/^incident_(opened|changed|resolved)$/.test(transition.kind)) return [];
  const tellings: Record<string, Telling> = {};
  for (const { id, channel, impact, state, createdAtMs } of previous) {
    const known = tellings[channel] ?? UNTOLD;
    const level = impact === null ? -1 : INCIDENT_KINDS.indexOf(impact);
    tellings[channel] = {
      ...known,
      level: Math.max(known.level ?? -1, level),
      atMs: createdAtMs,
      deliveries: state === "dead" ? known.deliveries : [...known.deliveries, id],
    };
  }
  const { timeline, certificate } = facts;
  const story = { incident, transition, timeline, certificate };
  const subject = subjectOfIncident({ ...story, monitor }, null);
  const seen = transition.kind !== "incident_opened";
  return advanceAlerts({
    policy: DEFAULT_POLICY,
    silences: [],
    channels,
    subjects: new Map([[subject.id, { ...subject, seen, tellings }]]),
    groups: new Map(),
    outbox: new Map(),
    maintained: new Set(),
    only: null,
    publicUrl,
    nowMs,
  }).deliveries;
}

export function countedVote(
  region: string,
  status: Status,
  extra: Partial<CountedVote> = {},
): CountedVote {
  const failing = status === "down";
  return {
    region,
    colo: null,
    status,
    reason: failing ? "accept_mismatch" : null,
    message: failing ? "The Sec-WebSocket-Accept value is wrong or missing." : "All fine.",
    atMs: OUTAGE_AT_MS,
    failingSinceMs: failing ? OUTAGE_AT_MS : null,
    counted: "counted",
    ...extra,
  };
}

const outageVotes = [
  countedVote("us-east", "down"),
  countedVote("sa-east", "down"),
  countedVote("eu-central", "down"),
  countedVote("ap-southeast", "up"),
];

export function chatIncident(kind: IncidentKind, extra: Partial<Incident> = {}): Incident {
  return {
    id: `chat-${OUTAGE_AT_MS}`,
    monitor: "chat",
    kind,
    worst: kind,
    reason: "accept_mismatch",
    message: "3 of 4 fresh regions: accept_mismatch since 14:02:11",
    startedAtMs: OUTAGE_AT_MS,
    confirmedAtMs: OUTAGE_AT_MS + 2_000,
    endedAtMs: null,
    acknowledgedAtMs: null,
    regions: ["us-east", "sa-east", "eu-central"],
    ...extra,
  };
}

/** The facts of an incident that has just been opened with this kind. */
export function openedFacts(kind: IncidentKind, extra: Partial<AlertFacts> = {}): AlertFacts {
  return {
    monitor: chatMonitor,
    incident: chatIncident(kind),
    transition: {
      id: "chat.1",
      monitor: "chat",
      incident: `chat-${OUTAGE_AT_MS}`,
      atMs: OUTAGE_AT_MS + 2_000,
      kind: "incident_opened",
      from: "operational",
      to: kind,
      reason: "accept_mismatch",
      message: "3 of 4 fresh regions: accept_mismatch since 14:02:11",
      votes: outageVotes,
    },
    channels: [{ id: "hook" }, { id: "team" }],
    previous: [],
    publicUrl: "https://status.example.com",
    nowMs: OUTAGE_AT_MS + 2_000,
    ...extra,
  };
}

/** The facts of a change from what was opened before. */
export function changedFacts(
  from: IncidentKind,
  to: IncidentKind,
  extra: Partial<AlertFacts> = {},
): AlertFacts {
  const opened = openedFacts(to);
  return {
    ...opened,
    transition: { ...opened.transition, id: "chat.2", kind: "incident_changed", from, to },
    ...extra,
  };
}

/** The facts of the incident's end, four minutes and twelve seconds after it began. */
export function resolvedFacts(worst: IncidentKind, extra: Partial<AlertFacts> = {}): AlertFacts {
  const opened = openedFacts(worst);
  const endedAtMs = OUTAGE_AT_MS + 252_000;
  return {
    ...opened,
    incident: chatIncident(worst, { endedAtMs }),
    transition: {
      ...opened.transition,
      id: "chat.3",
      kind: "incident_resolved",
      atMs: endedAtMs,
      from: worst,
      to: "operational",
      reason: null,
      message: "4 of 4 fresh regions operational",
      votes: outageVotes.map((vote) => countedVote(vote.region, "up")),
    },
    nowMs: endedAtMs,
    ...extra,
  };
}

/** The delivery that tells one channel of an outage. */
export function firedDelivery(extra: Partial<Delivery> = {}): Delivery {
  const [delivery] = decideDeliveries(openedFacts("down"));
  if (delivery === undefined) throw new Error("an outage must be told");
  return { ...delivery, ...extra };
}
