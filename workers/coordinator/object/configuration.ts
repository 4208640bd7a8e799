/**
 * The object's copy of configuration and channels: read again now and then, when told, and when a
 * run shows that there is a newer version. While D1 cannot be read the last copy stays in force.
 */
import { isWhole } from "../../../shared/monitor/shard.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import { adoptConfig } from "./adopt-config.ts";
import { describeError, withDeadline } from "./background.ts";
import type { Circulation } from "./circulation.ts";
import type { Court } from "./judge.ts";
import { CONFIG_AWAITED_MAX_MS, CONFIG_EVERY_MS, D1_DEADLINE_MS, D1_RETRY_MS } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Ports } from "./ports.ts";

/** The copy and its refreshing. */
export class Configuration {
  readonly #memory: Memory;
  readonly #ports: Ports;
  readonly #court: () => Court;
  readonly #circulation: Circulation;
  #dueAtMs = 0;
  /** Newest version for which a refresh was tried, so that a run cannot cause one after another. */
  #triedVersion = -1;
  /** Since when runs wait for the configuration that they were made with; null: none do. */
  #awaitedSinceMs: number | null = null;
  /** Newest version that was awaited in vain. */
  #passedVersion = -1;

  constructor(memory: Memory, ports: Ports, court: () => Court, circulation: Circulation) {
    this.#circulation = circulation;
    this.#memory = memory;
    this.#ports = ports;
    this.#court = court;
  }

  /** Reads again when it is time; a failure is printed, and tried again soon. */
  async refreshWhenDue(): Promise<void> {
    const nowMs = this.#ports.clock.nowMs();
    if (nowMs < this.#dueAtMs) return;
    this.#dueAtMs = nowMs + CONFIG_EVERY_MS;
    try {
      await this.refresh();
    } catch (error) {
      this.#dueAtMs = nowMs + D1_RETRY_MS;
      const what = "configuration";
      this.#ports.print({ event: "failure", what, error: describeError(error) });
    }
  }

  /** Reads again now; rejects when it cannot be read in time. */
  async refresh(): Promise<void> {
    const loading = this.#ports.config.load();
    const published = await withDeadline(
      this.#ports.clock,
      D1_DEADLINE_MS,
      "configuration",
      loading,
    );
    const court = this.#court();
    this.#memory.transact((draft) => adoptConfig(draft, published, court));
    this.#circulation.sync();
  }

  /** Reads again when a run was made with a configuration that is not known here. */
  async catchUpWith(runs: readonly RunDigest[]): Promise<void> {
    const newest = newestOf(runs);
    if (newest <= this.#known || newest <= this.#triedVersion) return;
    this.#triedVersion = newest;
    this.#dueAtMs = 0;
    await this.refreshWhenDue();
  }

  get #known(): number {
    return this.#memory.state.config?.version ?? -1;
  }

  /**
   * Whether runs must wait to be taken in: one of several coordinators takes of a run what is about
   * its own monitors, and cannot tell which those are before it knows the configuration that the run
   * was made with. It waits for a while only, for it may be one that it cannot read.
   */
  awaitsThatOf(runs: readonly RunDigest[]): boolean {
    if (isWhole(this.#court().coordinator)) return false;
    const newest = newestOf(runs);
    if (runs.length > 0 && newest <= this.#known) this.#awaitedSinceMs = null;
    if (newest <= Math.max(this.#known, this.#passedVersion)) return false;
    const nowMs = this.#ports.clock.nowMs();
    this.#awaitedSinceMs ??= nowMs;
    if (nowMs - this.#awaitedSinceMs < CONFIG_AWAITED_MAX_MS) return true;
    this.#passedVersion = newest;
    return false;
  }
}

/** Newest version of the configuration that runs were made with; -1: there are no runs. */
function newestOf(runs: readonly RunDigest[]): number {
  return Math.max(-1, ...runs.map((run) => run.configVersion));
}
