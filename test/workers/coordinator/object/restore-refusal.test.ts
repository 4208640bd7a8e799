/** A restore that cannot be carried out, or not any more: what is left of it, and what is not. */
import { beforeEach, describe, expect, it } from "vitest";
import { SEAL_PREFIX } from "../../../../shared/monitor/monitor.ts";
import { OBJECT_TABLES } from "../../../../workers/coordinator/object/backup-guard.ts";
import { loadPacked, savePacked } from "../../../../workers/coordinator/object/database.ts";
import {
  OTHER_RELEASE,
  Restore,
  RestoreRefused,
} from "../../../../workers/coordinator/object/restore.ts";
import {
  MIGRATIONS,
  STORAGE_VERSION,
  migrateStorage,
} from "../../../../workers/coordinator/object/storage-schema.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { ORIGIN } from "../../../support/object-backup.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import {
  RestoreStandIn,
  block,
  bucket,
  monitor,
  partsOf,
} from "../../../support/restore-stand-in.ts";

let database: TestObjectDatabase;
beforeEach(() => {
  database = new TestObjectDatabase();
  migrateStorage(database);
});

function stage(rows = [block(1, 10), bucket(1, 10)], origin = ORIGIN): Restore {
  const restore = new Restore(database);
  restore.begin("r", true, origin, 0);
  for (const [part, text] of partsOf(rows, 1).entries()) {
    expect(restore.put("r", part, text, 0)).not.toHaveProperty("refused");
  }
  return restore;
}

/** Tables of the storage, and rows that were staged for D1. */
function staged() {
  const sql = "SELECT name FROM sqlite_master WHERE name GLOB 'restored_*'";
  return {
    beside: database.query(sql).length,
    parts: database.query("SELECT * FROM restore_parts"),
  };
}

/** Changes the stored restore as if another release had stored it. */
function change(changed: object): void {
  const stored = loadPacked(database, "restore").get("restore") as object;
  savePacked(database, "restore", { ...stored, ...changed });
}

/** A file with one monitor that has a header. */
function withHeader(value: string) {
  return [monitor("m", { headers: { "X-Key": value } })];
}

/** Definitions of the tables whose names begin so, by the rest of the name. */
function definitions(prefix: string): Map<string, string> {
  const tables = database.query("SELECT name, sql FROM sqlite_master WHERE type = 'table'");
  const own = tables.filter(({ name }) => String(name).startsWith(prefix));
  return new Map(
    own.map(({ name, sql }) => {
      const table = String(name).slice(prefix.length);
      return [table, String(sql).replace(/^CREATE TABLE "?\w+"?/, table)];
    }),
  );
}

const NOTHING = { beside: 0, parts: [] };

describe("a restore that was given up", () => {
  it("leaves nothing of its file, which has secrets in the open", () => {
    const restore = stage();
    restore.decide("r", true);
    expect(staged()).toMatchObject({ beside: Object.keys(OBJECT_TABLES).length });
    for (let failure = 0; failure < 30; failure += 1) restore.noteFailure("D1 is away");
    expect(restore.status()).toMatchObject({ state: "failed", error: "D1 is away", partsLeft: 0 });
    expect(staged()).toEqual(NOTHING);
    expect(restore.begin("s", true, ORIGIN, 0)).toMatchObject({ state: "staging" });
  });

  it.each([
    ["by an older release", { state: "failed", error: "D1 is away" }, "D1 is away"],
    ["for an older release had staged it", { reading: undefined }, OTHER_RELEASE],
  ])("%s leaves nothing after the next alarm, and is still told", (_why, stored, error) => {
    const restore = stage();
    change(stored);
    restore.dropAbandoned(1);
    expect(staged()).toEqual(NOTHING);
    const after = database.query("SELECT * FROM packed");
    restore.dropAbandoned(2);
    expect(database.query("SELECT * FROM packed")).toEqual(after);
    expect(restore.status()).toMatchObject({ id: "r", state: "failed", error });
  });

  it("because it will never be possible is given up at once, and nothing was changed", async () => {
    const restore = stage();
    restore.decide("r", true);
    const target = new RestoreStandIn();
    target.prepare = async () => {
      throw new RestoreRefused("another coordinator has none");
    };
    await expect(restore.perform(target)).rejects.toThrow("has none");
    const failed = { state: "failed", error: "another coordinator has none" };
    expect(restore.status()).toMatchObject(failed);
    expect(restore.noteFailure("has none")).toMatchObject(failed);
    expect(target.saved).toEqual([]);
    expect(staged()).toEqual(NOTHING);
  });
});

