/**
 * Windows of announced maintenance in D1. Every change is one transaction with the publication of
 * the next configuration, of which those that are not long over are a part. Takes what the API has
 * validated, and knows nothing of HTTP.
 */
import { and, asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Maintenance } from "../../../shared/monitor/maintenance.ts";
import { maintenanceSchema } from "../../../shared/monitor/maintenance.ts";
import type { NetworkShape, WriteOutcome } from "./config-store.ts";
import { writeAndPublish } from "./config-store.ts";
import { maintenances } from "./schema.ts";

/** A window as it was read, to be given back when it is replaced. */
export interface StoredMaintenance {
  maintenance: Maintenance;
  /** Opaque; differs after any change. */
  revision: string;
}

/** When a window was announced and last changed, in epoch milliseconds. */
export interface MaintenanceTimes {
  createdAtMs: number;
  updatedAtMs: number;
}

function parseStored(definition: string): Maintenance {
  return maintenanceSchema.parse(JSON.parse(definition));
}

function rowOf(maintenance: Maintenance) {
  const { id, name, endsAtMs } = maintenance;
  return { id, name, endsAtMs, definition: JSON.stringify(maintenance) };
}

/** Every window, those long over too, in the order in which they were announced. */
export async function listMaintenances(db: D1Database): Promise<Maintenance[]> {
  const rows = await drizzle(db)
    .select({ definition: maintenances.definition })
    .from(maintenances)
    .orderBy(asc(maintenances.createdAtMs), asc(maintenances.id));
  return rows.map(({ definition }) => parseStored(definition));
}

/** When each window was announced and last changed, by id. */
export async function loadMaintenanceTimes(db: D1Database): Promise<Map<string, MaintenanceTimes>> {
  const { id, createdAtMs, updatedAtMs } = maintenances;
  const rows = await drizzle(db).select({ id, createdAtMs, updatedAtMs }).from(maintenances);
  return new Map(rows.map(({ id: key, ...times }) => [key, times]));
}

/** Ids that are `prefix` or begin with it and a hyphen: what a new id must differ from. */
export async function listMaintenanceIds(db: D1Database, prefix: string): Promise<string[]> {
  const { id } = maintenances;
  const rows = await drizzle(db)
    .select({ id })
    .from(maintenances)
    .where(sql`${id} = ${prefix} OR ${id} GLOB ${`${prefix}-*`}`);
  return rows.map((row) => row.id);
}

/** One window; null when there is none of that id. */
export async function loadMaintenance(
  db: D1Database,
  id: string,
): Promise<StoredMaintenance | null> {
  const row = await drizzle(db)
    .select({ definition: maintenances.definition })
    .from(maintenances)
    .where(eq(maintenances.id, id))
    .get();
  if (row === undefined) return null;
  return { maintenance: parseStored(row.definition), revision: row.definition };
}

/** Announces a window and publishes; `conflict` when its id is taken. */
export async function createMaintenance(
  db: D1Database,
  network: NetworkShape,
  maintenance: Maintenance,
  nowMs: number,
): Promise<WriteOutcome> {
  const insert = drizzle(db)
    .insert(maintenances)
    .values({ ...rowOf(maintenance), createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoNothing();
  return (await writeAndPublish(db, insert, network, nowMs)) ? "written" : "conflict";
}

/** Replaces a window as it was read, and publishes; `conflict` when it has changed since. */
export async function replaceMaintenance(
  db: D1Database,
  network: NetworkShape,
  before: StoredMaintenance,
  after: Maintenance,
  nowMs: number,
): Promise<WriteOutcome> {
  const isUnchanged = eq(maintenances.definition, before.revision);
  const update = drizzle(db)
    .update(maintenances)
    .set({ ...rowOf(after), updatedAtMs: nowMs })
    .where(and(eq(maintenances.id, before.maintenance.id), isUnchanged));
  return (await writeAndPublish(db, update, network, nowMs)) ? "written" : "conflict";
}

/** Withdraws a window and publishes; false when there was none of that id. */
export async function deleteMaintenance(
  db: D1Database,
  network: NetworkShape,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const remove = drizzle(db).delete(maintenances).where(eq(maintenances.id, id));
  return writeAndPublish(db, remove, network, nowMs);
}
