/** A backup of the object's storage that is read while the network goes on. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  BackupCut,
  OPEN_MAX_MS,
  PAGE_BYTES_MAX,
  UNREAD_MAX_MS,
} from "../../../../workers/coordinator/object/backup-cut.ts";
import {
  OBJECT_TABLES,
  isBackupOpen,
} from "../../../../workers/coordinator/object/backup-guard.ts";
import { savePacked } from "../../../../workers/coordinator/object/database.ts";
import {
  MIGRATIONS,
  migrateStorage,
} from "../../../../workers/coordinator/object/storage-schema.ts";
import { MeasuredDatabase } from "../../../support/measured-database.ts";
import { backupPages } from "../../../support/object-backup.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;

/** A network with an outage that is told, and one that goes on. */
async function busyNetwork(): Promise<SmallNetwork> {
  const network = new SmallNetwork();
  network.start();
  await network.run(3 * MINUTE_MS);
  network.sees = () => "connect_failed";
  await network.run(3 * MINUTE_MS);
  network.sees = () => null;
  await network.run(3 * MINUTE_MS);
  network.sees = () => "accept_mismatch";
  await network.run(2 * MINUTE_MS);
  return network;
}

/** A number as a value of a column, as SQL. */
function value(type: unknown, number: number): string {
  return type === "INTEGER" ? String(number) : `'${number}'`;
}

function drain(pages: Iterable<string[]>): string[] {
  return [...pages].flat();
}

function tablesOf(lines: readonly string[]): Set<unknown> {
  return new Set(lines.map((line) => (JSON.parse(line) as { table: string }).table));
}

describe("a backup that is being read while the network goes on", () => {
  let network: SmallNetwork;
  beforeEach(async () => {
    network = await busyNetwork();
  });

  it("is as of the moment at which it was opened, whatever changes between its pages", async () => {
    const { database, clock } = network;
    const expected = drain(backupPages(database, clock.nowMs()));
    expect(tablesOf(expected)).toContain("deliveries");
    new BackupCut(database).open("b", clock.nowMs());
    network.sees = () => null;
    await network.run(90_000);
    const read = drain(backupPages(database, clock.nowMs(), "b"));
    expect(read).toEqual(expected);
    expect(drain(backupPages(database, clock.nowMs()))).not.toEqual(expected);
  });

  it("holds back from D1 what belongs to a later moment, and gives it then", async () => {
    const { database, clock } = network;
    await network.run(MINUTE_MS);
    new BackupCut(database).open("b", clock.nowMs());
    network.mirrored.length = 0;
    network.sees = () => null;
    await network.run(100_000);
    expect(network.mirrored.flatMap(({ transitions }) => transitions)).toEqual([]);
    expect(network.mirrored.some(({ snapshot }) => snapshot !== null)).toBe(true);
    new BackupCut(database).close("b");
    await network.run(2 * MINUTE_MS);
    const kinds = network.mirrored.flatMap(({ transitions }) =>
      transitions.map(({ kind }) => kind),
    );
    expect(kinds).toContain("incident_resolved");
  });

  it("goes on in another life of the object", async () => {
    const { database, clock } = network;
    const expected = drain(backupPages(database, clock.nowMs()));
    new BackupCut(database).open("b", clock.nowMs());
    await network.run(30_000);
    network.kill();
    network.start();
    await network.run(30_000);
    expect(drain(backupPages(database, clock.nowMs(), "b"))).toEqual(expected);
  });

  it("keeps nothing once it is over", async () => {
    const { database, clock } = network;
    new BackupCut(database).open("b", clock.nowMs());
    await network.run(MINUTE_MS);
    expect(database.query("SELECT 1 FROM backup_kept LIMIT 1")).toHaveLength(1);
    new BackupCut(database).close("b");
    expect(database.query("SELECT 1 FROM backup_kept")).toEqual([]);
    expect(database.query("SELECT name FROM sqlite_master WHERE type = 'trigger'")).toEqual([]);
    await network.run(MINUTE_MS);
    expect(network.lines.filter(({ event }) => event === "failure")).toEqual([]);
  });
});

