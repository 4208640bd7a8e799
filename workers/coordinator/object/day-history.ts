/**
 * The last 90 days of each monitor, as the status has them. Reads only.
 *
 * Days that are over are kept as they are shown, a fraction of what their rollups take. Yesterday and
 * today, whose latency is wanted too, are read from the store each time, with what was not folded into
 * days yet and the time since it was last entered: at most two days and five minutes.
 */
import type { MonitorDays } from "../../../shared/monitor/day-status.ts";
import { addToDays, copyDays, noDays } from "../../../shared/monitor/day-status.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { QUORUM_REGION, dayStartMs } from "../../../shared/monitor/rollup.ts";
import { STATUS_DAYS } from "./limits.ts";
import type { Memory } from "./memory.ts";
import { timeToNow, unfoldedBuckets } from "./recent-rollups.ts";
import type { Bucket } from "./rollups.ts";
import { rowsOf } from "./rollups.ts";

const DAY_MS = 86_400_000;

/** Whose days are wanted: the regions' too, or the quorum's alone. */
export type DaysOf = "regions" | "quorum";

/** What is kept of the days before yesterday. */
interface Kept {
  config: PublishedConfig;
  of: DaysOf;
  /** Beginning of yesterday: everything before it is here. */
  toMs: number;
  days: ReadonlyMap<string, MonitorDays>;
}

/** The last 90 days. */
export class DayHistory {
  readonly #memory: Memory;
  #kept: Kept | null = null;

  constructor(memory: Memory) {
    this.#memory = memory;
    memory.onCommit(({ buckets }) => {
      for (const { resolution, startMs } of buckets.values()) {
        // Something came late, or was recounted.
        if (resolution === "day" && startMs < (this.#kept?.toMs ?? 0)) this.#kept = null;
      }
    });
  }

  /** Days of the monitors that are published, by monitor. */
  load(nowMs: number, of: DaysOf): ReadonlyMap<string, MonitorDays> {
    const { config } = this.#memory.state;
    if (config === null) return new Map();
    const todayMs = dayStartMs(nowMs);
    const recentMs = todayMs - DAY_MS;
    const kept = this.#keptDays(config, of, recentMs);
    const days = new Map([...kept].map(([id, own]) => [id, copyDays(own)]));
    addBuckets(days, this.#days(recentMs, todayMs + DAY_MS, of), recentMs);
    addBuckets(days, unfoldedBuckets(this.#memory, regionsOf(of)), recentMs);
    for (const [id, own] of days) {
      for (const row of timeToNow(this.#memory.state, id)) addToDays(own, row, Infinity);
    }
    return days;
  }

  #days(fromMs: number, toMs: number, of: DaysOf): Bucket[] {
    return this.#memory.history.rollups.buckets("day", fromMs, toMs, regionsOf(of));
  }

  #keptDays(config: PublishedConfig, of: DaysOf, toMs: number): ReadonlyMap<string, MonitorDays> {
    const kept = this.#kept;
    if (kept?.config === config && kept.of === of && kept.toMs === toMs) return kept.days;
    const days = new Map(config.monitors.map(({ id }) => [id, noDays()]));
    // One at a time: a day's rollups take many times the memory of what is kept of them.
    for (let dayMs = toMs - (STATUS_DAYS - 2) * DAY_MS; dayMs < toMs; dayMs += DAY_MS) {
      addBuckets(days, this.#days(dayMs, dayMs + DAY_MS, of), Infinity);
    }
    this.#kept = { config, of, toMs, days };
    return days;
  }
}

/** The regions whose rollups are read; null: all. */
function regionsOf(of: DaysOf): readonly string[] | null {
  return of === "quorum" ? [QUORUM_REGION] : null;
}

function addBuckets(
  days: ReadonlyMap<string, MonitorDays>,
  buckets: readonly Bucket[],
  latencyFromMs: number,
): void {
  for (const bucket of buckets) {
    for (const row of rowsOf(bucket)) {
      const own = days.get(row.monitor);
      if (own !== undefined) addToDays(own, row, latencyFromMs);
    }
  }
}
