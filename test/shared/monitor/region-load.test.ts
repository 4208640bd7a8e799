/** A region's busiest minute, and the shards that it takes. */
import { describe, expect, it } from "vitest";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { regionLoad } from "../../../shared/monitor/region-load.ts";
import { roundsIn } from "../../../shared/monitor/schedule.ts";
import { makeConfig, makeMonitor } from "../../support/observation.ts";

const MINUTE_MS = 60_000;

function load(config: PublishedConfig, region = "eu-central", checkMs = 1_000) {
  return regionLoad({ config, region, checkMs });
}

/** As many monitors as are wanted of each interval. */
function withIntervals(counts: Record<string, number>, fields = {}): PublishedConfig {
  const monitors = Object.entries(counts).flatMap(([interval, count]) =>
    Array.from({ length: count }, (_, index) =>
      makeMonitor({ id: `m-${interval}-${index}`, interval, ...fields }),
    ),
  );
  return makeConfig({ monitors });
}

/** Checks in the busiest of a day's minutes, counted one by one. */
function countDay(config: PublishedConfig, region: string): number {
  const minutes = new Map<number, number>();
  for (const { scheduledAtMs, monitors } of roundsIn({
    config,
    region,
    fromMs: 0,
    toMs: 1_440 * MINUTE_MS,
  })) {
    const minute = Math.floor(scheduledAtMs / MINUTE_MS);
    minutes.set(minute, (minutes.get(minute) ?? 0) + monitors.length);
  }
  return Math.max(0, ...minutes.values());
}

describe("the busiest minute of a region", () => {
  it("has each monitor once for each of its rounds", () => {
    const beside = withIntervals({ "1m": 30 });
    const monitors = beside.monitors.map((monitor) => ({ ...monitor, http: true }));
    expect(load({ ...beside, monitors }).checksPerMinute).toBe(60);
    expect(load(withIntervals({ "1m": 30 })).checksPerMinute).toBe(30);
    expect(load(withIntervals({ "15s": 10, "30s": 10 })).checksPerMinute).toBe(60);
  });

  it("is the one in which longer intervals meet", () => {
    for (const region of makeConfig().regions) {
      const config = withIntervals({ "20s": 2, "1m": 3, "4m": 5, "6m": 7, "90s": 1 });
      expect(load(config, region).checksPerMinute).toBe(countDay(config, region));
    }
    const daily = withIntervals({ "7m": 2, "24h": 40 });
    expect(load(daily).checksPerMinute).toBe(countDay(daily, "eu-central"));
  });

  it("has nothing of paused monitors, of other regions' or of a region that is not there", () => {
    const none = { checksPerMinute: 0, shardsNeeded: 1 };
    expect(load(withIntervals({ "1m": 500 }, { paused: true }))).toEqual(none);
    expect(load(withIntervals({ "1m": 500 }, { regions: ["us-east"] }))).toEqual(none);
    expect(load(withIntervals({ "1m": 500 }), "oceania")).toEqual(none);
  });
});

describe("the shards that a region needs", () => {
  it("are as many as do a minute's checks in half a minute, six at a time", () => {
    expect(load(withIntervals({ "1m": 180 })).shardsNeeded).toBe(1);
    expect(load(withIntervals({ "1m": 181 })).shardsNeeded).toBe(2);
    expect(load(withIntervals({ "15s": 181 })).shardsNeeded).toBe(5);
  });

  it("follow from how long a check is assumed to take", () => {
    expect(load(withIntervals({ "1m": 181 }), "eu-central", 250).shardsNeeded).toBe(1);
    expect(load(withIntervals({ "1m": 181 }), "eu-central", 10_000).shardsNeeded).toBe(11);
  });
});
