import { describe, expect, it } from "vitest";
import type { TimeAccount } from "../../../../shared/monitor/rollup.ts";
import {
  loadAccounts,
  saveAccounts,
} from "../../../../workers/coordinator/object/account-store.ts";
import { loadPacked } from "../../../../workers/coordinator/object/database.ts";
import { Store } from "../../../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";

const account = (enteredToMs: number): TimeAccount => ({
  kind: "operational",
  sinceMs: 0,
  enteredToMs,
});

/** Accounts that are changed step by step, in memory and in the storage. */
class Accounts {
  readonly database = new TestObjectDatabase();
  readonly known = new Map<string, TimeAccount>();

  constructor() {
    new Store(this.database).load();
  }

  change(changes: ReadonlyArray<readonly [string, TimeAccount | null]>): void {
    saveAccounts(this.database, { before: this.known, accounts: new Map(changes) });
    for (const [monitor, value] of changes) {
      if (value === null) this.known.delete(monitor);
      else this.known.set(monitor, value);
    }
  }

  get stored(): Map<string, TimeAccount> {
    return loadAccounts(loadPacked(this.database, ""));
  }

  get rows(): number {
    const [row] = this.database.query("SELECT count(*) AS rows FROM packed");
    return Number(row?.["rows"]);
  }
}

describe("accounts of time", () => {
  it.each([3, 2_000])("of %i monitors are loaded as they were changed last", (size) => {
    const accounts = new Accounts();
    const all = (atMs: number) =>
      Array.from({ length: size }, (_, index) => [`m${index}`, account(atMs)] as const);
    accounts.change(all(1));
    accounts.change([["m1", account(2)]]);
    accounts.change([["m1", account(3)]]);
    accounts.change([["m2", account(3)]]);
    expect(accounts.stored).toEqual(accounts.known);
    accounts.change([["m1", null]]);
    expect(accounts.stored).toEqual(accounts.known);
    accounts.change([["m0", account(4)]]);
    accounts.change(all(5));
    expect(accounts.stored).toEqual(accounts.known);
    expect(accounts.rows).toBe(1);
  });

  it("are written alone where they are few of many", () => {
    const accounts = new Accounts();
    accounts.change(Array.from({ length: 2_000 }, (_, index) => [`m${index}`, account(1)]));
    accounts.change([
      ["m1", account(2)],
      ["m2", account(2)],
    ]);
    expect(accounts.rows).toBe(3);
  });
});
