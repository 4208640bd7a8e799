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

/** Not in a backup: the raw log, what is made anew, and what an older release left behind. */
export const LEFT_OUT_TABLES = [
  "runs",
  "snapshots",
  "rollups",
  "subscription_attempts",
  "d1_migrations",
] as const;

type Row = BackupRow["row"];

const PAGE_ROWS = 200;
/** Characters of rows passed in one parameter, which may hold 2 MB; one row is always passed. */
const PORTION_CHARACTERS_MAX = 500_000;
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

/** All other rows, in pages. */
export async function* loadPagedRows(db: D1Database): AsyncGenerator<BackupRow[]> {
  for (const [table, key] of Object.entries(PAGED_TABLES)) {
    const columns = key.join(", ");
    const marks = key.map(() => "?").join(", ");
    let last: Row | undefined;
    do {
      const after = last === undefined ? "" : `WHERE (${columns}) > (${marks})`;
      const { results }: D1Result<Row> = await db
        .prepare(`SELECT * FROM ${table} ${after} ORDER BY ${columns} LIMIT ${PAGE_ROWS}`)
        .bind(...key.flatMap((column) => (last === undefined ? [] : [last[column] ?? null])))
        .all<Row>();
      yield results.map((row) => ({ in: "d1" as const, table, row }));
      last = results.length < PAGE_ROWS ? undefined : results.at(-1);
    } while (last !== undefined);
  }
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

/** Statements that insert rows of one table, in portions that fit into a parameter. */
function* insertStatements(
  db: D1Database,
  table: string,
  rows: readonly Row[],
  condition = "",
): Generator<D1PreparedStatement> {
  let portion: string[] = [];
  let characters = 0;
  const columns = Object.keys(rows[0] ?? {}).filter((column) => COLUMN.test(column));
  const sql = `INSERT OR REPLACE INTO ${table} (${columns.map((column) => `"${column}"`).join(", ")})
    SELECT ${columns.map((column) => `value ->> '${column}'`).join(", ")} FROM json_each(?) ${condition}`;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (characters + text.length > PORTION_CHARACTERS_MAX && portion.length > 0) {
      yield db.prepare(sql).bind(`[${portion.join(",")}]`);
      [portion, characters] = [[], 0];
    }
    portion.push(text);
    characters += text.length;
  }
  if (portion.length > 0) yield db.prepare(sql).bind(`[${portion.join(",")}]`);
}

/** Empties the history, as the first step of writing it anew. */
export async function clearHistory(db: D1Database): Promise<void> {
  const tables = [...Object.keys(HISTORY_TABLES), "snapshots"];
  await db.batch(tables.map((table) => db.prepare(`DELETE FROM ${table}`)));
}

/** Writes rows of one table of the history; repeating it is harmless. */
export async function saveHistoryRows(
  db: D1Database,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  if (!Object.hasOwn(HISTORY_TABLES, table)) throw new RangeError(`${table} is no history`);
  for (const statement of insertStatements(db, table, rows)) await statement.run();
}

/** Which rows go, and which come, where a table is replaced. */
const EVERY_ROW = { deleted: "", inserted: "" };
/** Whoever has left since the backup was made stays away, for as long as it is remembered. */
const ENDED_STAYS = {
  deleted: "WHERE state <> 'ended'",
  inserted: "WHERE value ->> 'id' NOT IN (SELECT id FROM subscriptions)",
};

/**
 * Replaces the whole configuration and publishes it, under a version above both the present and the
 * restored one, in one transaction.
 */
export async function replaceConfiguration(
  db: D1Database,
  rows: ReadonlyMap<string, readonly Row[]>,
  network: NetworkShape,
  nowMs: number,
): Promise<void> {
  const statements: D1PreparedStatement[] = [];
  for (const table of Object.keys(CONFIGURATION_TABLES)) {
    if (table === "published_config") continue;
    const { deleted, inserted } = table === "subscriptions" ? ENDED_STAYS : EVERY_ROW;
    statements.push(db.prepare(`DELETE FROM ${table} ${deleted}`));
    statements.push(...insertStatements(db, table, rows.get(table) ?? [], inserted));
  }
  const version = Number(rows.get("published_config")?.[0]?.["version"] ?? 0);
  statements.push(
    db
      .prepare(
        `INSERT INTO published_config (id, version, published_at_ms, body) VALUES (1, ?, ?, '{}')
         ON CONFLICT (id) DO UPDATE SET version = max(version, excluded.version)`,
      )
      .bind(version, nowMs),
    ...republishStatements(db, network, nowMs),
  );
  await db.batch(statements);
}
