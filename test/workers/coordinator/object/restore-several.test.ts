/** One restore by two coordinators, each in steps of its own, over one D1. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CoordinatorGroup } from "../../../../workers/coordinator/coordinator-group.ts";
import { saveHistoryRows } from "../../../../workers/coordinator/db/backup-store.ts";
import type { Env } from "../../../../workers/coordinator/env.ts";
import { OTHER_RELEASE, Restore } from "../../../../workers/coordinator/object/restore.ts";
import { performRestore } from "../../../../workers/coordinator/object/restore-connections.ts";
import { migrateStorage } from "../../../../workers/coordinator/object/storage-schema.ts";
import { StandInCoordinator } from "../../../support/api-client.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { ORIGIN } from "../../../support/object-backup.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { RestoreStandIn, block, bucket, partsOf } from "../../../support/restore-stand-in.ts";

/** What is restored: of each coordinator something, and of D1. */
const PARTS = partsOf([block(1, 10), bucket(1, 10), { ...bucket(2, 10), coordinator: 1 }], 9);

/** A coordinator with what it takes to restore, without its alarm. */
class Restoring extends StandInCoordinator {
  readonly database = new TestObjectDatabase();
  readonly restore: Restore;
  readonly #index: number;

  constructor(index: number) {
    super();
    migrateStorage(this.database);
    this.#index = index;
    this.restore = new Restore(this.database, index);
  }

  /** What was restored. */
  get buckets() {
    return this.database.query("SELECT start_ms FROM buckets").map(({ start_ms }) => start_ms);
  }

  get state() {
    return this.restore.status()?.state;
  }

  /** As its alarm does. */
  async alarm(): Promise<void> {
    if (this.state !== "committing") return;
    const outcome = await performRestore(env, this.restore, { index: this.#index, count: 2 });
    if (typeof outcome === "string") this.restore.noteFailure(outcome);
  }

  override isRestoring = async () => this.state === "committing";
  override beginRestore = async (id: string, replace: boolean, origin = ORIGIN) =>
    this.restore.begin(id, replace, origin, 0);
  override putRestorePart = async (id: string, part: number, text: string) =>
    this.restore.put(id, part, text, 0);
  override commitRestore = async (id: string) => {
    if (this.failure !== null) throw this.failure;
    return this.restore.decide(id, true);
  };
  override restoreStatus = async (id: string) => {
    if (this.failure !== null) throw this.failure;
    const status = this.restore.status();
    return status?.id === id ? status : null;
  };
}

let d1: TestDatabase;
let env: Env;
let first: Restoring;
let second: Restoring;
let group: CoordinatorGroup;

beforeAll(async () => {
  d1 = await openTestDatabase();
  await d1.db.prepare("CREATE TABLE d1_migrations (name TEXT)").run();
});
afterAll(() => d1.close());
beforeEach(async () => {
  await d1.clear();
  await migrated(ORIGIN.migration);
  const row = { resolution: "day", monitor: "old", start_ms: 1, body: "x" };
  await saveHistoryRows(d1.db, "rollup_blocks", [row]);
  [first, second] = [new Restoring(0), new Restoring(1)];
  group = new CoordinatorGroup([first, second]);
  env = {
    DB: d1.db,
    COORDINATOR: { getByName: (name: string) => (name.endsWith("-2") ? second : first) },
    COORDINATOR_SHARDS: "2",
    CRON_PACE_MS: "60000",
  } as unknown as Env;
  await group.beginRestore("r", true, ORIGIN);
  for (const [part, text] of PARTS.entries()) await group.putRestorePart("r", part, text);
});

async function migrated(name: string): Promise<void> {
  await d1.db.batch([
    d1.db.prepare("DELETE FROM d1_migrations"),
    d1.db.prepare("INSERT INTO d1_migrations VALUES (?)").bind(name),
  ]);
}

/** Monitors in D1's history. */
async function history(): Promise<unknown[]> {
  const { results } = await d1.db.prepare("SELECT monitor FROM rollup_blocks").all();
  return results.map(({ monitor }) => monitor);
}

describe("a restore by several coordinators", () => {
  it("is carried out by all although only the first has heard that it was decided", async () => {
    second.failure = new Error("it is away");
    await expect(group.commitRestore("r")).rejects.toThrow("away");
    await first.alarm();
    expect(first.restore.status()).toMatchObject({ state: "committing", failures: 1 });
    expect(await history()).toEqual(["old"]);
    second.failure = null;
    await first.alarm();
    expect([first.state, second.state]).toEqual(["done", "committing"]);
    await second.alarm();
    expect(second.state).toBe("done");
    expect([first.buckets, second.buckets, await history()]).toEqual([[1], [2], ["m"]]);
  });

  it("is given up by all, and has changed nothing, when one of them has it no more", async () => {
    await second.beginRestore("another", true);
    expect(await group.commitRestore("r")).toHaveProperty("refused");
    await first.alarm();
    expect(first.restore.status()).toMatchObject({
      state: "failed",
      error: expect.stringContaining("another may have begun") as string,
    });
    expect([first.buckets, second.buckets, await history()]).toEqual([[], [], ["old"]]);
  });

  it("is given up at once by the others when the first gives it up", async () => {
    await group.commitRestore("r");
    await migrated("9999_newer.sql");
    await first.alarm();
    expect(first.restore.status()).toMatchObject({ state: "failed", error: OTHER_RELEASE });
    await second.alarm();
    expect(second.restore.status()).toMatchObject({ state: "failed" });
    expect([first.buckets, second.buckets, await history()]).toEqual([[], [], ["old"]]);
  });

  it("keeps another from beginning until all are done", async () => {
    await group.commitRestore("r");
    await first.alarm();
    expect([first.state, second.state]).toEqual(["done", "committing"]);
    expect(await group.beginRestore("another", true, ORIGIN)).toHaveProperty("refused");
    expect(await group.restoreStatus("r")).toMatchObject({ state: "committing" });
    await second.alarm();
    expect(await group.restoreStatus("r")).toMatchObject({ state: "done" });
    expect(await group.beginRestore("another", true, ORIGIN)).toMatchObject({ state: "staging" });
  });

  it("is ended by the others although the first has forgotten it", async () => {
    await group.commitRestore("r");
    await first.alarm();
    await first.beginRestore("another", true);
    await second.alarm();
    expect([second.state, second.buckets]).toEqual(["done", [2]]);
  });

  it("is not given up by the others while the first does not answer", async () => {
    await group.commitRestore("r");
    first.failure = new Error("it is away");
    for (let alarm = 0; alarm < 40; alarm += 1) await second.alarm();
    expect(second.state).toBe("committing");
    first.failure = null;
    await first.alarm();
    first.failure = new Error("it is away");
    await second.alarm();
    expect([second.state, second.buckets]).toEqual(["done", [2]]);
  });

  it("goes on where a migration came once something was changed", async () => {
    await group.commitRestore("r");
    const target = new RestoreStandIn();
    target.toClear = 9;
    await first.restore.perform(target, () => true);
    await migrated("9999_newer.sql");
    await first.alarm();
    await second.alarm();
    expect([first.buckets, second.buckets, await history()]).toEqual([[1], [2], ["m"]]);
  });
});
