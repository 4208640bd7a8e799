/** A restore that is more than can be held, and takes more than one alarm. */
import { beforeEach, describe, expect, it } from "vitest";
import { BackupCut } from "../../../../workers/coordinator/object/backup-cut.ts";
import { savePacked } from "../../../../workers/coordinator/object/database.ts";
import { ABANDONED_AFTER_MS, Restore } from "../../../../workers/coordinator/object/restore.ts";
import { migrateStorage } from "../../../../workers/coordinator/object/storage-schema.ts";
import { MeasuredDatabase } from "../../../support/measured-database.ts";
import { ORIGIN, backupPages } from "../../../support/object-backup.ts";
import {
  RestoreStandIn,
  block,
  bucket,
  monitor,
  partsOf,
  savedOf,
} from "../../../support/restore-stand-in.ts";

const MEGABYTE = 1_000_000;

let database: MeasuredDatabase;
beforeEach(() => {
  database = new MeasuredDatabase();
  migrateStorage(database);
});

/** Names of all that the storage has. */
function schema() {
  return database
    .query("SELECT name, tbl_name, type FROM sqlite_master ORDER BY name")
    .filter(({ name }) => !String(name).startsWith("sqlite_"));
}

function stage(parts: readonly string[]): Restore {
  new Restore(database).begin("r", true, ORIGIN, 0);
  for (const [part, text] of parts.entries()) {
    // As in a life of its own for each part.
    expect(new Restore(database).put("r", part, text, 0)).not.toHaveProperty("refused");
  }
  return new Restore(database);
}

describe("a large restore", () => {
  it("holds no more than a portion at any time", async () => {
    const rows = [
      ...Array.from({ length: 600 }, (_, index) => monitor(`m${index}`)),
      ...Array.from({ length: 40 }, (_, index) => block(index, 250_000)),
      ...Array.from({ length: 40 }, (_, index) => bucket(index, 300_000)),
    ];
    const parts = partsOf(rows, 20);
    expect(parts.join("").length).toBeGreaterThan(20 * MEGABYTE);
    const restore = stage(parts);
    restore.decide("r", true);
    const target = new RestoreStandIn();
    expect(await restore.perform(target)).toBe(true);
    // A piece of text in the storage has 600,000 characters of two bytes.
    expect(database.mostBytes).toBeLessThan(1.3 * MEGABYTE);
    expect(target.mostCharacters).toBeLessThan(1.3 * MEGABYTE);
    expect(savedOf(target, "monitors")).toBe(600);
    expect(savedOf(target, "rollup_blocks")).toBe(40);
    expect(database.query("SELECT count(*) AS all_rows FROM buckets")).toEqual([{ all_rows: 40 }]);
  });

  it("is carried out some of it at a time, in one life of the object after the other", async () => {
    const rows = Array.from({ length: 50 }, (_, index) => block(index, 10));
    stage(partsOf(rows, 10)).decide("r", true);
    const target = new RestoreStandIn();
    target.toClear = 2;
    const left: unknown[] = [];
    for (let isDone = false; !isDone;) {
      isDone = await new Restore(database).perform(target, () => true);
      left.push(new Restore(database).status()?.partsLeft);
    }
    expect(left).toEqual([5, 5, 5, 4, 3, 2, 1, 0, 0]);
    expect(savedOf(target, "rollup_blocks")).toBe(50);
    expect(target.saved.at(-1)).toEqual(["r", 0]);
  });

  it("may fail any number of times as long as it comes further", async () => {
    const rows = Array.from({ length: 40 }, (_, index) => block(index, 10));
    const restore = stage(partsOf(rows, 1));
    restore.decide("r", true);
    const target = new RestoreStandIn();
    let calls = 0;
    target.before = async () => {
      calls += 1;
      if (calls % 2 === 1) throw new Error("D1 is away");
    };
    for (let isDone = false; !isDone;) {
      isDone = await restore.perform(target).catch(() => {
        expect(restore.noteFailure("D1 is away")?.state).toBe("committing");
        return false;
      });
    }
    expect(calls).toBe(80);
    expect(restore.status()).toMatchObject({ state: "done", partsLeft: 0 });
  });

  it("is left alone by an attempt that D1 has kept waiting until another was made", async () => {
    const restore = stage(partsOf([block(1, 10), block(2, 10)], 1));
    restore.decide("r", true);
    const late = new RestoreStandIn();
    const waiting = Promise.withResolvers<undefined>();
    late.before = () => waiting.promise;
    const hanging = restore.perform(late);
    await new Promise(setImmediate);
    const target = new RestoreStandIn();
    expect(await restore.perform(target)).toBe(true);
    database.query("INSERT INTO seen_runs VALUES ('new', 1)");
    waiting.resolve(undefined);
    await expect(hanging).rejects.toThrow("elsewhere");
    expect(savedOf(late, "rollup_blocks")).toBe(1);
    expect(database.query("SELECT key FROM seen_runs")).toEqual([{ key: "new" }]);
  });
});

