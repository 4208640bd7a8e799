/** What a month of public history is made from, out of D1. Reads only, in one round trip. */
import type { Maintenance } from "../../../shared/monitor/maintenance.ts";
import { maintenanceSchema } from "../../../shared/monitor/maintenance.ts";
import type { Incident } from "../../../shared/monitor/verdict.ts";

/** Incidents and windows that a month shows; more than anybody reads. */
const ROWS_MAX = 500;

const INCIDENTS_SQL = `
  SELECT body FROM incidents WHERE started_at_ms >= ? AND started_at_ms < ?
  ORDER BY started_at_ms DESC LIMIT ${ROWS_MAX}`;
const MAINTENANCES_SQL = `
  SELECT definition AS body FROM maintenances
  WHERE ends_at_ms > ? AND definition ->> 'startsAtMs' < ? ORDER BY ends_at_ms LIMIT ${ROWS_MAX}`;
const EARLIEST_SQL = `
  SELECT min(at_ms) AS earliestMs FROM (
    SELECT min(started_at_ms) AS at_ms FROM incidents
    UNION ALL SELECT min(definition ->> 'startsAtMs') FROM maintenances)`;

/** Incidents that began in a time, windows that touch it, and when the first of either was. */
export async function loadHistory(
  db: D1Database,
  fromMs: number,
  toMs: number,
): Promise<{ incidents: Incident[]; maintenances: Maintenance[]; earliestMs: number | null }> {
  const [incidents, maintenances, earliest] = await db.batch([
    db.prepare(INCIDENTS_SQL).bind(fromMs, toMs),
    db.prepare(MAINTENANCES_SQL).bind(fromMs, toMs),
    db.prepare(EARLIEST_SQL),
  ]);
  const [first] = (earliest?.results ?? []) as Array<{ earliestMs: number | null }>;
  return {
    incidents: bodies(incidents) as Incident[],
    maintenances: bodies(maintenances).map((body) => maintenanceSchema.parse(body)),
    earliestMs: first?.earliestMs ?? null,
  };
}

function bodies(result: D1Result | undefined): unknown[] {
  const rows = (result?.results ?? []) as Array<{ body: string }>;
  return rows.map(({ body }): unknown => JSON.parse(body));
}
