/** Which coordinator has which monitor, and what each reads of the configuration. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { monitorSchema } from "../../../../shared/monitor/monitor.ts";
import {
  createMonitor,
  deleteMonitor,
  loadPublishedConfig,
  publishConfig,
  saveMonitor,
} from "../../../../workers/coordinator/db/config-store.ts";
import {
  PartReader,
  settlePlacements,
} from "../../../../workers/coordinator/db/placement-store.ts";
import type { Env } from "../../../../workers/coordinator/env.ts";
import { connect } from "../../../../workers/coordinator/object/connections.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

const REGIONS = ["us-east", "eu-central"];

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(() => database.clear());

let atMs = 0;

function shape(coordinators: number) {
  return { regions: REGIONS, defaultIntervalMs: 60_000, coordinators };
}

function monitor(id: string, group: string | null = null) {
  const url = `wss://${id}.example.com/socket`;
  return monitorSchema.parse({ id, name: `The ${id}`, url, group, public: id !== "secret" });
}

async function create(coordinators: number, id: string, group: string | null = null) {
  atMs += 1;
  await createMonitor(database.db, shape(coordinators), monitor(id, group), atMs);
}

/** Ids of each coordinator's own monitors. */
async function parts(count: number): Promise<string[][]> {
  const all = Array.from({ length: count }, async (_, index) => {
    const part = await new PartReader(database.db, { index, count }).load();
    return part?.config.monitors.map(({ id }) => id) ?? ["nothing is published"];
  });
  return Promise.all(all);
}

