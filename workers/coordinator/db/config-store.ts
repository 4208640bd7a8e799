/**
 * The configuration in D1: monitors, and the published row that probes and coordinator work by, of
 * which windows of maintenance are a part too.
 *
 * Every change is one D1 batch, hence one transaction: the write, and the statement that publishes
 * the next version. That statement builds the body in SQL from the tables themselves, so two changes
 * at once can never publish a configuration that lacks one of them. This module validates nothing:
 * it takes what the API has validated, and knows nothing of HTTP.
 */
import { and, asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { MAINTENANCE_PUBLISHED_MS } from "../../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { monitorSchema } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig, PublishedRow } from "../../../shared/monitor/published-config.ts";
import {
  READ_PUBLISHED_SQL,
  joinPublished,
  publishedConfigSchema,
} from "../../../shared/monitor/published-config.ts";
import { DIGESTED_FORM } from "../../../shared/probe/run.ts";
import { placeStatements } from "./placement-store.ts";
import { monitors } from "./schema.ts";

/** What the deployment itself adds to the published configuration. */
export interface NetworkShape {
  /** Active regions in the order in which they are staggered. */
  regions: readonly string[];
  /** Interval of monitors that set none, in milliseconds. */
  defaultIntervalMs: number;
  /** Number of coordinators among which monitors are divided. */
  coordinators: number;
}

/** A monitor as it was read, to be given back when it is replaced. */
export interface StoredMonitor {
  monitor: Monitor;
  /** Opaque; differs after any change. */
  revision: string;
}

/** What became of a conditional write. */
export type WriteOutcome = "written" | "conflict";

/** The row's id: there is exactly one. */
const PUBLISHED_ID = 1;

/** Bytes of monitors in a row, of which D1 takes 2 MB; the last of them may be over. */
const PART_BYTES = 1_000_000;

/** Every monitor in its order, and the part that it falls into: 0, 1, … */
const PARTS_SQL = `
  SELECT definition, (
    SUM(octet_length(definition)) OVER (ORDER BY created_at_ms, id) - octet_length(definition)
  ) / ${PART_BYTES} AS part
  FROM monitors ORDER BY created_at_ms, id`;

/**
 * Builds the body from the tables; the first version, or the one after the present. Windows of
 * maintenance are left out once long over, and the field where there are none. Parameters: row id,
 * regions as JSON, default interval, now.
 */
const REPUBLISH_SQL = `
  INSERT INTO published_config (id, version, published_at_ms, log_form, body)
  SELECT ?1, 1, ?4, ${DIGESTED_FORM}, json_patch(
    json_object(
      'version', 1,
      'regions', json(?2),
      'defaultIntervalMs', ?3,
      'monitors', (SELECT json_group_array(json(definition)) FROM (${PARTS_SQL}) WHERE part = 0)
    ),
    (
      SELECT iif(
        count(*) = 0,
        json_object(),
        json_object('maintenances', json_group_array(json(definition)))
      )
      FROM (
        SELECT definition FROM maintenances
        WHERE ends_at_ms > ?4 - ${MAINTENANCE_PUBLISHED_MS}
        ORDER BY json_extract(definition, '$.startsAtMs'), id
      )
    )
  )
  WHERE true
  ON CONFLICT (id) DO UPDATE SET
    version = published_config.version + 1,
    published_at_ms = excluded.published_at_ms,
    log_form = excluded.log_form,
    body = json_set(excluded.body, '$.version', published_config.version + 1)`;

/** The rows behind the first, if it cannot hold all monitors. Parameter: the first row's id. */
const REPUBLISH_REST_SQL = [
  "DELETE FROM published_config WHERE id > ?1",
  `INSERT INTO published_config (id, version, published_at_ms, body)
   SELECT ?1 + part, version, published_at_ms, more
   FROM (
     SELECT part, json_group_array(json(definition)) AS more FROM (${PARTS_SQL})
     WHERE part > 0 GROUP BY part
   ), (SELECT version, published_at_ms FROM published_config WHERE id = ?1)`,
] as const;

/** Condition with the parameters of {@link REPUBLISH_SQL}: the row is as this deployment has it. */
const IS_CURRENT_SQL = `
  json_extract(published_config.body, '$.regions') = json(?2)
  AND json_extract(published_config.body, '$.defaultIntervalMs') = ?3
  AND published_config.log_form IS ${DIGESTED_FORM}`;

function bindRepublish(statement: D1PreparedStatement, network: NetworkShape, nowMs: number) {
  const { regions, defaultIntervalMs } = network;
  return statement.bind(PUBLISHED_ID, JSON.stringify(regions), defaultIntervalMs, nowMs);
}

/** The statements that publish the next version, for a batch with what it is to contain. */
export function republishStatements(
  db: D1Database,
  network: NetworkShape,
  nowMs: number,
  where = "",
): D1PreparedStatement[] {
  return [
    bindRepublish(db.prepare(REPUBLISH_SQL + where), network, nowMs),
    ...REPUBLISH_REST_SQL.map((text) => db.prepare(text).bind(PUBLISHED_ID)),
  ];
}

/** A query that drizzle has built, as a statement for a batch with others. */
function prepare(db: D1Database, query: { toSQL(): { sql: string; params: unknown[] } }) {
  const { sql: text, params } = query.toSQL();
  return db.prepare(text).bind(...params);
}

/**
 * Makes a change and publishes the next version, in one transaction.
 *
 * @param query a write that drizzle has built
 * @param before what is to be written before it
 * @returns whether the write changed a row
 */
export async function writeAndPublish(
  db: D1Database,
  query: { toSQL(): { sql: string; params: unknown[] } },
  network: NetworkShape,
  nowMs: number,
  before: readonly D1PreparedStatement[] = [],
): Promise<boolean> {
  const results = await db.batch([
    ...before,
    prepare(db, query),
    ...republishStatements(db, network, nowMs),
  ]);
  const written = results[before.length];
  return written !== undefined && written.meta.changes > 0;
}

/**
 * Loads the published configuration; null when nothing has been published yet.
 *
 * @throws ZodError when the row was written by an incompatible release
 */
export async function loadPublishedConfig(db: D1Database): Promise<PublishedConfig | null> {
  return new PublishedReader(db).load();
}

/** Reads the published configuration again and again, as a whole only when it has changed. */
export class PublishedReader {
  readonly #db: D1Database;
  #known: { row: PublishedRow; config: PublishedConfig } | null = null;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** As {@link loadPublishedConfig}; while nothing has changed always the same object. */
  async load(): Promise<PublishedConfig | null> {
    const known = this.#known;
    const { results } = await this.#db
      .prepare(READ_PUBLISHED_SQL)
      .bind(known?.row.version ?? null, known?.row.published_at_ms ?? null)
      .all<PublishedRow & Record<string, unknown>>();
    const [row] = results;
    if (row === undefined) return null;
    if (row.body === null && known !== null) return known.config;
    const config = publishedConfigSchema.parse(joinPublished(results));
    this.#known = { row: { ...row, body: null }, config };
    return config;
  }
}

/**
 * Publishes for the first time, or anew after a deployment changed the regions, the pace or what it
 * reads of the log; else it reads one row and changes nothing.
 *
 * @returns whether a version was published
 */
export async function ensurePublished(
  db: D1Database,
  network: NetworkShape,
  nowMs: number,
): Promise<boolean> {
  const current = await db
    .prepare(`SELECT version FROM published_config WHERE id = ?1 AND ${IS_CURRENT_SQL}`)
    .bind(PUBLISHED_ID, JSON.stringify(network.regions), network.defaultIntervalMs)
    .first();
  if (current !== null) return false;
  const where = ` WHERE NOT (${IS_CURRENT_SQL})`;
  const [published] = await db.batch(republishStatements(db, network, nowMs, where));
  return published !== undefined && published.meta.changes > 0;
}

/** Publishes the next version whatever has changed. */
export async function publishConfig(
  db: D1Database,
  network: NetworkShape,
  nowMs: number,
): Promise<void> {
  await db.batch(republishStatements(db, network, nowMs));
}

function parseMonitor(definition: string): Monitor {
  return monitorSchema.parse(JSON.parse(definition));
}

/** Every monitor, oldest first. */
export async function listMonitors(db: D1Database): Promise<Monitor[]> {
  const rows = await drizzle(db)
    .select({ definition: monitors.definition })
    .from(monitors)
    .orderBy(asc(monitors.createdAtMs), asc(monitors.id));
  return rows.map((row) => parseMonitor(row.definition));
}

/** When each monitor was created, in epoch milliseconds, by id. */
export async function loadCreationTimes(db: D1Database): Promise<Map<string, number>> {
  const rows = await drizzle(db)
    .select({ id: monitors.id, createdAtMs: monitors.createdAtMs })
    .from(monitors);
  return new Map(rows.map((row) => [row.id, row.createdAtMs]));
}

/** Ids that are `prefix` or begin with it and a hyphen: what a new id must differ from. */
export async function listMonitorIds(db: D1Database, prefix: string): Promise<string[]> {
  const rows = await drizzle(db)
    .select({ id: monitors.id })
    .from(monitors)
    .where(sql`${monitors.id} = ${prefix} OR ${monitors.id} GLOB ${`${prefix}-*`}`);
  return rows.map((row) => row.id);
}

/** One monitor; null when there is none of that id. */
export async function loadMonitor(db: D1Database, id: string): Promise<StoredMonitor | null> {
  const row = await drizzle(db)
    .select({ definition: monitors.definition })
    .from(monitors)
    .where(eq(monitors.id, id))
    .get();
  if (row === undefined) return null;
  return { monitor: parseMonitor(row.definition), revision: row.definition };
}

/** Creates a monitor and publishes; `conflict` when its id is taken. */
export async function createMonitor(
  db: D1Database,
  network: NetworkShape,
  monitor: Monitor,
  nowMs: number,
): Promise<WriteOutcome> {
  const insert = drizzle(db)
    .insert(monitors)
    .values({ ...rowOf(monitor), createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoNothing();
  const placing = await placeStatements(db, monitor, network.coordinators);
  return (await writeAndPublish(db, insert, network, nowMs, placing)) ? "written" : "conflict";
}

/** Replaces a monitor as it was read, and publishes; `conflict` when it has changed since. */
export async function replaceMonitor(
  db: D1Database,
  network: NetworkShape,
  before: StoredMonitor,
  after: Monitor,
  nowMs: number,
): Promise<WriteOutcome> {
  const isUnchanged = eq(monitors.definition, before.revision);
  const update = drizzle(db)
    .update(monitors)
    .set({ ...rowOf(after), updatedAtMs: nowMs })
    .where(and(eq(monitors.id, before.monitor.id), isUnchanged));
  return (await writeAndPublish(db, update, network, nowMs)) ? "written" : "conflict";
}

/** Creates or replaces a monitor, whatever was there, and publishes. */
export async function saveMonitor(
  db: D1Database,
  network: NetworkShape,
  monitor: Monitor,
  nowMs: number,
): Promise<void> {
  const row = rowOf(monitor);
  const upsert = drizzle(db)
    .insert(monitors)
    .values({ ...row, createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoUpdate({ target: monitors.id, set: { ...row, updatedAtMs: nowMs } });
  const placing = await placeStatements(db, monitor, network.coordinators);
  await writeAndPublish(db, upsert, network, nowMs, placing);
}

/** Deletes a monitor and publishes; false when there was none of that id. */
export async function deleteMonitor(
  db: D1Database,
  network: NetworkShape,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const remove = drizzle(db).delete(monitors).where(eq(monitors.id, id));
  return writeAndPublish(db, remove, network, nowMs);
}

function rowOf(monitor: Monitor) {
  return { id: monitor.id, name: monitor.name, definition: JSON.stringify(monitor) };
}
