import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  divideConfig,
  parseShard,
  shardLane,
  shardMonitors,
  shardOf,
  shardsNeeded,
  WHOLE,
} from "../../../shared/monitor/shard.ts";
import { makeConfig, makeMonitor } from "../../support/observation.ts";

const MONITORS = Array.from({ length: 300 }, (_, index) => makeMonitor({ id: `monitor-${index}` }));

describe("sharding", () => {
  it("reads the part and the whole", () => {
    expect(parseShard("")).toEqual(WHOLE);
    expect(parseShard("2/3")).toEqual({ index: 1, count: 3 });
    for (const text of ["0/3", "4/3", "a/b", "1", "1/0", "-1/2", "1/100"]) {
      expect(parseShard(text)).toBeNull();
    }
  });

  it("leaves everything, and the unsharded lane, to the whole", () => {
    expect(shardMonitors(MONITORS, WHOLE)).toEqual(MONITORS);
    expect(shardLane(WHOLE)).toBe("0");
  });

  it("gives every monitor to exactly one shard", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
        const parts = Array.from({ length: count }, (_, index) =>
          shardMonitors(MONITORS, { index, count }),
        );
        expect(
          parts
            .flat()
            .map(({ id }) => id)
            .sort(),
        ).toEqual(MONITORS.map(({ id }) => id).sort());
      }),
    );
  });

  it("divides about evenly", () => {
    const sizes = [0, 1, 2].map((index) => shardMonitors(MONITORS, { index, count: 3 }).length);
    for (const size of sizes) expect(Math.abs(size - 100)).toBeLessThan(25);
  });

  it("divides a configuration among its shards, and leaves that of the whole alone", () => {
    const config = makeConfig({ monitors: MONITORS });
    expect(divideConfig(config, 1)).toEqual([config]);
    const parts = divideConfig(config, 3);
    for (const [index, { monitors, ...rest }] of parts.entries()) {
      expect(monitors).toEqual(shardMonitors(MONITORS, { index, count: 3 }));
      expect({ ...rest, monitors: MONITORS }).toEqual(config);
    }
  });

  it("moves only what a new shard takes", () => {
    for (const { id } of MONITORS) {
      const after = shardOf(id, 4);
      if (after !== 3) expect(after).toBe(shardOf(id, 3));
    }
  });

  it("counts the shards that a minute's work needs", () => {
    expect(shardsNeeded(0, 1_000, 30_000)).toBe(1);
    expect(shardsNeeded(180, 1_000, 30_000)).toBe(1);
    expect(shardsNeeded(181, 1_000, 30_000)).toBe(2);
    expect(shardsNeeded(7, 60_000, 30_000)).toBe(7);
  });
});