describe("monitors of several coordinators", () => {
  it("are with one each, the fewest of which take the next", async () => {
    for (const id of ["a", "b", "c", "d", "e"]) await create(2, id);
    expect(await parts(2)).toEqual([
      ["a", "c", "e"],
      ["b", "d"],
    ]);
  });

  it("of one group are with one", async () => {
    await create(2, "a", "Games");
    await create(2, "b", "Chat");
    await create(2, "c", "Games");
    await create(2, "d", "Games");
    await create(2, "e");
    expect(await parts(2)).toEqual([
      ["a", "c", "d"],
      ["b", "e"],
    ]);
  });

  it("stay where they are when there are more coordinators, or they are changed", async () => {
    for (const id of ["a", "b", "c"]) await create(1, id);
    expect(await parts(3)).toEqual([["a", "b", "c"], [], []]);
    await create(3, "d");
    await create(3, "e");
    await saveMonitor(database.db, shape(3), monitor("a", "Games"), 9);
    await saveMonitor(database.db, shape(3), monitor("f"), atMs + 1);
    expect(await parts(3)).toEqual([["a", "b", "c"], ["d", "f"], ["e"]]);
  });

  it("come back to where they were when they are created again", async () => {
    for (const id of ["a", "b", "c"]) await create(2, id);
    await deleteMonitor(database.db, shape(2), "b", 5);
    for (const id of ["d", "e"]) await create(2, id);
    expect(await parts(2)).toEqual([
      ["a", "c"],
      ["d", "e"],
    ]);
    await create(2, "b");
    expect(await parts(2)).toEqual([
      ["a", "c"],
      ["d", "e", "b"],
    ]);
  });

  it("are not moved by somebody who takes their id", async () => {
    await create(1, "a");
    await create(2, "b");
    expect(await createMonitor(database.db, shape(2), monitor("a"), 9)).toBe("conflict");
    expect(await parts(2)).toEqual([["a"], ["b"]]);
  });

  it("fall to the first when their coordinator is no more", async () => {
    for (const id of ["a", "b", "c", "d"]) await create(4, id);
    expect(await parts(2)).toEqual([["a", "c", "d"], ["b"]]);
    const spare = await new PartReader(database.db, { index: 3, count: 2 }).load();
    expect(spare?.config.monitors).toEqual([]);
    expect(spare?.roster.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });
});

/** What a coordinator loads that has just been started, in a network of so many. */
async function load(index: number, count: number): Promise<string[]> {
  const env = { DB: database.db, CRON_PACE_MS: "60000", COORDINATOR_SHARDS: String(count) };
  const ports = connect(env as unknown as Env, { index, count });
  const { config } = await ports.config.load();
  return config?.monitors.map(({ id }) => id) ?? [];
}

describe("monitors of a coordinator that there was", () => {
  it("stay with the first when there are more again", async () => {
    for (const id of ["a", "b", "c", "d"]) await create(2, id);
    expect(await load(1, 2)).toEqual(["b", "d"]);
    expect(await load(1, 1)).toEqual([]);
    expect(await load(0, 1)).toEqual(["a", "b", "c", "d"]);
    expect(await load(0, 2)).toEqual(["a", "b", "c", "d"]);
    expect(await load(1, 2)).toEqual([]);
    await create(2, "e");
    expect(await load(1, 2)).toEqual(["e"]);
  });

  it("are moved once, and cost no written row after that", async () => {
    for (const id of ["a", "b"]) await create(2, id);
    const written: number[] = [];
    const counting = countingWrites(database.db, written);
    await settlePlacements(counting, 1);
    await settlePlacements(counting, 1);
    expect(written).toEqual([expect.any(Number), 0]);
    expect(written[0]).toBeGreaterThan(0);
  });
});

/** A database of which each statement that is run notes how many rows it wrote. */
function countingWrites(db: D1Database, written: number[]): D1Database {
  return {
    prepare: (sql: string) => ({
      bind: (...values: unknown[]) => ({
        run: async () => {
          const result = await db
            .prepare(sql)
            .bind(...values)
            .run();
          written.push(result.meta.changes);
          return result;
        },
      }),
    }),
  } as unknown as D1Database;
}

describe("a coordinator's part", () => {
  it("is the published configuration with fewer monitors, windows of maintenance and all", async () => {
    for (const id of ["a", "b"]) await create(2, id);
    const whole = await loadPublishedConfig(database.db);
    const part = await new PartReader(database.db, { index: 1, count: 2 }).load();
    expect(part).toEqual({
      config: { ...whole, monitors: whole?.monitors.filter(({ id }) => id === "b") },
      roster: [],
    });
  });

  it("has the list of all monitors for the first, in their order", async () => {
    await create(2, "b", "Games");
    await create(2, "secret");
    const part = await new PartReader(database.db, { index: 0, count: 2 }).load();
    const schedule = { interval: null, regions: null, paused: false, http: false };
    expect(part?.roster).toEqual([
      { id: "b", name: "The b", group: "Games", public: true, ...schedule },
      { id: "secret", name: "The secret", group: null, public: false, ...schedule },
    ]);
  });

  it("says there when each monitor is checked, of older releases' monitors too", async () => {
    await create(2, "a");
    const definition = {
      ...monitor("a"),
      interval: "5m",
      regions: ["us-east"],
      paused: true,
      http: { status: 200 },
    };
    const update = database.db.prepare("UPDATE monitors SET definition = ?");
    await update.bind(JSON.stringify(definition)).run();
    const read = () => new PartReader(database.db, { index: 0, count: 2 }).load();
    expect((await read())?.roster).toMatchObject([
      { interval: "5m", regions: ["us-east"], paused: true, http: true },
    ]);
    const { http: _http, ...older } = definition;
    await update.bind(JSON.stringify(older)).run();
    expect((await read())?.roster).toMatchObject([{ http: false }]);
  });

  it("is read again only when something was published", async () => {
    await create(2, "a");
    const reader = new PartReader(database.db, { index: 0, count: 2 });
    const first = await reader.load();
    expect(await reader.load()).toBe(first);
    await create(2, "b");
    const second = await reader.load();
    expect(second).not.toBe(first);
    expect(second?.roster.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("is put together from all rows of a large configuration", async () => {
    const all = Array.from({ length: 6_000 }, (_, index) => monitor(`service-${index}`));
    const insert = `INSERT INTO monitors (id, name, definition, created_at_ms, updated_at_ms)
      SELECT value ->> 'id', value ->> 'name', value, key, 0 FROM json_each(?)`;
    const place = `INSERT INTO placements (id, coordinator)
      SELECT id, created_at_ms % 3 FROM monitors`;
    for (let from = 0; from < all.length; from += 1_000) {
      const portion = JSON.stringify(all.slice(from, from + 1_000));
      await database.db.prepare(insert).bind(portion).run();
    }
    await database.db.prepare(place).run();
    await publishConfig(database.db, shape(3), 1);
    const rows = await database.db.prepare("SELECT id FROM published_config").all();
    expect(rows.results.length).toBeGreaterThan(2);
    const found = await parts(3);
    expect(found.map((ids) => ids.length)).toEqual([2_004, 1_998, 1_998]);
    expect(new Set(found.flat()).size).toBe(6_000);
  });
});
