import { expect, it } from "vitest";
import { CountedStorage } from "./rows/counted-storage.ts";
import type { RowsFigures } from "./rows/figures.ts";
import { GOAL, PARTS, objectRowsPerDay, renderRows, rowsPerDay } from "./rows/figures.ts";
import { SqliteDatabase } from "../sim/sqlite-database.ts";

/** Figures in which each part has written and read as many rows in two hours. */
function figures(rowsWritten: number, rowsRead = 0): RowsFigures {
  const parts = PARTS.map((part) => [part, { rowsWritten, rowsRead }]);
  return {
    monitors: GOAL.monitors,
    regions: GOAL.regions,
    shards: 1,
    hours: 2,
    parts: Object.fromEntries(parts) as RowsFigures["parts"],
    objectRows: 10,
    alarms: 90,
    logBytesPerDay: 10_000_000,
    deliveries: 0,
    failures: [],
  };
}

it("scales hours up to a day, and counts what happens once a day once", () => {
  const often = PARTS.length - 1;
  expect(rowsPerDay(figures(10, 100))).toEqual({
    rowsWritten: often * 10 * 12 + 10,
    rowsRead: often * 100 * 12 + 100,
  });
  expect(objectRowsPerDay(figures(0))).toBe(100 * 12 + 5 * (288 + 24));
});

it("says whether the size that has a goal is within it, and of others nothing", () => {
  expect(renderRows([figures(100)])).toContain("write 6,100 rows a day to D1, within the goal");
  expect(renderRows([figures(1_000)])).toContain("write 61,000 rows a day to D1, over the goal");
  expect(renderRows([{ ...figures(1), monitors: 10 }])).not.toContain("goal");
});

it("sets in bold what is more than the free plan allows, and names what went wrong", () => {
  const late = { logBytesPerDay: 80_000_000, failures: ["mirror: late"] };
  const text = renderRows([{ ...figures(2_000, 100), ...late }]);
  expect(text).toContain("**122,000**");
  expect(text).not.toContain("**6,100**");
  expect(text).toContain("**560**");
  expect(text).toContain("failure: mirror: late");
});

it("counts the object's changed rows with the indexes of their tables, and reads not at all", () => {
  const storage = new CountedStorage(new SqliteDatabase().open(() => undefined));
  storage.query("CREATE TABLE plain (id INTEGER PRIMARY KEY, at INTEGER)");
  storage.query("CREATE INDEX plain_at ON plain (at)");
  storage.query("CREATE TABLE bare (id TEXT PRIMARY KEY) WITHOUT ROWID");
  storage.query("CREATE TABLE named (id TEXT PRIMARY KEY, at INTEGER)");
  const costOf = (sql: string) => {
    const before = storage.rowsWritten;
    storage.query(sql);
    return storage.rowsWritten - before;
  };
  expect(costOf("INSERT INTO plain VALUES (1, 1), (2, 2)")).toBe(4);
  expect(costOf("INSERT INTO bare VALUES ('a')")).toBe(1);
  expect(costOf("INSERT OR IGNORE INTO bare VALUES ('a')")).toBe(0);
  expect(costOf("INSERT INTO named VALUES ('a', 1)")).toBe(2);
  const upsert =
    "INSERT INTO named VALUES ('a', 2), ('b', 2) ON CONFLICT (id) DO UPDATE SET at = 3";
  expect(costOf(upsert)).toBe(3);
  expect(costOf("SELECT * FROM plain")).toBe(0);
  expect(costOf("DELETE FROM plain WHERE id > 0")).toBe(4);
});
