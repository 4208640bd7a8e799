/**
 * Puts a backup in the place of everything that the object and D1 have.
 *
 * Its parts are staged in the object's storage first; until all are there and sound nothing changes.
 * From then on the restore is a stored decision: it is carried out again after any crash until it is
 * done, or given up. D1's history is written row by row, its configuration in one transaction, and
 * the object's tables in one transaction that also ends the restore. Each may be repeated.
 *
 * Messages that were still to be sent are given up (`restore-alerts.ts`), so that a restore by itself
 * tells nobody anything. Channels lie open in a backup, and are sealed before they are stored.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import { BackupError, readBackup } from "../../../shared/backup-file.ts";
import { CONFIGURATION_TABLES, HISTORY_TABLES } from "../db/backup-store.ts";
import { isSealed } from "../../sealing.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { CHANNELS_NAME } from "./backup-cut.ts";
import { OBJECT_TABLES } from "./backup-guard.ts";
import type { ObjectDatabase } from "./database.ts";
import { cut, loadPacked, savePacked } from "./database.ts";
import type { RestoreStatus, RestoreStep } from "./restore-state.ts";
import { settleCirculation } from "./circulation-state.ts";
import { giveUpDelivery, settleAlerts } from "./restore-alerts.ts";
import { RESTORE_NAME } from "./restore-state.ts";

/** Attempts to carry it out; at one per tick, half a minute of trouble with D1 and more. */
const FAILURES_MAX = 30;
/** Rows of history handed over at once. */
const PORTION_ROWS = 500;
const NO_KEY =
  "The backup has channels, and this network has no key to seal their secrets with: set" +
  " ECHOQUORUM_SEALING_KEY.";
const COLUMN = /^[a-z][a-z0-9_]*$/;

type Rows = Array<BackupRow["row"]>;

/** Where the rows that belong into D1 go, and what it takes to write channels. */
export interface RestoreTarget {
  clearHistory(): Promise<void>;
  saveHistory(table: string, rows: Rows): Promise<void>;
  /** All of it, in one transaction. */
  replaceConfiguration(rows: ReadonlyMap<string, Rows>): Promise<void>;
  sealChannel(channel: StoredChannel): Promise<StoredChannel>;
  /** The same for a row of D1. */
  sealChannelRow(row: BackupRow["row"]): Promise<BackupRow["row"]>;
  /** The same for a row of a subscription. */
  sealSubscriptionRow(row: BackupRow["row"]): Promise<BackupRow["row"]>;
  nowMs(): number;
}

/** Thrown to take a rehearsal back. */
class Rehearsed extends Error {}

/** A restore in the object's storage. */
export class Restore {
  readonly #database: ObjectDatabase;

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  /** The present or last restore; null: there never was one. */
  status(): RestoreStatus | null {
    const packed = loadPacked(this.#database, RESTORE_NAME);
    return (packed.get(RESTORE_NAME) as RestoreStatus | undefined) ?? null;
  }

  /** Begins one, in the place of one that was not carried out. */
  begin(id: string, replace: boolean): RestoreStep {
    if (this.status()?.state === "committing") {
      return { refused: "Another restore is being carried out." };
    }
    if (!replace && this.#hasHistory()) {
      return { refused: "This network has incidents or deliveries already." };
    }
    const status: RestoreStatus = { id, state: "staging", error: null, failures: 0 };
    this.#database.transaction(() => {
      this.#database.query("DELETE FROM restore_parts");
      savePacked(this.#database, RESTORE_NAME, status);
    });
    return status;
  }

