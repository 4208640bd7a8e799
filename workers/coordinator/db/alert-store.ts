/**
 * The alert policy and the silences in D1. Every change publishes a version, like one of a channel,
 * so that the coordinator's object learns of it. Validates nothing on the way in.
 */
import { asc, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { AlertPolicy } from "../../../shared/alert/policy.ts";
import { alertPolicySchema } from "../../../shared/alert/policy.ts";
import type { Silence } from "../../../shared/alert/silence.ts";
import { silenceSchema } from "../../../shared/alert/silence.ts";
import type { NetworkShape } from "./config-store.ts";
import { writeAndPublish } from "./config-store.ts";
import { alertPolicy, silences } from "./schema.ts";

/** The policy's row: there is at most one. */
const POLICY_ID = 1;
/** How long a silence is shown after its end, in milliseconds. */
export const SILENCE_SHOWN_MS = 7 * 86_400_000;

function decodeSilence({ body }: { body: string }): Silence {
  return silenceSchema.parse(JSON.parse(body));
}

/** The declared policy; null: none is. */
export async function loadAlertPolicy(db: D1Database): Promise<AlertPolicy | null> {
  const row = await drizzle(db)
    .select({ body: alertPolicy.body })
    .from(alertPolicy)
    .where(eq(alertPolicy.id, POLICY_ID))
    .get();
  return row === undefined ? null : alertPolicySchema.parse(JSON.parse(row.body));
}

/** Replaces the policy. */
export async function saveAlertPolicy(
  db: D1Database,
  network: NetworkShape,
  policy: AlertPolicy,
  nowMs: number,
): Promise<void> {
  const row = { body: JSON.stringify(policy), updatedAtMs: nowMs };
  const upsert = drizzle(db)
    .insert(alertPolicy)
    .values({ id: POLICY_ID, ...row })
    .onConflictDoUpdate({ target: alertPolicy.id, set: row });
  await writeAndPublish(db, upsert, network, nowMs);
}

/** Silences that are not over at a moment, or have not been for long; by their beginning. */
export async function loadSilences(db: D1Database, nowMs: number): Promise<Silence[]> {
  const rows = await drizzle(db)
    .select({ body: silences.body })
    .from(silences)
    .where(gt(silences.endsAtMs, nowMs - SILENCE_SHOWN_MS))
    .orderBy(asc(silences.createdAtMs), asc(silences.id));
  return rows.map(decodeSilence);
}

/** One silence, however long it is over; null: there is none of that id. */
export async function loadSilence(db: D1Database, id: string): Promise<Silence | null> {
  const row = await drizzle(db)
    .select({ body: silences.body })
    .from(silences)
    .where(eq(silences.id, id))
    .get();
  return row === undefined ? null : decodeSilence(row);
}

/** Adds a silence under a new id. */
export async function createSilence(
  db: D1Database,
  network: NetworkShape,
  silence: Silence,
  nowMs: number,
): Promise<void> {
  const { id, createdAtMs, endsAtMs } = silence;
  const insert = drizzle(db)
    .insert(silences)
    .values({ id, createdAtMs, endsAtMs, body: JSON.stringify(silence) });
  await writeAndPublish(db, insert, network, nowMs);
}

/** Ends a silence at a moment; one that is over by then stays as it is. */
export async function endSilence(
  db: D1Database,
  network: NetworkShape,
  id: string,
  nowMs: number,
): Promise<void> {
  const end = drizzle(db)
    .update(silences)
    .set({ endsAtMs: nowMs, body: sql`json_set(${silences.body}, '$.endsAtMs', ${nowMs})` })
    .where(sql`${silences.id} = ${id} AND ${silences.endsAtMs} > ${nowMs}`);
  await writeAndPublish(db, end, network, nowMs);
}
