/**
 * Messages that could not be sent before what they tell was over: where all that a failing message
 * tells of ends in a later one, that one tells both, and the failing one is not tried any more.
 *
 * Only messages that have failed at least once are replaced; one that has not been tried yet, or is
 * on its way for the first time, goes first as always. Pure.
 */
import type { NewsItem } from "./composition.ts";
import type { Delivery } from "./delivery.ts";
import { subjectsOf } from "./delivery.ts";

/**
 * Finds what the end of some alerts makes needless, and of which of them nothing has arrived.
 *
 * @param outbox deliveries that have not arrived yet, by id
 */
export function findMergeable(
  items: readonly NewsItem[],
  channel: string,
  outbox: ReadonlyMap<string, Delivery>,
): { merged: Delivery[]; unheard: ReadonlySet<string> } {
  const ending = items.filter(({ alert }) => alert === "resolved").map(({ subject }) => subject);
  const failing = (id: string): boolean => {
    const delivery = outbox.get(id);
    return delivery !== undefined && delivery.state === "pending" && delivery.attempts > 0;
  };
  const unheard = new Set(
    ending
      .filter(({ tellings }) => (tellings[channel]?.deliveries ?? []).every(failing))
      .map(({ id }) => id),
  );
  const isReplaceable = (delivery: Delivery) =>
    subjectsOf(delivery).every((subject) => unheard.has(subject));
  const failures = [...outbox.values()].filter(
    (delivery) => delivery.channel === channel && failing(delivery.id),
  );
  // A message that tells of something besides must still arrive, and then nothing in it is unheard.
  for (let known = -1; known !== unheard.size;) {
    known = unheard.size;
    for (const delivery of failures) {
      if (isReplaceable(delivery)) continue;
      for (const subject of subjectsOf(delivery)) unheard.delete(subject);
    }
  }
  return { merged: failures.filter(isReplaceable), unheard };
}

/** Ends a delivery in favour of another. */
export function mergeDelivery(delivery: Delivery, into: string): Delivery {
  return { ...delivery, state: "merged", lastError: `never arrived; ${into} tells of it too` };
}
