/**
 * Keeps D1 up to date with what only the object has: runs that D1 could not take, history, rollups
 * of periods that are over, and once a minute a snapshot for when the object cannot answer.
 *
 * What D1 lacks is marked in the object's storage until D1 has it, so a failure is only a delay.
 */
import type { Background } from "./background.ts";
import { withDeadline } from "./background.ts";
import {
  BUCKET_GRACE_MS,
  D1_DEADLINE_MS,
  D1_RETRY_MS,
  FLUSH_RUNS_MAX,
  MIRROR_BUCKETS_MAX,
  MIRROR_EVERY_MS,
  MIRROR_ROWS_MAX,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports } from "./ports.ts";
import type { NetworkStatus } from "./rpc.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The copy of the object's history in D1. */
export class Mirror {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #background: Background;
  readonly #snapshot: () => NetworkStatus;
  #underWay = false;
  /** Something that people look for was written: do not wait for the minute. */
  #urgent = false;
  #snapshotDueAtMs = 0;
  #retryAtMs = 0;

  constructor(memory: Memory, ports: Ports, background: Background, snapshot: () => NetworkStatus) {
    this.#memory = memory;
    this.#ports = ports;
    this.#background = background;
    this.#snapshot = snapshot;
    memory.onCommit(({ transitions, deliveries, keptRuns }) => {
      if (transitions.length + deliveries.size + keptRuns.length > 0) this.#urgent = true;
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
        await this.#writeHistory(nowMs);
      } catch (error) {
        this.#urgent = true;
        this.#retryAtMs = nowMs + D1_RETRY_MS;
        throw error;
      } finally {
        this.#underWay = false;
      }
    });
  }

  async #flushRuns(): Promise<void> {
    const runs = this.#memory.history.keptRuns(FLUSH_RUNS_MAX);
    if (runs.length === 0) return;
    await this.#within("kept runs", this.#ports.log.appendRuns(runs));
    this.#memory.history.dropKeptRuns(runs);
    if (runs.length === FLUSH_RUNS_MAX) this.#urgent = true;
  }

  async #writeHistory(nowMs: number): Promise<void> {
    const closedBeforeMs = nowMs - BUCKET_GRACE_MS;
    const missing = this.#memory.history.unmirrored({
      hour: Math.floor(closedBeforeMs / HOUR_MS) * HOUR_MS,
      day: Math.floor(closedBeforeMs / DAY_MS) * DAY_MS,
    });
    const snapshotDue = nowMs >= this.#snapshotDueAtMs;
    const { incidents, transitions, deliveries, buckets } = missing;
    const rollups = buckets.flatMap((bucket) => [...bucket.rows.values()]);
    const rows = incidents.length + transitions.length + deliveries.length + rollups.length;
    if (rows === 0 && !snapshotDue) return;
    const snapshot = snapshotDue ? this.#snapshot() : null;
    const batch = { incidents, transitions, deliveries, rollups, snapshot };
    await this.#within("history", this.#ports.mirror.write(batch));
    this.#memory.history.markMirrored(missing);
    if (snapshotDue) this.#snapshotDueAtMs = nowMs + MIRROR_EVERY_MS;
    const most = Math.max(incidents.length, transitions.length, deliveries.length);
    const full = most >= MIRROR_ROWS_MAX || buckets.length >= MIRROR_BUCKETS_MAX;
    if (full) this.#urgent = true;
  }

  #within<T>(what: string, writing: Promise<T>): Promise<T> {
    return withDeadline(this.#ports.clock, D1_DEADLINE_MS, what, writing);
  }
}
