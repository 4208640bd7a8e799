/**
 * The SQL that the object's storage speaks, narrowed to what the store needs, so that the store
 * runs alike in the Durable Object and over any SQLite in a test. Synchronous throughout.
 */

/** A value of a row. */
export type SqlValue = string | number | null;
/** A row by column name. */
export type SqlRow = Record<string, SqlValue>;

/** A SQLite database with one writer. */
export interface ObjectDatabase {
  /** Runs one statement and returns its rows. */
  query(sql: string, ...values: SqlValue[]): SqlRow[];
  /** Runs `action` in one transaction: all of it or, when it throws, nothing. */
  transaction(action: () => void): void;
}

/** A database for as long as it is lent: a life that is over can neither read nor write any more. */
export class LentDatabase implements ObjectDatabase {
  readonly #database: ObjectDatabase;
  #over = false;

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  query(sql: string, ...values: SqlValue[]): SqlRow[] {
    if (this.#over) throw new Error("the storage is being restored");
    return this.#database.query(sql, ...values);
  }

  transaction(action: () => void): void {
    if (this.#over) throw new Error("the storage is being restored");
    this.#database.transaction(action);
  }

  /** Takes it back. */
  end(): void {
    this.#over = true;
  }
}

/** Longest stored text in characters; at three bytes each it stays below the 2 MB of a row. */
const PART_CHARACTERS_MAX = 600_000;

/** Cuts a text into parts that fit into a row, never between the halves of a surrogate pair. */
export function cut(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + PART_CHARACTERS_MAX, text.length);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last <= 0xdbff) to -= 1;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}

/** Stores a value as JSON under a name, in as many rows as it takes; null deletes it. */
export function savePacked(database: ObjectDatabase, name: string, value: unknown): void {
  const parts = value === null ? [] : cut(JSON.stringify(value));
  for (const [part, body] of parts.entries()) {
    database.query(
      `INSERT INTO packed (name, part, body) VALUES (?, ?, ?)
       ON CONFLICT (name, part) DO UPDATE SET body = excluded.body`,
      name,
      part,
      body,
    );
  }
  database.query("DELETE FROM packed WHERE name = ? AND part >= ?", name, parts.length);
}

/** Loads every packed value whose name begins with a prefix, by its full name. */
export function loadPacked(database: ObjectDatabase, prefix: string): Map<string, unknown> {
  const bodies = new Map<string, string>();
  const rows = database.query(
    "SELECT name, body FROM packed WHERE substr(name, 1, ?) = ? ORDER BY name, part",
    prefix.length,
    prefix,
  );
  for (const row of rows) {
    const name = String(row["name"]);
    bodies.set(name, (bodies.get(name) ?? "") + String(row["body"]));
  }
  return new Map([...bodies].map(([name, body]) => [name, JSON.parse(body) as unknown]));
}
