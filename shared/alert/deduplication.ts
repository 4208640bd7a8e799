/**
 * Deduplication: whether a channel has been told of what is so now.
 *
 * It is told of the beginning, of what gets worse than it was told, of what has been milder for a
 * while, again now and then while it goes on, and of the end of what it has heard of. Pure.
 */
import type { AlertKind } from "./delivery.ts";
import type { AlertSubject, Telling } from "./subject.ts";

/** What is to be told. */
export interface News {
  /** Null: nothing. */
  alert: Exclude<AlertKind, "test"> | null;
  /** A message about the same was made before. */
  repeat: boolean;
  why: string;
}

/** How patient a channel is, in milliseconds. */
export interface Patience {
  easeAfterMs: number;
  /** Null: nothing is repeated. */
  repeatIntervalMs: number | null;
}

/** Decides what a channel is to be told of a subject at a moment. */
export function decideNews(
  subject: AlertSubject,
  telling: Telling,
  { easeAfterMs, repeatIntervalMs }: Patience,
  nowMs: number,
): News {
  const heard = telling.deliveries.length > 0;
  if (subject.endedAtMs !== null) {
    if (telling.over) return nothing("the channel was told of its end");
    if (heard) return tell("resolved", "the channel was told of it");
    const missed = telling.waiting || !subject.seen;
    return missed
      ? tell("resolved", "it began and ended before it could be told")
      : nothing("the channel was not told of it");
  }
  const { kind, level } = subject;
  if (telling.level === null || telling.atMs === null) {
    return tell("fired", `the channel has not been told of ${kind}`);
  }
  if (level > telling.level) return tell(heard ? "changed" : "fired", `it became ${kind}`);
  if (level < telling.level && heard && nowMs - subject.levelSinceMs >= easeAfterMs) {
    return tell("changed", `it has been only ${kind} for a while`);
  }
  // A certificate is told at its thresholds, which are reminders enough.
  const repeats = repeatIntervalMs !== null && kind !== "certificate";
  if (repeats && nowMs - telling.atMs >= repeatIntervalMs) {
    if (subject.acknowledged) return nothing("it is acknowledged, so it is not repeated");
    const why = "it goes on since the last message";
    return { alert: heard ? "changed" : "fired", repeat: true, why };
  }
  return nothing(
    level < telling.level ? "milder than what was told" : `the channel was told of ${kind}`,
  );
}

function tell(alert: "fired" | "changed" | "resolved", why: string): News {
  return { alert, repeat: false, why };
}

function nothing(why: string): News {
  return { alert: null, repeat: false, why };
}
