/**
 * Messages about an outage that never was: what a test sends, so that it looks like a real alert,
 * and what a template is tried on before it is saved. Pure.
 */
import type { CountedVote, Incident, Transition } from "../monitor/verdict.ts";
import type { Reason, Status } from "../probe/reason.ts";
import { reasonFacts } from "../probe/reason.ts";
import type { AlertKind, AlertMessage } from "./alert-message.ts";
import { renderGroupMessage } from "./group-message.ts";
import type { MessageFacts } from "./message.ts";
import { pageLink, renderMessage } from "./message.ts";
import type { Words } from "./words.ts";
import { ENGLISH } from "./words.ts";

const MONITOR = { id: "sample-chat", name: "Sample chat", group: "Samples", labels: { tier: "1" } };
const REASON: Reason = "upgrade_overloaded";
/** How long the sample outage has lasted when it is told, and when it is over, in milliseconds. */
const TOLD_AFTER_MS = 18_000;
const OVER_AFTER_MS = 252_000;
const DAY_MS = 86_400_000;

/**
 * Renders the message that shows whether a channel works: it looks like a real one, is marked as a
 * test, and leads to the page, for there is no such incident.
 */
export function renderTestMessage(
  channel: { name: string },
  publicUrl: string | null,
  nowMs: number,
  words: Words = ENGLISH,
): AlertMessage {
  // Without an address: there is nothing to be seen of an outage that never was.
  const facts = { ...sampleFacts("fired", nowMs - TOLD_AFTER_MS), publicUrl: null };
  const sample = renderMessage(facts, words);
  return {
    ...sample,
    alert: "test",
    title: words["title.test"]({ title: sample.title }),
    text: words["text.test"]({ channel: channel.name, quorum: sample.text }),
    severity: "info",
    link: pageLink(publicUrl),
  };
}

/** One message of each kind that a channel may have to carry. */
export function sampleMessages(nowMs: number): AlertMessage[] {
  const startedAtMs = nowMs - OVER_AFTER_MS;
  const [fired, changed, resolved] = (["fired", "changed", "resolved"] as const).map((alert) =>
    renderMessage(sampleFacts(alert, startedAtMs)),
  ) as [AlertMessage, AlertMessage, AlertMessage];
  const group = renderGroupMessage([fired, resolved], { publicUrl: PUBLIC_URL, nowMs });
  const monitoring: AlertMessage = {
    ...fired,
    about: "monitoring",
    monitor: null,
    incident: null,
    reason: null,
    meaning: undefined,
    cause: null,
    regions: [],
    certificate: undefined,
  };
  return [
    fired,
    changed,
    resolved,
    group,
    monitoring,
    renderTestMessage({ name: "Sample" }, PUBLIC_URL, nowMs),
  ];
}

const PUBLIC_URL = "https://status.example.com";

function sampleFacts(alert: Exclude<AlertKind, "test">, startedAtMs: number): MessageFacts {
  const over = alert === "resolved";
  const atMs = startedAtMs + (over ? OVER_AFTER_MS : TOLD_AFTER_MS);
  const opened = `3 of 4 fresh regions: ${REASON} since ${clock(startedAtMs)}`;
  const incident: Incident = {
    id: `${MONITOR.id}-${startedAtMs}`,
    monitor: MONITOR.id,
    kind: "down",
    worst: "down",
    reason: REASON,
    message: opened,
    startedAtMs,
    confirmedAtMs: startedAtMs + TOLD_AFTER_MS,
    endedAtMs: over ? atMs : null,
    acknowledgedAtMs: null,
    regions: ["us-east", "sa-east", "eu-central"],
  };
  const first: Transition = {
    id: `${incident.id}.1`,
    monitor: MONITOR.id,
    incident: incident.id,
    atMs: incident.confirmedAtMs,
    kind: "incident_opened",
    from: "operational",
    to: "down",
    reason: REASON,
    message: opened,
    votes: votes("down", startedAtMs),
  };
  const last: Transition = {
    ...first,
    id: `${incident.id}.2`,
    atMs,
    kind: "incident_resolved",
    from: "down",
    to: "operational",
    reason: null,
    message: "4 of 4 fresh regions operational",
    votes: votes("up", atMs),
  };
  return {
    alert,
    severity: "critical",
    monitor: MONITOR,
    incident,
    transition: over ? last : first,
    timeline: over ? [first, last] : [first],
    certificate: {
      subject: "CN=chat.example.com",
      issuer: "CN=Example CA",
      notAfterMs: startedAtMs + 60 * DAY_MS,
    },
    publicUrl: PUBLIC_URL,
  };
}

function votes(status: Status, atMs: number): CountedVote[] {
  return ["us-east", "sa-east", "eu-central", "ap-southeast"].map((region, index) => {
    const failing = status === "down" && index < 3;
    return {
      region,
      colo: ["IAD", "GRU", "FRA", "SIN"][index] ?? null,
      status: failing ? "down" : "up",
      reason: failing ? REASON : null,
      message: failing ? reasonFacts(REASON).meaning : "Upgrade and echo as expected.",
      atMs,
      failingSinceMs: failing ? atMs : null,
      http: { status: "up", reason: null, code: 200 },
      counted: "counted",
    };
  });
}

/** Time of day, `14:02:11`. */
function clock(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
