/**
 * What D1 has of monitors' pasts, whichever coordinator judged them then: changes between verdicts,
 * and rollups. Reads only.
 */
import { z } from "zod";
import type { KnownChange } from "../../../shared/monitor/recount.ts";
import type { RollupBlock } from "../../../shared/monitor/rollup-block.ts";

/** Of a transition, what says which verdict held; an older release did not say since when. */
export const CHANGE_COLUMNS = `at_ms AS atMs, body ->> 'from' AS "from", body ->> 'to' AS "to",
    coalesce(body ->> 'sinceMs', at_ms) AS sinceMs, body ->> 'removed' AS removed`;

const kindSchema = z.enum(["operational", "degraded", "partial", "down", "unknown", "maintenance"]);

/** A row of {@link CHANGE_COLUMNS}. */
export const changeSchema = z.object({
  atMs: z.number(),
  from: kindSchema,
  to: kindSchema,
  sinceMs: z.number(),
  removed: z
    .literal(1)
    .nullable()
    .transform((removed) => (removed === null ? undefined : true)),
});
const knownChangeSchema = changeSchema.extend({ id: z.string(), monitor: z.string() });

/** Whether somebody has only taken an incident on: no verdict was reached then. */
const IS_VERDICT = "body ->> 'kind' <> 'incident_acknowledged'";

/** Both edges are found by the index, one monitor after another. */
const CHANGES_SQL = `
  SELECT transitions.id, monitor, ${CHANGE_COLUMNS}
  FROM json_each(?1) AS wanted CROSS JOIN transitions
  WHERE monitor = wanted.value AND ${IS_VERDICT}
    AND at_ms >= coalesce((SELECT max(at_ms) FROM transitions
      WHERE monitor = wanted.value AND at_ms < ?2 AND ${IS_VERDICT}), ?2)
    AND at_ms <= coalesce((SELECT min(at_ms) FROM transitions
      WHERE monitor = wanted.value AND at_ms >= ?3 AND ${IS_VERDICT}), ?3)
  ORDER BY at_ms, transitions.rowid`;

/**
 * Reads monitors' changes between verdicts in [fromMs, toMs), with each one's last before that and
 * first after it.
 */
export async function loadVerdictChanges(
  db: D1Database,
  monitors: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<KnownChange[]> {
  const { results } = await db
    .prepare(CHANGES_SQL)
    .bind(JSON.stringify(monitors), fromMs, toMs)
    .all();
  return z.array(knownChangeSchema).parse(results);
}

const BLOCKS_SQL = `
  SELECT resolution, monitor, start_ms AS startMs, body
  FROM json_each(?1) AS wanted CROSS JOIN rollup_blocks
  WHERE resolution IN ('5min', 'hour', 'day') AND monitor = wanted.value
    AND start_ms >= ?2 AND start_ms < ?3`;

/** Reads monitors' rollups of all resolutions in blocks that begin in [fromMs, toMs). */
export async function loadBlocks(
  db: D1Database,
  monitors: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<RollupBlock[]> {
  const { results } = await db
    .prepare(BLOCKS_SQL)
    .bind(JSON.stringify(monitors), fromMs, toMs)
    .all<RollupBlock>();
  return results;
}