describe("a network that seals the headers of monitors", () => {
  it("takes none in the open without a key, before anything is changed", () => {
    const restore = stage(withHeader("s3cret"));
    const refused = { refused: expect.stringContaining("SEAL_MONITORS") as string };
    expect(restore.decide("r", false, true)).toEqual(refused);
    expect(restore.decide("r", true, true)).toMatchObject({ state: "committing" });
  });

  it("takes those that are sealed, or none, without one; and another takes all", () => {
    for (const rows of [
      withHeader(`${SEAL_PREFIX}k:i:c`),
      [monitor("m"), monitor("n", { headers: {} })],
    ]) {
      expect(stage(rows).decide("r", false, true)).toMatchObject({ state: "committing" });
      change({ state: "done" });
    }
    expect(stage(withHeader("s3cret")).decide("r", false)).toMatchObject({ state: "committing" });
  });
});

describe("a release that comes while a restore is", () => {
  const older = { ...ORIGIN, storage: STORAGE_VERSION - 1 };

  it("begun has it refused, and asks for another beginning", () => {
    const restore = stage();
    change({ origin: older });
    expect(restore.put("r", 3, "", 0)).toHaveProperty("refused");
    expect(restore.decide("r", true)).toMatchObject({ state: "failed", error: OTHER_RELEASE });
    restore.dropAbandoned(1);
    expect(staged()).toEqual(NOTHING);
    expect(restore.begin("s", true, older, 0)).toEqual({ refused: OTHER_RELEASE });
  });

  it("decided has it given up as long as nothing has changed", () => {
    const restore = stage();
    restore.decide("r", true);
    change({ origin: older });
    expect(restore.status()).toMatchObject({ state: "failed", error: OTHER_RELEASE });
    // The others follow the first.
    expect(new Restore(database, 1).status()).toMatchObject({ state: "committing" });
  });

  it("being carried out has it carried out all the same, in tables of its own", async () => {
    database = new TestObjectDatabase();
    migrateStorage(database, MIGRATIONS.slice(0, -1));
    const restore = stage();
    restore.decide("r", true);
    const target = new RestoreStandIn();
    target.toClear = 1;
    expect(await restore.perform(target, () => true)).toBe(false);
    change({ origin: older });
    migrateStorage(database);
    expect(await new Restore(database).perform(new RestoreStandIn())).toBe(true);
    const schema = "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name";
    const fresh = new TestObjectDatabase();
    migrateStorage(fresh);
    const plain = (tables: TestObjectDatabase) =>
      tables.query(schema).map(({ sql }) => String(sql).replaceAll('"', ""));
    expect(plain(database)).toEqual(plain(fresh));
    expect(database.query("SELECT body FROM buckets")).toHaveLength(1);
  });

  it("is asked for by D1's migration once, before anything is changed", async () => {
    const restore = stage();
    restore.decide("r", true);
    const target = new RestoreStandIn();
    const asked: unknown[] = [];
    target.prepare = async (...args) => void asked.push(args);
    target.toClear = 1;
    while (!(await restore.perform(target, () => true)));
    expect(asked).toEqual([["r", ORIGIN.migration]]);
  });
});

describe("tables of a restore that were made under an older version of the storage", () => {
  it.each(MIGRATIONS.map((_, version) => version).slice(1))("%i come along", (version) => {
    database = new TestObjectDatabase();
    migrateStorage(database, MIGRATIONS.slice(0, version));
    for (const [table] of definitions("")) {
      if (!Object.hasOwn(OBJECT_TABLES, table)) continue;
      const [row] = database.query("SELECT sql FROM sqlite_master WHERE name = ?", table);
      database.query(String(row?.["sql"]).replace(/TABLE "?(\w+)"?/, "TABLE restored_$1"));
    }
    database.query("INSERT INTO restored_packed VALUES ('chat', 0, 'restored')");
    migrateStorage(database);
    const own = definitions("");
    for (const [table, definition] of definitions("restored_")) {
      expect(definition).toBe(own.get(table));
    }
    expect([...definitions("restored_").keys()].toSorted()).toEqual(
      Object.keys(OBJECT_TABLES).toSorted(),
    );
    expect(database.query("SELECT * FROM restored_packed")).toEqual([
      { name: "chat", part: 0, body: "restored" },
    ]);
    expect(database.query("SELECT * FROM packed")).toEqual([]);
  });

  it("are given up where they cannot, and the network goes on", async () => {
    const restore = stage();
    restore.decide("r", true);
    await restore.perform(new RestoreStandIn(), () => true);
    database.query("INSERT INTO restored_seen_runs VALUES ('a', 1)");
    const stricter =
      "CREATE TRIGGER strict BEFORE DELETE ON restored_seen_runs BEGIN SELECT RAISE(ABORT, 'no'); END";
    database.query(stricter);
    migrateStorage(database, [...MIGRATIONS, ["DELETE FROM seen_runs"]]);
    expect(staged().beside).toBe(0);
    await expect(restore.perform(new RestoreStandIn())).rejects.toThrow(OTHER_RELEASE);
    expect(restore.status()).toMatchObject({ state: "failed", error: OTHER_RELEASE });
    expect(new Store(database).load().judgements.size).toBe(0);
  });
});
