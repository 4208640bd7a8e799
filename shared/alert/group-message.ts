/**
 * One message that tells several alerts: a flood of outages must not become a flood of messages.
 *
 * The list is complete up to {@link GROUPED_ALERTS_MAX}, worst and newest first, so that a receiver
 * that keeps alerts apart gets each; channels for people show its beginning and a link to the rest.
 * Pure.
 */
import type { AlertMessage, GroupedAlert, Severity } from "./alert-message.ts";
import { pageLink } from "./message.ts";
import type { Words } from "./words.ts";
import { ENGLISH } from "./words.ts";

/** Most alerts that one message lists. */
export const GROUPED_ALERTS_MAX = 1_000;
/** Most alerts that the text quotes. */
const TITLES_MAX = 3;

const URGENCY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/**
 * Renders several alerts as one message.
 *
 * It resolves when all of them do; else it fires, unless every one that is not over was told before.
 *
 * @param messages at least one, each about an incident or an advisory of its own
 * @throws RangeError when there is none
 */
export function renderGroupMessage(
  messages: readonly AlertMessage[],
  facts: { publicUrl: string | null; nowMs: number },
  words: Words = ENGLISH,
): AlertMessage {
  if (messages.length === 0) throw new RangeError("a group message needs an alert");
  const alerts = messages.map(groupedAlert).sort(byUrgency);
  const bad = alerts.filter(({ alert }) => alert !== "resolved");
  const shown = alerts.slice(0, GROUPED_ALERTS_MAX);
  const titles = alerts.slice(0, TITLES_MAX).map(({ title }) => title);
  const telling = bad.length === 0 ? alerts : bad;
  return {
    alert: bad.length === 0 ? "resolved" : bad.some(isNew) ? "fired" : "changed",
    title: words["title.group"]({ bad: bad.length, recovered: alerts.length - bad.length }),
    text: words["text.group"]({
      down: bad.filter(({ incident }) => incident?.kind === "down").length,
      titles,
      more: alerts.length - titles.length,
    }),
    severity: telling.map(({ severity }) => severity).sort(compareSeverity)[0] ?? "info",
    monitor: null,
    incident: null,
    reason: null,
    cause: null,
    regions: [],
    alerts: shown,
    ...(alerts.length > shown.length ? { moreAlerts: alerts.length - shown.length } : {}),
    link: pageLink(facts.publicUrl),
    at: new Date(facts.nowMs).toISOString(),
  };
}

function groupedAlert(message: AlertMessage): GroupedAlert {
  const { alert, title, text, severity, monitor, incident, reason, cause, link } = message;
  const { about, region, reminder, unheard, seen, diagnosis } = message;
  return {
    ...(about === undefined ? {} : { about }),
    ...(region === undefined ? {} : { region }),
    alert: alert === "test" ? "fired" : alert,
    ...(reminder === undefined ? {} : { reminder }),
    ...(unheard === undefined ? {} : { unheard }),
    title,
    text,
    severity,
    monitor,
    incident,
    ...(seen === undefined ? {} : { seen }),
    reason,
    cause,
    ...(diagnosis === undefined ? {} : { diagnosis }),
    link,
  };
}

function isNew({ alert }: GroupedAlert): boolean {
  return alert === "fired";
}

/** What is not over first, then the most urgent, then the latest. */
function byUrgency(a: GroupedAlert, b: GroupedAlert): number {
  const over = Number(a.alert === "resolved") - Number(b.alert === "resolved");
  if (over !== 0) return over;
  const urgency = compareSeverity(a.severity, b.severity);
  if (urgency !== 0) return urgency;
  const [older, newer] = [a.incident?.startedAt ?? "", b.incident?.startedAt ?? ""];
  return older === newer ? 0 : older < newer ? 1 : -1;
}

function compareSeverity(a: Severity, b: Severity): number {
  return URGENCY[a] - URGENCY[b];
}
