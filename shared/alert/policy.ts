/**
 * Which transition is told to whom, and why.
 *
 * `down` and `degraded` fire; `partial` is shown but sends nothing. An incident that gets worse than
 * what a channel was told is told again; one that gets milder is not, its end is. The end is told
 * to exactly those channels that heard of the incident. Pure; decisions carry their reason.
 */
import type { Monitor } from "../monitor/monitor.ts";
import type { Incident, IncidentKind, Transition } from "../monitor/verdict.ts";
import { INCIDENT_KINDS } from "../monitor/verdict.ts";
import type { AlertKind, Delivery } from "./delivery.ts";
import type { Severity } from "./message.ts";
import type { CertificateFacts, MessageMonitor } from "./message.ts";
import { renderMessage } from "./message.ts";
import { renderTestMessage } from "./sample-message.ts";

/** All that the decision rests on. */
export interface AlertFacts {
  transition: Transition;
  /** As it stands after the transition; null: the transition belongs to none. */
  incident: Incident | null;
  monitor: MessageMonitor & Pick<Monitor, "severity" | "notify">;
  /** All channels that exist. */
  channels: ReadonlyArray<{ id: string; kind: string }>;
  /** Deliveries about this incident so far, in any state and order. */
  previous: readonly Delivery[];
  /** What happened in the incident, oldest first; absent: a message that resolves tells none. */
  timeline?: readonly Transition[] | undefined;
  /** The certificate that the monitor's server shows; absent or null: it is not known. */
  certificate?: CertificateFacts | null | undefined;
  /** Address of the status page; null: messages carry no link. */
  publicUrl: string | null;
  nowMs: number;
}

/** What one channel is told about a transition, and why. */
export interface AlertDecision {
  channel: string;
  /** Null: nothing. */
  alert: Exclude<AlertKind, "test"> | null;
  /** Why it is, or is not, told. */
  why: string;
}

/** Kinds of incident that are told at all. */
const FIRING: ReadonlySet<IncidentKind> = new Set(["down", "degraded"]);
/** From the mildest to the most urgent. */
const SEVERITIES = ["info", "warning", "critical"] as const;

/** Decides, for every channel, what it is told about a transition. */
export function decideAlerts(facts: AlertFacts): AlertDecision[] {
  return facts.channels.map(({ id }) => ({ channel: id, ...decideAlert(facts, id) }));
}

/**
 * Deliveries that a transition calls for, due at once. They are committed together with the
 * transition; the same transition gives the same ids.
 */
export function decideDeliveries(facts: AlertFacts): Delivery[] {
  const { transition, incident, monitor, nowMs } = facts;
  if (incident === null) return [];
  return decideAlerts(facts).flatMap(({ channel, alert }) => {
    if (alert === null) return [];
    const impact = alert === "resolved" ? incident.worst : incident.kind;
    const severity = severityOf(impact, monitor.severity);
    return [
      newDelivery({
        id: `${transition.id}.${channel}`,
        channel,
        alert,
        monitor: monitor.id,
        incident: incident.id,
        transition: transition.id,
        severity,
        impact,
        message: renderMessage({ ...facts, alert, severity, incident }),
        createdAtMs: nowMs,
      }),
    ];
  });
}

/** The delivery of a test message; tests are sent at once and once. */
export function testDelivery(
  channel: { id: string; name: string },
  publicUrl: string | null,
  nowMs: number,
): Delivery {
  return newDelivery({
    id: `test-${nowMs}.${channel.id}`,
    channel: channel.id,
    alert: "test",
    monitor: null,
    incident: null,
    transition: null,
    severity: "info",
    impact: null,
    message: renderTestMessage(channel, publicUrl, nowMs),
    createdAtMs: nowMs,
  });
}

/** A degraded service is at most a warning, a partial failure information. */
export function severityOf(impact: IncidentKind, declared: Severity): Severity {
  const ceiling = impact === "down" ? "critical" : impact === "degraded" ? "warning" : "info";
  return SEVERITIES.indexOf(declared) < SEVERITIES.indexOf(ceiling) ? declared : ceiling;
}

function decideAlert(facts: AlertFacts, channel: string): Omit<AlertDecision, "channel"> {
  const { transition, incident, monitor } = facts;
  if (incident === null) return { alert: null, why: "the transition belongs to no incident" };
  const told = worstTold(facts.previous, channel);
  if (transition.kind === "incident_resolved") {
    return told === null
      ? { alert: null, why: "the channel was not told of the incident" }
      : { alert: "resolved", why: "the channel was told of the incident" };
  }
  if (transition.kind !== "incident_opened" && transition.kind !== "incident_changed") {
    return { alert: null, why: `${transition.kind} is not told` };
  }
  if (!FIRING.has(incident.kind)) return { alert: null, why: `${incident.kind} is not told` };
  if (told === null) {
    return monitor.notify === null || monitor.notify.includes(channel)
      ? { alert: "fired", why: `the monitor became ${incident.kind}` }
      : { alert: null, why: "the monitor does not notify the channel" };
  }
  return isWorse(incident.kind, told)
    ? { alert: "changed", why: `${told} became ${incident.kind}` }
    : { alert: null, why: `the channel was already told of ${told}` };
}

/** Worst kind that a channel was told of; a dead delivery has told nothing. */
function worstTold(previous: readonly Delivery[], channel: string): IncidentKind | null {
  let worst: IncidentKind | null = null;
  for (const { channel: to, impact, state } of previous) {
    if (to !== channel || impact === null || state === "dead") continue;
    if (worst === null || isWorse(impact, worst)) worst = impact;
  }
  return worst;
}

function isWorse(a: IncidentKind, b: IncidentKind): boolean {
  return INCIDENT_KINDS.indexOf(a) > INCIDENT_KINDS.indexOf(b);
}

/** A delivery that has not been tried yet, due when it is created. */
export function newDelivery(
  facts: Omit<
    Delivery,
    "state" | "dueAtMs" | "attempts" | "lastAttemptAtMs" | "lastStatus" | "lastError" | "sentAtMs"
  >,
): Delivery {
  return {
    ...facts,
    state: "pending",
    dueAtMs: facts.createdAtMs,
    attempts: 0,
    lastAttemptAtMs: null,
    lastStatus: null,
    lastError: null,
    sentAtMs: null,
  };
}
