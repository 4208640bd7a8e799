/**
 * Keeps what a backup that is being read needs: as long as one is open, triggers save each row as it
 * was before its first change, and note each row that is new. So opening one costs nothing however
 * much is stored, and what it costs then is what changes meanwhile.
 *
 * Which tables belong to a backup is said here, and every table is in one list.
 */
import type { ObjectDatabase } from "./database.ts";
import { loadPacked, savePacked } from "./database.ts";

/** Tables in a backup, each with the key in whose order its rows are read and written again. */
export const OBJECT_TABLES = {
  packed: ["name", "part"],
  judgements: ["monitor"],
  incidents: ["rowid"],
  transitions: ["rowid"],
  deliveries: ["rowid"],
  buckets: ["resolution", "region", "start_ms", "part"],
  seen_runs: ["key"],
  vote_changes: ["region", "sequence"],
  alert_subjects: ["rowid"],
  alert_groups: ["id"],
  decisions: ["id"],
  delivery_subjects: ["subject", "delivery"],
  bulletins: ["sequence"],
  subscribers: ["id"],
} as const;
/** The name of one of them. */
export type ObjectTable = keyof typeof OBJECT_TABLES;

/** Not in a backup: raw runs that D1 lacks, and what belongs to this storage alone. */
export const LEFT_OUT_OBJECT_TABLES = [
  "kept_runs",
  "storage_version",
  "restore_parts",
  "backup_kept",
] as const;

/** Under which an open backup is packed. */
export const BACKUP_NAME = "backup";
/** The table of what was kept: columns of any table's key, and of any table. */
export const KEPT_KEYS = ["k0", "k1", "k2", "k3"] as const;
export const KEPT_VALUES = ["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"] as const;

/** A backup that is being read. */
export interface OpenBackup {
  id: string;
  /** The moment as of which everything is read (UTC epoch milliseconds). */
  openedAtMs: number;
  /** When it was last read from. */
  readAtMs: number;
}

/** The backup that is being read; null: none is. */
export function openBackup(database: ObjectDatabase): OpenBackup | null {
  return (loadPacked(database, BACKUP_NAME).get(BACKUP_NAME) as OpenBackup | undefined) ?? null;
}

/** Whether one is: then what has changed stays, and nothing old is forgotten. */
export function isBackupOpen(database: ObjectDatabase): boolean {
  return database.query("SELECT 1 FROM packed WHERE name = ?", BACKUP_NAME).length > 0;
}

/** Columns of a table, in their order. */
export function columnsOf(database: ObjectDatabase, table: ObjectTable): string[] {
  return database.query(`PRAGMA table_info(${table})`).map(({ name }) => String(name));
}

/** Begins to keep what changes, for a backup as of this moment; one that was open ends. */
export function beginGuard(database: ObjectDatabase, backup: OpenBackup): void {
  database.transaction(() => {
    removeGuard(database);
    savePacked(database, BACKUP_NAME, backup);
    for (const table of Object.keys(OBJECT_TABLES) as ObjectTable[]) {
      for (const statement of triggersOf(database, table)) database.query(statement);
    }
  });
}

/** Ends it, and forgets what was kept. */
export function endGuard(database: ObjectDatabase): void {
  database.transaction(() => removeGuard(database));
}

/** The same, inside of a transaction. */
export function removeGuard(database: ObjectDatabase): void {
  for (const table of Object.keys(OBJECT_TABLES)) {
    for (const change of ["insert", "update", "delete"]) {
      database.query(`DROP TRIGGER IF EXISTS keep_${table}_${change}`);
    }
  }
  database.query("DELETE FROM backup_kept");
  savePacked(database, BACKUP_NAME, null);
}

/** A condition that a row of a table was kept, or noted as new, already. */
export function isKept(table: ObjectTable, row: string): string {
  // The plus takes the column's affinity away, under which no index over `backup_kept` would do.
  const same = OBJECT_TABLES[table].map((key, index) => `${KEPT_KEYS[index]} = +${row}.${key}`);
  return `EXISTS (SELECT 1 FROM backup_kept WHERE of_table = '${table}' AND ${same.join(" AND ")})`;
}

function triggersOf(database: ObjectDatabase, table: ObjectTable): string[] {
  const columns = columnsOf(database, table);
  // Keys may not be null; those that a table does not have are the same for all its rows.
  const keys = (row: string) => KEPT_KEYS.map((_, index) => keyOf(table, index, row)).join(", ");
  const values = KEPT_VALUES.slice(0, columns.length);
  if (values.length < columns.length) throw new RangeError(`${table} has too many columns`);
  const old = columns.map((column) => `OLD."${column}"`).join(", ");
  const save = `INSERT INTO backup_kept (of_table, ${KEPT_KEYS.join(", ")}, kept, ${values.join(", ")})
    SELECT '${table}', ${keys("OLD")}, 1, ${old} WHERE NOT ${isKept(table, "OLD")};`;
  const note = `INSERT INTO backup_kept (of_table, ${KEPT_KEYS.join(", ")}, kept)
    SELECT '${table}', ${keys("NEW")}, 0 WHERE NOT ${isKept(table, "NEW")};`;
  return [
    `CREATE TRIGGER keep_${table}_insert AFTER INSERT ON ${table} BEGIN ${note} END`,
    `CREATE TRIGGER keep_${table}_update BEFORE UPDATE ON ${table} BEGIN ${save} END`,
    `CREATE TRIGGER keep_${table}_delete BEFORE DELETE ON ${table} BEGIN ${save} END`,
  ];
}

function keyOf(table: ObjectTable, index: number, row: string): string {
  const key: string | undefined = OBJECT_TABLES[table][index];
  return key === undefined ? "0" : `${row}.${key}`;
}
