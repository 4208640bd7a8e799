/**
 * When the log is worth another look before the next tick: shortly after a run that is expected.
 *
 * The schedule is pure, so the moment at which each region's round begins is known; how long its run
 * takes until it is in the log is learned from the runs before. An outage is thus noticed when the
 * first run that saw it is written, not at the tick after it. Holds no timer and reads no log.
 */
import { roundMomentsIn } from "../../../shared/monitor/schedule.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import { isRoundLane, laneShard } from "../../../shared/probe/run.ts";
import { probeName } from "../../../shared/regions.ts";
import { LOOK_AGAIN_MS, LOOK_FOR_MS, LOOK_GAP_MS, LOOK_MARGIN_MS } from "./limits.ts";
import type { ShardWork } from "./region-shards.ts";

/** Duration of a probe's runs before any is known, in milliseconds. */
const FIRST_GUESS_MS = 500;
/** Age at which a run says nothing any more about how long runs take, in milliseconds. */
const NEWS_MAX_MS = 60_000;
/** Weights of a new duration in mean and deviation, as in RFC 6298 §2. */
const MEAN_WEIGHT = 1 / 8;
const DEVIATION_WEIGHT = 1 / 4;

interface Pace {
  meanMs: number;
  deviationMs: number;
}

/** What the next look depends on. */
export interface LookFacts {
  /** The network's probe Workers; empty before anything is published. */
  shards: readonly ShardWork[];
  /** Scheduled time of a probe's newest round; null: none yet. */
  lastRoundMs: (shard: ShardWork) => number | null;
  nowMs: number;
  /** When the next tick is due. */
  untilMs: number;
}

/** Durations of runs by probe, and the looks that follow from them. */
export class LookAhead {
  readonly #paces = new Map<string, Pace>();

  /** Learns from runs that were read from the log. */
  note(runs: readonly RunDigest[], nowMs: number): void {
    for (const { lane, region, scheduledAtMs, finishedAtMs } of runs) {
      if (!isRoundLane(lane) || nowMs - finishedAtMs > NEWS_MAX_MS) continue;
      const tookMs = Math.min(LOOK_FOR_MS, Math.max(0, finishedAtMs - scheduledAtMs));
      const name = probeName(region, laneShard(lane));
      const pace = this.#paces.get(name);
      if (pace === undefined) {
        this.#paces.set(name, { meanMs: tookMs, deviationMs: tookMs / 2 });
        continue;
      }
      pace.deviationMs += DEVIATION_WEIGHT * (Math.abs(tookMs - pace.meanMs) - pace.deviationMs);
      pace.meanMs += MEAN_WEIGHT * (tookMs - pace.meanMs);
    }
  }

  /** How long after a round began a probe's run is expected in the log, in milliseconds. */
  expectedMs(name: string): number {
    const pace = this.#paces.get(name);
    const guessMs = pace === undefined ? FIRST_GUESS_MS : pace.meanMs + 2 * pace.deviationMs;
    return Math.min(LOOK_FOR_MS, Math.ceil(guessMs) + LOOK_MARGIN_MS);
  }

  /** When to look next, before the next tick; null: not before. */
  nextLookMs({ shards, lastRoundMs, nowMs, untilMs }: LookFacts): number | null {
    const earliestMs = nowMs + LOOK_GAP_MS;
    let nextMs = untilMs - LOOK_GAP_MS;
    for (const shard of shards) {
      const { config, region, name } = shard;
      const fromMs = nowMs - 2 * LOOK_FOR_MS;
      for (const roundMs of roundMomentsIn({ config, region, fromMs, toMs: untilMs })) {
        if ((lastRoundMs(shard) ?? 0) >= roundMs) continue;
        const firstMs = roundMs + this.expectedMs(name);
        const repeats = Math.max(0, Math.ceil((earliestMs - firstMs) / LOOK_AGAIN_MS));
        const lookMs = firstMs + repeats * LOOK_AGAIN_MS;
        if (lookMs <= firstMs + LOOK_FOR_MS) nextMs = Math.min(nextMs, lookMs);
      }
    }
    return nextMs < untilMs - LOOK_GAP_MS ? nextMs : null;
  }
}
