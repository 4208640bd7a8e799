/**
 * Watches what the object asks of the regions: asks are bounded, for a monitor in the time of the
 * judgements that want them, and for a region in the time in which they arrive.
 */
import { intervalMs } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { Judgement } from "../../shared/monitor/verdict.ts";
import type { Scenario } from "./scenario.ts";

/** Asks that may follow each other closely. */
const ASK_BURST = 3;
/** Asks for one region within an interval, beyond which they are a storm. */
const ASKS_PER_INTERVAL_MAX = 12;

/** Notes a promise that is broken unless it was kept. */
type MakePromise = (kept: boolean, broken: () => string) => void;

/** The inspector of asks. */
export class AskInspector {
  readonly #scenario: Scenario;
  readonly #promise: MakePromise;
  /** When all regions were asked, by monitor. */
  readonly #askedAtMs = new Map<string, number[]>();
  /** When the object has died. */
  readonly #diedAtMs: number[] = [];
  /** When one was, by monitor and region. */
  readonly #arrivedAtMs = new Map<string, number[]>();

  constructor(scenario: Scenario, promise: MakePromise) {
    this.#scenario = scenario;
    this.#promise = promise;
  }

  /**
   * Asks for one monitor keep their distance, and over any time there is no more than a burst and
   * one per interval.
   */
  seeWanted({ monitor, askedAtMs }: Judgement): void {
    const asks = this.#askedAtMs.get(monitor) ?? [];
    if (askedAtMs === null || askedAtMs === asks.at(-1)) return;
    this.#askedAtMs.set(monitor, [...asks, askedAtMs]);
    const intervals = this.#scenario.configs.flatMap(({ config }) =>
      config.monitors
        .filter(({ id }) => id === monitor)
        .map((found) => intervalMs(found, config.defaultIntervalMs)),
    );
    const everyMs = Math.max(5_000, Math.min(...intervals));
    const sinceLastMs = askedAtMs - (asks.at(-1) ?? -Infinity);
    this.#promise(
      sinceLastMs >= Math.max(2_000, Math.min(...intervals) / 8),
      () => `${monitor} is asked about again after ${sinceLastMs} ms`,
    );
    asks.forEach((fromMs, index) => {
      const count = asks.length - index + 1;
      this.#promise(
        count <= ASK_BURST + (askedAtMs - fromMs) / everyMs,
        () => `${monitor} is asked about ${count} times in ${askedAtMs - fromMs} ms`,
      );
    });
  }

  /** A monitor is judged no longer; if it ever is again, its asks begin anew. */
  forget(monitor: string): void {
    this.#askedAtMs.delete(monitor);
  }

  /** What was not stored when it died the object may ask again. */
  seeDeath(atMs: number): void {
    this.#diedAtMs.push(atMs);
  }

  /** No region is asked about one monitor in a storm, but once more for each death meanwhile. */
  seeArrival(
    config: PublishedConfig | null,
    region: string,
    monitors: readonly string[],
    atMs: number,
  ): void {
    for (const monitor of monitors) {
      const found = config?.monitors.find(({ id }) => id === monitor);
      if (config === null || found === undefined) continue;
      const everyMs = intervalMs(found, config.defaultIntervalMs);
      const key = `${monitor}/${region}`;
      const recent = (this.#arrivedAtMs.get(key) ?? []).filter((at) => atMs - at < everyMs);
      recent.push(atMs);
      this.#arrivedAtMs.set(key, recent);
      const deaths = this.#diedAtMs.filter((diedAtMs) => atMs - diedAtMs < everyMs).length;
      this.#promise(
        recent.length <= ASKS_PER_INTERVAL_MAX + deaths,
        () => `${region} is asked about ${monitor} ${recent.length} times in one interval`,
      );
    }
  }
}
