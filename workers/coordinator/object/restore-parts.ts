/**
 * The rows of a restore that belong into D1, as lines in the object's storage until they can be
 * written there: what a part of the file had of them is one entry, read a piece at a time.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { ObjectDatabase, SqlRow } from "./database.ts";
import { cut } from "./database.ts";

/** The staged lines. */
export class RestoreParts {
  readonly #database: ObjectDatabase;

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  /** Stores what a part has for D1; inside of a transaction. */
  save(part: number, lines: readonly string[]): void {
    for (const [piece, body] of cut(lines.join("\n")).entries()) {
      const sql = "INSERT INTO restore_parts (part, piece, body) VALUES (?, ?, ?)";
      this.#database.query(sql, part, piece, body);
    }
  }

  /** Number of the first; null: there is none any more. */
  first(): number | null {
    const [row] = this.#database.query("SELECT MIN(part) AS part FROM restore_parts");
    return row?.["part"] == null ? null : Number(row["part"]);
  }

  /** Rows of a part, in their order, with how long their lines were in characters. */
  *rows(part: number): Generator<{ entry: BackupRow; characters: number }> {
    /** The last line so far, whose end may be in the next piece. */
    let begun: string[] = [];
    for (let piece = 0; ; piece += 1) {
      const [row]: SqlRow[] = this.#database.query(
        "SELECT body FROM restore_parts WHERE part = ? AND piece = ?",
        part,
        piece,
      );
      if (row === undefined) break;
      const lines = String(row["body"]).split("\n");
      const last = lines.pop() ?? "";
      for (const line of lines) {
        yield decode(begun.join("") + line);
        begun = [];
      }
      begun.push(last);
    }
    if (begun.length > 0) yield decode(begun.join(""));
  }

  /** Forgets one that is written. */
  drop(part: number): void {
    this.#database.query("DELETE FROM restore_parts WHERE part = ?", part);
  }

  /** Forgets all. */
  clear(): void {
    this.#database.query("DELETE FROM restore_parts");
  }
}

/** The lines were parsed when they were taken in. */
function decode(line: string): { entry: BackupRow; characters: number } {
  return { entry: JSON.parse(line) as BackupRow, characters: line.length };
}
