/**
 * The object's own tables for a backup, all as of one moment and handed out in pages: of no more than
 * a page is ever in memory. What has changed since that moment is read as it was kept by
 * `backup-guard.ts`. A page may be asked for again, by another life of the object too.
 *
 * The channels are handed out apart: whoever has the keys opens them for the file.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import { encodeBackupRow } from "../../../shared/backup-file.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import type { ObjectTable, OpenBackup } from "./backup-guard.ts";
import {
  BACKUP_NAME,
  KEPT_KEYS,
  KEPT_VALUES,
  OBJECT_TABLES,
  beginGuard,
  columnsOf,
  endGuard,
  isKept,
  openBackup,
} from "./backup-guard.ts";
import type { ObjectDatabase, SqlRow, SqlValue } from "./database.ts";
import { cut, savePacked } from "./database.ts";
import { RESTORE_NAME } from "./restore-state.ts";

/** Under which the channels are packed. */
export const CHANNELS_NAME = "channels";
const LEFT_OUT_NAMES: ReadonlySet<unknown> = new Set([RESTORE_NAME, CHANNELS_NAME, BACKUP_NAME]);

/** Stored bytes of one page; a page has at least one row, which may take 2 MB. */
export const PAGE_BYTES_MAX = 1_000_000;
/** Rows whose sizes are looked at at once. */
const LOOK_ROWS = 200;
/** After how long a backup that nobody reads is over, in milliseconds, … */
export const UNREAD_MAX_MS = 120_000;
/** … and after how long any: until then D1 is not written to, and nothing old is forgotten. */
export const OPEN_MAX_MS = 3_600_000;
/** How often it is noted that one is read, in milliseconds. */
const NOTE_EVERY_MS = 10_000;

/** One page. */
export interface BackupPage {
  lines: string[];
  /** From where the next goes on; null: this was the last. */
  next: string | null;
}

type Key = SqlValue[];
type Whose = Pick<BackupRow, "coordinator">;

/** The backups of an object's storage, of which one may be open. */
export class BackupCut {
  readonly #database: ObjectDatabase;
  readonly #whose: Whose;

  /** @param coordinator whose object it is, counted from 0 */
  constructor(database: ObjectDatabase, coordinator = 0) {
    this.#database = database;
    this.#whose = whoseOf(coordinator);
  }

