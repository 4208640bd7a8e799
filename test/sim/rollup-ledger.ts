/**
 * Counts along, in its own way, what the object takes in, and compares its rollups with that: every
 * bucket of five minutes with every commit, and at the end hours, days, the time by verdict, and
 * what D1 was given.
 */
import { recountTime, verdictSpans } from "../../shared/monitor/recount.ts";
import type { Resolution, Rollup } from "../../shared/monitor/rollup.ts";
import type { RollupBlock } from "../../shared/monitor/rollup-block.ts";
import { decodeBlock } from "../../shared/monitor/rollup-block.ts";
import type { Transition } from "../../shared/monitor/verdict.ts";
import type { ObservationDigest, RunDigest } from "../../shared/probe/digest.ts";
import type { Engine } from "../../workers/coordinator/object/engine.ts";
import type { Bucket } from "../../workers/coordinator/object/rollups.ts";
import { rowsOf } from "../../workers/coordinator/object/rollups.ts";
import type { Changes } from "../../workers/coordinator/object/state.ts";

const FIVE_MINUTES_MS = 300_000;
const QUORUM = "*";
const LENGTHS_MS: Readonly<Record<Resolution, number>> = {
  "5min": FIVE_MINUTES_MS,
  hour: 3_600_000,
  day: 86_400_000,
};
const FIELDS = ["observations", "up", "degraded", "down", "unknown", "latencyCount"] as const;
type Counts = Record<(typeof FIELDS)[number] | "latencySumMs", number>;

const NONE: Counts = {
  observations: 0,
  up: 0,
  degraded: 0,
  down: 0,
  unknown: 0,
  latencyCount: 0,
  latencySumMs: 0,
};

function keyOf(monitor: string, region: string, startMs: number): string {
  return `${monitor}/${region}/${startMs}`;
}

/** Same counts, and a histogram of as many latencies. */
function agrees(row: Rollup, counts: Counts): boolean {
  return (
    FIELDS.every((field) => row[field] === counts[field]) &&
    Math.abs(row.latencySumMs - counts.latencySumMs) < 0.01
  );
}

function count(counts: Counts, { status, blame, timings }: ObservationDigest): Counts {
  const seen = blame === "probe" ? "unknown" : status;
  const timed = (seen === "up" || seen === "degraded") && timings.totalMs !== null;
  return {
    ...counts,
    observations: counts.observations + 1,
    [seen]: counts[seen] + 1,
    latencyCount: counts.latencyCount + (timed ? 1 : 0),
    latencySumMs: counts.latencySumMs + (timed ? (timings.totalMs ?? 0) : 0),
  };
}

/** The ledger. */
export class RollupLedger {
  /** Regions' counts of five minutes. */
  #counts = new Map<string, Counts>();
  /** Monitors whose time did not go on without a break. */
  readonly #broken = new Set<string>();
  /** What D1 has, by block. */
  readonly #blocks = new Map<string, RollupBlock>();

  /**
   * Takes a commit in.
   *
   * @param ways how its runs may have come, of which one must explain its rollups
   * @returns what is wrong; null: nothing
   */
  see(changes: Changes, ways: ReadonlyArray<readonly RunDigest[]>): string | null {
    for (const monitor of changes.retiredJudgements) this.#broken.add(monitor);
    const buckets = [...changes.buckets.values()].filter(
      ({ resolution, region }) => resolution === "5min" && region !== QUORUM,
    );
    let wrong: string | null = null;
    for (const runs of ways) {
      const counts = this.#with(runs);
      wrong = this.#deviation(buckets, counts);
      if (wrong !== null) continue;
      for (const [key, value] of counts) this.#counts.set(key, value);
      return null;
    }
    return wrong;
  }

