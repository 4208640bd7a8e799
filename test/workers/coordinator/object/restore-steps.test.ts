/** A restore step by step, over the storage of a network with an alert that could not be sent yet. */
import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryOutcome } from "../../../../shared/alert/delivery.ts";
import { alertPolicySchema } from "../../../../shared/alert/policy.ts";
import {
  canSeal,
  openForBackup,
  openRowForBackup,
  sealRestored,
  sealRestoredRow,
} from "../../../../workers/coordinator/channels/carried-channel.ts";
import { SealingKeys } from "../../../../workers/sealing.ts";
import {
  openChannel,
  sealChannel,
} from "../../../../workers/coordinator/channels/stored-channel.ts";
import { LentDatabase } from "../../../../workers/coordinator/object/database.ts";
import type { RestoreTarget } from "../../../../workers/coordinator/object/restore.ts";
import { Restore } from "../../../../workers/coordinator/object/restore.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { ORIGIN, backupFile } from "../../../support/object-backup.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
/** An hour after everything that is backed up here. */
const RESTORED_AT_MS = NOON_MS + 64 * MINUTE_MS;
const KEYS = new SealingKeys(Buffer.alloc(32, 1).toString("base64"));
const OTHER_KEYS = new SealingKeys(Buffer.alloc(32, 2).toString("base64"));
const REFUSED: DeliveryOutcome = {
  ok: false,
  status: 500,
  error: "no",
  retryAfterMs: null,
  permanent: false,
};

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
    prepare: async () => undefined,
    sealChannel: (channel) => sealRestored(channel, KEYS),
    sealRow: ({ row }) => sealRestoredRow(row, KEYS),
    nowMs: () => RESTORED_AT_MS,
    clear: async () => {
      calls.push("clear");
      return true;
    },
    saveHistory: async (table) => void calls.push(`save ${table}`),
    stageConfiguration: async (table) => void calls.push(`stage ${table}`),
    replaceConfiguration: async () => {
      calls.push("configure");
      if (left > 0) {
        left -= 1;
        throw new Error("D1 is away");
      }
    },
  };
}

/** A backup of a network in the first minute of an outage. */
async function backUp(network: SmallNetwork): Promise<string[]> {
  network.start();
  await network.run(180_000);
  network.sees = () => "connect_failed";
  await network.run(60_000);
  network.kill();
  return backupFile(network.database);
}

/** Another network that takes a backup over an hour later and runs; the outage goes on. */
async function takeOver(parts: readonly string[], network: SmallNetwork): Promise<void> {
  await network.skipTo(RESTORED_AT_MS);
  new Store(network.database).load();
  const taken = new Restore(network.database);
  taken.begin("r", false, ORIGIN, 0);
  for (const [part, text] of parts.entries()) taken.put("r", part, text, 0);
  taken.decide("r", true);
  await taken.perform(fakeTarget());
  network.sees = () => "connect_failed";
  network.start();
}

beforeEach(async () => {
  const network = new SmallNetwork();
  network.receive = () => ({ afterMs: 10, outcome: REFUSED });
  file = await backUp(network);
  origin = new Store(network.database);
  database = new TestObjectDatabase();
  new Store(database).load();
  restore = new Restore(database);
});

function stage(parts: readonly string[]): void {
  restore.begin("r", false, ORIGIN, 0);
  for (const [part, text] of parts.entries()) restore.put("r", part, text, 0);
}

