/** What a month of public history is made from, out of D1. Reads only, in one round trip. */
import type { Maintenance } from "../../../shared/monitor/maintenance.ts";
import { maintenanceSchema } from "../../../shared/monitor/maintenance.ts";
import type { Incident } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import { writtenIncidentSchema } from "../../../shared/monitor/written-incident.ts";

/** What was stored of a time. */
export interface StoredHistory {
  /** That began in it. */
  incidents: Incident[];
  /** That people wrote, and say began in it. */
  written: WrittenIncident[];
  /** That touch it. */
  maintenances: Maintenance[];
  /** Start of the first of all that were ever stored; null: there is none. */
  earliestMs: number | null;
}

/** Incidents and windows that a month shows; more than anybody reads. */
const ROWS_MAX = 500;
/** Written incidents likewise; each may be long. */
const WRITTEN_MAX = 100;

const INCIDENTS_SQL = `
  SELECT body FROM incidents WHERE started_at_ms >= ? AND started_at_ms < ?
  ORDER BY started_at_ms DESC LIMIT ${ROWS_MAX}`;
const MAINTENANCES_SQL = `
  SELECT definition AS body FROM maintenances
  WHERE ends_at_ms > ? AND definition ->> 'startsAtMs' < ? ORDER BY ends_at_ms LIMIT ${ROWS_MAX}`;
const WRITTEN_SQL = `
  SELECT definition AS body FROM written_incidents WHERE started_at_ms >= ? AND started_at_ms < ?
  ORDER BY started_at_ms DESC LIMIT ${WRITTEN_MAX}`;
const EARLIEST_SQL = `
  SELECT min(at_ms) AS earliestMs FROM (
    SELECT min(started_at_ms) AS at_ms FROM incidents
    UNION ALL SELECT min(started_at_ms) FROM written_incidents
    UNION ALL SELECT min(definition ->> 'startsAtMs') FROM maintenances)`;

/** Loads what was stored of a time. */
export async function loadHistory(
  db: D1Database,
  fromMs: number,
  toMs: number,
): Promise<StoredHistory> {
  const [incidents, written, maintenances, earliest] = await db.batch([
    db.prepare(INCIDENTS_SQL).bind(fromMs, toMs),
    db.prepare(WRITTEN_SQL).bind(fromMs, toMs),
    db.prepare(MAINTENANCES_SQL).bind(fromMs, toMs),
    db.prepare(EARLIEST_SQL),
  ]);
  const [first] = (earliest?.results ?? []) as Array<{ earliestMs: number | null }>;
  return {
    incidents: bodies(incidents) as Incident[],
    written: bodies(written).map((body) => writtenIncidentSchema.parse(body)),
    maintenances: bodies(maintenances).map((body) => maintenanceSchema.parse(body)),
    earliestMs: first?.earliestMs ?? null,
  };
}

function bodies(result: D1Result | undefined): unknown[] {
  const rows = (result?.results ?? []) as Array<{ body: string }>;
  return rows.map(({ body }): unknown => JSON.parse(body));
}
