/**
 * The part of a backup that lies in D1: reads the rows of its tables, and writes them again. Rows are
 * taken as they are; which tables belong to a backup is said here, and every table is in one list.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { NetworkShape } from "./config-store.ts";
import { republishStatements } from "./config-store.ts";

/** What people have configured, by primary key: written in one transaction. */
export const CONFIGURATION_TABLES = {
  monitors: ["id"],
  placements: ["id"],
  channels: ["id"],
  maintenances: ["id"],
  alert_policy: ["id"],
  silences: ["id"],
  written_incidents: ["id"],
  incident_templates: ["id"],
  pages: ["id"],
  subscriptions: ["id"],
  published_config: ["id"],
} as const;

/** What has happened, by primary key: written in portions. */
export const HISTORY_TABLES = {
  incidents: ["id"],
  transitions: ["id"],
  deliveries: ["id"],
  rollup_blocks: ["resolution", "monitor", "start_ms"],
} as const;

/** What may be much, and is read in pages: a subscription means nothing to another. */
const PAGED_TABLES = { subscriptions: CONFIGURATION_TABLES.subscriptions, ...HISTORY_TABLES };
type PagedTable = keyof typeof PAGED_TABLES;

/** Not in a backup: the raw log, what is made anew, and what an older release left behind. */
export const LEFT_OUT_TABLES = [
  "runs",
  "snapshots",
  "rollups",
  "subscription_attempts",
  "restored_rows",
  "d1_migrations",
] as const;

type Row = BackupRow["row"];

/** Bytes of rows that one query brings, and a row more; of queries a request has a limited number. */
export const PAGE_BYTES = 4_000_000;
/** What a row has beside its longest columns, about. */
const ROW_BYTES = 400;
/** Rows that a page is taken from, each read for its length: at first, and how many at least and most. */
const CHOICE = { first: 2_000, min: 200, max: 10_000 };
/** Rows handed on at once. */
const HANDED_ROWS = 200;
/** Characters of rows passed in one parameter, which may hold 2 MB; one row is always passed. */
const PORTION_CHARACTERS_MAX = 500_000;
/** Rows of each table that are deleted at once. */
const CLEARED_ROWS = 2_000;
const COLUMN = /^[a-z][a-z0-9_]*$/;

/** Name of the newest migration that was applied. */
export async function newestMigration(db: D1Database): Promise<string> {
  const row = await db
    .prepare("SELECT name FROM d1_migrations ORDER BY name DESC LIMIT 1")
    .first<{ name: string }>();
  return row?.name ?? "";
}

