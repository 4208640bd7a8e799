/**
 * Alerts as they go on after a restore: what was told before the backup counts as told, and what was
 * still to be told is given up, because the network that was backed up may have told it since. What
 * happens from then on is told as ever: that it gets worse, ends, or goes on for an interval more.
 * Pure.
 */
import type { Decision } from "./decision.ts";
import type { Delivery } from "./delivery.ts";
import type { AlertGroup } from "./grouping.ts";
import { leaveLane } from "./grouping.ts";
import type { AlertSubject, Telling } from "./subject.ts";

const NOT_SENT = "it was still to be sent when the backup was made from which this was restored";
const NOT_TOLD = "it was still to be told when the backup was made from which this was restored";

/** A delivery that is not sent any more, if it has not been. */
export function restoreDelivery(delivery: Delivery): Delivery {
  if (delivery.state !== "pending") return delivery;
  return { ...delivery, state: "dead", lastError: NOT_SENT };
}

/** A group in which nothing waits; how much was told lately still counts. */
export function restoreGroup(group: AlertGroup): AlertGroup {
  return leaveLane(leaveLane(group, "news"), "ends");
}

/**
 * A subject of which nothing is to be told by itself, and the decisions to that.
 *
 * @param givenUp ids of the deliveries that are not sent any more
 * @param nowMs moment of the restore: reminders, and that it has become milder, are due from here
 */
export function restoreSubject(
  subject: AlertSubject,
  givenUp: ReadonlySet<string>,
  nowMs: number,
): { subject: AlertSubject; decisions: Decision[] } {
  const decisions: Decision[] = [];
  const tellings: Record<string, Telling> = {};
  for (const [channel, telling] of Object.entries(subject.tellings)) {
    const deliveries = telling.deliveries.filter((id) => !givenUp.has(id));
    const atMs = telling.atMs === null ? null : nowMs;
    tellings[channel] = { ...telling, deliveries, atMs };
    if (!telling.waiting) continue;
    tellings[channel] = {
      ...telling,
      deliveries,
      waiting: false,
      level: subject.level,
      atMs: nowMs,
      over: subject.endedAtMs !== null,
      decided: { transition: subject.transition, why: NOT_TOLD },
    };
    decisions.push({
      subject: subject.id,
      transition: subject.transition,
      channel,
      atMs: nowMs,
      alert: null,
      delivery: null,
      steps: [{ stage: "grouping", passed: false, why: NOT_TOLD }],
    });
  }
  return { subject: { ...subject, levelSinceMs: nowMs, tellings }, decisions };
}
