/**
 * Writes the object's history to D1, where reports and the page's fallback find it: one batch, all
 * or nothing, and rows that replace what was written before, so that repeating it is harmless.
 */
import type { Resolution } from "../../../shared/monitor/rollup.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { WHOLE } from "../../../shared/monitor/shard.ts";
import type { MirrorBatch } from "../object/ports.ts";
import { encodeSnapshot } from "./snapshot.ts";

/** Characters of rows passed in one parameter, which may hold 2 MB. */
const PORTION_CHARACTERS_MAX = 1_000_000;

const INCIDENTS_SQL = `
  INSERT INTO incidents (id, monitor, started_at_ms, ended_at_ms, body)
  SELECT value ->> 'id', value ->> 'monitor', value ->> 'startedAtMs', value ->> 'endedAtMs', value
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET ended_at_ms = excluded.ended_at_ms, body = excluded.body`;

const TRANSITIONS_SQL = `
  INSERT OR REPLACE INTO transitions (id, monitor, incident, at_ms, body)
  SELECT value ->> 'id', value ->> 'monitor', value ->> 'incident', value ->> 'atMs', value
  FROM json_each(?)`;

const DELIVERIES_SQL = `
  INSERT INTO deliveries (id, channel, incident, state, created_at_ms, body)
  SELECT value ->> 'id', value ->> 'channel', value ->> 'incident', value ->> 'state',
    value ->> 'createdAtMs', value
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`;

/** A block that is there as it is costs no written row. */
const BLOCKS_SQL = `
  INSERT INTO rollup_blocks (resolution, monitor, start_ms, body)
  SELECT value ->> 'resolution', value ->> 'monitor', value ->> 'startMs', value ->> 'body'
  FROM json_each(?) WHERE true
  ON CONFLICT (resolution, monitor, start_ms) DO UPDATE SET body = excluded.body
    WHERE rollup_blocks.body <> excluded.body`;

/** A row for each coordinator, from 1. */
const SNAPSHOT_SQL = `
  INSERT INTO snapshots (id, generated_at_ms, body) VALUES (?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET generated_at_ms = excluded.generated_at_ms, body = excluded.body`;

/** Those of coordinators that there are not any more. */
const DROP_SNAPSHOTS_SQL = "DELETE FROM snapshots WHERE id > ?";

/** Writes a batch of a coordinator's history in one transaction. */
export async function writeHistory(
  db: D1Database,
  batch: MirrorBatch,
  { index, count }: Shard = WHOLE,
): Promise<void> {
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly unknown[]) => {
    for (const portion of portions(rows.map((row) => JSON.stringify(row)))) {
      statements.push(db.prepare(sql).bind(`[${portion.join(",")}]`));
    }
  };
  add(INCIDENTS_SQL, batch.incidents);
  add(TRANSITIONS_SQL, batch.transitions);
  add(DELIVERIES_SQL, batch.deliveries);
  add(BLOCKS_SQL, batch.blocks);
  if (batch.snapshot !== null) {
    const body = encodeSnapshot(batch.snapshot);
    const { generatedAtMs } = batch.snapshot;
    statements.push(db.prepare(SNAPSHOT_SQL).bind(index + 1, generatedAtMs, body));
    if (index === 0) statements.push(db.prepare(DROP_SNAPSHOTS_SQL).bind(count));
  }
  if (statements.length > 0) await db.batch(statements);
}

const PRUNE_BLOCKS_SQL = `
  DELETE FROM rollup_blocks WHERE (resolution, monitor, start_ms) IN
    (SELECT resolution, monitor, start_ms FROM rollup_blocks
     WHERE resolution = ? AND start_ms < ? LIMIT ?)`;

/** Deletes rollups of blocks that begin before a moment; resolves with how many it were. */
export async function pruneBlocks(
  db: D1Database,
  resolution: Resolution,
  beforeMs: number,
  blocksMax: number,
): Promise<number> {
  const { meta } = await db.prepare(PRUNE_BLOCKS_SQL).bind(resolution, beforeMs, blocksMax).run();
  return meta.changes;
}

/** Rows, as JSON, in portions that fit into one parameter; a row is never cut. */
function* portions(rows: readonly string[]): Generator<string[]> {
  let portion: string[] = [];
  let characters = 0;
  for (const row of rows) {
    if (characters + row.length > PORTION_CHARACTERS_MAX && portion.length > 0) {
      yield portion;
      portion = [];
      characters = 0;
    }
    portion.push(row);
    characters += row.length;
  }
  if (portion.length > 0) yield portion;
}
