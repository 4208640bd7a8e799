/**
 * Follows the run log: page by page, in order, each run once.
 *
 * Rows may come late, so the tail always reads a little behind its cursor again, and now and then
 * much further back, leaving out the runs it has taken in. The cursor moves in the same transaction
 * that takes the runs in: a crash repeats a page at worst, and loses none.
 */
import type { Configuration } from "./configuration.ts";
import { describeError, withDeadline } from "./background.ts";
import { ingestRuns } from "./ingest.ts";
import { beginLate } from "./late-beginning.ts";
import type { LookAhead } from "./look-ahead.ts";
import type { Court } from "./judge.ts";
import {
  D1_DEADLINE_MS,
  PAGES_PER_STEP_MAX,
  PAGE_CHARACTERS_MAX,
  PAGE_RUNS_MAX,
  SWEEP_EVERY_MS,
  SWEEP_WINDOW_MS,
  TAIL_OVERLAP_MS,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports, RunPage } from "./ports.ts";

/** How far a look at the log came. */
export interface TailStep {
  /**
   * `behind`: there is more to read; `failed`: the log could not be read; `waiting`: what was read is
   * taken in later, when the configuration that it was made with is known.
   */
  state: "caught_up" | "behind" | "failed" | "waiting";
  /** Monitors whose regions are all to be asked now. */
  asks: Set<string>;
}

/** The log tail. */
export class LogTail {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #configuration: Configuration;
  readonly #court: () => Court;
  readonly #lookAhead: LookAhead;

  constructor(
    memory: Memory,
    ports: Ports,
    configuration: Configuration,
    lookAhead: LookAhead,
    court: () => Court,
  ) {
    this.#lookAhead = lookAhead;
    this.#memory = memory;
    this.#ports = ports;
    this.#configuration = configuration;
    this.#court = court;
  }

  /** Takes in what is new, up to a number of pages. */
  async advance(): Promise<TailStep> {
    this.#beginLate();
    const step: TailStep = { state: "behind", asks: new Set() };
    for (let page = 0; page < PAGES_PER_STEP_MAX && step.state === "behind"; page += 1) {
      const { tail } = this.#memory.state;
      step.state = await this.#readPage(tail.cursorMs - TAIL_OVERLAP_MS, step.asks, {});
    }
    const nowMs = this.#ports.clock.nowMs();
    const { cursorMs, sweptAtMs } = this.#memory.state.tail;
    if (step.state === "caught_up" && nowMs - sweptAtMs >= SWEEP_EVERY_MS) {
      const fromMs = Math.min(cursorMs, nowMs) - SWEEP_WINDOW_MS;
      await this.#readPage(fromMs, step.asks, { sweptAtMs: nowMs });
    }
    return step;
  }

  /** A coordinator without monitors has nothing to read that lies back. */
  #beginLate(): void {
    const { config, tail } = this.#memory.state;
    if (tail.cursorMs > 0 && (config?.monitors.length ?? 0) > 0) return;
    this.#memory.transact((draft) => beginLate(draft, this.#court()));
  }

  async #readPage(
    fromMs: number,
    asks: Set<string>,
    mark: { sweptAtMs?: number },
  ): Promise<TailStep["state"]> {
    const query = {
      fromMs: Math.max(fromMs, this.#memory.state.tail.readFromMs ?? -Infinity),
      known: seenSince(this.#memory.state.seen, fromMs),
      runsMax: PAGE_RUNS_MAX,
      charactersMax: PAGE_CHARACTERS_MAX,
    };
    let page: RunPage;
    try {
      const reading = this.#ports.log.loadRuns(query);
      page = await withDeadline(this.#ports.clock, D1_DEADLINE_MS, "run log", reading);
    } catch (error) {
      this.#ports.print({ event: "failure", what: "run log", error: describeError(error) });
      return "failed";
    }
    this.#lookAhead.note(page.runs, this.#ports.clock.nowMs());
    await this.#configuration.catchUpWith(page.runs);
    if (this.#configuration.awaitsThatOf(page.runs)) return "waiting";
    this.#takeIn(page, asks, page.hasMore ? {} : mark);
    return page.hasMore ? "behind" : "caught_up";
  }

  #takeIn(page: RunPage, asks: Set<string>, mark: { sweptAtMs?: number }): void {
    const court = this.#court();
    this.#memory.transact((draft) => {
      for (const run of page.runs) {
        for (const monitor of ingestRuns(draft, [run], court)) asks.add(monitor);
      }
      for (const key of page.damaged) draft.markSeen(key, Number.parseInt(key, 10));
      const cursorMs = newestOf(page, court.wallMs);
      if (cursorMs > draft.tail.cursorMs) draft.moveTail({ cursorMs });
      if (mark.sweptAtMs !== undefined) draft.moveTail(mark);
    });
    for (const key of page.damaged) this.#ports.print({ event: "damaged_run", key });
  }
}

/** Keys of the runs that were scheduled since a moment. */
function seenSince(seen: ReadonlyMap<string, number>, fromMs: number): string[] {
  const keys: string[] = [];
  seen.forEach((atMs, key) => {
    if (atMs >= fromMs) keys.push(key);
  });
  return keys;
}

/** Scheduled time of the newest run of a page; never in the future, whatever a clock said. */
function newestOf(page: RunPage, nowMs: number): number {
  const moments = page.runs.map((run) => Math.min(run.scheduledAtMs, nowMs));
  return Math.max(0, ...moments);
}
