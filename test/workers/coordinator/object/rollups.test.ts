/** Rollups as the running coordinator keeps them: equal to a recount of the log, come what may. */
import { describe, expect, it } from "vitest";
import { inEveryResolution, recountRuns } from "../../../../shared/monitor/recount.ts";
import type { Resolution, Rollup } from "../../../../shared/monitor/rollup.ts";
import {
  QUORUM_REGION,
  RESOLUTIONS,
  mergeRollups,
  rollUpObservation,
  rollupKey,
} from "../../../../shared/monitor/rollup.ts";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";
import { decodeRun } from "../../../../shared/probe/run.ts";
import { allMs } from "../../../../shared/monitor/uptime.ts";
import { Memory } from "../../../../workers/coordinator/object/memory.ts";
import {
  addToBuckets,
  decodeRows,
  foldBuckets,
  rowsOf,
} from "../../../../workers/coordinator/object/rollups.ts";
import { recentRollups } from "../../../../workers/coordinator/object/recent-rollups.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { makeConfig, makeMonitor, makeObservation } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const ALL_TIME = [0, Number.MAX_SAFE_INTEGER] as const;

function sorted(rows: Iterable<Rollup>): Rollup[] {
  return [...rows]
    .map((row) => ({ ...row, latencySumMs: Math.round(row.latencySumMs) }))
    .sort((a, b) => (rollupKey(a) < rollupKey(b) ? -1 : 1));
}

/** What the object has counted of regions' observations, its unfolded five minutes included. */
function counted(memory: Memory): Rollup[] {
  const rows = (resolution: Resolution) =>
    memory.history.rollups.buckets(resolution, ...ALL_TIME).flatMap(rowsOf);
  const foldedToMs = memory.state.tail.foldedToMs ?? 0;
  const unfolded = rows("5min").filter(({ bucketStartMs }) => bucketStartMs >= foldedToMs);
  const coarse = inEveryResolution(unfolded).filter(({ resolution }) => resolution !== "5min");
  const all = mergeRollups([...RESOLUTIONS.flatMap(rows), ...coarse]);
  return all.filter(({ region }) => region !== QUORUM_REGION);
}

function recounted(network: SmallNetwork): Rollup[] {
  return recountRuns([...network.log.values()].map(decodeRun));
}

/** What an observation at a second after noon adds. */
function countAt(second: number): Rollup {
  return rollUpObservation(
    makeObservation({ region: "us-east", startedAtMs: NOON_MS + second * 1_000, totalMs: 40 }),
  );
}

