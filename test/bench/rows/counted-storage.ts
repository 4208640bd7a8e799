/**
 * Counts what the object writes to its own SQLite, as an estimate of what is billed: each changed row
 * once, and once more for every index of its table, although a change may leave an index alone.
 */
import type { ObjectDatabase, SqlRow } from "../../../workers/coordinator/object/database.ts";

const WRITE = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(\w+)/i;

/** A database of the object that counts. */
export class CountedStorage implements ObjectDatabase {
  readonly #database: ObjectDatabase;
  readonly #indexes = new Map<string, number>();
  /** Rows written so far, entries of indexes included. */
  rowsWritten = 0;

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  query(...statement: Parameters<ObjectDatabase["query"]>): SqlRow[] {
    const table = WRITE.exec(statement[0])?.[1];
    if (table === undefined) return this.#database.query(...statement);
    const before = this.#changes();
    const rows = this.#database.query(...statement);
    this.rowsWritten += (this.#changes() - before) * (1 + this.#indexesOf(table));
    return rows;
  }

  transaction(action: () => void): void {
    this.#database.transaction(action);
  }

  #changes(): number {
    return Number(this.#database.query("SELECT total_changes() AS changes")[0]?.["changes"]);
  }

  /** A table WITHOUT ROWID is its primary key, any other has an index for one of text. */
  #indexesOf(table: string): number {
    const known = this.#indexes.get(table);
    if (known !== undefined) return known;
    const [row] = this.#database.query(
      `SELECT COUNT(*) AS indexes FROM pragma_index_list(?1)
       WHERE origin <> 'pk' OR (SELECT wr FROM pragma_table_list(?1)) = 0`,
      table,
    );
    const indexes = Number(row?.["indexes"]);
    this.#indexes.set(table, indexes);
    return indexes;
  }
}
