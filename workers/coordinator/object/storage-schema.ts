/**
 * The object's own tables, as an ordered list of migrations: entry n brings the storage from
 * version n to n + 1. An entry that was released is never edited; changes are appended.
 *
 * The tables of a restore that is being carried out come along, in whose place they are to come.
 */
import { endGuard } from "./backup-guard.ts";
import type { ObjectDatabase } from "./database.ts";
import { besideStatements, dropBeside, hasBeside } from "./restore-tables.ts";

/** Entry n brings the storage from version n to n + 1. */
export const MIGRATIONS: ReadonlyArray<readonly string[]> = [
  [
    `CREATE TABLE packed (
      name TEXT NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (name, part)) WITHOUT ROWID`,
    `CREATE TABLE seen_runs (key TEXT PRIMARY KEY, scheduled_at_ms INTEGER NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE kept_runs (
      key TEXT PRIMARY KEY, scheduled_at_ms INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE judgements (monitor TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE incidents (
      id TEXT PRIMARY KEY, monitor TEXT NOT NULL, monitor_name TEXT NOT NULL,
      started_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, body TEXT NOT NULL,
      dirty INTEGER NOT NULL)`,
    `CREATE INDEX incidents_started ON incidents (started_at_ms)`,
    `CREATE INDEX incidents_dirty ON incidents (dirty) WHERE dirty = 1`,
    `CREATE TABLE transitions (
      id TEXT PRIMARY KEY, incident TEXT, at_ms INTEGER NOT NULL, body TEXT NOT NULL,
      dirty INTEGER NOT NULL)`,
    `CREATE INDEX transitions_incident ON transitions (incident, at_ms)`,
    `CREATE INDEX transitions_dirty ON transitions (dirty) WHERE dirty = 1`,
    `CREATE TABLE deliveries (
      id TEXT PRIMARY KEY, channel TEXT NOT NULL, monitor TEXT, incident TEXT,
      state TEXT NOT NULL, created_at_ms INTEGER NOT NULL, body TEXT NOT NULL,
      dirty INTEGER NOT NULL)`,
    `CREATE INDEX deliveries_incident ON deliveries (incident)`,
    `CREATE INDEX deliveries_created ON deliveries (created_at_ms)`,
    `CREATE INDEX deliveries_pending ON deliveries (state) WHERE state = 'pending'`,
    `CREATE INDEX deliveries_dirty ON deliveries (dirty) WHERE dirty = 1`,
    `CREATE TABLE buckets (
      resolution TEXT NOT NULL, region TEXT NOT NULL, start_ms INTEGER NOT NULL,
      body TEXT NOT NULL, dirty INTEGER NOT NULL,
      PRIMARY KEY (resolution, region, start_ms)) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE vote_changes (
      region TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (region, sequence)) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE restore_parts (
      part INTEGER NOT NULL, piece INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (part, piece)) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE alert_subjects (id TEXT PRIMARY KEY, body TEXT NOT NULL)`,
    `CREATE TABLE alert_groups (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE decisions (
      id INTEGER PRIMARY KEY, subject TEXT NOT NULL, at_ms INTEGER NOT NULL,
      body TEXT NOT NULL)`,
    `CREATE INDEX decisions_subject ON decisions (subject)`,
    `CREATE INDEX decisions_at ON decisions (at_ms)`,
    `CREATE TABLE delivery_subjects (
      subject TEXT NOT NULL, delivery TEXT NOT NULL,
      PRIMARY KEY (subject, delivery)) WITHOUT ROWID`,
    `CREATE INDEX delivery_subjects_delivery ON delivery_subjects (delivery)`,
  ],
  [
    `CREATE TABLE bucket_parts (
      resolution TEXT NOT NULL, region TEXT NOT NULL, start_ms INTEGER NOT NULL,
      part INTEGER NOT NULL, body TEXT NOT NULL, dirty INTEGER NOT NULL,
      PRIMARY KEY (resolution, region, start_ms, part)) WITHOUT ROWID`,
    `INSERT INTO bucket_parts
      SELECT resolution, region, start_ms, 0, body, dirty FROM buckets`,
    `DROP TABLE buckets`,
    `ALTER TABLE bucket_parts RENAME TO buckets`,
  ],
  [
    `CREATE TABLE bulletins (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL)`,
    `CREATE TABLE subscribers (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE backup_kept (
      of_table TEXT NOT NULL, k0 NOT NULL, k1 NOT NULL, k2 NOT NULL, k3 NOT NULL,
      kept INTEGER NOT NULL, v0, v1, v2, v3, v4, v5, v6, v7,
      PRIMARY KEY (of_table, k0, k1, k2, k3)) WITHOUT ROWID`,
  ],
  // With rows beside their keys, for without rowids SQLite reads whole rows to compare their keys:
  // whoever looked for the tail read half a megabyte of votes.
  [
    `CREATE TABLE packed_rows (
      name TEXT NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (name, part))`,
    `INSERT INTO packed_rows SELECT name, part, body FROM packed`,
    `DROP TABLE packed`,
    `ALTER TABLE packed_rows RENAME TO packed`,
  ],
];

/** Version of the storage that this release works with. */
export const STORAGE_VERSION = MIGRATIONS.length;
/** From which on there is `backup_kept`. */
const GUARDED_VERSION = 7;

/** Brings the storage up to date; each version in one transaction. */
export function migrateStorage(database: ObjectDatabase, migrations = MIGRATIONS): void {
  database.query("CREATE TABLE IF NOT EXISTS storage_version (version INTEGER NOT NULL)");
  const [row] = database.query("SELECT version FROM storage_version");
  const from = Number(row?.["version"] ?? 0);
  // A backup that is being read has triggers on tables of the older version.
  if (from >= GUARDED_VERSION && from < migrations.length) endGuard(database);
  for (const [version, statements] of migrations.entries()) {
    if (version < from) continue;
    const beside = hasBeside(database) ? besideStatements(statements) : [];
    try {
      advance(database, version + 1, [...statements, ...beside]);
    } catch (error) {
      if (beside.length === 0) throw error;
      // The restore is given up then, for whoever watches must go on.
      database.transaction(() => dropBeside(database));
      advance(database, version + 1, statements);
    }
  }
}

function advance(database: ObjectDatabase, version: number, statements: readonly string[]): void {
  database.transaction(() => {
    for (const statement of statements) database.query(statement);
    database.query("DELETE FROM storage_version");
    database.query("INSERT INTO storage_version (version) VALUES (?)", version);
  });
}