describe("a backup", () => {
  let database: MeasuredDatabase;
  let backup: BackupCut;
  beforeEach(() => {
    database = new MeasuredDatabase();
    migrateStorage(database);
    backup = new BackupCut(database);
  });
  const bucket = (startMs: number, body: string) =>
    database.query("INSERT INTO buckets VALUES ('5min', 'r', ?, 0, ?, 1)", startMs, body);

  it("never holds more than a page, however much there is and was kept", () => {
    for (let index = 0; index < 60; index += 1) bucket(index, "x".repeat(300_000));
    for (let index = 0; index < 3_000; index += 1) {
      const sql = "INSERT INTO decisions (subject, at_ms, body) VALUES ('s', 1, ?)";
      database.query(sql, "y".repeat(1_000));
    }
    backup.open("b", 0);
    database.query("UPDATE buckets SET body = 'new' WHERE start_ms % 2 = 0");
    database.mostBytes = 0;
    let [lines, longest] = [0, 0];
    for (const page of backupPages(database, 0, "b")) {
      lines += page.length;
      longest = Math.max(longest, page.join("\n").length);
      expect(page.join("")).not.toContain("new");
    }
    expect(lines).toBe(3_060);
    expect(longest).toBeLessThan(1.2 * PAGE_BYTES_MAX);
    expect(database.mostBytes).toBeLessThan(1.2 * PAGE_BYTES_MAX);
  });

  it("has a page for a row that is longer than a page", () => {
    bucket(1, "x".repeat(1_900_000));
    bucket(2, "y");
    expect(drain(backupPages(database)).map((line) => line.length > 1_000_000)).toEqual([
      true,
      false,
    ]);
  });

  it("has rows as they were that are changed, deleted or written anew in every table", () => {
    const tables = Object.keys(OBJECT_TABLES) as Array<keyof typeof OBJECT_TABLES>;
    const columns = new Map(
      tables.map((table) => [table, database.query(`PRAGMA table_info(${table})`)] as const),
    );
    const insert = (table: keyof typeof OBJECT_TABLES, number: number) => {
      const values = columns.get(table)?.map(({ type }) => value(type, number)) ?? [];
      database.query(`INSERT INTO ${table} VALUES (${values.join(", ")})`);
    };
    for (const table of tables) for (const number of [1, 2, 3]) insert(table, number);
    const expected = drain(backupPages(database));
    expect(tablesOf(expected)).toEqual(new Set(tables));
    backup.open("b", 0);
    for (const table of tables) {
      const [first, last] = [columns.get(table)?.[0], columns.get(table)?.at(-1)];
      const where = (number: number) =>
        `WHERE "${first?.["name"]}" = ${value(first?.["type"], number)}`;
      const isKey = last?.["pk"] !== 0;
      if (!isKey) database.query(`UPDATE ${table} SET "${last?.["name"]}" = 7 ${where(1)}`);
      database.query(`DELETE FROM ${table} ${where(2)}`);
      insert(table, 2);
      database.query(`DELETE FROM ${table} ${where(3)}`);
      insert(table, 4);
    }
    expect(drain(backupPages(database, 0, "b"))).toEqual(expected);
    expect(drain(backupPages(database))).not.toEqual(expected);
  });

  it("has the channels as they were, apart from the pages", () => {
    savePacked(database, "channels", [{ id: "old" }]);
    backup.open("b", 0);
    savePacked(database, "channels", null);
    savePacked(database, "channels", [{ id: "new" }]);
    expect(backup.channels()).toEqual([{ id: "old" }]);
    expect(backup.page("b", null, 0)).toEqual({ lines: [], next: null });
  });

  it("ends when nobody reads it, and when it takes too long", () => {
    backup.open("b", 0);
    backup.closeStale(UNREAD_MAX_MS);
    expect(backup.page("b", null, UNREAD_MAX_MS)).not.toBeNull();
    expect(backup.hold("b", 2 * UNREAD_MAX_MS)).toBe(true);
    backup.closeStale(3 * UNREAD_MAX_MS + 1);
    expect(isBackupOpen(database)).toBe(false);
    expect(backup.page("b", null, 3 * UNREAD_MAX_MS + 1)).toBeNull();
    backup.open("c", 0);
    for (let atMs = 0; atMs <= OPEN_MAX_MS; atMs += MINUTE_MS) {
      expect(backup.hold("c", atMs)).toBe(true);
    }
    expect(backup.hold("c", OPEN_MAX_MS + 1)).toBe(false);
    backup.closeStale(OPEN_MAX_MS + 1);
    expect(isBackupOpen(database)).toBe(false);
  });

  it("is replaced by another one, and not ended by whoever read the first", () => {
    bucket(1, "old");
    backup.open("b", 0);
    database.query("UPDATE buckets SET body = 'new'");
    backup.open("c", 0);
    expect(backup.page("b", null, 0)).toBeNull();
    backup.close("b");
    expect(drain(backupPages(database, 0, "c")).join("")).toContain("new");
  });

  it("ends before another release changes the tables that it reads", () => {
    backup.open("b", 0);
    migrateStorage(database, [...MIGRATIONS, ["ALTER TABLE buckets RENAME TO rollups"]]);
    expect(isBackupOpen(database)).toBe(false);
    expect(database.query("SELECT 1 FROM sqlite_master WHERE type = 'trigger'")).toEqual([]);
  });
});
