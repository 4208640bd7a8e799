/**
 * The run log in D1, as the coordinator reads, completes and trims it.
 *
 * Reading is by position in the log (scheduled time, region, lane), leaving out the runs that the
 * reader knows already, in pages bounded by runs and by size. Knows nothing of votes or alerts.
 */
import type { Run, RunRow } from "../../../shared/probe/run.ts";
import { INSERT_RUN_SQL, decodeRunDigest, runKey, runValues } from "../../../shared/probe/run.ts";
import type { RunPage, RunQuery } from "../object/ports.ts";

/** Of a row, what decides: not its evidence. */
const COLUMNS = `scheduled_at_ms, region, lane, started_at_ms, finished_at_ms, colo, config_version,
  observations, controls, digest`;
const CHARACTERS = "LENGTH(COALESCE(digest, observations))";
const ORDER = "scheduled_at_ms, region, lane";

/** A row's key, as `runKey` writes it. */
const KEY = "scheduled_at_ms || '/' || region || '/' || lane";
/** Stands between the keys of a text; no key contains it. */
const BETWEEN_KEYS = "|";
/**
 * Keys up to which the known ones are looked for in a text. D1 counts each value of `json_each` as a
 * row read, twice: as a list the few keys of the usual look would cost more than the log itself. Many
 * are a list all the same, for each row would search the whole text.
 */
const KEYS_AS_TEXT_MAX = 500;

/** One statement: at most `?3` unknown runs, of which those that fit into `?4` characters. */
const loadSql = (isUnknown: string) => `
  SELECT * FROM (
    SELECT *, COUNT(*) OVER () AS found,
      SUM(${CHARACTERS}) OVER (ORDER BY ${ORDER}) - ${CHARACTERS} AS before
    FROM (
      SELECT ${COLUMNS} FROM runs
      WHERE scheduled_at_ms >= ?1 AND ${isUnknown}
      ORDER BY ${ORDER} LIMIT ?3
    )
  ) WHERE before < ?4 ORDER BY ${ORDER}`;
const LOAD_BESIDE_TEXT_SQL = loadSql(
  `instr(?2, '${BETWEEN_KEYS}' || ${KEY} || '${BETWEEN_KEYS}') = 0`,
);
const LOAD_BESIDE_LIST_SQL = loadSql(`${KEY} NOT IN (SELECT value FROM json_each(?2))`);

/** Reads one page of the log. */
export async function loadRuns(db: D1Database, query: RunQuery): Promise<RunPage> {
  const { fromMs, known, runsMax, charactersMax } = query;
  const isShort = known.length <= KEYS_AS_TEXT_MAX;
  const { results } = await db
    .prepare(isShort ? LOAD_BESIDE_TEXT_SQL : LOAD_BESIDE_LIST_SQL)
    .bind(fromMs, isShort ? textOf(known) : JSON.stringify(known), runsMax, charactersMax)
    .all<RunRow & { found: number }>();
  const page: RunPage = { runs: [], damaged: [], hasMore: false };
  for (const row of results) {
    try {
      page.runs.push(decodeRunDigest(row));
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

function textOf(keys: readonly string[]): string {
  return ["", ...keys, ""].join(BETWEEN_KEYS);
}

const PRUNE_SQL = `
  DELETE FROM runs WHERE (${ORDER}) IN
    (SELECT ${ORDER} FROM runs WHERE scheduled_at_ms < ? ORDER BY ${ORDER} LIMIT ?)`;

/**
 * Deletes the oldest runs that were scheduled before a moment, at most so many; resolves with how many
 * it were.
 */
export async function pruneRuns(
  db: D1Database,
  beforeMs: number,
  runsMax: number,
): Promise<number> {
  const { meta } = await db.prepare(PRUNE_SQL).bind(beforeMs, runsMax).run();
  return meta.changes;
}

/** Appends runs that are not in the log yet, in one transaction. */
export async function appendRuns(db: D1Database, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  await db.batch(runs.map((run) => db.prepare(INSERT_RUN_SQL).bind(...runValues(run, "digested"))));
}
