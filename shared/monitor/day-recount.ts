/**
 * Recounts the rollups of one UTC day, observation by observation, so that nothing of the log need be
 * held; see `recount.ts` for what the outcome must equal. Pure.
 */
import type { ObservationDigest } from "../probe/digest.ts";
import type { VerdictChange, VerdictSpan } from "./recount.ts";
import { inEveryResolution, verdictSpans } from "./recount.ts";
import type { Rollup } from "./rollup.ts";
import {
  PERIOD_MS,
  addRollup,
  dayStartMs,
  rollUpObservation,
  rollupKey,
  spanChanges,
} from "./rollup.ts";
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

  /** Counts a monitor's time by verdict: {@link verdictSpansOfDay}. */
  enterTime(monitor: string, spans: readonly VerdictSpan[]): void {
    for (const span of spans) {
      for (const change of spanChanges({ monitor, ...span })) this.#add(change);
    }
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

/**
 * The times of a day in which a monitor's verdicts held.
 *
 * @param changes its transitions in their order: from the last before the day, or from its first on,
 *   up to those that may date back into the day
 * @param present what holds now; it held all the time where there are no changes
 */
export function verdictSpansOfDay(
  dayMs: number,
  changes: readonly VerdictChange[],
  present: Pick<Verdict, "kind" | "sinceMs">,
): VerdictSpan[] {
  const toMs = dayMs + PERIOD_MS.day;
  const [first] = changes;
  const { kind, sinceMs } = present;
  const spans =
    first === undefined
      ? [{ kind, fromMs: sinceMs, toMs }]
      : verdictSpans({
          kind: first.from,
          transitions: changes,
          // Before its first verdict a monitor was unknown, or not there: no time of it counts.
          fromMs: first.from === "unknown" ? first.atMs : Math.min(first.atMs, dayMs),
          toMs,
        });
  return spans
    .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, dayMs) }))
    .filter((span) => span.fromMs < span.toMs);
}
