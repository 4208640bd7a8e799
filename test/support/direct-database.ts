/**
 * A D1 database behind a Worker that runs what it is sent: one request for each run or batch, where
 * Miniflare's own takes one for every call and blocks Node meanwhile. For many statements.
 */
import type { Miniflare } from "miniflare";

/** The Worker, whose database is bound as `DB`. */
export const DIRECT_WORKER = `export default {
  async fetch(request, { DB }) {
    const statements = await request.json();
    try {
      const prepared = statements.map(({ sql, values }) => DB.prepare(sql).bind(...values));
      return Response.json(await DB.batch(prepared));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};`;

type Send = (statements: readonly DirectStatement[]) => Promise<D1Result[]>;

/** A statement with its values. */
class DirectStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly #send: Send;

  constructor(sql: string, values: readonly unknown[], send: Send) {
    this.sql = sql;
    this.values = values;
    this.#send = send;
  }

  bind(...values: unknown[]): DirectStatement {
    return new DirectStatement(this.sql, values, this.#send);
  }

  async run(): Promise<D1Result> {
    const [result] = await this.#send([this]);
    if (result === undefined) throw new Error("D1 gave no result");
    return result;
  }

  async first(): Promise<unknown> {
    const { results } = await this.run();
    return results[0] ?? null;
  }
}

/** The database of {@link DIRECT_WORKER}; `prepare`, `bind`, `run`, `first` and `batch` only. */
export function directDatabase(miniflare: Miniflare): D1Database {
  const send: Send = async (statements) => {
    const body = JSON.stringify(statements.map(({ sql, values }) => ({ sql, values })));
    const response = await miniflare.dispatchFetch("http://database/", { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as D1Result[];
  };
  const database = {
    prepare: (sql: string) => new DirectStatement(sql, [], send),
    batch: send,
  };
  return database as unknown as D1Database;
}