describe("an outage that goes on while its network is restored", () => {
  let network: SmallNetwork;
  let other: SmallNetwork;
  beforeEach(() => {
    [network, other] = [new SmallNetwork(), new SmallNetwork()];
  });
  const policy = (declared: object) => {
    network.alertPolicy = alertPolicySchema.parse(declared);
    other.alertPolicy = network.alertPolicy;
  };
  const end = async () => {
    other.sees = () => null;
    await other.run(10 * MINUTE_MS);
    expect(other.verdict()).toBe("operational");
  };

  it("is not told again, but its end is", async () => {
    const told = await backUp(network);
    expect(network.alerts()).toEqual(["fired"]);
    await takeOver(told, other);
    await other.run(30 * MINUTE_MS);
    expect(other.verdict()).toBe("down");
    expect(other.alerts()).toEqual([]);
    await end();
    expect(other.alerts()).toEqual(["resolved"]);
  });

  it("is told again when it has gone on for an interval since the restore", async () => {
    policy({ repeatInterval: "10m" });
    await takeOver(await backUp(network), other);
    await other.run(9 * MINUTE_MS);
    expect(other.alerts()).toEqual([]);
    await other.run(2 * MINUTE_MS);
    expect(other.alerts()).toEqual(["changed"]);
  });

  it("is not told, nor its end, where its message was still to be sent", async () => {
    await takeOver(file, other);
    await other.run(30 * MINUTE_MS);
    await end();
    expect(other.alerts()).toEqual([]);
    other.sees = () => "connect_failed";
    await other.run(2 * MINUTE_MS);
    expect(other.alerts()).toEqual(["fired"]);
  });

  it("is not told, nor its end, where it still waited in its group, and says why", async () => {
    policy({ groupWait: "2m" });
    const waiting = await backUp(network);
    const before = new Store(network.database).load();
    expect([...before.alertGroups.values()][0]?.news.waitingSinceMs).not.toBeNull();
    await takeOver(waiting, other);
    const [group] = new Store(other.database).load().alertGroups.values();
    expect(group?.news.waitingSinceMs).toBeNull();
    await other.run(30 * MINUTE_MS);
    const incident = [...before.alertSubjects.keys()][0] ?? "";
    const whys = new Store(other.database).history
      .decisionsAbout(incident)
      .map(({ steps }) => steps.at(-1)?.why);
    const givenUp = expect.stringContaining("still to be told when the backup") as string;
    expect(whys).toContainEqual(givenUp);
    await end();
    expect(other.alerts()).toEqual([]);
  });
});

/** Channels, and the same as a network with these keys stores them. */
async function sealedBy(keys: SealingKeys) {
  const { channels } = new SmallNetwork();
  return {
    plain: channels,
    sealed: await Promise.all(channels.map((each) => sealChannel(each, keys))),
  };
}

describe("channels in a backup", () => {
  it("lie open, and are sealed with the key of the network that takes them", async () => {
    const { plain, sealed } = await sealedBy(OTHER_KEYS);
    const open = await Promise.all(sealed.map((each) => openForBackup(each, OTHER_KEYS)));
    expect(open).toEqual(plain);
    stage(file);
    restore.decide("r", true);
    await restore.perform(fakeTarget());
    const { channels } = new Store(database).load();
    const stored = database.query("SELECT body FROM packed WHERE name = 'channels'");
    expect(JSON.stringify(stored)).not.toContain("whsec_");
    expect(await Promise.all(channels.map((each) => openChannel(each, KEYS)))).toEqual(plain);
    const row = { id: "ops", name: "Ops", kind: "webhook", settings: '{"url":"u"}', at: 1 };
    const kept = await sealRestoredRow(row, KEYS);
    expect(kept).toMatchObject({ id: "ops", at: 1 });
    expect(String(kept["settings"])).not.toContain("url");
    expect(await openRowForBackup(kept, KEYS)).toEqual(row);
  });

  it("stay as they are where they cannot be opened", async () => {
    const { sealed } = await sealedBy(OTHER_KEYS);
    const kept = await Promise.all(sealed.map((each) => openForBackup(each, KEYS)));
    expect(kept).toEqual(sealed);
    expect(await Promise.all(kept.map((each) => sealRestored(each, KEYS)))).toEqual(sealed);
  });

  it("are refused by a network without a usable key, and nothing changes", async () => {
    expect(await canSeal(new SealingKeys(""))).toBe(false);
    expect(await canSeal(new SealingKeys("short"))).toBe(false);
    expect(await canSeal(KEYS)).toBe(true);
    stage(file);
    const refused = { refused: expect.stringContaining("ECHOQUORUM_SEALING_KEY") as string };
    expect(restore.decide("r", false)).toEqual(refused);
    expect(new Store(database).load().judgements.size).toBe(0);
  });
});