describe("the parts of a restore", () => {
  const parts = partsOf([bucket(1, 10), bucket(2, 10)], 1);

  it("come in their order, and the last of them perhaps again", () => {
    const restore = new Restore(database);
    restore.begin("r", true, ORIGIN, 0);
    expect(restore.put("r", 1, parts[1] ?? "", 0)).toHaveProperty("refused");
    restore.put("r", 0, parts[0] ?? "", 0);
    restore.put("r", 1, parts[1] ?? "", 0);
    expect(restore.put("r", 1, parts[1] ?? "", 0)).toMatchObject({ state: "staging" });
    expect(restore.put("r", 0, parts[0] ?? "", 0)).toEqual({
      refused: expect.stringContaining("Part 2 is the next") as string,
    });
    restore.put("r", 2, parts[2] ?? "", 0);
    restore.put("r", 3, parts[3] ?? "", 0);
    expect(restore.decide("r", true)).toMatchObject({ state: "committing" });
  });

  it.each([
    ["that is damaged", '{"in":"object","table":"buckets","row":{"region":{}}}\n'],
    ["with a table that is not there", '{"in":"d1","table":"runs","row":{}}\n'],
    ["with a column that is not there", '{"in":"object","table":"seen_runs","row":{"x":1}}\n'],
    ["that does not fit", '{"in":"object","table":"seen_runs","row":{"key":"k"}}\n'],
  ])("do not take one %s, and go on with the right one", (_what, wrong) => {
    const restore = new Restore(database);
    restore.begin("r", true, ORIGIN, 0);
    restore.put("r", 0, parts[0] ?? "", 0);
    expect(restore.put("r", 1, `${parts[1]}${wrong}`, 0)).toHaveProperty("refused");
    for (const part of [1, 2, 3]) {
      expect(restore.put("r", part, parts[part] ?? "", 0)).not.toHaveProperty("refused");
    }
    expect(restore.decide("r", true)).toMatchObject({ state: "committing" });
  });

  it("are forgotten when nobody sends the rest for a day, and when another begins", () => {
    const restore = stage(parts.slice(0, 2));
    restore.dropAbandoned(ABANDONED_AFTER_MS - 1);
    expect(restore.status()).toMatchObject({ state: "staging" });
    expect(database.query("SELECT 1 FROM restored_buckets")).toHaveLength(1);
    restore.begin("s", true, ORIGIN, 0);
    expect(database.query("SELECT 1 FROM restored_buckets")).toEqual([]);
    restore.dropAbandoned(ABANDONED_AFTER_MS);
    expect(restore.status()).toBeNull();
    const tables = database.query("SELECT name FROM sqlite_master WHERE name LIKE 'restored%'");
    expect(tables).toEqual([]);
  });
});

describe("a storage that was restored", () => {
  it("has the same tables and indexes, and can be backed up and restored again", async () => {
    const before = schema();
    for (const round of ["first", "second"]) {
      const restore = stage(partsOf([bucket(1, 10)], 1));
      restore.decide("r", true);
      await restore.perform(new RestoreStandIn());
      expect(schema(), round).toEqual(before);
      expect([...backupPages(database)].flat(), round).toHaveLength(1);
      database.query("INSERT INTO seen_runs VALUES (?, 1)", round);
    }
    expect(database.query("SELECT count(*) AS runs FROM seen_runs")).toEqual([{ runs: 1 }]);
  });

  it("is read by no backup that was begun before", () => {
    const restore = stage(partsOf([bucket(1, 10)], 1));
    const backup = new BackupCut(database);
    backup.open("b", 0);
    restore.decide("r", true);
    expect(backup.page("b", null, 0)).toBeNull();
    expect(database.query("SELECT 1 FROM sqlite_master WHERE type = 'trigger'")).toEqual([]);
  });

  it("leaves what an older release had staged", async () => {
    const older = { id: "r", state: "committing", error: null, failures: 0 };
    savePacked(database, "restore", older);
    const restore = new Restore(database);
    expect(restore.status()).toMatchObject({ state: "failed", partsLeft: 0 });
    expect(restore.begin("s", true, ORIGIN, 0)).toMatchObject({ state: "staging" });
  });
});
