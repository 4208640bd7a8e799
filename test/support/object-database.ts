/** The object's storage over Node's SQLite, in memory, with a switch that makes commits fail. */
import { DatabaseSync } from "node:sqlite";
import type { ObjectDatabase, SqlRow } from "../../workers/coordinator/object/database.ts";

/** A database that outlives the engines that use it, as a Durable Object's storage does. */
export class TestObjectDatabase implements ObjectDatabase {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  /** While true, transactions are rolled back at their end and throw. */
  failing = false;

  query(sql: string, ...values: Array<string | number | null>): SqlRow[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all(...values) as SqlRow[];
  }

  transaction(action: () => void): void {
    this.#database.exec("BEGIN");
    try {
      action();
      if (this.failing) throw new Error("storage is failing");
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
