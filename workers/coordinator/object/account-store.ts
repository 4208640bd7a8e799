/**
 * The accounts of the monitors' time in the object's storage.
 *
 * Now and then all of them change at once and are written together. In between a verdict changes
 * one: where there are many monitors that account alone is written, beside the others.
 */
import type { TimeAccount } from "../../../shared/monitor/rollup.ts";
import type { ObjectDatabase } from "./database.ts";
import { savePacked } from "./database.ts";
import type { AccountChanges } from "./state.ts";

/** Accounts up to which all are written with every change. */
const TOGETHER_MAX = 500;
/** Part of the accounts that may be written alone. */
const ALONE_SHARE = 0.1;

const ALL = "accounts";
const ALONE = "account/";
/** What follows every name that begins with {@link ALONE}. */
const AFTER_ALONE = "account0";

/** Loads all accounts: `packed` has the values of that table by name. */
export function loadAccounts(packed: ReadonlyMap<string, unknown>): Map<string, TimeAccount> {
  const all = packed.get(ALL) as Record<string, TimeAccount> | undefined;
  const accounts = new Map(Object.entries(all ?? {}));
  for (const [name, value] of packed) {
    if (name.startsWith(ALONE)) accounts.set(name.slice(ALONE.length), value as TimeAccount);
  }
  return accounts;
}

/** Writes what a step has changed; part of a transaction. */
export function saveAccounts(database: ObjectDatabase, { before, accounts }: AccountChanges): void {
  const isFew = accounts.size <= before.size * ALONE_SHARE;
  const isClosed = [...accounts.values()].includes(null);
  if (before.size > TOGETHER_MAX && isFew && !isClosed) {
    for (const [monitor, account] of accounts) {
      savePacked(database, `${ALONE}${monitor}`, account);
    }
    return;
  }
  const all: Record<string, TimeAccount> = {};
  for (const [monitor, account] of before) if (!accounts.has(monitor)) all[monitor] = account;
  for (const [monitor, account] of accounts) if (account !== null) all[monitor] = account;
  savePacked(database, ALL, all);
  database.query("DELETE FROM packed WHERE name >= ? AND name < ?", ALONE, AFTER_ALONE);
}
