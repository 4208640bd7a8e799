/** D1's part of a restore, on a real D1. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  PAGE_BYTES,
  clearHistory,
  loadConfigurationRows,
  loadPagedRows,
  replaceConfiguration,
  saveHistoryRows,
  stageConfigurationRows,
} from "../../../../workers/coordinator/db/backup-store.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

const NETWORK = { regions: ["eu-central"], defaultIntervalMs: 60_000, coordinators: 1 };

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.clear());

function monitorRow(id: string, name = id) {
  const definition = JSON.stringify({ id, name });
  return { id, name, definition, created_at_ms: 1, updated_at_ms: 2 };
}

async function names(): Promise<unknown[]> {
  const { results } = await database.db.prepare("SELECT name FROM monitors ORDER BY id").all();
  return results.map(({ name }) => name);
}

describe("a configuration that is restored", () => {
  it("takes the place of the present one at once, and only then", async () => {
    const { db } = database;
    await stageConfigurationRows(db, "monitors", [monitorRow("old")]);
    await replaceConfiguration(db, "first", NETWORK, 1);
    await clearHistory(db);
    await stageConfigurationRows(db, "monitors", [monitorRow("b")]);
    await stageConfigurationRows(db, "monitors", [monitorRow("a"), monitorRow("b")]);
    await stageConfigurationRows(db, "published_config", [{ id: 1, version: 40, body: "{}" }]);
    expect(await names()).toEqual(["old"]);
    await replaceConfiguration(db, "second", NETWORK, 2);
    expect(await names()).toEqual(["a", "b"]);
    const rows = await loadConfigurationRows(db);
    expect(rows.find(({ table }) => table === "monitors")?.row).toEqual(monitorRow("a"));
    expect(rows.find(({ table }) => table === "published_config")?.row["version"]).toBe(41);
  });

  it("is not taken back by the same restore, which did not hear that it was there", async () => {
    const { db } = database;
    await stageConfigurationRows(db, "monitors", [monitorRow("a")]);
    await replaceConfiguration(db, "r", NETWORK, 1);
    await db.prepare("UPDATE monitors SET name = 'changed since'").run();
    await replaceConfiguration(db, "r", NETWORK, 2);
    expect(await names()).toEqual(["changed since"]);
    const left = await db.prepare("SELECT * FROM restored_rows").all();
    expect(left.results).toEqual([{ of_table: "", id: "r", body: null }]);
  });

  it("is of no table but those of a configuration", async () => {
    await expect(stageConfigurationRows(database.db, "runs", [])).rejects.toThrow(RangeError);
    await expect(saveHistoryRows(database.db, "monitors", [])).rejects.toThrow(RangeError);
  });
});

describe("two subscriptions of one address", () => {
  it.each([
    ["active", "pending", "first"],
    ["pending", "active", "second"],
    ["active", "active", "second"],
  ])("%s and %s are both restored, and found by the %s", async (older, newer, found) => {
    const { db } = database;
    const row = {
      kind: "email",
      digest: "d",
      page: "main",
      monitors: null,
      language: "en",
      target: "{}",
      confirmed_at_ms: null,
      ended_at_ms: null,
      ended_why: null,
      revision: 0,
    };
    await stageConfigurationRows(db, "subscriptions", [
      { ...row, id: "first", state: older, created_at_ms: 1 },
      { ...row, id: "second", state: newer, created_at_ms: 2 },
      { ...row, id: "other", state: "active", created_at_ms: 1, digest: "e" },
      { ...row, id: "unknown", state: "active", created_at_ms: 1, digest: null },
    ]);
    await replaceConfiguration(db, "r", NETWORK, 1);
    const { results } = await db.prepare("SELECT id, digest FROM subscriptions").all();
    const digests = new Map(results.map(({ id, digest }) => [id, digest]));
    expect(digests).toEqual(
      new Map<unknown, unknown>([
        ["first", null],
        ["second", null],
        ["other", "e"],
        ["unknown", null],
      ]).set(found, "d"),
    );
  });
});

function incidentRow(number: number) {
  const id = String(number).padStart(9, "0");
  return { id, monitor: "m", started_at_ms: number, ended_at_ms: null, body: "{}" };
}

function blockRow(number: number, characters: number) {
  const resolution = number % 2 === 0 ? "5min" : "day";
  return { resolution, monitor: "m", start_ms: number, body: "x".repeat(characters) };
}

/** Reads all rows, and what each query has cost. */
async function readPaged() {
  const costs: Array<{ bytes: number; rowsRead: number }> = [];
  const counted = (statement: D1PreparedStatement) => ({
    bind: (...values: unknown[]) =>
      counted(values.length === 0 ? statement : statement.bind(...values)),
    all: async () => {
      const result = await statement.all();
      const bytes = JSON.stringify(result.results).length;
      costs.push({ bytes, rowsRead: result.meta.rows_read });
      return result;
    },
  });
  const db = { prepare: (sql: string) => counted(database.db.prepare(sql)) };
  const rows = [];
  for await (const some of loadPagedRows(db as unknown as D1Database)) rows.push(...some);
  return { rows: rows.map(({ row }) => row), costs };
}