  /** Opens one as of now, in the place of any other. */
  open(id: string, nowMs: number): void {
    beginGuard(this.#database, { id, openedAtMs: nowMs, readAtMs: nowMs });
  }

  /** Notes that it is still being read; false: it is over. */
  hold(id: string, nowMs: number): boolean {
    const backup = openBackup(this.#database);
    if (backup?.id !== id || isStale(backup, nowMs)) return false;
    if (nowMs - backup.readAtMs >= NOTE_EVERY_MS) {
      const noted = { ...backup, readAtMs: nowMs };
      this.#database.transaction(() => savePacked(this.#database, BACKUP_NAME, noted));
    }
    return true;
  }

  /** Ends it, if it is open. */
  close(id: string): void {
    if (openBackup(this.#database)?.id === id) endGuard(this.#database);
  }

  /** Ends whichever is open if it was abandoned, or has been open for too long. */
  closeStale(nowMs: number): void {
    const backup = openBackup(this.#database);
    if (backup !== null && isStale(backup, nowMs)) endGuard(this.#database);
  }

  /**
   * A page of lines, of all but the channels; null: this backup is not open any more.
   *
   * @param after what the page before said is next; null: the first
   */
  page(id: string, after: string | null, nowMs: number): BackupPage | null {
    if (!this.hold(id, nowMs)) return null;
    const tables = Object.keys(OBJECT_TABLES) as ObjectTable[];
    let [table, key] =
      after === null ? [tables[0], null] : (JSON.parse(after) as [ObjectTable, Key | null]);
    const lines: string[] = [];
    let room = PAGE_BYTES_MAX;
    while (table !== undefined) {
      const { rows, bytes, last, isDone } = this.#read(table, key, room, lines.length === 0);
      for (const row of rows) {
        if (table === "packed" && LEFT_OUT_NAMES.has(row["name"])) continue;
        lines.push(encodeBackupRow({ in: "object", ...this.#whose, table, row }));
      }
      room -= bytes;
      key = last;
      if (isDone) [table, key] = [tables[tables.indexOf(table) + 1], null];
      else if (rows.length === 0 || room <= 0) break;
    }
    return { lines, next: table === undefined ? null : JSON.stringify([table, key]) };
  }

  /** The channels of an open backup, as they are stored; null: there are none yet. */
  channels(): StoredChannel[] | null {
    const rows = this.#database.query(
      `SELECT part, body FROM packed
       WHERE name = ?1 AND NOT ${isKept("packed", "packed")}
       UNION ALL
       SELECT k1, v2 FROM backup_kept WHERE of_table = 'packed' AND k0 = ?1 AND kept = 1
       ORDER BY 1`,
      CHANNELS_NAME,
    );
    const text = rows.map(({ body }) => String(body)).join("");
    return text === "" ? null : (JSON.parse(text) as StoredChannel[]);
  }

  /** Rows behind a key as they were, as many as there is room for. */
  #read(table: ObjectTable, after: Key | null, room: number, atLeastOne: boolean) {
    const columns = columnsOf(this.#database, table);
    const values = KEPT_VALUES.slice(0, columns.length);
    const sizes = this.#select(table, after, LOOK_ROWS, sizeOf(columns), sizeOf(values));
    let [count, bytes] = [0, 0];
    for (const { bytes: own } of sizes) {
      const more = Number(own);
      if (bytes + more > room && (count > 0 || !atLeastOne)) break;
      [count, bytes] = [count + 1, bytes + more];
    }
    const isDone = count === sizes.length && count < LOOK_ROWS;
    const last = count === 0 ? after : keyOfRow(table, sizes[count - 1]);
    if (count === 0) return { rows: [], bytes, last, isDone };
    const rows = this.#select(table, after, count, listOf(columns), listOf(values)).map((row) => {
      const entries = columns.map((column) => [column, row[column] ?? null] as const);
      return Object.fromEntries(entries) as BackupRow["row"];
    });
    return { rows, bytes, last, isDone };
  }

  /** Selects something of a table's rows behind a key, in its order, with their keys before it. */
  #select(table: ObjectTable, after: Key | null, limit: number, live: string, kept: string) {
    const keys: readonly string[] = OBJECT_TABLES[table];
    const keptKeys = KEPT_KEYS.slice(0, keys.length);
    const marks = keys.map((_, index) => `?${index + 1}`).join(", ");
    const behind = (names: readonly string[]) =>
      after === null ? "" : `AND (${names.join(", ")}) > (${marks})`;
    const named = keys.map((key, index) => `${table}.${key} AS ${KEPT_KEYS[index]}`).join(", ");
    return this.#database.query(
      `SELECT ${named}, ${live} FROM ${table}
       WHERE NOT ${isKept(table, table)} ${behind(keys)}
       UNION ALL
       SELECT ${keptKeys.join(", ")}, ${kept} FROM backup_kept
       WHERE of_table = '${table}' AND kept = 1 ${behind(keptKeys)}
       ORDER BY ${keys.map((_, index) => index + 1).join(", ")} LIMIT ${limit}`,
      ...(after ?? []),
    );
  }
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** Bytes that values take, without reading those that are long. */
function sizeOf(names: readonly string[]): string {
  return `${names.map((name) => `coalesce(octet_length("${name}"), 0)`).join(" + ")} AS bytes`;
}

function isStale({ openedAtMs, readAtMs }: OpenBackup, nowMs: number): boolean {
  return nowMs - readAtMs > UNREAD_MAX_MS || nowMs - openedAtMs > OPEN_MAX_MS;
}

function keyOfRow(table: ObjectTable, row: SqlRow | undefined): Key {
  return OBJECT_TABLES[table].map((_, index) => row?.[KEPT_KEYS[index] ?? ""] ?? null);
}

/** The page of the channels, as the file is to have them. */
export function channelsPage(channels: readonly StoredChannel[], coordinator: number): string[] {
  const place = { in: "object", ...whoseOf(coordinator), table: "packed" } as const;
  return cut(JSON.stringify(channels)).map((body, part) =>
    encodeBackupRow({ ...place, row: { name: CHANNELS_NAME, part, body } }),
  );
}

/** The first coordinator's rows say nothing of it, as when there is but one. */
function whoseOf(coordinator: number): Whose {
  return coordinator === 0 ? {} : { coordinator };
}
