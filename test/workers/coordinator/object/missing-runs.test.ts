/** Which runs are asked for when rounds have not come. */
import { describe, expect, it } from "vitest";
import { latestRoundBefore } from "../../../../shared/monitor/schedule.ts";
import { WHOLE } from "../../../../shared/monitor/shard.ts";
import { findMissingRuns } from "../../../../workers/coordinator/object/missing-runs.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { NOON_MS } from "../../../support/small-network.ts";

const REGION = "us-east";
const MINUTE_MS = 60_000;
const config = makeConfig({
  regions: [REGION],
  monitors: [
    makeMonitor({ id: "each-minute", interval: "1m" }),
    makeMonitor({ id: "twice", interval: "30s" }),
    makeMonitor({ id: "twice-too", interval: "30s" }),
    makeMonitor({ id: "paused", interval: "1m", paused: true }),
    makeMonitor({ id: "each-hour", interval: "1h" }),
  ],
});
const work = { config, region: REGION, shard: WHOLE, name: REGION };

/** What is missing a moment after noon, if a round was the last that came; null: none ever did. */
function missing(lastRoundMs: number | null, nowMs: number) {
  const shards = new Map([[0, { lastRunAtMs: lastRoundMs ?? 0, lastRoundMs }]]);
  const [run] = findMissingRuns({
    shards: [work],
    ledgers: new Map([[REGION, { shards }]]),
    reluctance: new Map(),
    nowMs,
  });
  return run && { atMs: run.scheduledAtMs - NOON_MS, monitors: run.monitors };
}

describe("a missing run", () => {
  it("is the last round, with those whose round it is", () => {
    expect(latestRoundBefore({ config, region: REGION, beforeMs: NOON_MS + 1 })).toBe(NOON_MS);
    expect(missing(NOON_MS, NOON_MS + 50_000)).toEqual({ atMs: 30_000, monitors: null });
    expect(missing(NOON_MS + 30_000, NOON_MS + 50_000)).toBeUndefined();
  });

  it("makes good what rounds before it were to check too, and nobody else has", () => {
    expect(missing(NOON_MS, NOON_MS + 110_000)).toEqual({
      atMs: 90_000,
      monitors: ["each-minute", "twice", "twice-too"],
    });
    expect(missing(NOON_MS + MINUTE_MS, NOON_MS + 110_000)).toEqual({
      atMs: 90_000,
      monitors: null,
    });
  });

  it("of a long absence has everything that is checked less often too", () => {
    expect(missing(NOON_MS - 2 * MINUTE_MS, NOON_MS + 50_000)?.monitors).toEqual([
      "each-minute",
      "twice",
      "twice-too",
      "each-hour",
    ]);
  });

  it("of a region that has never been heard of is its last round alone", () => {
    expect(missing(null, NOON_MS + 50_000)).toEqual({ atMs: 30_000, monitors: null });
  });
});
