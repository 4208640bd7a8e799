import { describe, expect, it } from "vitest";
import type { PublishedConfig } from "../../../../shared/monitor/published-config.ts";
import type { Run } from "../../../../shared/probe/run.ts";
import { LOOK_GAP_MS, TICK_MS } from "../../../../workers/coordinator/object/limits.ts";
import { LookAhead } from "../../../../workers/coordinator/object/look-ahead.ts";
import type { ShardWork } from "../../../../workers/coordinator/object/region-shards.ts";
import { RegionShards } from "../../../../workers/coordinator/object/region-shards.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";

const NOON_MS = Date.parse("2026-11-20T12:00:00Z");
const REGION = "us-east";
const config = makeConfig({ regions: [REGION], defaultIntervalMs: 10_000 });

/** The region as one probe Worker. */
function whole(of: PublishedConfig): readonly ShardWork[] {
  return new RegionShards({ regions: [REGION], publicUrl: null }).divide(of);
}

function makeRun(scheduledAtMs: number, tookMs: number, lane = "0"): Run {
  return {
    scheduledAtMs,
    region: REGION,
    lane,
    startedAtMs: scheduledAtMs,
    finishedAtMs: scheduledAtMs + tookMs,
    colo: null,
    configVersion: 1,
    observations: [],
  };
}

/** Next look, in milliseconds after noon, of a tick that begins then; the round is at noon. */
function nextLook(lookAhead: LookAhead, afterMs: number, seen = false): number | null {
  const lookMs = lookAhead.nextLookMs({
    shards: whole(config),
    lastRoundMs: () => (seen ? NOON_MS : NOON_MS - 10_000),
    nowMs: NOON_MS + afterMs,
    untilMs: NOON_MS + afterMs + TICK_MS,
  });
  return lookMs === null ? null : lookMs - NOON_MS;
}

describe("looking ahead", () => {
  it("looks when an expected run should be there", () => {
    const lookMs = nextLook(new LookAhead(), -500);
    expect(lookMs).toBeGreaterThan(0);
    expect(lookMs).toBeLessThan(1_000);
  });

  it("learns how long runs take, so that it comes neither early nor late", () => {
    const lookAhead = new LookAhead();
    for (let k = 1; k <= 30; k += 1) {
      lookAhead.note([makeRun(NOON_MS - k * 1_000, 300 + (k % 2) * 20)], NOON_MS);
    }
    expect(lookAhead.expectedMs(REGION)).toBeGreaterThanOrEqual(400);
    expect(lookAhead.expectedMs(REGION)).toBeLessThan(500);
  });

  it("learns nothing from asks, stragglers and what is long over", () => {
    const lookAhead = new LookAhead();
    const before = lookAhead.expectedMs(REGION);
    lookAhead.note([makeRun(NOON_MS, 5_000, "ask"), makeRun(NOON_MS, 9_000, "0+")], NOON_MS);
    lookAhead.note([makeRun(NOON_MS - 120_000, 5_000)], NOON_MS);
    expect(lookAhead.expectedMs(REGION)).toBe(before);
  });

  it("learns each shard's pace for itself, and looks for the run of each", () => {
    const lookAhead = new LookAhead();
    for (let k = 1; k <= 30; k += 1) {
      lookAhead.note(
        [makeRun(NOON_MS - k * 1_000, 100), makeRun(NOON_MS - k * 1_000, 900, "1")],
        NOON_MS,
      );
    }
    expect(lookAhead.expectedMs(REGION)).toBeLessThan(400);
    expect(lookAhead.expectedMs(`${REGION}-2`)).toBeGreaterThanOrEqual(900);
    const monitors = Array.from({ length: 8 }, (_, index) => makeMonitor({ id: `m-${index}` }));
    const shardCounts = new Map([[REGION, 2]]);
    const shards = new RegionShards({ regions: [REGION], shardCounts, publicUrl: null });
    const lookMs = lookAhead.nextLookMs({
      shards: shards.divide({ ...config, monitors }),
      lastRoundMs: ({ shard }) => (shard.index === 0 ? NOON_MS : NOON_MS - 10_000),
      nowMs: NOON_MS + 500,
      untilMs: NOON_MS + 500 + TICK_MS,
    });
    expect(lookMs).toBe(NOON_MS + lookAhead.expectedMs(`${REGION}-2`));
  });

  it("looks a few times more for a run that is late, then leaves it to the ticks", () => {
    const looks: number[] = [];
    for (let nowMs = 0; ;) {
      const lookMs = nextLook(new LookAhead(), nowMs);
      if (lookMs === null) break;
      expect(lookMs - nowMs).toBeGreaterThanOrEqual(LOOK_GAP_MS);
      looks.push(lookMs);
      nowMs = lookMs;
    }
    expect(looks.length).toBeGreaterThan(2);
    expect(looks.length).toBeLessThanOrEqual(6);
  });

  it("does not look between rounds, for a run it has, or for nothing", () => {
    expect(nextLook(new LookAhead(), 4_000)).toBeNull();
    expect(nextLook(new LookAhead(), 0, true)).toBeNull();
    const paused = makeConfig({ ...config, monitors: [makeMonitor({ paused: true })] });
    const facts = { lastRoundMs: () => null, nowMs: NOON_MS, untilMs: NOON_MS + TICK_MS };
    expect(new LookAhead().nextLookMs({ ...facts, shards: whole(paused) })).toBeNull();
    expect(new LookAhead().nextLookMs({ ...facts, shards: [] })).toBeNull();
  });
});
