/**
 * The object's own tables for a backup, all as of one moment: read in one go and handed out in pages.
 * Which tables belong to a backup is said here, and every table is in one list.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import { encodeBackupRow } from "../../../shared/backup-file.ts";
import type { ObjectDatabase } from "./database.ts";
import { RESTORE_NAME } from "./restore-state.ts";

/** Tables in a backup, each with the order in which its rows are written again. */
export const OBJECT_TABLES = {
  packed: "name, part",
  judgements: "monitor",
  incidents: "rowid",
  transitions: "rowid",
  deliveries: "rowid",
  buckets: "resolution, region, start_ms",
  seen_runs: "key",
  vote_changes: "region, sequence",
} as const;

/** Not in a backup: raw runs that D1 lacks, and what belongs to this storage alone. */
export const LEFT_OUT_OBJECT_TABLES = ["kept_runs", "storage_version", "restore_parts"] as const;

/** Most that is held for a backup, in characters: some hundreds of monitors. */
const CUT_CHARACTERS_MAX = 40_000_000;
const PAGE_CHARACTERS_MAX = 1_000_000;

/** Pages of lines. */
export type BackupCut = string[][];

/** Reads everything; null: it is more than can be held. */
export function cutBackup(database: ObjectDatabase): BackupCut | null {
  const pages: string[][] = [[]];
  let [total, characters] = [0, 0];
  for (const [table, order] of Object.entries(OBJECT_TABLES)) {
    const rows = database.query(`SELECT * FROM ${table} ORDER BY ${order}`);
    for (const row of rows as Array<BackupRow["row"]>) {
      if (table === "packed" && row["name"] === RESTORE_NAME) continue;
      const line = encodeBackupRow({ in: "object", table, row });
      total += line.length;
      if (total > CUT_CHARACTERS_MAX) return null;
      if (characters + line.length > PAGE_CHARACTERS_MAX) {
        pages.push([]);
        characters = 0;
      }
      pages.at(-1)?.push(line);
      characters += line.length;
    }
  }
  return pages;
}
