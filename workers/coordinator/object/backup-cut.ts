/**
 * The object's own tables for a backup, all as of one moment: read in one go and handed out in pages.
 * Which tables belong to a backup is said here, and every table is in one list.
 *
 * The channels are handed out apart: whoever has the keys opens them for the file.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import { encodeBackupRow } from "../../../shared/backup-file.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import type { ObjectDatabase } from "./database.ts";
import { cut, loadPacked } from "./database.ts";
import { RESTORE_NAME } from "./restore-state.ts";

/** Tables in a backup, each with the order in which its rows are written again. */
export const OBJECT_TABLES = {
  packed: "name, part",
  judgements: "monitor",
  incidents: "rowid",
  transitions: "rowid",
  deliveries: "rowid",
  buckets: "resolution, region, start_ms, part",
  seen_runs: "key",
  vote_changes: "region, sequence",
  alert_subjects: "rowid",
  alert_groups: "id",
  decisions: "id",
  delivery_subjects: "subject, delivery",
  bulletins: "sequence",
  subscribers: "id",
} as const;

/** Not in a backup: raw runs that D1 lacks, and what belongs to this storage alone. */
export const LEFT_OUT_OBJECT_TABLES = ["kept_runs", "storage_version", "restore_parts"] as const;

/** Under which the channels are packed. */
export const CHANNELS_NAME = "channels";
const LEFT_OUT_NAMES: ReadonlySet<string> = new Set([RESTORE_NAME, CHANNELS_NAME]);

/** Most that is held for a backup, in characters: some hundreds of monitors. */
const CUT_CHARACTERS_MAX = 40_000_000;
const PAGE_CHARACTERS_MAX = 1_000_000;

/** Everything as of one moment. */
export interface BackupCut {
  /** Pages of lines. */
  pages: string[][];
  /** As they are stored; in none of the pages. Null: there are none yet. */
  channels: StoredChannel[] | null;
}

/** Reads everything; null: it is more than can be held. */
export function cutBackup(database: ObjectDatabase): BackupCut | null {
  const pages: string[][] = [[]];
  let [total, characters] = [0, 0];
  for (const [table, order] of Object.entries(OBJECT_TABLES)) {
    const rows = database.query(`SELECT * FROM ${table} ORDER BY ${order}`);
    for (const row of rows as Array<BackupRow["row"]>) {
      if (table === "packed" && LEFT_OUT_NAMES.has(String(row["name"]))) continue;
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
  const channels = loadPacked(database, CHANNELS_NAME).get(CHANNELS_NAME);
  return { pages, channels: (channels as StoredChannel[] | undefined) ?? null };
}

/** The page of the channels, as the file is to have them. */
export function channelsPage(channels: readonly StoredChannel[]): string[] {
  return cut(JSON.stringify(channels)).map((body, part) =>
    encodeBackupRow({ in: "object", table: "packed", row: { name: CHANNELS_NAME, part, body } }),
  );
}
