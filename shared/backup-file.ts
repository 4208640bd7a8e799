/**
 * The backup file: lines of JSON, the first of which says what wrote it, the last how many rows there
 * are and what their digest is. Every row names its table; what a table's rows mean is no business
 * of this module. Pure.
 *
 * A file is read only by the release of its format, its D1 migration and its version of the object's
 * storage: rows are stored as they are, so whoever reads them must mean the same by them.
 */
import { z } from "zod";
import type { SavedDigest } from "./resumable-digest.ts";
import { ResumableDigest } from "./resumable-digest.ts";

/** The format that is written, and the newest that is read. */
export const BACKUP_FORMAT = 1;

/** What wrote a backup. */
export const backupHeaderSchema = z.strictObject({
  echoquorumBackup: z.int().min(1),
  /** Release of Echoquorum. */
  release: z.string().max(40),
  /** ISO 8601. */
  createdAt: z.string().max(40),
  /** Newest D1 migration, e.g. `0001_controls.sql`. */
  migration: z.string().max(100),
  /** Version of the object's storage. */
  storage: z.int().min(1),
  /** Number of coordinators, each with an object of its own; absent: one. */
  coordinators: z.int().min(2).optional(),
});
/** See {@link backupHeaderSchema}. */
export type BackupHeader = z.output<typeof backupHeaderSchema>;

const rowSchema = z.strictObject({
  in: z.enum(["d1", "object"]),
  /** Of which coordinator's object, counted from 0; absent: the first's. */
  coordinator: z.int().min(1).optional(),
  table: z.string(),
  row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
/** One row of one table. */
export type BackupRow = z.output<typeof rowSchema>;

const endSchema = z.strictObject({
  end: z.strictObject({ rows: z.int().min(0), sha256: z.string() }),
});

/** Encodes a row as a line, without its end. */
export function encodeBackupRow(row: BackupRow): string {
  return JSON.stringify(row);
}

/** Writes a backup, line by line: header, rows, end. */
export class BackupWriter {
  readonly #digest = new ResumableDigest();
  #rows = 0;

  /** Begins the file. */
  header(header: Omit<BackupHeader, "echoquorumBackup">): string {
    return this.#take(`${JSON.stringify({ echoquorumBackup: BACKUP_FORMAT, ...header })}\n`);
  }

  /** Takes encoded rows. */
  rows(lines: readonly string[]): string {
    this.#rows += lines.length;
    return this.#take(lines.map((line) => `${line}\n`).join(""));
  }

  /** Ends the file. */
  end(): string {
    return `${JSON.stringify({ end: { rows: this.#rows, sha256: this.#digest.hex() } })}\n`;
  }

  #take(text: string): string {
    this.#digest.add(text);
    return text;
  }
}

/** A file that is no whole, sound backup that this release can read. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

function parseLine<T>(line: string, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BackupError(`The backup is damaged: ${what} is not JSON.`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new BackupError(`The backup is damaged: ${what} is not one.`);
  return parsed.data;
}

/**
 * Parses a backup's first line.
 *
 * @throws BackupError when it is none, or of a newer format
 */
export function parseBackupHeader(line: string): BackupHeader {
  const format = /^\{"echoquorumBackup":(\d{1,6}),/.exec(line)?.[1];
  if (format === undefined) throw new BackupError("This is not a backup of Echoquorum.");
  if (Number(format) > BACKUP_FORMAT) {
    throw new BackupError(
      `The backup has the format ${format}; this release reads up to ${BACKUP_FORMAT}.`,
    );
  }
  return parseLine(line, backupHeaderSchema, "its header");
}

/** How far a file has been read. */
export interface ReadingState {
  /** Lines so far. */
  lines: number;
  rows: number;
  /** Null: the end has been read, and the file is sound. */
  digest: SavedDigest | null;
}

/** Reads a backup, line by line; the whole is known to be sound only once it has come to its end. */
export class BackupReader {
  #lines: number;
  #rows: number;
  /** Null: the end has been read. */
  #digest: ResumableDigest | null;

  /** @param state where another reader of the same file has stopped; absent: at its beginning */
  constructor(state: ReadingState = { lines: 0, rows: 0, digest: new ResumableDigest().save() }) {
    this.#lines = state.lines;
    this.#rows = state.rows;
    this.#digest = state.digest === null ? null : ResumableDigest.resume(state.digest);
  }

  /** Where another reader may go on. */
  get state(): ReadingState {
    return { lines: this.#lines, rows: this.#rows, digest: this.#digest?.save() ?? null };
  }

  /**
   * Takes the next line, without its end.
   *
   * @returns its row; null: it is the header, or the end
   * @throws BackupError when the file is damaged, or none
   */
  take(line: string): BackupRow | null {
    const digest = this.#digest;
    if (digest === null)
      throw new BackupError("The backup is damaged: there is more behind its end.");
    this.#lines += 1;
    if (line.startsWith('{"end":')) {
      const { end } = parseLine(line, endSchema, "its end");
      if (end.rows !== this.#rows || end.sha256 !== digest.hex()) {
        throw new BackupError("The backup is damaged: its checksum does not fit its contents.");
      }
      this.#digest = null;
      return null;
    }
    digest.add(`${line}\n`);
    if (this.#lines === 1) {
      parseBackupHeader(line);
      return null;
    }
    this.#rows += 1;
    return parseLine(line, rowSchema, `line ${this.#lines}`);
  }

  /**
   * Notes that there are no more lines.
   *
   * @throws BackupError when the file is cut short
   */
  finish(): void {
    if (this.#digest === null) return;
    throw new BackupError("The backup is cut short: its end is missing.");
  }
}

/**
 * Reads a backup, and yields its rows.
 *
 * @param lines without their ends, the header first
 * @throws BackupError when the file is damaged, cut short, or none
 */
export function* readBackup(lines: Iterable<string>): Generator<BackupRow> {
  const reader = new BackupReader();
  for (const line of lines) {
    const row = reader.take(line);
    if (row !== null) yield row;
  }
  reader.finish();
}