describe("a restore", () => {
  it("brings everything back, and gives up what was still to be sent", async () => {
    stage(file);
    expect(restore.decide("r", true)).toMatchObject({ state: "committing" });
    await restore.perform(fakeTarget());
    expect(restore.status()).toMatchObject({ id: "r", state: "done" });
    const store = new Store(database);
    const [before, after] = [origin.load(), store.load()];
    expect(before.outbox.size).toBe(1);
    expect(after).toEqual({
      ...before,
      outbox: new Map(),
      channels: expect.anything() as unknown,
      alertSubjects: expect.anything() as unknown,
    });
    const [was, is] = [before, after].map(({ alertSubjects }) => [...alertSubjects.values()][0]);
    expect(was?.tellings["ops"]?.deliveries).toHaveLength(1);
    const telling = { ...was?.tellings["ops"], deliveries: [], atMs: RESTORED_AT_MS };
    expect(is).toEqual({ ...was, levelSinceMs: RESTORED_AT_MS, tellings: { ops: telling } });
    const id = is?.id ?? "";
    expect(store.history.decisionsAbout(id)).toEqual(origin.history.decisionsAbout(id));
    expect(store.history.decisionsAbout(id)).not.toEqual([]);
    expect(store.history.incidents({ limit: 9 })).toEqual(origin.history.incidents({ limit: 9 }));
    expect(store.history.deliveries({ limit: 9 })).toMatchObject([
      { state: "dead", lastError: expect.stringContaining("still to be sent") as string },
    ]);
    expect(database.query("SELECT * FROM restore_parts")).toEqual([]);
  });

  it("is taken up again after D1 has failed, until it is done", async () => {
    stage(file);
    restore.decide("r", true);
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
    restore.decide("r", true);
    for (let failure = 0; failure < 29; failure += 1) {
      expect(restore.noteFailure("away")?.state).toBe("committing");
    }
    expect(restore.noteFailure("away")).toMatchObject({ state: "failed", error: "away" });
  });

  it("is decided once, however often that is asked for", () => {
    stage(file);
    const first = restore.decide("r", true);
    expect(restore.decide("r", true)).toEqual(first);
    expect(restore.begin("other", true, ORIGIN, 0)).toHaveProperty("refused");
  });

  it.each([
    ["a part is missing", () => file.toSpliced(1, 1)],
    ["its end is missing", () => file.slice(0, -1)],
    ["a line is not JSON", () => file.with(1, `{${file[1]}`)],
    ["a table is unknown", () => [file[0] ?? "", '{"in":"object","table":"x","row":{}}\n']],
    ["it is empty", () => []],
  ])("is refused when %s, and nothing changes", (_why, parts) => {
    stage(parts());
    expect(restore.decide("r", true)).toHaveProperty("refused");
    expect(restore.status()?.state).toBe("staging");
    expect(new Store(database).load().judgements.size).toBe(0);
  });

  it("is refused where there is a history, unless that may be lost", () => {
    const used = new Restore(database);
    stage(file);
    database.query(`INSERT INTO incidents VALUES ('a', 'a', 'A', 1, NULL, '{}', 0)`);
    expect(used.begin("s", false, ORIGIN, 0)).toHaveProperty("refused");
    expect(used.begin("s", true, ORIGIN, 0)).toMatchObject({ state: "staging" });
  });
});

it("lends storage to one life only: one that is over can change nothing any more", () => {
  const lent = new LentDatabase(database);
  expect(lent.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  lent.end();
  expect(() => lent.query("SELECT 1")).toThrow("restored");
  expect(() => lent.transaction(() => undefined)).toThrow("restored");
});
