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

/**
 * Rows in which the monitor does not occur are left out by searching their text for `?8`, before
 * they are unpacked: D1 counts, and bills, every unpacked entry as a row read.
 */
const LOAD_SQL = `
  SELECT scheduled_at_ms, region, lane, runs.started_at_ms, finished_at_ms, colo, config_version,
    '[' || entry.value || ']' AS observations
  FROM runs,
    json_each(CASE WHEN json_valid(runs.observations) THEN runs.observations ELSE '[]' END) AS entry
  WHERE scheduled_at_ms >= ?1 AND (scheduled_at_ms, region, lane) < (?2, ?3, ?4)
    AND instr(runs.observations, ?8) > 0
    AND entry.value ->> 'monitor' = ?5 AND entry.value ->> 'startedAtMs' >= ?6
  ORDER BY scheduled_at_ms DESC, region DESC, lane DESC
  LIMIT ?7`;

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
      query.sinceMs - LATENESS_MAX_MS,
      beforeMs,
      region,
      lane,
      query.monitor,
      query.sinceMs,
      query.limit + 1,
      `"monitor":${JSON.stringify(query.monitor)}`,
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
  SELECT scheduled_at_ms, region, lane, runs.started_at_ms, finished_at_ms, colo, config_version,
    '[' || entry.value || ']' AS observations
  FROM runs,
    json_each(CASE WHEN json_valid(runs.observations) THEN runs.observations ELSE '[]' END) AS entry
  WHERE scheduled_at_ms BETWEEN ?1 AND ?2 AND region = ?3 AND instr(runs.observations, ?6) > 0
    AND entry.value ->> 'monitor' = ?4 AND entry.value ->> 'startedAtMs' = ?5
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
      startedAtMs - LATENESS_MAX_MS,
      startedAtMs + CLOCK_SKEW_MAX_MS,
      region,
      monitor,
      startedAtMs,
      `"monitor":${JSON.stringify(monitor)}`,
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
