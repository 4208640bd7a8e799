/**
 * Counts what the object writes to its own SQLite, as an estimate of what is billed: each changed row
 * once, and once more for every index of its table, although a change may leave an index alone. Only
 * the index of the key is left out where a row is known to be replaced under it.
 */
import type { ObjectDatabase, SqlRow } from "../../../workers/coordinator/object/database.ts";

const WRITE = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(\w+)/i;
const REPLACE = /\sON CONFLICT\s.*\sDO UPDATE\s/is;

/** Indexes of a table. */
interface Indexes {
  /** 1: its key is one, 0: the table is its key. */
  key: number;
  others: number;
}

/** A database of the object that counts. */
export class CountedStorage implements ObjectDatabase {
  readonly #database: ObjectDatabase;
  readonly #indexes = new Map<string, Indexes>();
  /** Rows written so far, entries of indexes included. */
  rowsWritten = 0;

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  query(...statement: Parameters<ObjectDatabase["query"]>): SqlRow[] {
    const table = WRITE.exec(statement[0])?.[1];
    if (table === undefined) return this.#database.query(...statement);
    const { key, others } = this.#indexesOf(table);
    const replaces = key > 0 && REPLACE.test(statement[0]);
    const before = { changes: this.#changes(), rows: replaces ? this.#rowsOf(table) : 0 };
    const rows = this.#database.query(...statement);
    const changed = this.#changes() - before.changes;
    const keysWritten = replaces ? this.#rowsOf(table) - before.rows : changed;
    this.rowsWritten += changed * (1 + others) + keysWritten * key;
    return rows;
  }

  transaction(action: () => void): void {
    this.#database.transaction(action);
  }

  #changes(): number {
    return Number(this.#database.query("SELECT total_changes() AS changes")[0]?.["changes"]);
  }

  #rowsOf(table: string): number {
    return Number(this.#database.query(`SELECT COUNT(*) AS rows FROM ${table}`)[0]?.["rows"]);
  }

  /** A table WITHOUT ROWID is its primary key, any other has an index for one of text. */
  #indexesOf(table: string): Indexes {
    const known = this.#indexes.get(table);
    if (known !== undefined) return known;
    const [row] = this.#database.query(
      `SELECT COUNT(*) FILTER (WHERE origin = 'pk') * (1 - wr) AS key,
         COUNT(*) FILTER (WHERE origin <> 'pk') AS others
       FROM pragma_table_list(?1) LEFT JOIN pragma_index_list(?1)`,
      table,
    );
    const indexes = { key: Number(row?.["key"]), others: Number(row?.["others"]) };
    this.#indexes.set(table, indexes);
    return indexes;
  }
}
