/**
 * Keeps D1 up to date with what only the object has: runs that D1 could not take, history, rollups
 * of times that are over, and once a minute a snapshot for when the object cannot answer.
 *
 * What D1 lacks is marked in the object's storage until D1 has it, so a failure is only a delay; and
 * so is a backup that is being read, as of whose moment D1's history must stay.
 */
import type { Background } from "./background.ts";
import { withDeadline } from "./background.ts";
import { periodStartMs } from "../../../shared/monitor/rollup.ts";
import { BLOCK_MS, blockStartMs } from "../../../shared/monitor/rollup-block.ts";
import {
  BUCKET_GRACE_MS,
  D1_DEADLINE_MS,
  D1_RETRY_MS,
  FLUSH_RUNS_MAX,
  MIRROR_BLOCKS_MAX,
  MIRROR_EVERY_MS,
  MIRROR_ROWS_MAX,
  SNAPSHOT_ROUNDS_MAX,
  SNAPSHOT_VOTES,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { MirrorBatch, Ports } from "./ports.ts";
import { unfoldedBuckets } from "./recent-rollups.ts";
import type { NetworkStatus } from "./rpc.ts";

const NOTHING: MirrorBatch = {
  incidents: [],
  transitions: [],
  deliveries: [],
  blocks: [],
  snapshot: null,
};

/** The copy of the object's history in D1. */
export class Mirror {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #background: Background;
  readonly #snapshot: (() => NetworkStatus) | null;
  #underWay = false;
  /** Something that people look for was written: do not wait for the minute. */
  #urgent = false;
  #snapshotDueAtMs = 0;
  #retryAtMs = 0;
  /** No block that ended before this is known to have changes that D1 lacks. */
  #blocksWrittenToMs = 0;

  /**
   * @param snapshot null: the coordinator is not needed any more; whoever has its monitors now shows
   *   them, and the blocks that it was filling are over
   */
  constructor(
    memory: Memory,
    ports: Ports,
    background: Background,
    snapshot: (() => NetworkStatus) | null,
  ) {
    this.#memory = memory;
    this.#ports = ports;
    this.#background = background;
    this.#snapshot = snapshot;
    memory.onCommit(({ transitions, deliveries, keptRuns, buckets }) => {
      if (transitions.length + deliveries.size + keptRuns.length > 0) this.#urgent = true;
      for (const { resolution, startMs } of buckets.values()) {
        const endMs = blockStartMs(resolution, startMs) + BLOCK_MS[resolution];
        if (endMs <= this.#blocksWrittenToMs) this.#blocksWrittenToMs = 0;
      }
    });
  }

  /** Starts writing what is due, unless a write is under way or one has just failed. */
  launch(): void {
    const nowMs = this.#ports.clock.nowMs();
    if (this.#underWay || nowMs < this.#retryAtMs) return;
    if (!this.#urgent && nowMs < this.#snapshotDueAtMs) return;
    this.#underWay = true;
    this.#urgent = false;
    this.#background.start("mirror", async () => {
      try {
        await this.#flushRuns();
        await this.#writeHistory();
        await this.#writeBlocks(nowMs);
        // Last and by itself: nothing that is kept for good waits for what is replaced in a minute.
        await this.#writeSnapshotWhenDue(nowMs);
      } catch (error) {
        this.#urgent = true;
        this.#retryAtMs = nowMs + D1_RETRY_MS;
        throw error;
      } finally {
        this.#underWay = false;
      }
    });
  }

  /** Whether D1 has all that there is, and what there is becomes no more by being folded. */
  isWhole(): boolean {
    const { history } = this.#memory;
    const { incidents, transitions, deliveries } = history.unmirrored();
    return (
      incidents.length + transitions.length + deliveries.length === 0 &&
      history.keptRuns(1).length === 0 &&
      history.rollups.dirtyBlocks(Number.MAX_SAFE_INTEGER, 1).length === 0 &&
      unfoldedBuckets(this.#memory, null).length === 0
    );
  }

  async #flushRuns(): Promise<void> {
    const runs = this.#memory.history.keptRuns(FLUSH_RUNS_MAX);
    if (runs.length === 0) return;
    await this.#within("kept runs", this.#ports.log.appendRuns(runs));
    this.#memory.history.dropKeptRuns(runs);
    if (runs.length === FLUSH_RUNS_MAX) this.#urgent = true;
  }

  async #writeHistory(): Promise<void> {
    const { history } = this.#memory;
    if (history.isHeld) return;
    const missing = history.unmirrored();
    const { incidents, transitions, deliveries } = missing;
    if (incidents.length + transitions.length + deliveries.length === 0) return;
    const batch = { ...NOTHING, incidents, transitions, deliveries };
    await this.#within("history", this.#ports.mirror.write(batch));
    history.markMirrored(missing);
    const most = Math.max(incidents.length, transitions.length, deliveries.length);
    if (most >= MIRROR_ROWS_MAX) this.#urgent = true;
  }

  async #writeSnapshotWhenDue(nowMs: number): Promise<void> {
    if (nowMs < this.#snapshotDueAtMs) return;
    if (this.#snapshot !== null) {
      const batch = { ...NOTHING, snapshot: this.#snapshot() };
      await this.#within("snapshot", this.#ports.mirror.write(batch));
    }
    this.#snapshotDueAtMs = nowMs + this.#snapshotEveryMs();
  }

  /** A large network's snapshot takes long to make, and is only read when the object is away. */
  #snapshotEveryMs(): number {
    const { config } = this.#memory.state;
    const votes = (config?.monitors.length ?? 0) * (config?.regions.length ?? 0);
    const rounds = Math.ceil(votes / SNAPSHOT_VOTES);
    return MIRROR_EVERY_MS * Math.min(SNAPSHOT_ROUNDS_MAX, Math.max(1, rounds));
  }

  /**
   * Writes the rollups of blocks that are over: in the time of the judgements, which while catching
   * up lies behind, so that a block is written once and not after every page of the log.
   */
  async #writeBlocks(nowMs: number): Promise<void> {
    const endedMs = this.#blocksEndedMs(nowMs);
    if (endedMs <= this.#blocksWrittenToMs) return;
    const { rollups, isHeld } = this.#memory.history;
    if (isHeld) return;
    this.#blocksWrittenToMs = endedMs;
    const keys = rollups.dirtyBlocks(endedMs, MIRROR_BLOCKS_MAX);
    try {
      for (const key of keys) {
        const versions = rollups.versions(key);
        for (const blocks of rollups.blocks(key, versions)) {
          await this.#within("rollups", this.#ports.mirror.write({ ...NOTHING, blocks }));
        }
        rollups.markMirrored(versions);
      }
      if (keys.length === MIRROR_BLOCKS_MAX) {
        this.#blocksWrittenToMs = 0;
        this.#urgent = true;
      }
    } catch (error) {
      this.#blocksWrittenToMs = 0;
      throw error;
    }
  }

  /** Up to when no block gets anything more but what comes late. */
  #blocksEndedMs(nowMs: number): number {
    const { config, tail } = this.#memory.state;
    if (this.#snapshot === null && config?.monitors.length === 0) return Number.MAX_SAFE_INTEGER;
    const judgedToMs = Math.min(nowMs, tail.judgedAtMs);
    // The shortest blocks are hours: until the next is over there can be nothing new.
    return periodStartMs("hour", judgedToMs - BUCKET_GRACE_MS);
  }

  #within<T>(what: string, writing: Promise<T>): Promise<T> {
    return withDeadline(this.#ports.clock, D1_DEADLINE_MS, what, writing);
  }
}
