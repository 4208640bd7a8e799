/**
 * Rebuilds rollups from the log: reads a day's runs once more, recounts what they and the transitions
 * come to, and puts that in the place of what the object and D1 have. Whole UTC days that are over, of
 * which every run is kept, and of the monitors that there are; repeating it changes nothing. How a
 * monitor's time is told is said in `time-telling.ts`.
 */
import { DayRecount } from "../../../shared/monitor/day-recount.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { PERIOD_MS, RESOLUTIONS, dayStartMs, rollupKey } from "../../../shared/monitor/rollup.ts";
import { encodeRollup, packRollups } from "../../../shared/monitor/rollup-block.ts";
import { partOf } from "../../../shared/monitor/shard.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import { runKey } from "../../../shared/probe/run.ts";
import { withDeadline } from "./background.ts";
import type { Draft } from "./draft.ts";
import {
  BLOCKS_KEPT_MS,
  D1_DEADLINE_MS,
  PAGE_CHARACTERS_MAX,
  PAGE_RUNS_MAX,
  PERIODS_KEPT_MS,
  REBUILD_BLOCKS_MAX,
  REBUILD_CALL_MS,
  REBUILD_MARGIN_MS,
  REBUILD_ROWS_MAX,
  STATUS_DAYS,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { MirrorBatch, Ports } from "./ports.ts";
import type { Bucket, BucketKey } from "./rollups.ts";
import { bucketName, emptyBucket } from "./rollups.ts";
import type { RebuiltDay, RebuildResult } from "./rpc.ts";
import { TimeTelling } from "./time-telling.ts";

const DAY_MS = PERIOD_MS.day;
/** Times that a day is counted again because a late run of it came meanwhile. */
const ATTEMPTS_MAX = 3;
const NOTHING: Omit<MirrorBatch, "blocks"> = {
  incidents: [],
  transitions: [],
  deliveries: [],
  snapshot: null,
};

/** The rebuilding of rollups. */
export class Rebuild {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #time: TimeTelling;
  /** How often runs have added something to a day, in this life of the coordinator. */
  readonly #additions = new Map<number, number>();

  constructor(memory: Memory, ports: Ports) {
    this.#memory = memory;
    this.#ports = ports;
    this.#time = new TimeTelling(memory, ports);
    memory.onCommit(({ seen, buckets }) => {
      if (seen.size === 0) return;
      for (const dayMs of new Set([...buckets.values()].map((each) => dayStartMs(each.startMs)))) {
        this.#additions.set(dayMs, this.#additionsTo(dayMs) + 1);
      }
    });
  }

  /**
   * Rebuilds the days inside a window, oldest first, as many as there is time for.
   *
   * @throws when D1 does not answer; what was rebuilt until then stays
   */
  async run(window: { fromMs: number; toMs: number }): Promise<RebuildResult> {
    const { clock } = this.#ports;
    const untilMs = clock.nowMs() + REBUILD_CALL_MS;
    const days: RebuiltDay[] = [];
    const { firstMs, endMs } = await this.#possible(window);
    for (let dayMs = firstMs; dayMs < endMs; dayMs += DAY_MS) {
      if (days.length > 0 && clock.nowMs() >= untilMs) return { days, nextMs: dayMs };
      days.push(await this.#rebuildDay(dayMs));
    }
    return { days, nextMs: null };
  }

  #additionsTo(dayMs: number): number {
    return this.#additions.get(dayMs) ?? 0;
  }

  /** The whole days of a window that are over and kept. */
  async #possible({ fromMs, toMs }: { fromMs: number; toMs: number }) {
    const { judgedAtMs } = this.#memory.state.tail;
    const overMs = Math.min(judgedAtMs, this.#ports.clock.nowMs()) - REBUILD_MARGIN_MS;
    const { runs, damaged } = await this.#readPage({ fromMs: 0, known: [], runsMax: 1 });
    const [oldest] = [...runs.map(runKey), ...damaged].map(scheduledAt);
    // Runs before the oldest may have been deleted, and they observed into the time that follows.
    const keptMs = oldest === undefined ? Infinity : oldest + REBUILD_MARGIN_MS;
    const firstMs = Math.ceil(Math.max(fromMs, keptMs) / DAY_MS) * DAY_MS;
    return { firstMs, endMs: dayStartMs(Math.min(toMs, overMs)) };
  }

  async #rebuildDay(dayMs: number): Promise<RebuiltDay> {
    const result = { dayMs, runs: 0, observations: 0, buckets: 0, blocks: 0 };
    const { accounts, config } = this.#memory.state;
    const cells =
      accounts.size * ((config?.regions.length ?? 0) + 1) * (DAY_MS / PERIOD_MS["5min"]);
    const groups = Math.max(1, Math.ceil(cells / REBUILD_ROWS_MAX));
    for (let group = 0; group < groups; group += 1) {
      const takes = (monitor: string) => accounts.has(monitor) && partOf(monitor, groups) === group;
      const { runs, observations, buckets, blocks } = await this.#rebuildGroup(dayMs, takes);
      result.runs = runs;
      result.observations += observations;
      result.buckets += buckets;
      result.blocks += blocks;
    }
    return result;
  }

  /**
   * Rebuilds some monitors' day, anew if a run of it is taken in meanwhile: between the last look at
   * that and the replacing nothing else can run, and what came while D1 was written is written again.
   */
  async #rebuildGroup(dayMs: number, takes: (monitor: string) => boolean) {
    let buckets = 0;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const additions = this.#additionsTo(dayMs);
      const recount = new DayRecount(dayMs);
      const counted = await this.#countRuns(dayMs, takes, recount);
      const monitors = [...this.#memory.state.accounts.keys()].filter(takes);
      const time = await this.#time.load(dayMs, monitors);
      if (this.#additionsTo(dayMs) !== additions) continue;
      const times = time();
      if (times === null) continue;
      const rows = [...recount.rows(), ...times];
      buckets += this.#memory.transact((draft) => this.#replace(draft, dayMs, rows, takes));
      const blocks = await this.#writeBlocks(rows);
      if (this.#additionsTo(dayMs) === additions) return { ...counted, buckets, blocks };
    }
    throw new Error("runs of a day that is rebuilt keep coming");
  }

  async #countRuns(dayMs: number, takes: (monitor: string) => boolean, recount: DayRecount) {
    const counted = { runs: 0, observations: 0 };
    const fromMs = dayMs - REBUILD_MARGIN_MS;
    for await (const run of this.#readRuns(fromMs, dayMs + DAY_MS + REBUILD_MARGIN_MS)) {
      const taken = run.observations.filter(
        (observation) => takes(observation.monitor) && recount.observe(observation),
      );
      counted.observations += taken.length;
      if (run.scheduledAtMs >= dayMs && run.scheduledAtMs < dayMs + DAY_MS) counted.runs += 1;
    }
    return counted;
  }

  /** Runs scheduled in [fromMs, toMs), in the order of the log, and those that D1 lacks. */
  async *#readRuns(fromMs: number, toMs: number): AsyncGenerator<RunDigest> {
    if (this.#memory.history.keptRuns(1).length > 0) {
      throw new Error("D1 does not have all runs yet");
    }
    let [atMs, known] = [fromMs, [] as string[]];
    for (let hasMore = true; hasMore;) {
      const page = await this.#readPage({ fromMs: atMs, known, runsMax: PAGE_RUNS_MAX });
      hasMore = page.hasMore;
      const keys = [...page.runs.map(runKey), ...page.damaged];
      const lastMs = Math.max(atMs, ...keys.map(scheduledAt));
      known = [...(lastMs === atMs ? known : []), ...keys].filter(
        (key) => scheduledAt(key) === lastMs,
      );
      atMs = lastMs;
      for (const run of page.runs) if (run.scheduledAtMs < toMs) yield run;
      if (lastMs >= toMs || keys.length === 0) return;
    }
  }

  #readPage(query: { fromMs: number; known: readonly string[]; runsMax: number }) {
    const reading = this.#ports.log.loadRuns({ ...query, charactersMax: PAGE_CHARACTERS_MAX });
    return withDeadline(this.#ports.clock, D1_DEADLINE_MS, "run log", reading);
  }

  /** Puts rows in the place of those that the object still keeps; returns how many buckets differ. */
  #replace(
    draft: Draft,
    dayMs: number,
    rows: readonly Rollup[],
    takes: (monitor: string) => boolean,
  ): number {
    const after = new Map<string, { before: Bucket; rows: Map<string, string> }>();
    /** Where rows are at present: they stay there. */
    const parts = new Map<string, number>();
    const { rollups } = this.#memory.history;
    for (const resolution of RESOLUTIONS) {
      for (const before of rollups.buckets(resolution, dayMs, dayMs + DAY_MS)) {
        const others = [...before.rows].filter(([monitor]) => !takes(monitor));
        const { region, startMs: bucketStartMs, part } = before;
        for (const monitor of before.rows.keys()) {
          const identity = { monitor, resolution, region, bucketStartMs };
          if (takes(monitor)) parts.set(rollupKey(identity), part);
        }
        after.set(bucketName(before), { before, rows: new Map(others) });
      }
    }
    for (const row of rows) {
      const { resolution, region, bucketStartMs: startMs, monitor } = row;
      const part = parts.get(rollupKey(row)) ?? draft.partOf(monitor);
      const key: BucketKey = { resolution, region, startMs, part };
      if (!this.#keeps(key)) continue;
      const name = bucketName(key);
      const entry = after.get(name) ?? { before: emptyBucket(key), rows: new Map() };
      entry.rows.set(monitor, encodeRollup(row));
      after.set(name, entry);
    }
    const changed = [...after.values()].filter((entry) => !sameRows(entry.before.rows, entry.rows));
    for (const { before, rows: own } of changed) draft.saveBucket({ ...before, rows: own });
    return changed.length;
  }

  /** Whether the object keeps a bucket, or has forgotten it; see its `forget`. */
  #keeps({ resolution, startMs }: BucketKey): boolean {
    const nowMs = this.#ports.clock.nowMs();
    if (resolution === "day") return startMs >= nowMs - (STATUS_DAYS + 1) * DAY_MS;
    const readToMs = Math.min(nowMs, this.#memory.state.tail.cursorMs);
    return startMs >= dayStartMs(readToMs - PERIODS_KEPT_MS);
  }

  /** Writes blocks to D1, but for those that retention would delete; resolves with their number. */
  async #writeBlocks(rows: readonly Rollup[]): Promise<number> {
    const nowMs = this.#ports.clock.nowMs();
    const blocks = packRollups(rows).filter(
      ({ resolution, startMs }) =>
        resolution === "day" || startMs >= nowMs - BLOCKS_KEPT_MS[resolution],
    );
    for (let from = 0; from < blocks.length; from += REBUILD_BLOCKS_MAX) {
      const batch = { ...NOTHING, blocks: blocks.slice(from, from + REBUILD_BLOCKS_MAX) };
      const writing = this.#ports.mirror.write(batch);
      await withDeadline(this.#ports.clock, D1_DEADLINE_MS, "rollups", writing);
    }
    return blocks.length;
  }
}

/** When a run was scheduled, by its key. */
function scheduledAt(key: string): number {
  return Number.parseInt(key, 10);
}

function sameRows(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([monitor, text]) => b.get(monitor) === text);
}