/** Rows of the configuration but subscriptions, all of one moment. */
export async function loadConfigurationRows(db: D1Database): Promise<BackupRow[]> {
  const tables = Object.keys(CONFIGURATION_TABLES).filter((table) => !(table in PAGED_TABLES));
  const results = await db.batch<Row>(
    tables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY id`)),
  );
  return results.flatMap(({ results: rows }, index) =>
    rows.map((row) => ({ in: "d1" as const, table: tables[index] ?? "", row })),
  );
}

/** All other rows, some at a time. */
export async function* loadPagedRows(db: D1Database): AsyncGenerator<BackupRow[]> {
  for (const table of Object.keys(PAGED_TABLES) as PagedTable[]) {
    let choice = CHOICE.first;
    let last: Row | null = null;
    do {
      const page: Page = await loadPage(db, table, last, choice);
      for (let from = 0; from < page.rows.length; from += HANDED_ROWS) {
        const rows = page.rows.slice(from, from + HANDED_ROWS);
        yield rows.map((row) => ({ in: "d1" as const, table, row }));
      }
      last = page.next;
      // Rows of one table are about as long as the others.
      choice = Math.min(Math.max(2 * page.rows.length, CHOICE.min), CHOICE.max);
    } while (last !== null);
  }
}

interface Page {
  rows: Row[];
  /** Behind which row the next begins; null: there is none. */
  next: Row | null;
}

/** Rows behind one, of the next so many those that fit into a page. */
async function loadPage(
  db: D1Database,
  table: PagedTable,
  after: Row | null,
  choice: number,
): Promise<Page> {
  const key: readonly string[] = PAGED_TABLES[table];
  const columns = key.join(", ");
  const long = table === "subscriptions" ? ["target", "monitors"] : ["body"];
  // This reads no more of a long value than how long it is.
  const bytes = long.map((column) => `coalesce(octet_length(${column}), 0)`).join(" + ");
  const behind = after === null ? "" : `WHERE (${columns}) > (${key.map(() => "?").join(", ")})`;
  const { results } = await db
    .prepare(
      `SELECT page.until, ${table}.* FROM (
         SELECT ${columns}, bytes, SUM(bytes) OVER (ORDER BY ${columns}) AS until
         FROM (
           SELECT ${columns}, ${ROW_BYTES} + ${bytes} AS bytes FROM ${table} ${behind}
           ORDER BY ${columns} LIMIT ${choice}
         )
       ) AS page JOIN ${table} USING (${columns})
       WHERE page.until - page.bytes < ${PAGE_BYTES}
       ORDER BY ${key.map((column) => `page.${column}`).join(", ")}`,
    )
    .bind(...(after === null ? [] : key.map((column) => after[column] ?? null)))
    .all<Row & { until: number }>();
  const rows = results.map(({ until: _until, ...row }): Row => row);
  const isLast = rows.length < choice && (results.at(-1)?.until ?? 0) < PAGE_BYTES;
  return { rows, next: isLast ? null : (rows.at(-1) ?? null) };
}

/** Whether nothing was configured yet. */
export async function isUnconfigured(db: D1Database): Promise<boolean> {
  const row = await db
    .prepare(
      `SELECT (SELECT COUNT(*) FROM monitors) + (SELECT COUNT(*) FROM channels)
         + (SELECT COUNT(*) FROM maintenances) + (SELECT COUNT(*) FROM alert_policy)
         + (SELECT COUNT(*) FROM silences) + (SELECT COUNT(*) FROM written_incidents)
         + (SELECT COUNT(*) FROM incident_templates) + (SELECT COUNT(*) FROM pages)
         + (SELECT COUNT(*) FROM subscriptions WHERE state <> 'ended') AS entries`,
    )
    .first<{ entries: number }>();
  return row?.entries === 0;
}

/** Rows as JSON arrays, in portions that fit into a parameter. */
function* portionsOf(rows: readonly Row[]): Generator<string> {
  let portion: string[] = [];
  let characters = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (characters + text.length > PORTION_CHARACTERS_MAX && portion.length > 0) {
      yield `[${portion.join(",")}]`;
      [portion, characters] = [[], 0];
    }
    portion.push(text);
    characters += text.length;
  }
  if (portion.length > 0) yield `[${portion.join(",")}]`;
}

/**
 * Deletes some of the history, and of what an earlier restore has left, as the first step of writing
 * it anew; resolves with whether nothing is left.
 */
export async function clearHistory(db: D1Database): Promise<boolean> {
  const keys = { ...HISTORY_TABLES, snapshots: ["id"], restored_rows: ["of_table", "id"] };
  const results = await db.batch(
    Object.entries(keys).map(([table, key]) =>
      db.prepare(
        `DELETE FROM ${table} WHERE (${key.join(", ")}) IN
           (SELECT ${key.join(", ")} FROM ${table} LIMIT ${CLEARED_ROWS})`,
      ),
    ),
  );
  return results.every(({ meta }) => meta.changes === 0);
}

/** Writes rows of one table of the history; repeating it is harmless. */
export async function saveHistoryRows(
  db: D1Database,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  if (!Object.hasOwn(HISTORY_TABLES, table)) throw new RangeError(`${table} is no history`);
  const columns = Object.keys(rows[0] ?? {}).filter((column) => COLUMN.test(column));
  const statement = db.prepare(
    `INSERT OR REPLACE INTO ${table} (${listOf(columns)})
     SELECT ${valuesOf(columns, "value")} FROM json_each(?)`,
  );
  for (const portion of portionsOf(rows)) await statement.bind(portion).run();
}

/** Lays rows of the configuration ready for {@link replaceConfiguration}; repeating it is harmless. */
export async function stageConfigurationRows(
  db: D1Database,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  if (!Object.hasOwn(CONFIGURATION_TABLES, table)) {
    throw new RangeError(`${table} is no configuration`);
  }
  const statement = db.prepare(
    `INSERT OR REPLACE INTO restored_rows (of_table, id, body)
     SELECT ?, value ->> 'id', value FROM json_each(?)`,
  );
  // Of what was published only the version counts: it is published anew.
  const needed = ({ id = null, version = null }: Row) => ({ id, version });
  const staged = table === "published_config" ? rows.map(needed) : rows;
  for (const portion of portionsOf(staged)) await statement.bind(table, portion).run();
}

function listOf(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(", ");
}

/** The columns' values in a JSON object. */
function valuesOf(columns: readonly string[], object: string): string {
  return columns.map((column) => valueOf(column, object)).join(", ");
}

function valueOf(column: string, object: string): string {
  return `${object} ->> '${column}'`;
}

/** Which rows go, and which come, where a table is replaced; and values that are not taken as they are. */
interface Replacement {
  deleted: string;
  inserted: string;
  values: Readonly<Record<string, string>>;
}

const EVERY_ROW: Replacement = { deleted: "", inserted: "", values: {} };
const REPLACED: Readonly<Record<string, Replacement>> = {
  subscriptions: {
    // Whoever has left since the backup was made stays away, for as long as it is remembered.
    deleted: "AND state <> 'ended'",
    inserted: "AND id NOT IN (SELECT id FROM subscriptions)",
    // An address that was subscribed anew while its old key was missing has two, which have one digest
    // under one key: it is that of the one that is active, or newer. Both can be told and ended.
    values: {
      digest: `iif(row_number() OVER (
        PARTITION BY body ->> 'digest'
        ORDER BY body ->> 'state' = 'active' DESC, body ->> 'created_at_ms' DESC, id
      ) = 1, body ->> 'digest', NULL)`,
    },
  },
};
/** Whether this restore has not been here before: afterwards nothing is laid ready any more. */
const IS_FIRST = "NOT EXISTS (SELECT 1 FROM restored_rows WHERE of_table = '' AND id = ?1)";

/** Whether the configuration is the one that a restore has put there. */
export async function isConfigurationOf(db: D1Database, restore: string): Promise<boolean> {
  const sql = "SELECT 1 FROM restored_rows WHERE of_table = '' AND id = ?";
  return (await db.prepare(sql).bind(restore).first()) !== null;
}

/**
 * Replaces the whole configuration by what was laid ready and publishes it, under a version above both
 * the present and the restored one, in one transaction. Repeating it is harmless.
 *
 * @param restore id of the restore
 */
export async function replaceConfiguration(
  db: D1Database,
  restore: string,
  network: NetworkShape,
  nowMs: number,
): Promise<void> {
  const tables = Object.keys(CONFIGURATION_TABLES).filter((table) => table !== "published_config");
  const described = await db.batch<{ name: string }>(
    tables.map((table) => db.prepare(`PRAGMA table_info(${table})`)),
  );
  const statements = tables.flatMap((table, index) => {
    const columns = described[index]?.results.map(({ name }) => name) ?? [];
    const { deleted, inserted, values } = REPLACED[table] ?? EVERY_ROW;
    return [
      `DELETE FROM ${table} WHERE ${IS_FIRST} ${deleted}`,
      `INSERT OR REPLACE INTO ${table} (${listOf(columns)})
       SELECT ${columns.map((name) => values[name] ?? valueOf(name, "body")).join(", ")}
       FROM restored_rows
       WHERE of_table = '${table}' AND ${IS_FIRST} ${inserted}`,
    ].map((sql) => db.prepare(sql).bind(restore));
  });
  statements.push(
    db
      .prepare(
        `INSERT INTO published_config (id, version, published_at_ms, body)
         SELECT 1, coalesce(max(body ->> 'version'), 0), ?, '{}' FROM restored_rows
         WHERE of_table = 'published_config'
         ON CONFLICT (id) DO UPDATE SET version = max(version, excluded.version)`,
      )
      .bind(nowMs),
    ...republishStatements(db, network, nowMs),
    db.prepare("DELETE FROM restored_rows"),
    db.prepare("INSERT INTO restored_rows (of_table, id) VALUES ('', ?)").bind(restore),
  );
  await db.batch(statements);
}
