/**
 * Writes the object's history to D1, where reports and the page's fallback find it: one batch, all
 * or nothing, and rows that replace what was written before, so that repeating it is harmless.
 */
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import type { MirrorBatch } from "../object/ports.ts";
import type { NetworkStatus } from "../object/rpc.ts";

/** Rows passed in one parameter, which may hold 2 MB. */
const ROLLUPS_PER_STATEMENT = 2_000;
/** Longest snapshot in characters; a row may hold 2 MB. */
const SNAPSHOT_CHARACTERS_MAX = 600_000;

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

/** Columns of a rollup with the fields they come from. */
const ROLLUP_COLUMNS = [
  ["monitor", "monitor"],
  ["resolution", "resolution"],
  ["region", "region"],
  ["bucket_start_ms", "bucketStartMs"],
  ["observations", "observations"],
  ["up", "up"],
  ["degraded", "degraded"],
  ["down", "down"],
  ["unknown", "unknown"],
  ["operational_ms", "operationalMs"],
  ["degraded_ms", "degradedMs"],
  ["partial_ms", "partialMs"],
  ["down_ms", "downMs"],
  ["unknown_ms", "unknownMs"],
  ["maintenance_ms", "maintenanceMs"],
  ["latency_sum_ms", "latencySumMs"],
  ["latency_count", "latencyCount"],
] as const satisfies ReadonlyArray<readonly [column: string, field: keyof Rollup]>;

const ROLLUPS_SQL = `
  INSERT OR REPLACE INTO rollups (${ROLLUP_COLUMNS.map(([column]) => column).join(", ")})
  SELECT ${ROLLUP_COLUMNS.map(([, field]) => `value ->> '${field}'`).join(", ")}
  FROM json_each(?)`;

const SNAPSHOT_SQL = `
  INSERT INTO snapshots (id, generated_at_ms, body) VALUES (1, ?, ?)
  ON CONFLICT (id) DO UPDATE SET generated_at_ms = excluded.generated_at_ms, body = excluded.body`;

/** Writes a batch of history in one transaction. */
export async function writeHistory(db: D1Database, batch: MirrorBatch): Promise<void> {
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly unknown[]) => {
    if (rows.length > 0) statements.push(db.prepare(sql).bind(JSON.stringify(rows)));
  };
  add(INCIDENTS_SQL, batch.incidents);
  add(TRANSITIONS_SQL, batch.transitions);
  add(DELIVERIES_SQL, batch.deliveries);
  for (let from = 0; from < batch.rollups.length; from += ROLLUPS_PER_STATEMENT) {
    add(ROLLUPS_SQL, batch.rollups.slice(from, from + ROLLUPS_PER_STATEMENT));
  }
  if (batch.snapshot !== null) {
    const body = encodeSnapshot(batch.snapshot);
    statements.push(db.prepare(SNAPSHOT_SQL).bind(batch.snapshot.generatedAtMs, body));
  }
  if (statements.length > 0) await db.batch(statements);
}

/** Encodes a snapshot; one that is too long loses its regions' days, then its days. */
function encodeSnapshot(snapshot: NetworkStatus): string {
  const whole = JSON.stringify(snapshot);
  if (whole.length <= SNAPSHOT_CHARACTERS_MAX) return whole;
  const monitors = snapshot.monitors.map((monitor) => ({
    ...monitor,
    regions: monitor.regions.map((region) => ({ ...region, days: [] })),
  }));
  const shorter = JSON.stringify({ ...snapshot, monitors });
  if (shorter.length <= SNAPSHOT_CHARACTERS_MAX) return shorter;
  const bare = monitors.map((monitor) => ({ ...monitor, days: [] }));
  return JSON.stringify({ ...snapshot, monitors: bare });
}
