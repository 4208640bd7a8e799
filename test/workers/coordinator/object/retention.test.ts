/** What is deleted from D1, and above all what is not. */
import { describe, expect, it } from "vitest";
import {
  BLOCKS_KEPT_MS,
  RETENTION_EVERY_MS,
  RETENTION_FACTOR,
  RETENTION_RUNS_MAX,
} from "../../../../workers/coordinator/object/limits.ts";
import type { Env } from "../../../../workers/coordinator/env.ts";
import { runsKeptMs } from "../../../../workers/coordinator/env.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function scheduledAt(key: string): number {
  return Number.parseInt(key, 10);
}

describe("runs", () => {
  it("are deleted when they are old, and no others", async () => {
    const network = new SmallNetwork();
    network.runsKeptMs = 10 * MINUTE_MS;
    network.start();
    await network.run(40 * MINUTE_MS);
    const nowMs = network.clock.nowMs();
    const kept = [...network.log.keys()].map(scheduledAt);
    expect(network.prunedRuns.length).toBeGreaterThan(50);
    for (const key of network.prunedRuns) {
      expect(nowMs - scheduledAt(key)).toBeGreaterThan(10 * MINUTE_MS);
    }
    expect(nowMs - Math.min(...kept)).toBeLessThan(10 * MINUTE_MS + RETENTION_EVERY_MS + MINUTE_MS);
  });

  it("stay, however old they are, until they have been taken in", async () => {
    const network = new SmallNetwork();
    network.runsKeptMs = 10 * MINUTE_MS;
    network.start();
    await network.run(5 * MINUTE_MS);
    network.kill();
    await network.run(60 * MINUTE_MS);
    const missed = new Set(network.log.keys());
    network.start();
    await network.run(2_000);
    await network.run(20 * MINUTE_MS);
    const days = network.engine.memory.history.rollups.buckets("day", 0, NOON_MS + DAY_MS);
    const seen = days.flatMap(({ rows }) => [...rows.values()]);
    const observations = seen.reduce((sum, row) => sum + Number(row.split(",")[0]), 0);
    expect(missed.size).toBeGreaterThan(200);
    expect(observations).toBeGreaterThanOrEqual(missed.size);
    expect(network.prunedRuns.length).toBeGreaterThan(0);
  });

  it("go little at a time, whatever has piled up", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(120 * MINUTE_MS);
    network.kill();
    network.runsKeptMs = 10 * MINUTE_MS;
    network.start();
    await network.run(10_000);
    expect(network.log.size).toBeGreaterThan(2 * RETENTION_RUNS_MAX - 200);
    expect(network.prunedRuns).toHaveLength(RETENTION_RUNS_MAX);
  });

  it("go as fast as a network of many probe Workers writes them, and somewhat faster", async () => {
    const network = new SmallNetwork();
    for (const region of network.config.regions) network.shardCounts.set(region, 6);
    const monitors = Array.from({ length: 60 }, (_, index) =>
      makeMonitor({ id: `m-${index}`, name: `${index}`, interval: "15s" }),
    );
    network.config = makeConfig({ monitors });
    network.start();
    await network.run(16 * MINUTE_MS);
    network.kill();
    network.runsKeptMs = 3 * MINUTE_MS;
    network.start();
    await network.run(10_000);
    const written = (network.config.regions.length * 6 * RETENTION_EVERY_MS) / 15_000;
    const most = Math.ceil((RETENTION_FACTOR * written) / RETENTION_RUNS_MAX) * RETENTION_RUNS_MAX;
    expect(network.prunedRuns).toHaveLength(most);
    await network.run(3 * RETENTION_EVERY_MS);
    const oldestMs = Math.min(...[...network.log.keys()].map(scheduledAt));
    expect(network.clock.nowMs() - oldestMs - network.runsKeptMs).toBeLessThan(MINUTE_MS);
  });

  it("all stay, and that is told, when nobody can say how long", async () => {
    const network = new SmallNetwork();
    network.runsKeptMs = null;
    network.start();
    await network.run(10 * MINUTE_MS);
    expect(network.prunedRuns).toEqual([]);
    const told = network.lines.find(({ what }) => what === "retention");
    expect(told?.["error"]).toContain("RUNS_KEPT_DAYS");
  });
});

describe("rollups in D1", () => {
  it("of five minutes and of hours are deleted once a day, those of days never", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(30 * MINUTE_MS);
    expect(network.prunedBlocks.map(({ resolution }) => resolution).sort()).toEqual([
      "5min",
      "hour",
    ]);
    for (const { atMs, resolution, beforeMs } of network.prunedBlocks) {
      const keptMs = BLOCKS_KEPT_MS[resolution as keyof typeof BLOCKS_KEPT_MS];
      expect(atMs - beforeMs - keptMs).toBeLessThan(1_000);
    }
  });
});

function keptFor(text?: string): number | null {
  return runsKeptMs({ RUNS_KEPT_DAYS: text } as Env);
}

describe("RUNS_KEPT_DAYS", () => {
  it("is seven days unless it says otherwise", () => {
    expect(keptFor()).toBe(7 * DAY_MS);
    expect(keptFor("30")).toBe(30 * DAY_MS);
    expect(keptFor("3")).toBe(3 * DAY_MS);
    for (const bad of ["", "2", "0", "-7", "7.5", "a week", "99999"])
      expect(keptFor(bad)).toBeNull();
  });
});
