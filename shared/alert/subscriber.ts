/**
 * How far a subscriber has heard, and the state machine of telling them on: each hears the log in its
 * order, in messages of all that is new to them, one at a time. So no end overtakes its beginning, and
 * what is stored of each is one place in the log, however many messages there were.
 *
 * A message is made of what lies between two places, which stay the same while it is repeated: so it
 * says the same under the same id. Pure: `now` and jitter are arguments.
 */
import type { Bulletin } from "./bulletin.ts";
import { concerns, withoutOutdated } from "./bulletin.ts";
import { DELIVERY_LIFETIME_MS, backoffMs } from "./delivery.ts";

/** How subscribers may be told. */
export type SubscriberKind = "email" | "webhook" | "slack";

/** How long news waits for more of the same cause, in milliseconds. */
export const SETTLE_MS = 10_000;
/** Least time between two messages to one subscriber, in milliseconds. */
export const GAP_MS: Readonly<Record<SubscriberKind, number>> = {
  email: 60_000,
  slack: 60_000,
  webhook: 0,
};
/** Pieces of news in one message; of more the latest are told. */
export const NEWS_MAX = 20;
/** Messages given up one after another, after which a subscription ends. */
export const GIVEN_UP_MAX = 3;

/** What is known of one subscriber. */
export interface Subscriber {
  id: string;
  kind: SubscriberKind;
  /** Null: all that their page shows. */
  monitors: readonly string[] | null;
  /** Place in the log up to which they have heard, or need not hear. */
  toldTo: number;
  /** Place up to which the message that is tried tells; null: none is. */
  tellingTo: number | null;
  /** Failed attempts of that message. */
  attempts: number;
  /** When that message was first tried; null: none is. */
  firstTriedAtMs: number | null;
  /** Next attempt is due at; meaningless unless a message is tried. */
  dueAtMs: number;
  /** When the last message arrived; null: none has. */
  toldAtMs: number | null;
  /** Messages given up since one arrived. */
  givenUp: number;
}

/** Somebody who has just subscribed. */
export function newSubscriber(
  facts: Pick<Subscriber, "id" | "kind" | "monitors" | "toldTo">,
): Subscriber {
  return {
    ...facts,
    tellingTo: null,
    attempts: 0,
    firstTriedAtMs: null,
    dueAtMs: 0,
    toldAtMs: null,
    givenUp: 0,
  };
}

/** What a subscriber is to be told next. */
export interface NextMessage {
  bulletins: Bulletin[];
  /** Place up to which it tells. */
  tellingTo: number;
  dueAtMs: number;
}

/**
 * What a subscriber is to be told next; null: nothing.
 *
 * @param log bulletins in their order
 * @param isShown whether a bulletin may still be told: what it is about may not be public any more
 */
export function nextMessage(
  subscriber: Subscriber,
  log: readonly Bulletin[],
  isShown: (bulletin: Bulletin) => boolean,
): NextMessage | null {
  const { kind, monitors, toldTo, toldAtMs } = subscriber;
  const newest = log.at(-1)?.sequence ?? 0;
  if (toldTo >= newest) return null;
  const tellingTo = subscriber.tellingTo ?? newest;
  const unheard = log.filter(
    (bulletin) =>
      bulletin.sequence > toldTo &&
      bulletin.sequence <= tellingTo &&
      concerns(bulletin, monitors) &&
      isShown(bulletin),
  );
  const [first] = unheard;
  if (first === undefined) return null;
  const dueAtMs =
    subscriber.tellingTo === null
      ? Math.max(first.createdAtMs + SETTLE_MS, (toldAtMs ?? -Infinity) + GAP_MS[kind])
      : subscriber.dueAtMs;
  return { bulletins: withoutOutdated(unheard).slice(-NEWS_MAX), tellingTo, dueAtMs };
}

/** What came of an attempt. */
export interface TellingOutcome {
  ok: boolean;
  permanent: boolean;
  retryAfterMs: number | null;
  /** Whether the receiver is gone for good. */
  gone: boolean;
  /** Whether the trouble is ours, and says nothing of the subscriber. */
  ours: boolean;
}

/** A subscriber after an attempt, and why the subscription has ended; null: it goes on. */
export interface TellingStep {
  subscriber: Subscriber;
  ended: "gone" | "failing" | null;
}

/** Takes the outcome of an attempt to tell what lies up to a place into account. */
export function recordTelling(
  subscriber: Subscriber,
  tellingTo: number,
  outcome: TellingOutcome,
  nowMs: number,
  jitter01: number,
): TellingStep {
  const done = { tellingTo: null, attempts: 0, firstTriedAtMs: null, toldTo: tellingTo };
  if (outcome.ok) {
    return { subscriber: { ...subscriber, ...done, toldAtMs: nowMs, givenUp: 0 }, ended: null };
  }
  if (outcome.gone) return { subscriber: { ...subscriber, ...done }, ended: "gone" };
  const firstTriedAtMs = subscriber.firstTriedAtMs ?? nowMs;
  const isOver = outcome.permanent || nowMs - firstTriedAtMs >= DELIVERY_LIFETIME_MS;
  if (isOver) {
    const givenUp = subscriber.givenUp + (outcome.ours ? 0 : 1);
    const ended = givenUp >= GIVEN_UP_MAX ? "failing" : null;
    return { subscriber: { ...subscriber, ...done, givenUp }, ended };
  }
  const attempts = subscriber.attempts + 1;
  const waitMs = Math.max(backoffMs(attempts, jitter01), outcome.retryAfterMs ?? 0);
  const dueAtMs = nowMs + waitMs;
  return {
    subscriber: { ...subscriber, tellingTo, attempts, firstTriedAtMs, dueAtMs },
    ended: null,
  };
}
