import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rollup, RollupIdentity } from "../../../shared/monitor/rollup.ts";
import {
  PERIOD_MS,
  RESOLUTIONS,
  addRollup,
  emptyRollup,
  rollupKey,
} from "../../../shared/monitor/rollup.ts";
import {
  BLOCK_MS,
  addEncodedRollups,
  blockStartMs,
  decodeBlock,
  decodeRollup,
  encodeRollup,
  packRollups,
} from "../../../shared/monitor/rollup-block.ts";
import { START_MS } from "../../support/timeline.ts";

const count = fc.oneof(fc.constant(0), fc.nat(100_000));
const anyRow = fc
  .record({
    monitor: fc.constantFrom("chat", "game"),
    resolution: fc.constantFrom(...RESOLUTIONS),
    region: fc.constantFrom("*", "us-east", "eu-central"),
    period: fc.nat(600),
    observations: count,
    up: count,
    degraded: count,
    down: count,
    unknown: count,
    operationalMs: count,
    degradedMs: count,
    partialMs: count,
    downMs: count,
    unknownMs: count,
    maintenanceMs: count,
    latencySumMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    latencyCount: count,
    latency: fc.constantFrom("", "1h*5 2 1*c", "-b"),
  })
  .map(({ period, ...row }): Rollup => {
    const startMs = blockStartMs(row.resolution, START_MS);
    return { ...row, bucketStartMs: startMs + period * PERIOD_MS[row.resolution] };
  });

function identityOf({ monitor, resolution, region, bucketStartMs }: Rollup): RollupIdentity {
  return { monitor, resolution, region, bucketStartMs };
}

/** Blocks in an order of their own. */
function packed(rows: readonly Rollup[]): string[] {
  return packRollups(rows)
    .map((block) => JSON.stringify(block))
    .sort();
}

describe("a row as text", () => {
  it("reads back as it was", () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        const back = decodeRollup(row, encodeRollup(row));
        expect({ ...back, latencySumMs: back.latencySumMs + 0 }).toEqual({
          ...row,
          latencySumMs: row.latencySumMs + 0,
        });
      }),
    );
  });

  it("is added to another as the rows would be", () => {
    fc.assert(
      fc.property(anyRow, anyRow, (row, other) => {
        const change = { ...other, ...identityOf(row) };
        expect(addEncodedRollups(encodeRollup(row), encodeRollup(change))).toBe(
          encodeRollup(addRollup(row, change)),
        );
      }),
    );
  });

  it("leaves out what is nothing", () => {
    const row = emptyRollup({
      monitor: "chat",
      resolution: "hour",
      region: "us-east",
      bucketStartMs: START_MS,
    });
    expect(encodeRollup(row)).toBe("");
    expect(encodeRollup({ ...row, observations: 5, up: 5 })).toBe("5,5");
    expect(encodeRollup({ ...row, latencySumMs: 40.5, latencyCount: 1, latency: "1h" })).toBe(
      ",,,,,,,,,,,40.5,1,1h",
    );
  });

  it("is refused when it is damaged", () => {
    const row = emptyRollup({ monitor: "a", resolution: "day", region: "*", bucketStartMs: 0 });
    expect(() => decodeRollup(row, "5,x")).toThrow(SyntaxError);
  });
});

describe("blocks", () => {
  it("hold every row in one block, and give all of them back", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyRow, { selector: rollupKey, maxLength: 40 }), (rows) => {
        const blocks = packRollups(rows);
        for (const { startMs, resolution } of blocks) {
          expect(startMs % BLOCK_MS[resolution]).toBe(0);
        }
        const names = blocks.map(
          (block) => `${block.resolution}/${block.monitor}/${block.startMs}`,
        );
        expect(new Set(names).size).toBe(names.length);
        const back = new Map(blocks.flatMap(decodeBlock).map((row) => [rollupKey(row), row]));
        expect(back).toEqual(new Map(rows.map((row) => [rollupKey(row), row])));
      }),
    );
  });

  it("are the same whatever order their rows came in", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyRow, { selector: rollupKey, maxLength: 20 }), (rows) => {
        expect(packed(rows.toReversed())).toEqual(packed(rows));
      }),
    );
  });

  it("are refused when they are damaged", () => {
    const key = { monitor: "chat", resolution: "hour", startMs: 0 } as const;
    for (const body of ["[", "{}", '[["us-east"]]', '[["us-east",-1,""]]']) {
      expect(() => decodeBlock({ ...key, body }), body).toThrow(SyntaxError);
    }
  });
});
