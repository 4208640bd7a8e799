/**
 * The channels in D1, sealed: this module opens none of them.
 *
 * The published configuration holds no channel, yet every change publishes a version, so that
 * whoever remembers channels by version learns of it. Validates nothing on the way in.
 */
import { asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Channel } from "../channels/channel.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import type { NetworkShape, WriteOutcome } from "./config-store.ts";
import { writeAndPublish } from "./config-store.ts";
import { channels } from "./schema.ts";

type ChannelRow = Pick<typeof channels.$inferSelect, "id" | "name" | "kind" | "settings">;

const COLUMNS = {
  id: channels.id,
  name: channels.name,
  kind: channels.kind,
  settings: channels.settings,
};

function decodeChannel({ id, name, kind, settings }: ChannelRow): StoredChannel {
  return { id, name, kind: kind as Channel["kind"], settings: JSON.parse(settings) as unknown };
}

function encodeChannel(channel: StoredChannel): ChannelRow {
  const { id, name, kind, settings } = channel;
  return { id, name, kind, settings: JSON.stringify(settings) };
}

/** Every channel, oldest first. */
export async function loadChannels(db: D1Database): Promise<StoredChannel[]> {
  const rows = await drizzle(db)
    .select(COLUMNS)
    .from(channels)
    .orderBy(asc(channels.createdAtMs), asc(channels.id));
  return rows.map(decodeChannel);
}

/** One channel; null when there is none of that id. */
export async function loadChannel(db: D1Database, id: string): Promise<StoredChannel | null> {
  const row = await drizzle(db).select(COLUMNS).from(channels).where(eq(channels.id, id)).get();
  return row === undefined ? null : decodeChannel(row);
}

/** Ids of all channels. */
export async function listChannelIds(db: D1Database): Promise<string[]> {
  const rows = await drizzle(db).select({ id: channels.id }).from(channels);
  return rows.map((row) => row.id);
}

/** Creates a channel; `conflict` when its id is taken. */
export async function createChannel(
  db: D1Database,
  network: NetworkShape,
  channel: StoredChannel,
  nowMs: number,
): Promise<WriteOutcome> {
  const insert = drizzle(db)
    .insert(channels)
    .values({ ...encodeChannel(channel), createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoNothing();
  return (await writeAndPublish(db, insert, network, nowMs)) ? "written" : "conflict";
}

/** Creates or replaces a channel, whatever was there. */
export async function saveChannel(
  db: D1Database,
  network: NetworkShape,
  channel: StoredChannel,
  nowMs: number,
): Promise<void> {
  const row = encodeChannel(channel);
  const upsert = drizzle(db)
    .insert(channels)
    .values({ ...row, createdAtMs: nowMs, updatedAtMs: nowMs })
    .onConflictDoUpdate({ target: channels.id, set: { ...row, updatedAtMs: nowMs } });
  await writeAndPublish(db, upsert, network, nowMs);
}

/** Ids of the monitors that name a channel in `notify`. */
export async function listMonitorsNaming(db: D1Database, channel: string): Promise<string[]> {
  const rows = await drizzle(db).all<{ id: string }>(sql`
    SELECT id FROM monitors
    WHERE EXISTS (SELECT 1 FROM json_each(definition, '$.notify') WHERE value = ${channel})
    ORDER BY id`);
  return rows.map((row) => row.id);
}

/** Whether the alert policy names a channel in a route. */
export async function isRouted(db: D1Database, channel: string): Promise<boolean> {
  const row = await drizzle(db).get(sql`SELECT 1 FROM ${ROUTES} WHERE ${namesChannel(channel)}`);
  return row !== undefined;
}

/** Everything in the alert policy, and which of it is a channel that a route names. */
const ROUTES = sql`alert_policy, json_tree(alert_policy.body, '$.routes')`;
const namesChannel = (channel: string) =>
  sql`json_tree.atom = ${channel} AND json_tree.path LIKE '%.channels'`;

/**
 * Deletes a channel that no monitor names in `notify` and no route: what did would fall silent.
 *
 * @returns false when nothing was deleted
 */
export async function deleteChannel(
  db: D1Database,
  network: NetworkShape,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const remove = drizzle(db).delete(channels).where(sql`${channels.id} = ${id}
    AND NOT EXISTS (
      SELECT 1 FROM monitors, json_each(monitors.definition, '$.notify')
      WHERE json_each.value = ${id})
    AND NOT EXISTS (SELECT 1 FROM ${ROUTES} WHERE ${namesChannel(id)})`);
  return writeAndPublish(db, remove, network, nowMs);
}
