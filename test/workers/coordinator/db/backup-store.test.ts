/** D1's part of a restore, on a real D1. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  clearHistory,
  loadConfigurationRows,
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
