/**
 * A D1 database that adds up what its own metadata says of every statement: rows written and read,
 * and the time that it took. What a statement costs is never guessed.
 */

/** What statements have cost so far. */
export interface DatabaseCosts {
  statements: number;
  rowsWritten: number;
  rowsRead: number;
  /** Time inside of the database, in milliseconds. */
  durationMs: number;
  /** Size of the database after the last statement. */
  sizeBytes: number;
}

/** A database, with what its statements have cost. */
export interface CountedDatabase {
  db: D1Database;
  costs: DatabaseCosts;
}

/** No costs. */
export function noCosts(): DatabaseCosts {
  return { statements: 0, rowsWritten: 0, rowsRead: 0, durationMs: 0, sizeBytes: 0 };
}

/** A statement whose costs are counted when it runs. */
class CountedStatement {
  readonly statement: D1PreparedStatement;
  readonly #count: (result: D1Result) => void;

  constructor(statement: D1PreparedStatement, count: (result: D1Result) => void) {
    this.statement = statement;
    this.#count = count;
  }

  bind(...values: unknown[]): CountedStatement {
    return new CountedStatement(this.statement.bind(...values), this.#count);
  }

  async run<T>(): Promise<D1Result<T>> {
    const result = await this.statement.run<T>();
    this.#count(result);
    return result;
  }

  all<T>(): Promise<D1Result<T>> {
    return this.run<T>();
  }

  /** Rows as lists, which D1 gives without metadata: of a run, then. No two columns share a name. */
  async raw(): Promise<unknown[][]> {
    const { results } = await this.run<Record<string, unknown>>();
    return results.map((row) => Object.values(row));
  }

  async first<T>(): Promise<T | null> {
    const { results } = await this.run<T>();
    return results[0] ?? null;
  }
}

/** Counts what goes through the returned database; `prepare` and `batch` only. */
export function countCosts(database: D1Database): CountedDatabase {
  const costs = noCosts();
  const count = ({ meta }: D1Result) => {
    costs.statements += 1;
    costs.rowsWritten += meta.rows_written;
    costs.rowsRead += meta.rows_read;
    costs.durationMs += meta.duration;
    costs.sizeBytes = meta.size_after;
  };
  const counted = {
    prepare: (sql: string) => new CountedStatement(database.prepare(sql), count),
    batch: async (statements: CountedStatement[]) => {
      const results = await database.batch(statements.map(({ statement }) => statement));
      for (const result of results) count(result);
      return results;
    },
  };
  return { db: counted as unknown as D1Database, costs };
}