  /** Takes a part of the file in: whole lines; the same part again replaces it. */
  put(id: string, part: number, text: string): RestoreStep {
    const status = this.#expect(id, "staging");
    if ("refused" in status) return status;
    this.#database.transaction(() => {
      this.#database.query("DELETE FROM restore_parts WHERE part = ?", part);
      for (const [piece, body] of cut(text).entries()) {
        const sql = "INSERT INTO restore_parts (part, piece, body) VALUES (?, ?, ?)";
        this.#database.query(sql, part, piece, body);
      }
    });
    return status;
  }

  /**
   * Decides that it is carried out, if the file is whole, sound, and fits into the tables.
   *
   * @param canSeal whether this network can seal channels: one that cannot takes none
   */
  decide(id: string, canSeal: boolean): RestoreStep {
    const status = this.status();
    // The answer to the first decision may have been lost.
    if (status?.id === id && status.state !== "staging") return status;
    const staged = this.#expect(id, "staging");
    if ("refused" in staged) return staged;
    try {
      this.#rehearse();
      if (!canSeal && this.#hasOpenSecrets()) return { refused: NO_KEY };
    } catch (error) {
      if (error instanceof BackupError) return { refused: error.message };
      return { refused: "The backup's rows do not fit into this network's tables." };
    }
    return this.#save({ ...staged, state: "committing" });
  }

  /** Carries it out; rejects when D1 refuses, and may then be called again. */
  async perform(target: RestoreTarget): Promise<void> {
    await target.clearHistory();
    const configuration = new Map<string, Rows>();
    let [table, portion]: [string, Rows] = ["", []];
    const flush = async () => {
      if (portion.length > 0) await target.saveHistory(table, portion);
      portion = [];
    };
    for (const entry of this.#rows()) {
      if (entry.in !== "d1") continue;
      if (Object.hasOwn(CONFIGURATION_TABLES, entry.table)) {
        const rows = configuration.get(entry.table) ?? [];
        rows.push(await sealRow(target, entry));
        configuration.set(entry.table, rows);
        continue;
      }
      if (entry.table !== table || portion.length >= PORTION_ROWS) await flush();
      table = entry.table;
      portion.push(entry.table === "deliveries" ? giveUpDelivery(entry.row) : entry.row);
    }
    await flush();
    await target.replaceConfiguration(configuration);
    const channels = this.#channels();
    const sealed =
      channels && (await Promise.all(channels.map((each) => target.sealChannel(each))));
    this.#database.transaction(() => this.#replaceTables(sealed, target.nowMs()));
  }

  /** Notes that it could not be carried out now; after many times it is given up. */
  noteFailure(error: string): RestoreStatus | null {
    const status = this.status();
    if (status?.state !== "committing") return status;
    const failures = status.failures + 1;
    const state = failures < FAILURES_MAX ? "committing" : "failed";
    return this.#save({ ...status, failures, state, error });
  }

  /** The object's channels in the file; null: it has none. */
  #channels(): StoredChannel[] | null {
    const parts = [...this.#rows()].filter(
      ({ in: place, table, row }) =>
        place === "object" && table === "packed" && row["name"] === CHANNELS_NAME,
    );
    if (parts.length === 0) return null;
    return JSON.parse(parts.map(({ row }) => String(row["body"])).join("")) as StoredChannel[];
  }

  /** Whether the file has a channel or a subscriber's address that would have to be sealed. */
  #hasOpenSecrets(): boolean {
    const secrets = (this.#channels() ?? []).map((channel) => channel.settings);
    for (const { in: place, table, row } of this.#rows()) {
      if (place !== "d1") continue;
      if (table === "channels") secrets.push(JSON.parse(String(row["settings"])));
      if (table === "subscriptions" && row["target"] !== null) {
        secrets.push(JSON.parse(String(row["target"])));
      }
    }
    return secrets.some((each) => !isSealed(each));
  }

  #hasHistory(): boolean {
    return ["incidents", "deliveries"].some(
      (table) => this.#database.query(`SELECT 1 FROM ${table} LIMIT 1`).length > 0,
    );
  }

  #expect(id: string, state: RestoreStatus["state"]): RestoreStep {
    const status = this.status();
    if (status?.id === id && status.state === state) return status;
    return { refused: `There is no restore ${id} that is ${state}; another may have begun.` };
  }

  #save(status: RestoreStatus): RestoreStatus {
    this.#database.transaction(() => savePacked(this.#database, RESTORE_NAME, status));
    return status;
  }

  /** Does in storage what the restore will do, and takes it back. */
  #rehearse(): void {
    try {
      this.#database.transaction(() => {
        this.#replaceTables(null, 0);
        throw new Rehearsed();
      });
    } catch (error) {
      if (!(error instanceof Rehearsed)) throw error;
    }
  }

  /** Replaces the object's tables and ends the restore; inside of a transaction. */
  #replaceTables(channels: readonly StoredChannel[] | null, nowMs: number): void {
    const database = this.#database;
    const status = this.status();
    for (const table of Object.keys(OBJECT_TABLES)) database.query(`DELETE FROM ${table}`);
    for (const { in: place, table, row } of this.#rows()) {
      if (place !== "object") continue;
      const columns = Object.keys(row).filter((column) => COLUMN.test(column));
      database.query(
        `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(", ")})
         VALUES (${columns.map(() => "?").join(", ")})`,
        ...columns.map((column) => row[column] ?? null),
      );
    }
    if (channels !== null) savePacked(database, CHANNELS_NAME, channels);
    settleAlerts(database, nowMs);
    settleCirculation(database);
    database.query("DELETE FROM restore_parts");
    savePacked(database, RESTORE_NAME, { ...status, state: "done", error: null });
  }

  /** Rows of the staged file; of no table but those of a backup. */
  *#rows(): Generator<BackupRow> {
    for (const row of readBackup(this.#lines())) {
      const tables =
        row.in === "object" ? OBJECT_TABLES : { ...CONFIGURATION_TABLES, ...HISTORY_TABLES };
      if (!Object.hasOwn(tables, row.table)) {
        throw new BackupError("The backup is damaged: it has a table that no backup has.");
      }
      yield row;
    }
  }

  *#lines(): Generator<string> {
    const parts = this.#database.query("SELECT DISTINCT part FROM restore_parts ORDER BY part");
    for (const { part } of parts) {
      const pieces = this.#database.query(
        "SELECT body FROM restore_parts WHERE part = ? ORDER BY piece",
        part ?? null,
      );
      const text = pieces.map(({ body }) => String(body)).join("");
      yield* text.replace(/\n$/, "").split("\n");
    }
  }
}

/** A row of the configuration as it is stored here. */
async function sealRow(target: RestoreTarget, { table, row }: BackupRow): Promise<Rows[number]> {
  if (table === "channels") return target.sealChannelRow(row);
  return table === "subscriptions" ? target.sealSubscriptionRow(row) : row;
}
