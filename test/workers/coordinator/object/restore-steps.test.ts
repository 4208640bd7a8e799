/** A restore step by step, over the storage of a network with an alert that could not be sent yet. */
import { beforeEach, describe, expect, it } from "vitest";
import { BackupWriter } from "../../../../shared/backup-file.ts";
import { cutBackup } from "../../../../workers/coordinator/object/backup-cut.ts";
import { LentDatabase } from "../../../../workers/coordinator/object/database.ts";
import type { RestoreTarget } from "../../../../workers/coordinator/object/restore.ts";
import { Restore } from "../../../../workers/coordinator/object/restore.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

let file: string[];
let origin: Store;
let database: TestObjectDatabase;
let restore: Restore;

/** A place for D1's rows that fails as often as it is told to. */
function fakeTarget(failures = 0): RestoreTarget & { calls: string[] } {
  const calls: string[] = [];
  let left = failures;
  return {
    calls,
    clearHistory: async () => void calls.push("clear"),
    saveHistory: async (table) => void calls.push(`save ${table}`),
    replaceConfiguration: async () => {
      calls.push("configure");
      if (left > 0) {
        left -= 1;
        throw new Error("D1 is away");
      }
    },
  };
}

beforeEach(async () => {
  const network = new SmallNetwork();
  network.start();
  await network.run(180_000);
  network.sees = () => "connect_failed";
  network.receive = () => ({
    afterMs: 10,
    outcome: { ok: false, status: 500, error: "no", retryAfterMs: null, permanent: false },
  });
  await network.run(60_000);
  network.kill();
  origin = new Store(network.database);
  const writer = new BackupWriter();
  const facts = {
    release: "1",
    createdAt: "2026-11-20",
    migration: "0000_network.sql",
    storage: 3,
  };
  const pages = cutBackup(network.database) ?? [];
  file = [writer.header(facts), ...pages.map((lines) => writer.rows(lines)), writer.end()];
  database = new TestObjectDatabase();
  new Store(database).load();
  restore = new Restore(database);
});

function stage(parts: readonly string[]): void {
  restore.begin("r", false);
  for (const [part, text] of parts.entries()) restore.put("r", part, text);
}

describe("a restore", () => {
  it("brings everything back, and gives up what was still to be sent", async () => {
    stage(file);
    expect(restore.decide("r")).toMatchObject({ state: "committing" });
    await restore.perform(fakeTarget());
    expect(restore.status()).toMatchObject({ id: "r", state: "done" });
    const store = new Store(database);
    const [before, after] = [origin.load(), store.load()];
    expect(before.outbox.size).toBe(1);
    expect(after).toEqual({ ...before, outbox: new Map() });
    expect(store.history.incidents({ limit: 9 })).toEqual(origin.history.incidents({ limit: 9 }));
    expect(store.history.deliveries({ limit: 9 })).toMatchObject([
      { state: "dead", lastError: expect.stringContaining("still to be sent") as string },
    ]);
    expect(database.query("SELECT * FROM restore_parts")).toEqual([]);
  });

  it("is taken up again after D1 has failed, until it is done", async () => {
    stage(file);
    restore.decide("r");
    const target = fakeTarget(2);
    await expect(restore.perform(target)).rejects.toThrow("away");
    expect(new Store(database).load().judgements.size).toBe(0);
    expect(restore.noteFailure("away")).toMatchObject({ state: "committing", failures: 1 });
    const nextLife = new Restore(database);
    await expect(nextLife.perform(target)).rejects.toThrow("away");
    await nextLife.perform(target);
    expect(nextLife.status()?.state).toBe("done");
    expect(new Store(database).load().judgements.get("chat")?.incident?.endedAtMs).toBeNull();
  });

  it("is given up after many failures, with the reason", () => {
    stage(file);
    restore.decide("r");
    for (let failure = 0; failure < 29; failure += 1) {
      expect(restore.noteFailure("away")?.state).toBe("committing");
    }
    expect(restore.noteFailure("away")).toMatchObject({ state: "failed", error: "away" });
  });

  it("is decided once, however often that is asked for", () => {
    stage(file);
    const first = restore.decide("r");
    expect(restore.decide("r")).toEqual(first);
    expect(restore.begin("other", true)).toHaveProperty("refused");
  });

  it.each([
    ["a part is missing", () => file.toSpliced(1, 1)],
    ["its end is missing", () => file.slice(0, -1)],
    ["a line is not JSON", () => file.with(1, `{${file[1]}`)],
    ["a table is unknown", () => [file[0] ?? "", '{"in":"object","table":"x","row":{}}\n']],
    ["it is empty", () => []],
  ])("is refused when %s, and nothing changes", (_why, parts) => {
    stage(parts());
    expect(restore.decide("r")).toHaveProperty("refused");
    expect(restore.status()?.state).toBe("staging");
    expect(new Store(database).load().judgements.size).toBe(0);
  });

  it("is refused where there is a history, unless that may be lost", () => {
    const used = new Restore(database);
    stage(file);
    database.query(`INSERT INTO incidents VALUES ('a', 'a', 'A', 1, NULL, '{}', 0)`);
    expect(used.begin("s", false)).toHaveProperty("refused");
    expect(used.begin("s", true)).toMatchObject({ state: "staging" });
  });
});

it("lends storage to one life only: one that is over can change nothing any more", () => {
  const lent = new LentDatabase(database);
  expect(lent.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  lent.end();
  expect(() => lent.query("SELECT 1")).toThrow("restored");
  expect(() => lent.transaction(() => undefined)).toThrow("restored");
});
