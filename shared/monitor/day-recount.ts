/**
 * Recounts the rollups of one UTC day, observation by observation, so that nothing of the log need be
 * held, and tells a monitor's time by verdict on it; see `recount.ts` for what the outcome must equal. Pure.
 */
import type { ObservationDigest } from "../probe/digest.ts";
import type { KnownChange, VerdictChange, VerdictSpan } from "./recount.ts";
import { inEveryResolution, verdictSpans } from "./recount.ts";
import type { Rollup } from "./rollup.ts";
import { PERIOD_MS, addRollup, dayStartMs, rollUpObservation, rollupKey } from "./rollup.ts";
import type { Verdict } from "./verdict.ts";

/** What is counted of one day. */
export class DayRecount {
  readonly #dayMs: number;
  /** Of five minutes, by their key. */
  readonly #rows = new Map<string, Rollup>();

  /** @param dayMs start of the day, UTC epoch milliseconds */
  constructor(dayMs: number) {
    this.#dayMs = dayMs;
  }

  /** Counts an observation; false: it is of another day. */
  observe(observation: ObservationDigest): boolean {
    if (dayStartMs(observation.startedAtMs) !== this.#dayMs) return false;
    this.#add(rollUpObservation(observation));
    return true;
  }

  /** Rows of every resolution. */
  rows(): Rollup[] {
    return inEveryResolution(this.#rows.values());
  }

  #add(change: Rollup): void {
    const key = rollupKey(change);
    const row = this.#rows.get(key);
    this.#rows.set(key, row === undefined ? change : addRollup(row, change));
  }
}

/** Number of a transition among its monitor's. */
function sequenceOf({ id }: KnownChange): number {
  return Number(id.slice(id.lastIndexOf(".") + 1));
}

/** One monitor's changes from several places: each once, in their order. */
export function joinChanges(...lists: ReadonlyArray<readonly KnownChange[]>): KnownChange[] {
  const known = new Map(lists.flat().map((change) => [change.id, change]));
  return [...known.values()].sort((a, b) => a.atMs - b.atMs || sequenceOf(a) - sequenceOf(b));
}

/**
 * The times of a day in which a monitor's verdicts held; null: its changes do not tell all of them,
 * for one of them is missing, or the day began before the first that is known.
 *
 * @param changes in their order: the last before the day, those up to a day after it that may date
 *   back into it, and the next; earlier and later ones do not matter
 * @param present what holds now; it held all the time where there are no changes
 */
export function verdictSpansOfDay(
  dayMs: number,
  changes: readonly VerdictChange[],
  present: Pick<Verdict, "kind" | "sinceMs">,
): VerdictSpan[] | null {
  const toMs = dayMs + PERIOD_MS.day;
  const before = changes.findLastIndex(({ atMs }) => atMs < dayMs);
  const known = changes.slice(Math.max(0, before));
  const [first] = known;
  const { kind, sinceMs } = present;
  if (first === undefined) return sinceMs > dayMs ? null : [{ kind, fromMs: dayMs, toMs }];
  // Before its first verdict a monitor was unknown, or not there: no time of it counts.
  const isNew = first.from === "unknown";
  if (first.atMs > dayMs && !isNew) return null;
  const isUnbroken = known.every(
    ({ atMs, to }, index) => atMs >= toMs || to === (known[index + 1]?.from ?? kind),
  );
  if (!isUnbroken) return null;
  const fromMs = isNew ? first.atMs : Math.min(first.atMs, dayMs);
  return verdictSpans({ kind: first.from, transitions: known, fromMs, toMs })
    .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, dayMs) }))
    .filter((span) => span.fromMs < span.toMs);
}
