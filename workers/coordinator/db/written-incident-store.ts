/**
 * Written incidents and their templates in D1. One is a row with all its updates, so every change is
 * one statement. Takes what the API has validated, and knows nothing of HTTP.
 */
import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type {
  IncidentTemplate,
  WrittenIncident,
} from "../../../shared/monitor/written-incident.ts";
import {
  incidentTemplateSchema,
  resolvedAtMs,
  writtenIncidentSchema,
} from "../../../shared/monitor/written-incident.ts";
import type { WriteOutcome } from "./config-store.ts";
import { incidentTemplates, writtenIncidents } from "./schema.ts";

/** A written incident as it was read, to be given back when it is replaced. */
export interface StoredWrittenIncident {
  written: WrittenIncident;
  /** Opaque; differs after any change. */
  revision: string;
}

/** Written incidents that faces list, open ones first: more than anybody reads. */
const LISTED_MAX = 50;
/** Characters of all that are listed together. */
const LISTED_CHARACTERS_MAX = 300_000;
/** How long one is listed after it was resolved, in milliseconds. */
const LISTED_MS = 90 * 86_400_000;

const LISTED_SQL = `
  SELECT definition FROM (
    SELECT definition, row_number() OVER newest AS place,
      SUM(length(definition)) OVER newest AS characters
    FROM written_incidents WHERE resolved_at_ms IS NULL OR resolved_at_ms > ?1
    WINDOW newest AS (ORDER BY resolved_at_ms IS NOT NULL, started_at_ms DESC, id)
  ) WHERE place <= ${LISTED_MAX} AND characters <= ${LISTED_CHARACTERS_MAX} ORDER BY place`;

function parseStored(definition: string): WrittenIncident {
  return writtenIncidentSchema.parse(JSON.parse(definition));
}

function rowOf(written: WrittenIncident) {
  const { id, startedAtMs } = written;
  const definition = JSON.stringify(written);
  return { id, startedAtMs, resolvedAtMs: resolvedAtMs(written), definition };
}

/** Those that faces list: open ones, then those that are over for less than 90 days; newest first. */
export async function loadListedWritten(db: D1Database, nowMs: number): Promise<WrittenIncident[]> {
  const { results } = await db
    .prepare(LISTED_SQL)
    .bind(nowMs - LISTED_MS)
    .all<{ definition: string }>();
  return results.map(({ definition }) => parseStored(definition));
}

/** Newest first; only those that go on, if asked for. */
export async function listWrittenIncidents(
  db: D1Database,
  { open, limit }: { open: boolean; limit: number },
): Promise<WrittenIncident[]> {
  const { definition, startedAtMs, id } = writtenIncidents;
  const rows = await drizzle(db)
    .select({ definition })
    .from(writtenIncidents)
    .where(open ? isNull(writtenIncidents.resolvedAtMs) : undefined)
    .orderBy(desc(startedAtMs), asc(id))
    .limit(limit);
  return rows.map((row) => parseStored(row.definition));
}

/** Ids that are `prefix` or begin with it and a hyphen: what a new id must differ from. */
export async function listWrittenIds(db: D1Database, prefix: string): Promise<string[]> {
  const { id } = writtenIncidents;
  const rows = await drizzle(db)
    .select({ id })
    .from(writtenIncidents)
    .where(sql`${id} = ${prefix} OR ${id} GLOB ${`${prefix}-*`}`);
  return rows.map((row) => row.id);
}

/** One written incident; null when there is none of that id. */
export async function loadWritten(
  db: D1Database,
  id: string,
): Promise<StoredWrittenIncident | null> {
  const row = await drizzle(db)
    .select({ definition: writtenIncidents.definition })
    .from(writtenIncidents)
    .where(eq(writtenIncidents.id, id))
    .get();
  return row === undefined
    ? null
    : { written: parseStored(row.definition), revision: row.definition };
}

/** Adds one; `conflict` when its id is taken. */
export async function createWritten(
  db: D1Database,
  written: WrittenIncident,
  nowMs: number,
): Promise<WriteOutcome> {
  const { meta } = await drizzle(db)
    .insert(writtenIncidents)
    .values({ ...rowOf(written), createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoNothing()
    .run();
  return meta.changes > 0 ? "written" : "conflict";
}

/** Replaces one as it was read; `conflict` when it has changed since. */
export async function replaceWritten(
  db: D1Database,
  before: StoredWrittenIncident,
  after: WrittenIncident,
  nowMs: number,
): Promise<WriteOutcome> {
  const { id, definition } = writtenIncidents;
  const { meta } = await drizzle(db)
    .update(writtenIncidents)
    .set({ ...rowOf(after), updatedAtMs: nowMs })
    .where(and(eq(id, before.written.id), eq(definition, before.revision)))
    .run();
  return meta.changes > 0 ? "written" : "conflict";
}

/** Deletes one; false when there was none of that id. */
export async function deleteWritten(db: D1Database, id: string): Promise<boolean> {
  const { meta } = await drizzle(db)
    .delete(writtenIncidents)
    .where(eq(writtenIncidents.id, id))
    .run();
  return meta.changes > 0;
}

/** Every template, by its id. */
export async function listIncidentTemplates(db: D1Database): Promise<IncidentTemplate[]> {
  const rows = await drizzle(db)
    .select({ definition: incidentTemplates.definition })
    .from(incidentTemplates)
    .orderBy(asc(incidentTemplates.id));
  return rows.map((row) => incidentTemplateSchema.parse(JSON.parse(row.definition)));
}

/** One template; null when there is none of that id. */
export async function loadIncidentTemplate(
  db: D1Database,
  id: string,
): Promise<IncidentTemplate | null> {
  const row = await drizzle(db)
    .select({ definition: incidentTemplates.definition })
    .from(incidentTemplates)
    .where(eq(incidentTemplates.id, id))
    .get();
  return row === undefined ? null : incidentTemplateSchema.parse(JSON.parse(row.definition));
}

/** Creates or replaces a template. */
export async function saveIncidentTemplate(
  db: D1Database,
  template: IncidentTemplate,
  nowMs: number,
): Promise<void> {
  const row = { updatedAtMs: nowMs, definition: JSON.stringify(template) };
  await drizzle(db)
    .insert(incidentTemplates)
    .values({ id: template.id, ...row })
    .onConflictDoUpdate({ target: incidentTemplates.id, set: row });
}

/** Deletes a template; false when there was none of that id. */
export async function deleteIncidentTemplate(db: D1Database, id: string): Promise<boolean> {
  const { meta } = await drizzle(db)
    .delete(incidentTemplates)
    .where(eq(incidentTemplates.id, id))
    .run();
  return meta.changes > 0;
}
