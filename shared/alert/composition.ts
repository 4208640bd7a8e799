/**
 * Makes deliveries of what is to be told: of one thing, of several in one message, of a test. Ids
 * follow from what is told, so that a repetition has the same. Pure; decides nothing.
 */
import type { IncidentKind } from "../monitor/verdict.ts";
import { INCIDENT_KINDS } from "../monitor/verdict.ts";
import type { Advisory } from "./advisory.ts";
import type { AlertKind, AlertMessage, Delivery, Severity } from "./delivery.ts";
import { newDelivery } from "./delivery.ts";
import { renderGroupMessage } from "./group-message.ts";
import { renderAdvisory, renderMessage } from "./message.ts";
import { renderTestMessage } from "./sample-message.ts";
import type { AlertSubject } from "./subject.ts";
import { SEVERITIES, moreUrgent } from "./tier.ts";

/** One thing that is to be told to a channel. */
export interface NewsItem {
  subject: AlertSubject;
  alert: Exclude<AlertKind, "test">;
  severity: Severity;
  /** Number of the repetition; null: it is none. */
  repeat: number | null;
  /** Nothing arrived of it before its end. */
  unheard: boolean;
}

/** Makes the message of some news to a channel; one item at least. */
export function composeDelivery(facts: {
  channel: string;
  items: readonly NewsItem[];
  publicUrl: string | null;
  nowMs: number;
}): Delivery {
  const { channel, publicUrl, nowMs } = facts;
  const items = [...facts.items].sort(byUrgency);
  const [first, ...rest] = items;
  if (first === undefined) throw new RangeError("a message tells of something");
  const messages = items.map((item) => renderItem(item, publicUrl, nowMs));
  const [only] = messages;
  const { transition } = first.subject;
  const repeat = first.repeat === null ? "" : `.repeat-${first.repeat}`;
  const together = rest.length === 0 ? "" : `+${rest.length}`;
  const single = rest.length === 0 && only !== undefined;
  return newDelivery({
    id: `${transition}${repeat}${together}.${channel}`,
    channel,
    alert: single ? first.alert : alertOf(items),
    monitor: single ? (first.subject.monitor?.id ?? null) : null,
    incident: single ? first.subject.id : null,
    transition,
    severity: items.reduce((worst, { severity }) => moreUrgent(worst, severity), first.severity),
    impact: worstImpact(items),
    ...(single ? {} : { subjects: items.map(({ subject }) => subject.id) }),
    message: single ? only : renderGroupMessage(messages, { publicUrl, nowMs }),
    createdAtMs: nowMs,
  });
}

/** The message of a fact that is told once, and of which nothing follows. */
export function advisoryDelivery(
  advisory: Advisory,
  channel: string,
  publicUrl: string | null,
  nowMs: number,
): Delivery {
  const { subject, step, severity, monitor } = advisory;
  const transition = `${subject}.${step}`;
  return newDelivery({
    id: `${transition}.${channel}`,
    channel,
    alert: "fired",
    monitor: monitor?.id ?? null,
    incident: subject,
    transition,
    severity,
    impact: null,
    message: renderAdvisory(advisory, { alert: "fired", severity, publicUrl }, nowMs),
    createdAtMs: nowMs,
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

function byUrgency(a: NewsItem, b: NewsItem): number {
  const urgency = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  if (urgency !== 0) return urgency;
  const [first, second] = [a.subject, b.subject];
  return first.startedAtMs - second.startedAtMs || (first.id < second.id ? -1 : 1);
}

function renderItem(item: NewsItem, publicUrl: string | null, nowMs: number): AlertMessage {
  const { subject, alert, severity, repeat, unheard } = item;
  const facts = { alert, severity, reminder: isReminder(alert, repeat), unheard, publicUrl };
  const { story } = subject;
  if ("advisory" in story) {
    return renderAdvisory(story.advisory, facts, facts.reminder ? nowMs : story.atMs);
  }
  const named = subject.monitor ?? {
    id: story.incident.monitor,
    name: story.incident.monitor,
    group: null,
  };
  return renderMessage({ ...facts, ...story, monitor: named, nowMs });
}

function isReminder(alert: AlertKind, repeat: number | null): boolean {
  return repeat !== null && alert === "changed";
}

function alertOf(items: readonly NewsItem[]): NewsItem["alert"] {
  const alerts = new Set(items.map(({ alert }) => alert));
  return alerts.has("fired") ? "fired" : alerts.has("changed") ? "changed" : "resolved";
}

function worstImpact(items: readonly NewsItem[]): IncidentKind | null {
  const kinds = new Set(
    items.map(({ subject: { story }, alert }) => {
      if (!("incident" in story)) return null;
      return alert === "resolved" ? story.incident.worst : story.incident.kind;
    }),
  );
  return INCIDENT_KINDS.findLast((kind) => kinds.has(kind)) ?? null;
}
