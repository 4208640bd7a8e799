/**
 * Deletes from D1 what is too old to keep: runs of the log that have been taken in, and the finer
 * rollups. Little at a time, so that neither D1 nor a day's allowance of written rows suffers, but
 * more of them than the network writes.
 *
 * A run is deleted only when it is old in the time up to which the log has been read, by all
 * coordinators where there are several: while a backlog is caught up with, nothing goes that was not
 * taken in and rolled up. Rollups of days stay.
 */
import type { Resolution } from "../../../shared/monitor/rollup.ts";
import { cronPaceMs, roundMomentsIn } from "../../../shared/monitor/schedule.ts";
import { WHOLE } from "../../../shared/monitor/shard.ts";
import type { Background } from "./background.ts";
import { withDeadline } from "./background.ts";
import {
  BLOCKS_KEPT_MS,
  D1_DEADLINE_MS,
  PEERS_DEADLINE_MS,
  RETENTION_BLOCKS_EVERY_MS,
  RETENTION_BLOCKS_MAX,
  RETENTION_EVERY_MS,
  RETENTION_FACTOR,
  RETENTION_RUNS_MAX,
} from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports, Settings } from "./ports.ts";
import type { RegionShards } from "./region-shards.ts";

/** The keeping, and not keeping, of what D1 has. */
export class Retention {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #background: Background;
  readonly #shards: RegionShards;
  readonly #settings: Settings;
  #underWay = false;
  #dueAtMs = 0;
  #blocksDueAtMs = 0;

  constructor(
    memory: Memory,
    ports: Ports,
    background: Background,
    shards: RegionShards,
    settings: Settings,
  ) {
    this.#memory = memory;
    this.#ports = ports;
    this.#background = background;
    this.#shards = shards;
    this.#settings = settings;
  }

  /** Starts deleting what is due, unless that is under way. */
  launch(): void {
    const nowMs = this.#ports.clock.nowMs();
    if (this.#underWay || nowMs < this.#dueAtMs) return;
    this.#underWay = true;
    this.#dueAtMs = nowMs + RETENTION_EVERY_MS;
    this.#background.start("retention", async () => {
      try {
        await this.#pruneRuns(nowMs);
        await this.#pruneBlocks(nowMs);
      } finally {
        this.#underWay = false;
      }
    });
  }

  async #pruneRuns(nowMs: number): Promise<void> {
    const { runsKeptMs } = this.#settings;
    if (runsKeptMs === undefined) return;
    if (runsKeptMs === null) {
      const error = "RUNS_KEPT_DAYS is not a number of days; no run is deleted";
      this.#ports.print({ event: "failure", what: "retention", error });
      return;
    }
    const { peers, clock } = this.#ports;
    const peersToMs =
      peers === undefined
        ? Infinity
        : await withDeadline(clock, PEERS_DEADLINE_MS, "other coordinators", peers.readToMs());
    const readToMs = Math.min(nowMs, this.#memory.state.tail.cursorMs, peersToMs);
    let leftMax = Math.max(RETENTION_RUNS_MAX, RETENTION_FACTOR * this.#roundsUntilNext(nowMs));
    for (let isMore = true; isMore && leftMax > 0; leftMax -= RETENTION_RUNS_MAX) {
      const pruning = this.#ports.log.pruneRuns(readToMs - runsKeptMs, RETENTION_RUNS_MAX);
      const deleted = await withDeadline(clock, D1_DEADLINE_MS, "retention of runs", pruning);
      isMore = deleted >= RETENTION_RUNS_MAX;
    }
  }

  /**
   * Rounds until the next time, as the present configuration has it: a row each. When other
   * coordinators' monitors are due is not known: as often as its own, and with each cron at least.
   */
  #roundsUntilNext(nowMs: number): number {
    const { config } = this.#memory.state;
    if (config === null) return 0;
    const { count } = this.#settings.coordinator ?? WHOLE;
    const window = { fromMs: nowMs, toMs: nowMs + RETENTION_EVERY_MS };
    const least = RETENTION_EVERY_MS / cronPaceMs(config);
    let rounds = 0;
    for (const { config: own, region } of this.#shards.divide(config)) {
      rounds += Math.max(least, roundMomentsIn({ ...window, config: own, region }).length);
    }
    return count * rounds;
  }

  /** Once a day, because finding them reads all there are; more often while there are many. */
  async #pruneBlocks(nowMs: number): Promise<void> {
    if (nowMs < this.#blocksDueAtMs) return;
    let most = 0;
    for (const resolution of Object.keys(BLOCKS_KEPT_MS) as Array<keyof typeof BLOCKS_KEPT_MS>) {
      most = Math.max(most, await this.#pruneResolution(resolution, nowMs));
    }
    if (most < RETENTION_BLOCKS_MAX) this.#blocksDueAtMs = nowMs + RETENTION_BLOCKS_EVERY_MS;
  }

  #pruneResolution(resolution: Exclude<Resolution, "day">, nowMs: number): Promise<number> {
    const beforeMs = nowMs - BLOCKS_KEPT_MS[resolution];
    const pruning = this.#ports.mirror.pruneBlocks(resolution, beforeMs, RETENTION_BLOCKS_MAX);
    return withDeadline(this.#ports.clock, D1_DEADLINE_MS, "retention of rollups", pruning);
  }
}
