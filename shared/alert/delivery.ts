/**
 * One message to one channel about one transition, and the state machine of getting it there.
 *
 * A delivery is recorded as sent only after the channel accepted it; until then it is due again,
 * so each is made at least once, under an id that never changes: receivers drop repetitions by it.
 * Pure: `now` and jitter are arguments.
 */
import type { IncidentKind } from "../monitor/verdict.ts";
import type { AlertKind, AlertMessage } from "./alert-message.ts";

export type { AlertKind, AlertMessage } from "./alert-message.ts";

/** Where a message is at its channel, in the channel's own terms: how to find it again. */
export type RemoteMessage = Readonly<Record<string, string>>;

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
  /** Where the channel keeps it, so that what follows can refer to it; absent: not known. */
  remote?: RemoteMessage | undefined;
}

/** What came of one attempt to send. */
export interface DeliveryOutcome {
  /** Whether the channel accepted the message. */
  ok: boolean;
  /** HTTP status; null: no answer. */
  status: number | null;
  /** What went wrong, redacted; null: nothing. */
  error: string | null;
  /** How long the channel asked to be left alone, in milliseconds; null: it did not. */
  retryAfterMs: number | null;
  /** Whether no repetition can succeed. */
  permanent: boolean;
  /** Where the channel keeps the message that it accepted; absent: it does not say. */
  remote?: RemoteMessage | undefined;
}

/** For how long a delivery is tried, in milliseconds. */
export const DELIVERY_LIFETIME_MS = 24 * 3_600_000;
/** Upper bound of the wait after the first failure; it doubles with each further one. */
export const BACKOFF_BASE_MS = 5_000;
/** Longest wait that the backoff asks for: a channel that is back hears of it this soon. */
export const BACKOFF_CAP_MS = 15 * 60_000;
/** Shortest wait, whatever the jitter. */
export const BACKOFF_FLOOR_MS = 1_000;

/**
 * Wait before the next attempt: exponential backoff with full jitter.
 *
 * @param attempts failed attempts so far, at least 1
 * @param jitter01 uniformly distributed, 0 ≤ jitter01 < 1
 * @returns milliseconds, {@link BACKOFF_FLOOR_MS} … {@link BACKOFF_CAP_MS}
 */
export function backoffMs(attempts: number, jitter01: number): number {
  const boundMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempts - 1, 30));
  return Math.max(BACKOFF_FLOOR_MS, Math.floor(jitter01 * boundMs));
}

/**
 * Advances a delivery by the outcome of an attempt.
 *
 * It is sent, dead (a permanent failure, or a failure after {@link DELIVERY_LIFETIME_MS}), or due
 * again. The last attempt falls on the end of its lifetime, or on the moment that the channel asked
 * for where that is later. A delivery that is no longer pending is returned as it is.
 */
export function recordAttempt(
  delivery: Delivery,
  outcome: DeliveryOutcome,
  nowMs: number,
  jitter01: number,
): Delivery {
  if (delivery.state !== "pending") return delivery;
  const attempts = delivery.attempts + 1;
  const attempted = {
    ...delivery,
    attempts,
    lastAttemptAtMs: nowMs,
    lastStatus: outcome.status,
    lastError: outcome.ok ? null : outcome.error,
  };
  if (outcome.ok) {
    const { remote } = outcome;
    const sent = { ...attempted, state: "sent", sentAtMs: nowMs } as const;
    return remote === undefined ? sent : { ...sent, remote };
  }
  const expiresAtMs = delivery.createdAtMs + DELIVERY_LIFETIME_MS;
  if (outcome.permanent || nowMs >= expiresAtMs) return { ...attempted, state: "dead" };
  const backedOffAtMs = Math.min(nowMs + backoffMs(attempts, jitter01), expiresAtMs);
  return { ...attempted, dueAtMs: Math.max(backedOffAtMs, nowMs + (outcome.retryAfterMs ?? 0)) };
}

/**
 * Chooses what to send now: pending deliveries that are due, without those that would overtake an
 * older pending one to the same channel about the same incident. A resolve never precedes its fire.
 *
 * @param deliveries pending ones at least, in any order
 */
export function selectDue(deliveries: readonly Delivery[], nowMs: number): Delivery[] {
  return heads(deliveries).filter((delivery) => delivery.dueAtMs <= nowMs);
}

/** When {@link selectDue} will next have something to choose; null: never. */
export function nextDueAtMs(deliveries: readonly Delivery[]): number | null {
  const dueAtMs = heads(deliveries).map((delivery) => delivery.dueAtMs);
  return dueAtMs.length === 0 ? null : Math.min(...dueAtMs);
}

/**
 * Where a channel keeps what it accepted last about the incident of a delivery: what follows is told
 * in the same place; null: it has accepted nothing, or does not say.
 *
 * @param previous deliveries about the same incident, in any state and order
 */
export function threadOf(delivery: Delivery, previous: readonly Delivery[]): RemoteMessage | null {
  const accepted = previous
    .filter(({ id, channel, state, remote }) => {
      return id !== delivery.id && channel === delivery.channel && state === "sent" && remote;
    })
    .sort((a, b) => (a.sentAtMs ?? 0) - (b.sentAtMs ?? 0));
  return accepted.at(-1)?.remote ?? null;
}

/** The oldest pending delivery of each channel and incident; a test belongs to no incident. */
function heads(deliveries: readonly Delivery[]): Delivery[] {
  const oldest = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    if (delivery.state !== "pending") continue;
    const lane = `${delivery.channel}/${delivery.incident ?? delivery.id}`;
    const head = oldest.get(lane);
    if (head === undefined || isOlder(delivery, head)) oldest.set(lane, delivery);
  }
  return [...oldest.values()].sort((a, b) => a.dueAtMs - b.dueAtMs);
}

function isOlder(a: Delivery, b: Delivery): boolean {
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs < b.createdAtMs;
  // In one moment, an incident is resolved last.
  if ((a.alert === "resolved") !== (b.alert === "resolved")) return b.alert === "resolved";
  return sequence(a) < sequence(b);
}

/** Number of the transition within its monitor; ids end in `.<sequence>`. */
function sequence(delivery: Delivery): number {
  return Number(/\.(\d+)$/.exec(delivery.transition ?? "")?.[1] ?? 0);
}