describe("rows of D1 for a backup", () => {
  it("come with few queries, however many there are", async () => {
    const incidents = Array.from({ length: 9_000 }, (_, number) => incidentRow(number));
    await saveHistoryRows(database.db, "incidents", incidents);
    const { rows, costs } = await readPaged();
    expect(rows).toEqual(incidents);
    // One for each of the tables without any.
    expect(costs).toHaveLength(3 + 4);
    const rowsRead = costs.reduce((sum, cost) => sum + cost.rowsRead, 0);
    expect(rowsRead).toBeLessThan(6 * incidents.length);
  });

  it("come in pages of some megabytes, however long they are", async () => {
    const characters = 300_000;
    const blocks = Array.from({ length: 50 }, (_, number) => blockRow(number, characters));
    await saveHistoryRows(database.db, "rollup_blocks", blocks);
    const { rows, costs } = await readPaged();
    expect(rows).toHaveLength(blocks.length);
    expect(rows.slice(0, 26).map(({ start_ms: start }) => start)).toEqual([
      ...Array.from({ length: 25 }, (_, number) => 2 * number),
      1,
    ]);
    expect(costs).toHaveLength(4 + Math.ceil((blocks.length * characters) / PAGE_BYTES));
    const most = Math.max(...costs.map(({ bytes }) => bytes));
    expect(most).toBeLessThan(PAGE_BYTES + 1.1 * characters);
  });

  it("end where a page ends", async () => {
    const exactly = Array.from({ length: 2_000 }, (_, number) => incidentRow(number));
    await saveHistoryRows(database.db, "incidents", exactly);
    expect((await readPaged()).rows).toHaveLength(exactly.length);
    await database.clear();
    await saveHistoryRows(database.db, "rollup_blocks", [blockRow(0, 1_999_000)]);
    expect((await readPaged()).rows).toHaveLength(1);
  });
});

describe("a history that is restored", () => {
  it("is cleared before, some rows at a time, with what an earlier restore has left", async () => {
    const { db } = database;
    const blocks = Array.from({ length: 2_500 }, (_, start_ms) => ({
      resolution: "5min",
      monitor: "m",
      start_ms,
      body: "x",
    }));
    await saveHistoryRows(db, "rollup_blocks", blocks);
    await stageConfigurationRows(db, "monitors", [monitorRow("a")]);
    let calls = 1;
    while (!(await clearHistory(db))) calls += 1;
    expect(calls).toBe(3);
    for (const table of ["rollup_blocks", "restored_rows"]) {
      expect((await db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).all()).results).toEqual([]);
    }
  });
});
