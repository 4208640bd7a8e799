/**
 * The tables into which a restore writes while it is still being sent: one beside each of the
 * object's own, like it but for its indexes. Taking their place costs the same however much is in
 * them. Statements only; when they are made and replace the others is decided in `restore.ts`.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import { BackupError } from "../../../shared/backup-file.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { CHANNELS_NAME } from "./backup-cut.ts";
import type { ObjectTable } from "./backup-guard.ts";
import { LEFT_OUT_OBJECT_TABLES, OBJECT_TABLES, columnsOf } from "./backup-guard.ts";
import type { ObjectDatabase } from "./database.ts";

const TABLES = Object.keys(OBJECT_TABLES) as ObjectTable[];
const PREFIX = "restored_";

function besideOf(table: ObjectTable): string {
  return PREFIX + table;
}

/** Names of those that are there, which an older release may have made. */
function besideTables(database: ObjectDatabase): string[] {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?";
  return database.query(sql, `${PREFIX}*`).map(({ name }) => String(name));
}

/** Whether there are any. */
export function hasBeside(database: ObjectDatabase): boolean {
  return besideTables(database).length > 0;
}

function definitionOf(database: ObjectDatabase, table: ObjectTable): string {
  const sql = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?";
  return String(database.query(sql, table)[0]?.["sql"]);
}

/** Makes them, empty; inside of a transaction. */
export function createBeside(database: ObjectDatabase): void {
  dropBeside(database);
  for (const table of TABLES) {
    // Renamed tables have quotes around their names.
    const beside = definitionOf(database, table).replace(
      /^CREATE TABLE "?\w+"?/,
      `CREATE TABLE ${besideOf(table)}`,
    );
    database.query(beside);
  }
}

/** Drops those that are there; inside of a transaction. */
export function dropBeside(database: ObjectDatabase): void {
  for (const table of besideTables(database)) database.query(`DROP TABLE ${table}`);
}

const INDEX = /^\s*(CREATE (UNIQUE )?|DROP )INDEX\b/i;
const LEFT_OUT = new RegExp(`\\b(${LEFT_OUT_OBJECT_TABLES.join("|")})\\b`);
const OWN = new RegExp(`\\b(${TABLES.join("|")})\\b`, "g");

/**
 * What brings them from one version of the storage to the next, as these statements bring the object's
 * own tables, behind which they are run: they have no indexes, and nothing of what no backup has.
 */
export function besideStatements(statements: readonly string[]): string[] {
  return statements
    .filter((statement) => !INDEX.test(statement) && !LEFT_OUT.test(statement))
    .map((statement) => statement.replace(OWN, (table) => PREFIX + table));
}

/** Writes rows into them. */
export class BesideWriter {
  readonly #database: ObjectDatabase;
  readonly #columns = new Map<string, ReadonlySet<string>>();

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  /**
   * Writes a row.
   *
   * @throws BackupError when no backup has such a table; what the storage throws when it does not fit
   */
  write({ table, row }: BackupRow): void {
    if (!Object.hasOwn(OBJECT_TABLES, table)) throw unknownTable();
    const own = table as ObjectTable;
    const known = this.#columns.get(own) ?? new Set(columnsOf(this.#database, own));
    this.#columns.set(own, known);
    const columns = Object.keys(row);
    if (!columns.every((column) => known.has(column))) {
      throw new BackupError("The backup is damaged: it has a column that no backup has.");
    }
    this.#database.query(
      `INSERT INTO ${besideOf(own)} (${columns.map((column) => `"${column}"`).join(", ")})
       VALUES (${columns.map(() => "?").join(", ")})`,
      ...columns.map((column) => row[column] ?? null),
    );
  }
}

/** What a file is refused with that has a table of its own. */
export function unknownTable(): BackupError {
  return new BackupError("The backup is damaged: it has a table that no backup has.");
}

/** The channels in them, as they lie in the file; null: there are none. */
export function channelsBeside(database: ObjectDatabase): StoredChannel[] | null {
  const sql = `SELECT body FROM ${besideOf("packed")} WHERE name = ? ORDER BY part`;
  const text = database
    .query(sql, CHANNELS_NAME)
    .map(({ body }) => String(body))
    .join("");
  return text === "" ? null : (JSON.parse(text) as StoredChannel[]);
}

/** Has them take the place of the object's own; inside of a transaction. */
export function moveIn(database: ObjectDatabase): void {
  for (const table of TABLES) {
    const sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?";
    const indexes = database.query(`${sql} AND sql IS NOT NULL`, table);
    database.query(`DROP TABLE ${table}`);
    database.query(`ALTER TABLE ${besideOf(table)} RENAME TO ${table}`);
    for (const index of indexes) database.query(String(index["sql"]));
  }
}
