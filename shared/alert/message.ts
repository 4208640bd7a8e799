/**
 * What an alert says: one message model that every channel renders in its own form.
 *
 * Frozen when the transition is committed, so that a repetition says the same. Pure: it takes the
 * incident as it stands after the transition. Times leave it in ISO 8601 (RFC 3339, UTC).
 */
import { formatDuration } from "../duration.ts";
import type { Monitor } from "../monitor/monitor.ts";
import type { CountedVote, Incident, IncidentKind, Transition } from "../monitor/verdict.ts";
import { reasonFacts } from "../probe/reason.ts";
import { regionLabel } from "../regions.ts";
import type { AlertKind, AlertMessage } from "./delivery.ts";

/** How urgent a message is. */
export type Severity = AlertMessage["severity"];

/** What a message is made of. */
export interface MessageFacts {
  alert: Exclude<AlertKind, "test">;
  severity: Severity;
  monitor: Pick<Monitor, "id" | "name" | "group">;
  /** As it stands after the transition. */
  incident: Incident;
  transition: Transition;
  /** Address of the status page; null: not configured. */
  publicUrl: string | null;
}

const STATE_WORDS: Readonly<Record<IncidentKind, string>> = {
  partial: "failing",
  degraded: "degraded",
  down: "down",
};

/** Renders the message about one transition of an incident. */
export function renderMessage(facts: MessageFacts): AlertMessage {
  const { alert, severity, monitor, incident, transition, publicUrl } = facts;
  const reason = transition.reason ?? incident.reason;
  return {
    alert,
    title: title(facts),
    text: alert === "resolved" ? resolvedText(incident, transition) : transition.message,
    severity,
    monitor: { id: monitor.id, name: monitor.name, group: monitor.group },
    incident: {
      id: incident.id,
      kind: alert === "resolved" ? incident.worst : incident.kind,
      startedAt: iso(incident.startedAtMs),
      endedAt: incident.endedAtMs === null ? null : iso(incident.endedAtMs),
      durationSeconds: incident.endedAtMs === null ? null : durationSeconds(incident),
    },
    reason,
    cause: reason === null ? null : reasonFacts(reason).cause,
    regions: transition.votes.map(renderVote),
    link: publicUrl === null ? null : `${withoutSlash(publicUrl)}/incidents/${incident.id}`,
    at: iso(transition.atMs),
  };
}

/** Renders the message that shows whether a channel works: it looks like a real one. */
export function renderTestMessage(
  channel: { name: string },
  publicUrl: string | null,
  nowMs: number,
): AlertMessage {
  return {
    alert: "test",
    title: "Test message from Echoquorum",
    text: `The channel ${channel.name} works: alerts of your monitors will arrive here.`,
    severity: "info",
    monitor: null,
    incident: null,
    reason: null,
    cause: null,
    regions: [],
    link: publicUrl === null ? null : `${withoutSlash(publicUrl)}/`,
    at: iso(nowMs),
  };
}

function title({ alert, monitor, incident, transition }: MessageFacts): string {
  if (alert === "resolved") {
    return `${monitor.name} has recovered after ${formatDuration(durationSeconds(incident) * 1_000)}`;
  }
  const state = `${alert === "changed" ? "is now" : "is"} ${STATE_WORDS[incident.kind]}`;
  const counted = transition.votes.filter((vote) => vote.counted === "counted");
  const bad = counted.filter((vote) => isBad(vote, incident.kind));
  if (bad.length === 0) return `${monitor.name} ${state}`;
  return `${monitor.name} ${state} in ${bad.length} of ${plural(counted.length, "region")}`;
}

function resolvedText(incident: Incident, transition: Transition): string {
  const lasted = formatDuration(durationSeconds(incident) * 1_000);
  const endedAtMs = incident.endedAtMs ?? transition.atMs;
  const span = `${iso(incident.startedAtMs)} to ${iso(endedAtMs)}`;
  return `${transition.message.replace(/\.$/, "")}. It was ${STATE_WORDS[incident.worst]} for ${lasted}, ${span}.`;
}

/** Whether a vote is one of those that the kind of incident counts. */
function isBad(vote: CountedVote, kind: IncidentKind): boolean {
  return vote.status === "down" || (kind === "degraded" && vote.status === "degraded");
}

function renderVote(vote: CountedVote): AlertMessage["regions"][number] {
  return {
    region: vote.region,
    label: regionLabel(vote.region),
    status: vote.status,
    reason: vote.reason,
    message: vote.message,
  };
}

/** Whole seconds from the first failing observation to the recovery. */
function durationSeconds(incident: Incident): number {
  const endedAtMs = incident.endedAtMs ?? incident.startedAtMs;
  return Math.max(0, Math.round((endedAtMs - incident.startedAtMs) / 1_000));
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
