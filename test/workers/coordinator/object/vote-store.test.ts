/** The regions' votes in storage: whatever way they are kept, what was committed is loaded. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Vote } from "../../../../shared/monitor/verdict.ts";
import { castVote } from "../../../../shared/monitor/vote.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import { savePacked } from "../../../../workers/coordinator/object/database.ts";
import { Memory } from "../../../../workers/coordinator/object/memory.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";
import { makeObservation } from "../../../support/observation.ts";
import { NOON_MS } from "../../../support/small-network.ts";

const REGION = "eu-central";

let database: TestObjectDatabase;
let memory: Memory;

beforeEach(() => {
  database = new TestObjectDatabase();
  memory = new Memory(new Store(database));
});

function vote(atMs: number, reason: Reason | null = null): Vote {
  const http = { status: "up", code: 200, reason: null, totalMs: 3, message: "Fine." } as const;
  const beside = reason === null ? {} : { http };
  const seen = { region: REGION, startedAtMs: atMs, reason, ...beside };
  return castVote(undefined, makeObservation(seen));
}

/** Casts the votes of monitors `from` … `to` − 1. */
function cast(from: number, to: number, atMs: number, reason: Reason | null = null): void {
  memory.transact((draft) => {
    draft.saveLedger({ ...draft.ledger(REGION), lastRunAtMs: atMs });
    for (let index = from; index < to; index += 1) {
      draft.saveVote(`monitor-${index}`, vote(atMs, reason));
    }
  });
}

function loaded() {
  const { regions, votes } = new Store(database).load();
  return { regions, votes };
}

/** What is stored now is what memory holds. */
function expectStored(): void {
  const { regions, votes } = memory.state;
  expect(loaded()).toEqual({ regions, votes });
}

/** Rows of changes that are stored. */
function changes(): number {
  return database.query("SELECT sequence FROM vote_changes").length;
}

describe("the votes of a region", () => {
  it("are one row with its ledger while they are few", () => {
    cast(0, 100, NOON_MS, "connect_failed");
    cast(5, 6, NOON_MS + 1);
    expectStored();
    expect(changes()).toBe(0);
  });

  it("are added to once they are many, and now and then written anew", () => {
    cast(0, 600, NOON_MS);
    cast(0, 200, NOON_MS + 1, "connect_failed");
    cast(100, 300, NOON_MS + 2);
    expect(changes()).toBe(2);
    expectStored();
    cast(0, 600, NOON_MS + 3);
    expect(changes()).toBe(3);
    expectStored();
    cast(0, 300, NOON_MS + 4);
    expect(changes()).toBe(0);
    expectStored();
  });

  it("are forgotten for good, one by one and down to a few", () => {
    cast(0, 600, NOON_MS);
    memory.transact((draft) => draft.forgetVote("monitor-3", REGION));
    expect(changes()).toBe(1);
    expectStored();
    memory.transact((draft) => {
      for (let index = 10; index < 600; index += 1) draft.forgetVote(`monitor-${index}`, REGION);
    });
    cast(0, 2, NOON_MS + 1);
    expect(memory.state.votes.get(REGION)?.size).toBe(9);
    expect(changes()).toBe(0);
    expectStored();
  });

  it("are added to by the next life of the object where the last ended", () => {
    cast(0, 600, NOON_MS);
    cast(0, 200, NOON_MS + 1);
    memory = new Memory(new Store(database));
    cast(100, 300, NOON_MS + 2, "tls_failed");
    expect(changes()).toBe(2);
    expectStored();
  });

  it.each([
    ["few", 0, 100],
    ["to be added to", 0, 700],
  ])("outlive a commit that fails, where they were %s", (_name, from, to) => {
    cast(from, to, NOON_MS);
    database.failing = true;
    for (const count of [50, 800]) {
      expect(() => cast(0, count, NOON_MS + 5, "connect_failed")).toThrow("failing");
    }
    database.failing = false;
    expectStored();
    cast(0, 30, NOON_MS + 6);
    expectStored();
    cast(0, 900, NOON_MS + 7);
    cast(0, 30, NOON_MS + 8);
    expectStored();
  });

  it("are read as an older release wrote them", () => {
    const [known, failing] = [vote(NOON_MS), vote(NOON_MS, "connect_failed")];
    const { health: _health, ...ledger } = memory.transact((draft) => draft.ledger(REGION));
    const votes = { chat: known, feed: failing };
    savePacked(database, `region/${REGION}`, { ...ledger, lastRunAtMs: NOON_MS, votes });
    expect(loaded().votes.get(REGION)).toEqual(new Map(Object.entries(votes)));
    expect(loaded().regions.get(REGION)).toMatchObject({ lastRunAtMs: NOON_MS });
  });
});
