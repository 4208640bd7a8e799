/** The object's storage: what was committed is what is loaded, in whole or not at all. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../../../../shared/alert/policy.ts";
import { loadPacked, savePacked } from "../../../../workers/coordinator/object/database.ts";
import { Memory } from "../../../../workers/coordinator/object/memory.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

describe("the store", () => {
  it("loads what a running coordinator has committed", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(180_000);
    network.sees = () => "connect_failed";
    network.receive = () => ({
      afterMs: 10,
      outcome: { ok: false, status: 500, error: "no", retryAfterMs: null, permanent: false },
    });
    await network.run(60_000);
    const { state } = network.engine.memory;
    const loaded = new Store(network.database).load();
    expect(loaded.outbox).toEqual(state.outbox);
    expect(loaded.outbox.size).toBe(1);
    expect(loaded.regions).toEqual(state.regions);
    expect(loaded.votes).toEqual(state.votes);
    expect(loaded.seen).toEqual(state.seen);
    expect(loaded.config).toEqual(state.config);
    expect(loaded.channels).toEqual(state.channels);
    expect(loaded.accounts).toEqual(state.accounts);
    expect(loaded.judgements.get("chat")?.incident).toEqual(state.judgements.get("chat")?.incident);
    expect(loaded.judgements.get("chat")?.sequence).toBe(state.judgements.get("chat")?.sequence);
  });

  it("takes a region that an older release wrote for one probe Worker", () => {
    const database = new TestObjectDatabase();
    new Store(database).load();
    const written = { region: "eu-central", colo: "FRA", votes: {} };
    savePacked(database, "region/eu-central", { ...written, lastRunAtMs: 70, lastRoundMs: 60 });
    const [ledger] = new Store(database).load().regions.values();
    expect(ledger?.shards).toEqual(new Map([[0, { lastRunAtMs: 70, lastRoundMs: 60 }]]));
    expect(ledger).not.toHaveProperty("lastRoundMs");
  });

  it("takes an alert policy that an older release wrote, with what was added since", () => {
    const database = new TestObjectDatabase();
    new Store(database).load();
    const { unknownAfter: _after, tiers, ...older } = DEFAULT_POLICY;
    const { unknown: _unknown, region: _region, ...known } = tiers;
    savePacked(database, "alert_policy", { ...older, tiers: { ...known, partial: "info" } });
    expect(new Store(database).load().alertPolicy).toEqual({
      ...DEFAULT_POLICY,
      tiers: { ...DEFAULT_POLICY.tiers, partial: "info" },
    });
  });

  it("is brought up to date once, however often it is opened", () => {
    const database = new TestObjectDatabase();
    const version = () => database.query("SELECT version FROM storage_version");
    new Store(database).load();
    const first = version();
    new Store(database).load();
    expect(version()).toEqual(first);
    expect(first).toHaveLength(1);
  });

  it("keeps a value that is longer than a row, whatever characters it has", () => {
    const database = new TestObjectDatabase();
    new Store(database).load();
    const value = { text: `x${"🙂".repeat(700_000)}` };
    savePacked(database, "long", value);
    expect(database.query("SELECT part FROM packed WHERE name = 'long'").length).toBeGreaterThan(2);
    expect(loadPacked(database, "long").get("long")).toEqual(value);
    savePacked(database, "long", { text: "short" });
    expect(loadPacked(database, "long").get("long")).toEqual({ text: "short" });
    expect(database.query("SELECT part FROM packed WHERE name = 'long'")).toHaveLength(1);
  });
});

describe("a transaction", () => {
  it("whose commit fails leaves memory and storage as they were", () => {
    const database = new TestObjectDatabase();
    const memory = new Memory(new Store(database));
    memory.transact((draft) => draft.moveTail({ cursorMs: 5 }));
    database.failing = true;
    expect(() => memory.transact((draft) => draft.moveTail({ cursorMs: 9 }))).toThrow("failing");
    database.failing = false;
    expect(memory.state.tail.cursorMs).toBe(5);
    expect(new Store(database).load().tail.cursorMs).toBe(5);
  });

  it("that throws midway changes nothing", () => {
    const memory = new Memory(new Store(new TestObjectDatabase()));
    expect(() =>
      memory.transact((draft) => {
        draft.markSeen("1/eu-central/0", 1);
        throw new Error("midway");
      }),
    ).toThrow("midway");
    expect(memory.state.seen.size).toBe(0);
  });
});
