/**
 * One message to one channel about one transition, and the state machine of getting it there.
 *
 * A delivery is recorded as sent only after the channel accepted it; until then it is due again,
 * so each is made at least once, under an id that never changes: receivers drop repetitions by it.
 * Pure: `now` and jitter are arguments.
 */
import type { IncidentKind } from "../monitor/verdict.ts";

/** What a message tells. */
export type AlertKind = "fired" | "changed" | "resolved" | "test";

/** One message to one channel. */
export interface Delivery {
  /** `<transition>.<channel>`: the idempotency key, stable under replay. */
  id: string;
  channel: string;
  alert: AlertKind;
  monitor: string | null;
  incident: string | null;
  transition: string | null;
  severity: "critical" | "warning" | "info";
  impact: IncidentKind | null;
  state: "pending" | "sent" | "dead";
  /** The message, frozen when the transition was committed. */
  message: AlertMessage;
  createdAtMs: number;
  /** Next attempt is due at; meaningless unless pending. */
  dueAtMs: number;
  attempts: number;
  lastAttemptAtMs: number | null;
  /** HTTP status of the last attempt; null: none or no answer. */
  lastStatus: number | null;
  /** What went wrong last, redacted; null: nothing. */
  lastError: string | null;
  sentAtMs: number | null;
}

/** One model for all channels. Times are ISO 8601: this is what leaves the system. */
export interface AlertMessage {
  alert: AlertKind;
  /** E.g. `Chat is down in 3 of 4 regions`. */
  title: string;
  /** The quorum in words. */
  text: string;
  severity: "critical" | "warning" | "info";
  monitor: { id: string; name: string; group: string | null } | null;
  incident: {
    id: string;
    kind: IncidentKind;
    startedAt: string;
    endedAt: string | null;
    /** Whole seconds; null while open. */
    durationSeconds: number | null;
  } | null;
  reason: string | null;
  /** What usually lies behind the reason; null: no reason. */
  cause: string | null;
  regions: Array<{
    region: string;
    label: string;
    status: string;
    reason: string | null;
    message: string;
  }>;
  /** Absolute URL of the incident or the page; null: the public address is not configured. */
  link: string | null;
  at: string;
}
