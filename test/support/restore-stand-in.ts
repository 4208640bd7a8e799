/** Files for a restore row by row, and a place that takes what a restore has for D1. */
import type { BackupRow } from "../../shared/backup-file.ts";
import { BackupWriter, encodeBackupRow } from "../../shared/backup-file.ts";
import type { RestoreTarget } from "../../workers/coordinator/object/restore.ts";
import { ORIGIN } from "./object-backup.ts";

/** A row of the object, of so many characters. */
export function bucket(startMs: number, characters: number): BackupRow {
  const body = "x".repeat(characters);
  const key = { resolution: "5min", region: "r", start_ms: startMs, part: 0 };
  return { in: "object", table: "buckets", row: { ...key, body, dirty: 1 } };
}

/** A row of D1's history, of so many characters of two bytes. */
export function block(startMs: number, characters: number): BackupRow {
  const body = "é".repeat(characters);
  const key = { resolution: "5min", monitor: "m", start_ms: startMs };
  return { in: "d1", table: "rollup_blocks", row: { ...key, body } };
}

/** A row of D1's configuration. */
export function monitor(id: string, definition: object = {}): BackupRow {
  const row = { id, definition: JSON.stringify(definition) };
  return { in: "d1", table: "monitors", row };
}

/** A file in parts of some rows each. */
export function partsOf(rows: readonly BackupRow[], each: number): string[] {
  const writer = new BackupWriter();
  const parts = [writer.header({ release: "1", createdAt: "2026", ...ORIGIN })];
  for (let from = 0; from < rows.length; from += each) {
    parts.push(writer.rows(rows.slice(from, from + each).map(encodeBackupRow)));
  }
  return [...parts, writer.end()];
}

/** A place for D1's rows. */
export class RestoreStandIn implements RestoreTarget {
  readonly saved: Array<[table: string, rows: number]> = [];
  mostCharacters = 0;
  /** Answers still to come that say that not all is cleared. */
  toClear = 0;
  /** Called before rows are taken. */
  before: () => Promise<void> = async () => undefined;
  prepare: RestoreTarget["prepare"] = async () => undefined;
  sealRow = async ({ row }: BackupRow) => row;
  sealChannel: RestoreTarget["sealChannel"] = async (channel) => channel;
  nowMs = () => 1_000;

  async clear(): Promise<boolean> {
    this.saved.length = 0;
    this.toClear -= 1;
    return this.toClear < 0;
  }

  async saveHistory(table: string, rows: readonly object[]): Promise<void> {
    await this.before();
    this.saved.push([table, rows.length]);
    this.mostCharacters = Math.max(this.mostCharacters, JSON.stringify(rows).length);
  }

  stageConfiguration = (table: string, rows: readonly object[]) => this.saveHistory(table, rows);

  async replaceConfiguration(restore: string): Promise<void> {
    this.saved.push([restore, 0]);
  }
}

/** Rows that were saved of a table. */
export function savedOf(target: RestoreStandIn, table: string): number {
  return target.saved.reduce((sum, [own, rows]) => sum + (own === table ? rows : 0), 0);
}
