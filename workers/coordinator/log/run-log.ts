/**
 * The run log in D1, as the coordinator reads, completes and trims it.
 *
 * Reading is by position in the log (scheduled time, region, lane), leaving out the runs that the
 * reader knows already, in pages bounded by runs and by size. Knows nothing of votes or alerts.
 */
import type { Run, RunRow } from "../../../shared/probe/run.ts";
import { INSERT_RUN_SQL, decodeRun, runKey, runValues } from "../../../shared/probe/run.ts";
import type { RunPage, RunQuery } from "../object/ports.ts";

const COLUMNS = `scheduled_at_ms, region, lane, started_at_ms, finished_at_ms, colo,
  config_version, observations, controls`;
const ORDER = "scheduled_at_ms, region, lane";

/** One statement: at most `?3` unknown runs, of which those that fit into `?4` characters. */
const LOAD_SQL = `
  SELECT ${COLUMNS}, found FROM (
    SELECT ${COLUMNS}, COUNT(*) OVER () AS found,
      SUM(LENGTH(observations)) OVER (ORDER BY ${ORDER}) - LENGTH(observations) AS before
    FROM (
      SELECT ${COLUMNS} FROM runs
      WHERE scheduled_at_ms >= ?1 AND scheduled_at_ms || '/' || region || '/' || lane NOT IN
          (SELECT value FROM json_each(?2))
      ORDER BY ${ORDER} LIMIT ?3
    )
  ) WHERE before < ?4 ORDER BY ${ORDER}`;

/** Reads one page of the log. */
export async function loadRuns(db: D1Database, query: RunQuery): Promise<RunPage> {
  const { results } = await db
    .prepare(LOAD_SQL)
    .bind(query.fromMs, JSON.stringify(query.known), query.runsMax, query.charactersMax)
    .all<RunRow & { found: number }>();
  const page: RunPage = { runs: [], damaged: [], hasMore: false };
  for (const row of results) {
    try {
      page.runs.push(decodeRun(row));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const { scheduled_at_ms: scheduledAtMs, region, lane } = row;
      page.damaged.push(runKey({ scheduledAtMs, region, lane }));
    }
  }
  const found = results[0]?.found ?? 0;
  page.hasMore = found > results.length || found === query.runsMax;
  return page;
}

const PRUNE_SQL = `
  DELETE FROM runs WHERE (${ORDER}) IN
    (SELECT ${ORDER} FROM runs WHERE scheduled_at_ms < ? ORDER BY ${ORDER} LIMIT ?)`;

/** Deletes the oldest runs that were scheduled before a moment, at most so many. */
export async function pruneRuns(db: D1Database, beforeMs: number, runsMax: number): Promise<void> {
  await db.prepare(PRUNE_SQL).bind(beforeMs, runsMax).run();
}

/** Appends runs that are not in the log yet, in one transaction. */
export async function appendRuns(db: D1Database, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  await db.batch(runs.map((run) => db.prepare(INSERT_RUN_SQL).bind(...runValues(run))));
}
