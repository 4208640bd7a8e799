/**
 * Puts a backup in the place of everything that the object and D1 have.
 *
 * Its parts are staged in the object's storage first; until all are there and sound nothing changes.
 * From then on the restore is a stored decision: it is carried out again after any crash until it is
 * done, or given up. D1's history is written row by row, its configuration in one transaction, and
 * the object's tables in one transaction that also ends the restore. Each may be repeated.
 *
 * Messages that were still to be sent are given up, so that a restore by itself tells nobody anything.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import { BackupError, readBackup } from "../../../shared/backup-file.ts";
import { CONFIGURATION_TABLES, HISTORY_TABLES } from "../db/backup-store.ts";
import { OBJECT_TABLES } from "./backup-cut.ts";
import type { ObjectDatabase } from "./database.ts";
import { cut, loadPacked, savePacked } from "./database.ts";
import type { RestoreStatus, RestoreStep } from "./restore-state.ts";
import { RESTORE_NAME } from "./restore-state.ts";

/** Attempts to carry it out; at one per tick, half a minute of trouble with D1 and more. */
const FAILURES_MAX = 30;
/** Rows of history handed over at once. */
const PORTION_ROWS = 500;
const COLUMN = /^[a-z][a-z0-9_]*$/;
const NOT_SENT = "it was still to be sent when the backup was made from which this was restored";

type Rows = Array<BackupRow["row"]>;

/** Where the rows that belong into D1 go. */
export interface RestoreTarget {
  clearHistory(): Promise<void>;
  saveHistory(table: string, rows: Rows): Promise<void>;
  /** All of it, in one transaction. */
  replaceConfiguration(rows: ReadonlyMap<string, Rows>): Promise<void>;
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

  /** Decides that it is carried out, if the file is whole, sound, and fits into the tables. */
  decide(id: string): RestoreStep {
    const status = this.status();
    // The answer to the first decision may have been lost.
    if (status?.id === id && status.state !== "staging") return status;
    const staged = this.#expect(id, "staging");
    if ("refused" in staged) return staged;
    try {
      this.#rehearse();
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
        configuration.set(entry.table, [...(configuration.get(entry.table) ?? []), entry.row]);
        continue;
      }
      if (entry.table !== table || portion.length >= PORTION_ROWS) await flush();
      table = entry.table;
      portion.push(entry.table === "deliveries" ? giveUp(entry.row) : entry.row);
    }
    await flush();
    await target.replaceConfiguration(configuration);
    this.#database.transaction(() => this.#replaceTables());
  }

  /** Notes that it could not be carried out now; after many times it is given up. */
  noteFailure(error: string): RestoreStatus | null {
    const status = this.status();
    if (status?.state !== "committing") return status;
    const failures = status.failures + 1;
    const state = failures < FAILURES_MAX ? "committing" : "failed";
    return this.#save({ ...status, failures, state, error });
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
        this.#replaceTables();
        throw new Rehearsed();
      });
    } catch (error) {
      if (!(error instanceof Rehearsed)) throw error;
    }
  }

  /** Replaces the object's tables and ends the restore; inside of a transaction. */
  #replaceTables(): void {
    const database = this.#database;
    const status = this.status();
    for (const table of Object.keys(OBJECT_TABLES)) database.query(`DELETE FROM ${table}`);
    for (const { in: place, table, row } of this.#rows()) {
      if (place !== "object") continue;
      const kept = table === "deliveries" ? giveUp(row) : row;
      const columns = Object.keys(kept).filter((column) => COLUMN.test(column));
      database.query(
        `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(", ")})
         VALUES (${columns.map(() => "?").join(", ")})`,
        ...columns.map((column) => kept[column] ?? null),
      );
    }
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

/** A delivery that was still to be sent, as given up: in its columns and in its body. */
function giveUp(row: BackupRow["row"]): BackupRow["row"] {
  if (row["state"] !== "pending") return row;
  const delivery = JSON.parse(String(row["body"])) as Record<string, unknown>;
  const body = JSON.stringify({ ...delivery, state: "dead", lastError: NOT_SENT });
  return { ...row, state: "dead", body };
}