describe("rollups", () => {
  it("equal a recount of the log after hours with outages, restarts and late rows", async () => {
    const network = new SmallNetwork();
    network.start();
    for (const reason of [null, "accept_mismatch", null, "probe_error"] as const) {
      network.sees = (region) => (region === "sa-east" ? null : reason);
      await network.run(17 * MINUTE_MS);
      network.kill();
      await network.run(4 * MINUTE_MS);
      network.start();
    }
    const late = network.makeRun("us-east", NOON_MS + 1, "late", ["chat"]);
    const observations = late.observations.map((observation) => ({
      ...observation,
      startedAtMs: NOON_MS + 1,
    }));
    network.store({ ...late, startedAtMs: NOON_MS + 1, observations });
    await network.run(15 * MINUTE_MS);
    expect(network.engine.memory.state.seen.has(`${NOON_MS + 1}/us-east/late`)).toBe(true);
    expect(sorted(counted(network.engine.memory))).toEqual(sorted(recounted(network)));
  });

  it("in D1 are those of the object, once their time is over, and again after a late row", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(75 * MINUTE_MS);
    const late = network.makeRun("us-east", NOON_MS + 1, "late", ["chat"]);
    const observations = late.observations.map((observation) => ({
      ...observation,
      startedAtMs: NOON_MS + 1,
    }));
    const written = network.mirrored.flatMap(({ blocks }) => blocks).length;
    expect(written).toBe(1);
    network.store({ ...late, startedAtMs: NOON_MS + 1, observations });
    await network.run(15 * MINUTE_MS);
    const blocks = network.mirrored.flatMap((batch) => batch.blocks);
    expect(blocks).toHaveLength(2);
    const rows = blocks.slice(-1).flatMap(decodeBlock);
    const expected = recounted(network).filter(
      ({ resolution, bucketStartMs }) =>
        resolution === "5min" && bucketStartMs < NOON_MS + 60 * MINUTE_MS,
    );
    expect(sorted(rows.filter(({ region }) => region !== QUORUM_REGION))).toEqual(sorted(expected));
  });

  it("can be asked for up to now, whatever was not folded or entered yet", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(33 * MINUTE_MS + 12_345);
    const { memory } = network.engine;
    const ranges = RESOLUTIONS.map((resolution) => ({
      resolution,
      fromMs: ALL_TIME[0],
      toMs: ALL_TIME[1],
    }));
    const rows = recentRollups(memory, "chat", ranges);
    const own = rows.filter(({ region }) => region !== QUORUM_REGION);
    expect(sorted(own)).toEqual(sorted(recounted(network)));
    for (const resolution of RESOLUTIONS) {
      const time = rows.filter((row) => row.region === QUORUM_REGION);
      const enteredMs = time
        .filter((row) => row.resolution === resolution)
        .reduce((sum, row) => sum + allMs(row), 0);
      expect(memory.state.tail.judgedAtMs - NOON_MS - enteredMs).toBeLessThan(MINUTE_MS);
      expect(enteredMs).toBeGreaterThan(30 * MINUTE_MS);
    }
    expect(recentRollups(memory, "nothing", ranges)).toEqual([]);
  });

  it("are folded once, and what is late for the fold goes into hours and days at once", () => {
    const memory = new Memory(new Store(new TestObjectDatabase()));
    const seen = [0, 100, 299, 300, 601].map(countAt);
    const count = (from: number, to: number) =>
      memory.transact((draft) => addToBuckets(draft, seen.slice(from, to)));
    const fold = (second: number) =>
      memory.transact((draft) => foldBuckets(draft, NOON_MS + second * 1_000));
    count(0, 1);
    fold(0);
    fold(310);
    fold(310);
    count(1, 4);
    fold(290);
    count(4, 5);
    expect(sorted(counted(memory))).toEqual(sorted(inEveryResolution(seen)));
    const [hour] = memory.history.rollups.buckets("hour", ...ALL_TIME).flatMap(rowsOf);
    expect(hour?.observations).toBe(3);
  });

  it("of a large network are stored in parts, and are the same however many these are", () => {
    const database = new TestObjectDatabase();
    const memory = new Memory(new Store(database));
    const changes: Rollup[] = [];
    for (const size of [1_400, 600, 2_600]) {
      const monitors = Array.from({ length: size }, (_, index) =>
        makeMonitor({ id: `service-${index}` }),
      );
      memory.transact((draft) => draft.saveConfig(makeConfig({ version: size, monitors })));
      const seen = monitors.map(({ id }) => ({ ...countAt(size / 100), monitor: id }));
      memory.transact((draft) => addToBuckets(draft, seen));
      changes.push(...seen);
    }
    const parts = database.query("SELECT part FROM buckets WHERE resolution = '5min'");
    expect(parts.map(({ part }) => part)).toEqual([0, 1, 2, 3, 4, 5]);
    memory.transact((draft) => foldBuckets(draft, NOON_MS + 3_600_000));
    expect(sorted(counted(memory))).toEqual(sorted(inEveryResolution(changes)));
    const key = { resolution: "5min", startMs: NOON_MS } as const;
    expect(memory.history.rollups.dirtyBlocks(NOON_MS + 3_600_000, 1)).toEqual([key]);
    const versions = memory.history.rollups.versions(key);
    const blocks = [...memory.history.rollups.blocks(key, versions)].flat();
    const fine = inEveryResolution(changes).filter(({ resolution }) => resolution === "5min");
    expect(sorted(blocks.flatMap(decodeBlock))).toEqual(sorted(fine));
  });

  it("of a large network are divided as its probes are: a run changes one part", () => {
    const memory = new Memory(new Store(new TestObjectDatabase()));
    const partsOf = (size: number) => {
      const monitors = Array.from({ length: size }, (_, index) =>
        makeMonitor({ id: `m-${index}` }),
      );
      memory.transact((draft) => draft.saveConfig(makeConfig({ version: size, monitors })));
      return memory.transact((draft) =>
        ["0", "3", "3+", "ask.3", "ask"].map((lane) => draft.partOfRun({ lane })),
      );
    };
    expect(partsOf(1_000)).toEqual([0, 0, 0, 0, 0]);
    expect(partsOf(1_001)).toEqual([0, 3, 3, 3, 0]);
    const seen = ["m-1", "m-2", "m-3"].map((monitor) => ({ ...countAt(1), monitor }));
    memory.transact((draft) => addToBuckets(draft, seen, 3));
    const stored = memory.history.rollups.buckets("5min", ...ALL_TIME);
    expect(stored.map(({ part, rows }) => [part, rows.size])).toEqual([[3, 3]]);
  });

  it("that an older release has stored go on from there", () => {
    const database = new TestObjectDatabase();
    const before = new Memory(new Store(database));
    before.transact((draft) => {
      draft.judgedAtMs = NOON_MS + 100_000;
      draft.moveTail({ cursorMs: NOON_MS });
    });
    const body = '[["chat",2,2,0,0,0,0,0,0,0,0,0,160,2]]';
    for (const [resolution, startMs] of [
      ["hour", NOON_MS],
      ["day", NOON_MS - 12 * 60 * MINUTE_MS],
    ] as const) {
      database.query(
        "INSERT INTO buckets VALUES (?, 'us-east', ?, 0, ?, 1)",
        resolution,
        startMs,
        body,
      );
    }
    const memory = new Memory(new Store(database));
    memory.transact((draft) => addToBuckets(draft, [countAt(150), countAt(400)]));
    memory.transact((draft) => foldBuckets(draft, NOON_MS + 900_000));
    const [hour] = memory.history.rollups.buckets("hour", ...ALL_TIME).flatMap(rowsOf);
    expect(hour).toMatchObject({ observations: 4, up: 4, latencySumMs: 240, latencyCount: 4 });
  });

  it("of an older release that are damaged are not taken for none", () => {
    const key = { resolution: "hour", region: "us-east", startMs: 0, part: 0 } as const;
    expect(() => decodeRows(key, '[["chat"')).toThrow(SyntaxError);
  });
});
