/** The object's SQLite, in memory or in a file, with a way to make its transactions fail. */
import type { StatementSync } from "node:sqlite";
import { DatabaseSync } from "node:sqlite";
import type {
  ObjectDatabase,
  SqlRow,
  SqlValue,
} from "../../workers/coordinator/object/database.ts";

/** A database that outlives the objects that use it. */
export class SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @param path of a file that is made; absent: in memory */
  constructor(path = ":memory:") {
    this.#database = new DatabaseSync(path);
    // As the platform has it; nothing here outlives the machine.
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  }

  #run(sql: string, values: SqlValue[]): SqlRow[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all(...values) as SqlRow[];
  }

  /** The database as one life of the object sees it; `interrupt` may throw before a commit. */
  open(interrupt: (moment: "query" | "commit") => void): ObjectDatabase {
    return {
      query: (sql, ...values) => {
        interrupt("query");
        return this.#run(sql, values);
      },
      transaction: (action) => {
        this.#database.exec("BEGIN");
        try {
          action();
          interrupt("commit");
        } catch (error) {
          this.#database.exec("ROLLBACK");
          throw error;
        }
        this.#database.exec("COMMIT");
      },
    };
  }

  close(): void {
    this.#database.close();
  }
}
