/**
 * Cuts a row's time by verdict: what of it lies in a part of its period. Pure.
 *
 * A row says how long each verdict held, not when. That is told by the transitions, but only where
 * they come to just what the row has: it may have been counted otherwise, and it need not contain
 * all of its period. The present one has not come further than what was entered, and a monitor's
 * first begins with the monitor.
 */
import type { VerdictChange } from "./recount.ts";
import { verdictSpans } from "./recount.ts";
import type { Rollup } from "./rollup.ts";
import { PERIOD_MS, spanChanges } from "./rollup.ts";
import type { VerdictTimes } from "./uptime.ts";
import { NO_TIME, addTimes, allMs } from "./uptime.ts";

/** A time: from inclusive, to exclusive (UTC epoch milliseconds). */
export interface Window {
  fromMs: number;
  toMs: number;
}

const KINDS = Object.keys(NO_TIME) as Array<keyof VerdictTimes>;

/**
 * Time by verdict of a part of a row's period; null: it cannot be told exactly.
 *
 * @param changes the monitor's transitions in their order, from the last before the period, or from
 *   its first on
 */
export function cutTimes(
  row: Rollup,
  part: Window,
  changes: readonly VerdictChange[],
): VerdictTimes | null {
  const kinds = KINDS.filter((kind) => row[kind] > 0);
  const [only] = kinds;
  if (only === undefined) return NO_TIME;
  if (kinds.length === 1 && row[only] === PERIOD_MS[row.resolution]) {
    return { ...NO_TIME, [only]: part.toMs - part.fromMs };
  }
  const entered = enteredPart(row, changes);
  if (entered === null) return null;
  const fromMs = Math.max(part.fromMs, entered.fromMs);
  const toMs = Math.min(part.toMs, entered.toMs);
  return timesIn(row.monitor, { fromMs, toMs }, changes);
}

/**
 * The part of its period that a row contains, which is in one piece; null: the transitions do not
 * come to what the row has.
 *
 * All of it, or as far as has been entered; in the period of a monitor's first transition up to the
 * end, or from as long before that as nothing was known. Where several agree, they differ in when
 * nothing was known, at most.
 */
function enteredPart(row: Rollup, changes: readonly VerdictChange[]): Window | null {
  const startMs = row.bucketStartMs;
  const endMs = startMs + PERIOD_MS[row.resolution];
  if (beginsAgain(changes, { fromMs: startMs, toMs: endMs })) return null;
  const lengthMs = allMs(row);
  const { noticedMs, beganMs } = firstVerdict(changes);
  const agrees = (part: Window) => {
    // What dates back to before the monitor was there begins with it, and nobody noted when that was.
    const isWhole = lengthMs === PERIOD_MS[row.resolution];
    if (beganMs <= part.fromMs && part.fromMs < noticedMs && !isWhole) return false;
    const recounted = timesIn(row.monitor, part, changes);
    return KINDS.every((kind) => recounted[kind] === row[kind]);
  };
  return (
    [endMs - lengthMs, startMs, beganMs - row.unknownMs]
      .filter((fromMs) => fromMs === startMs || (fromMs > startMs && fromMs <= noticedMs))
      .map((fromMs) => ({ fromMs, toMs: fromMs + lengthMs }))
      .find((part) => part.toMs <= endMs && agrees(part)) ?? null
  );
}

/** Since when something is known of a monitor that is new, and when that was noticed. */
function firstVerdict([first]: readonly VerdictChange[]) {
  if (first === undefined) return { noticedMs: Infinity, beganMs: Infinity };
  const { from, atMs, sinceMs = atMs } = first;
  return from === "unknown"
    ? { noticedMs: atMs, beganMs: Math.min(atMs, sinceMs) }
    : { noticedMs: -Infinity, beganMs: -Infinity };
}

/** Whether a monitor was gone and came back as a new one: for how long, no transition says. */
function beginsAgain(changes: readonly VerdictChange[], { fromMs, toMs }: Window): boolean {
  return changes.some(({ atMs, from }, index) => {
    const before = changes[index - 1];
    return before !== undefined && before.to !== from && atMs >= fromMs && atMs < toMs;
  });
}

/** Time by verdict in a window, as the transitions tell it. */
function timesIn(monitor: string, window: Window, changes: readonly VerdictChange[]): VerdictTimes {
  const [first] = changes;
  return verdictSpans({
    kind: first?.from ?? "unknown",
    transitions: changes,
    fromMs: Math.min(first?.atMs ?? Infinity, window.fromMs),
    toMs: window.toMs,
  })
    .filter(({ toMs }) => toMs > window.fromMs)
    .flatMap((span) => {
      const fromMs = Math.max(span.fromMs, window.fromMs);
      return spanChanges({ monitor, ...span, fromMs });
    })
    .reduce<VerdictTimes>(addTimes, NO_TIME);
}
