/**
 * Virtual time in which one rule judges a trace: the checks of the schedule come to it as they end,
 * and it may wait, have places look again, and alert. Nothing here waits in truth.
 */
import type { Sight } from "./trace.ts";
import { CHECK_TIMEOUT_MS, HOUR_MS } from "./trace.ts";

/** What a rule may do. */
export interface Desk {
  readonly nowMs: number;
  /** Has something done after a while. */
  after(delayMs: number, action: () => void): void;
  /** Has a region check now; the answer comes when the check ends, null when nobody answers. */
  look(region: string, answer: (sight: Sight | null) => void): void;
  /** Tells people that the target is down. */
  alert(): void;
}

/** A rule at work: takes each check of the schedule when it has ended. */
export type Judge = (sight: Sight) => void;

/** A rule for telling people that a target is down. */
export interface Rule {
  name: string;
  /** Where the rule is written down. */
  source: string;
  start: (desk: Desk) => Judge;
}

/** What a rule looks at. */
export interface Watched {
  look(region: string, atMs: number): Sight | null;
  scheduled(fromMs: number, toMs: number): Sight[];
}

/** What a rule did. */
export interface RuleRecord {
  /** When it alerted, ascending. */
  alertsMs: number[];
  /** Checks that it had made besides the schedule's. */
  extraChecks: number;
}

interface Appointment {
  atMs: number;
  action: () => void;
}

/** One rule, its agenda and its record. */
class Court implements Desk {
  readonly record: RuleRecord = { alertsMs: [], extraChecks: 0 };
  readonly #watched: Watched;
  readonly #judge: Judge;
  /** In order of time, then of making; a handful at most. */
  readonly #agenda: Appointment[] = [];
  #nowMs: number;

  constructor(rule: Rule, watched: Watched, startMs: number) {
    this.#watched = watched;
    this.#nowMs = startMs;
    this.#judge = rule.start(this);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): void {
    const atMs = this.#nowMs + delayMs;
    let index = this.#agenda.length;
    while (index > 0 && (this.#agenda[index - 1]?.atMs ?? 0) > atMs) index -= 1;
    this.#agenda.splice(index, 0, { atMs, action });
  }

  look(region: string, answer: (sight: Sight | null) => void): void {
    this.record.extraChecks += 1;
    const sight = this.#watched.look(region, this.#nowMs);
    const endedAtMs = sight?.endedAtMs ?? this.#nowMs + CHECK_TIMEOUT_MS;
    this.after(endedAtMs - this.#nowMs, () => answer(sight));
  }

  alert(): void {
    this.record.alertsMs.push(this.#nowMs);
  }

  take(sight: Sight): void {
    this.runTo(sight.endedAtMs);
    this.#judge(sight);
  }

  runTo(untilMs: number): void {
    for (let next = this.#agenda[0]; next !== undefined && next.atMs <= untilMs;) {
      this.#agenda.shift();
      this.#nowMs = next.atMs;
      next.action();
      next = this.#agenda[0];
    }
    this.#nowMs = untilMs;
  }
}

/** Has a rule judge all that there is to see in a window. */
export function judge(
  rule: Rule,
  watched: Watched,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): RuleRecord {
  const court = new Court(rule, watched, fromMs);
  let waiting: Sight[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += HOUR_MS) {
    const endMs = Math.min(toMs, startMs + HOUR_MS);
    const seen = [...waiting, ...watched.scheduled(startMs, endMs)];
    seen.sort((a, b) => a.endedAtMs - b.endedAtMs);
    // A check that has not ended by then may be overtaken by those of the next window.
    const due = seen.filter((sight) => sight.endedAtMs < endMs);
    waiting = seen.slice(due.length);
    for (const sight of due) court.take(sight);
    court.runTo(endMs);
  }
  return court.record;
}
