/**
 * One message to one channel about one transition, and the state machine of getting it there.
 *
 * A delivery is recorded as sent only after the channel accepted it; until then it is due again,
 * so each is made at least once, under an id that never changes: receivers drop repetitions by it.
 * Pure: `now` and jitter are arguments.
 */
import type { IncidentKind } from "../monitor/verdict.ts";
import type { AlertKind, AlertMessage, Severity } from "./alert-message.ts";

export type { AlertKind, AlertMessage, Severity } from "./alert-message.ts";

/** Where a message is at its channel, in the channel's own terms: how to find it again. */
export type RemoteMessage = Readonly<Record<string, string>>;

/** One message to one channel. */
export interface Delivery {
  /** `<transition>.<channel>`, or more: the idempotency key, stable under replay. */
  id: string;
  channel: string;
  alert: AlertKind;
  monitor: string | null;
  incident: string | null;
  transition: string | null;
  severity: Severity;
  impact: IncidentKind | null;
  /** `merged`: it never arrived, and another message tells what it would have. */
  state: "pending" | "sent" | "dead" | "merged";
  /** All that it is about, where it tells of several; absent: of its incident alone. */
  subjects?: readonly string[] | undefined;
  /** When somebody last had it tried anew; absent: never. */
  renewedAtMs?: number | undefined;
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
  const expiresAtMs = (delivery.renewedAtMs ?? delivery.createdAtMs) + DELIVERY_LIFETIME_MS;
  if (outcome.permanent || nowMs >= expiresAtMs) return { ...attempted, state: "dead" };
  const backedOffAtMs = Math.min(nowMs + backoffMs(attempts, jitter01), expiresAtMs);
  return { ...attempted, dueAtMs: Math.max(backedOffAtMs, nowMs + (outcome.retryAfterMs ?? 0)) };
}

/** Has a delivery that was given up tried anew, for as long as a new one; others stay as they are. */
export function renewDelivery(delivery: Delivery, nowMs: number): Delivery {
  if (delivery.state !== "dead") return delivery;
  return { ...delivery, state: "pending", dueAtMs: nowMs, renewedAtMs: nowMs };
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

/** All that a delivery tells of; a test tells of nothing else. */
export function subjectsOf({ id, incident, subjects }: Delivery): readonly string[] {
  return subjects ?? [incident ?? id];
}

/**
 * Chooses what to send now: pending deliveries that are due, without those that would overtake an
 * older pending one to the same channel about the same thing. A resolve never precedes its fire.
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

/** Where a channel keeps the first message about something, and what is to become of that. */
export interface Thread {
  remote: RemoteMessage;
  /**
   * Whether a delivery tells all that is still open there, so that the first message may show it
   * instead; else it only adds to what is there.
   */
  isWhole: boolean;
}

/**
 * Where a channel keeps what it accepted about the same things as a delivery: what follows is told in
 * the same place, also where things have joined or left. Of several places it is the one with most in
 * common, and of those the one that began last; null: it has accepted nothing, or does not say.
 *
 * @param previous deliveries about the same things and others, in any state and order
 */
export function threadOf(delivery: Delivery, previous: readonly Delivery[]): Thread | null {
  const accepted = previous
    .filter(({ id, channel, state, remote }) => {
      return id !== delivery.id && channel === delivery.channel && state === "sent" && remote;
    })
    .sort((a, b) => (a.sentAtMs ?? 0) - (b.sentAtMs ?? 0));
  const told = new Set(subjectsOf(delivery));
  let found: (Thread & { common: number }) | null = null;
  for (const place of Map.groupBy(accepted, ({ remote }) => placeName(remote)).values()) {
    const last = place.at(-1)?.remote;
    const subjects = new Set(place.flatMap(subjectsOf));
    const common = [...told].filter((subject) => subjects.has(subject)).length;
    if (last === undefined || common === 0 || common < (found?.common ?? 0)) continue;
    const over = place.filter(({ alert }) => alert === "resolved").flatMap(subjectsOf);
    for (const subject of over) subjects.delete(subject);
    found = { remote: last, isWhole: [...subjects].every((each) => told.has(each)), common };
  }
  return found === null ? null : { remote: found.remote, isWhole: found.isWhole };
}

function placeName(remote: RemoteMessage | undefined): string {
  return JSON.stringify(Object.entries(remote ?? {}).sort());
}

/** Pending deliveries before which none goes to the same channel about any of the same things. */
function heads(deliveries: readonly Delivery[]): Delivery[] {
  const pending = deliveries.filter(({ state }) => state === "pending");
  const claimed = new Set<string>();
  const first: Delivery[] = [];
  for (const delivery of pending.sort(byAge)) {
    const lanes = subjectsOf(delivery).map((subject) => `${delivery.channel}/${subject}`);
    if (!lanes.some((lane) => claimed.has(lane))) first.push(delivery);
    for (const lane of lanes) claimed.add(lane);
  }
  return first.sort((a, b) => a.dueAtMs - b.dueAtMs);
}

/** The oldest first. */
function byAge(a: Delivery, b: Delivery): number {
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs - b.createdAtMs;
  // In one moment, an incident is resolved last.
  const ends = Number(a.alert === "resolved") - Number(b.alert === "resolved");
  return ends === 0 ? sequence(a) - sequence(b) : ends;
}

/** Number of the transition within its monitor; ids end in `.<sequence>`. */
function sequence(delivery: Delivery): number {
  return Number(/\.(\d+)$/.exec(delivery.transition ?? "")?.[1] ?? 0);
}