  /** What some runs would change. */
  #with(runs: readonly RunDigest[]): Map<string, Counts> {
    const counts = new Map<string, Counts>();
    for (const observation of runs.flatMap((run) => run.observations)) {
      const { monitor, region, startedAtMs } = observation;
      const startMs = startedAtMs - (startedAtMs % FIVE_MINUTES_MS);
      const key = keyOf(monitor, region, startMs);
      const before = counts.get(key) ?? this.#counts.get(key) ?? NONE;
      counts.set(key, count(before, observation));
    }
    return counts;
  }

  #deviation(buckets: readonly Bucket[], counts: ReadonlyMap<string, Counts>): string | null {
    const written = new Set<string>();
    for (const bucket of buckets) {
      for (const row of rowsOf(bucket)) {
        const key = keyOf(row.monitor, bucket.region, bucket.startMs);
        written.add(key);
        const expected = counts.get(key) ?? this.#counts.get(key) ?? NONE;
        if (!agrees(row, expected)) return `the rollup ${key} is not what its runs come to`;
      }
    }
    const lost = [...counts.keys()].find((key) => !written.has(key));
    return lost === undefined ? null : `the rollup ${lost} lacks a run`;
  }

  /** Takes in what D1 was given. */
  mirrored(blocks: readonly RollupBlock[]): void {
    for (const block of blocks) {
      this.#blocks.set(`${block.resolution}/${block.monitor}/${block.startMs}`, block);
    }
  }

  /** What is wrong with what the object has counted in all; null: nothing. */
  mismatch(engine: Engine, transitions: readonly Transition[]): string | null {
    const { state, history } = engine.memory;
    const stored = (resolution: Resolution) =>
      history.rollups.buckets(resolution, 0, Number.MAX_SAFE_INTEGER).flatMap(rowsOf);
    const fine = stored("5min");
    const unfolded = fine.filter(
      ({ bucketStartMs }) => bucketStartMs >= (state.tail.foldedToMs ?? 0),
    );
    for (const resolution of ["5min", "hour", "day"] as const) {
      const rows = resolution === "5min" ? fine : [...stored(resolution), ...unfolded];
      const wrong =
        this.#compareCounts(resolution, rows) ??
        this.#compareTimes(resolution, rows, transitions, engine);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  #compareCounts(resolution: Resolution, rows: readonly Rollup[]): string | null {
    const lengthMs = LENGTHS_MS[resolution];
    const observed = new Map<string, number>();
    const add = (key: string, startMs: number, change: number) => {
      const name = `${key}/${startMs - (startMs % lengthMs)}`;
      observed.set(name, (observed.get(name) ?? 0) + change);
    };
    for (const { monitor, region, bucketStartMs, observations, down } of rows) {
      add(`${monitor}/${region}`, bucketStartMs, observations + 1_000_000 * down);
    }
    for (const [key, { observations, down }] of this.#counts) {
      const at = key.lastIndexOf("/");
      const change = observations + 1_000_000 * down;
      add(key.slice(0, at), Number(key.slice(at + 1)), -change);
    }
    const wrong = [...observed].find(([, difference]) => difference !== 0);
    return wrong === undefined
      ? null
      : `the ${resolution} ${wrong[0]} is not what its runs come to`;
  }

  #compareTimes(
    resolution: Resolution,
    rows: readonly Rollup[],
    transitions: readonly Transition[],
    engine: Engine,
  ): string | null {
    const lengthMs = LENGTHS_MS[resolution];
    for (const [monitor, { enteredToMs }] of engine.memory.state.accounts) {
      if (this.#broken.has(monitor)) continue;
      const own = rows.filter((row) => row.monitor === monitor && row.region === QUORUM);
      const totalMs = own.reduce((sum, row) => sum + timeOf(row), 0);
      const spans = verdictSpans({
        kind: "unknown",
        transitions: transitions.filter((transition) => transition.monitor === monitor),
        fromMs: enteredToMs - totalMs,
        toMs: enteredToMs,
      });
      const expected = recountTime(monitor, spans).filter((row) => row.resolution === resolution);
      const differences = new Map<number, number>();
      const add = (row: Rollup, sign: number) => {
        const startMs = row.bucketStartMs - (row.bucketStartMs % lengthMs);
        const weighed =
          row.downMs + 3 * row.operationalMs + 7 * row.degradedMs + 11 * row.unknownMs;
        differences.set(startMs, (differences.get(startMs) ?? 0) + sign * weighed);
      };
      for (const row of own) add(row, 1);
      for (const row of expected) add(row, -1);
      const wrong = [...differences].find(([, difference]) => difference !== 0);
      if (wrong !== undefined) {
        return `the time of ${monitor} in the ${resolution} ${wrong[0]} is not its transitions'`;
      }
    }
    return null;
  }

  /** Blocks in D1 that are not what was counted, once nothing more is on its way. */
  unmirrored(): string[] {
    return [...this.#blocks].flatMap(([name, block]) => {
      if (block.resolution !== "5min") return [];
      const wrong = decodeBlock(block).some((row) => {
        const { monitor, region, bucketStartMs } = row;
        const counts = this.#counts.get(keyOf(monitor, region, bucketStartMs));
        return region !== QUORUM && !agrees(row, counts ?? NONE);
      });
      return wrong ? [`D1 has not the rollups ${name}`] : [];
    });
  }
}

function timeOf(row: Rollup): number {
  const { operationalMs, degradedMs, partialMs, downMs, unknownMs, maintenanceMs } = row;
  return operationalMs + degradedMs + partialMs + downMs + unknownMs + maintenanceMs;
}
