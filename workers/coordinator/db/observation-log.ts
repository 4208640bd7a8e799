/**
 * One monitor's observations, read out of the packed runs of the log in D1.
 *
 * SQLite unpacks the rows, so that only the observations asked for leave the database. Reading goes
 * backwards through the log's primary key and ends at the page's last row.
 */
import { z } from "zod";
import type { Observation } from "../../../shared/probe/observation.ts";
import type { RunRow } from "../../../shared/probe/run.ts";
import { decodeRun } from "../../../shared/probe/run.ts";

/**
 * How long after its scheduled time an observation may begin, in milliseconds: a cron's wall time.
 * Rows that were scheduled so much before the first moment asked for are looked at too.
 */
const LATENESS_MAX_MS = 15 * 60_000;

/** How far a probe's clock may be behind that of whoever scheduled its run, in milliseconds. */
const CLOCK_SKEW_MAX_MS = 60_000;

/** Position in the log: the row after which reading goes on. */
const positionSchema = z.tuple([z.int(), z.string(), z.string()]);

/** What to read. */
export interface ObservationQuery {
  monitor: string;
  /** Only observations that began at or after this moment. */
  sinceMs: number;
  /** Rows of the log to return at most; a row holds one observation of a monitor. */
  limit: number;
  /** Where an earlier page ended; null: from the newest on. */
  cursor: string | null;
}

/** A page of observations, newest first. */
export interface ObservationPage {
  observations: Observation[];
  /** For the next page; null: there is none. */
  nextCursor: string | null;
}

/** The entries of a row: of a digested one those of its digest. */
const ENTRIES = "COALESCE(runs.digest, runs.observations)";
/**
 * The entries about monitor `?1`, each as a row of its own. Rows in which it does not occur are left
 * out by searching their text for its name, before they are unpacked: D1 counts, and bills, every
 * unpacked entry as a row read.
 */
const entriesSql = (window: string) => `
  SELECT scheduled_at_ms, region, lane, runs.started_at_ms, finished_at_ms, colo, config_version,
    '[' || CASE WHEN digest IS NULL THEN entry.value
      ELSE '' END || ']' AS observations,
    CASE WHEN digest IS NULL THEN NULL ELSE '[' || entry.value || ']' END AS digest,
    '[' || json_extract(evidence, '$[' || entry.key || ']') || ']' AS evidence
  FROM runs,
    json_each(CASE WHEN json_valid(${ENTRIES}) AND json_valid(COALESCE(evidence, '[]'))
      THEN ${ENTRIES} ELSE '[]' END) AS entry
  WHERE ${window}
    AND instr(${ENTRIES}, CASE WHEN digest IS NULL THEN ?2 ELSE ?3 END) > 0
    AND entry.value ->> (CASE WHEN digest IS NULL THEN 'monitor' ELSE '$[0]' END) = ?1
    AND entry.value ->> (CASE WHEN digest IS NULL THEN 'startedAtMs' ELSE '$[1]' END)`;

/** Values of the first parameters of a statement of {@link entriesSql}. */
function monitorValues(monitor: string): string[] {
  const name = JSON.stringify(monitor);
  return [monitor, `"monitor":${name}`, `[${name},`];
}

const LOAD_SQL = `
  ${entriesSql("scheduled_at_ms >= ?5 AND (scheduled_at_ms, region, lane) < (?6, ?7, ?8)")} >= ?4
  ORDER BY scheduled_at_ms DESC, region DESC, lane DESC
  LIMIT ?9`;

/** Whether a text is a cursor that {@link loadObservations} gave. */
export function isCursor(text: string): boolean {
  return parseCursor(text) !== null;
}

/** Reads one page. */
export async function loadObservations(
  db: D1Database,
  query: ObservationQuery,
): Promise<ObservationPage> {
  const [beforeMs, region, lane] = parseCursor(query.cursor ?? "") ?? NEWEST;
  const { results } = await db
    .prepare(LOAD_SQL)
    .bind(
      ...monitorValues(query.monitor),
      query.sinceMs,
      query.sinceMs - LATENESS_MAX_MS,
      beforeMs,
      region,
      lane,
      query.limit + 1,
    )
    .all<RunRow>();
  const rows = results.slice(0, query.limit);
  const last = rows.at(-1);
  return {
    observations: rows
      .flatMap((row) => decodeRun(row).observations)
      .sort((a, b) => b.startedAtMs - a.startedAtMs),
    nextCursor: results.length > query.limit && last !== undefined ? encodeCursor(last) : null,
  };
}

const LOAD_ONE_SQL = `
  ${entriesSql("scheduled_at_ms BETWEEN ?5 AND ?6 AND region = ?7")} = ?4
  LIMIT 1`;

/** What tells one observation of the log from the others. */
export interface ObservationKey {
  monitor: string;
  region: string;
  startedAtMs: number;
}

/** Reads one observation; null: there is none. */
export async function loadObservation(
  db: D1Database,
  { monitor, region, startedAtMs }: ObservationKey,
): Promise<Observation | null> {
  const row = await db
    .prepare(LOAD_ONE_SQL)
    .bind(
      ...monitorValues(monitor),
      startedAtMs,
      startedAtMs - LATENESS_MAX_MS,
      startedAtMs + CLOCK_SKEW_MAX_MS,
      region,
    )
    .first<RunRow>();
  return row === null ? null : (decodeRun(row).observations[0] ?? null);
}

/** A position that is after every row. */
const NEWEST = [Number.MAX_SAFE_INTEGER, "", ""] as const;

function encodeCursor(row: RunRow): string {
  return `${row.scheduled_at_ms}/${row.region}/${row.lane}`;
}

function parseCursor(text: string): z.output<typeof positionSchema> | null {
  const [scheduledAt = "", ...rest] = text.split("/");
  const parsed = positionSchema.safeParse([
    /^\d+$/.test(scheduledAt) ? Number(scheduledAt) : null,
    ...rest,
  ]);
  return parsed.success ? parsed.data : null;
}
