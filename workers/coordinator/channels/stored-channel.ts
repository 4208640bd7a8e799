/**
 * A channel as it lies in a database: its settings sealed, all that is secret with them. Whoever only
 * keeps channels keeps them so; they are opened where a message is sent, or a channel is changed.
 *
 * Rows that were written before there were seals hold their settings open; they are sealed when they
 * are next written.
 */
import type { Channel } from "./channel.ts";
import { channelSchema } from "./channel.ts";
import type { Sealed, SealingKeys } from "../../sealing.ts";
import { SealError, isSealed } from "../../sealing.ts";

/** A channel whose settings cannot be read without a key. */
export interface StoredChannel {
  id: string;
  name: string;
  kind: Channel["kind"];
  /** A seal; or, from an earlier release, the settings themselves. */
  settings: unknown;
}

const ownerOf = (id: string) => `channel/${id}`;

/**
 * Seals a channel for storage.
 *
 * @throws SealError without a usable key
 */
export async function sealChannel(channel: Channel, keys: SealingKeys): Promise<StoredChannel> {
  const { id, name, kind, settings } = channel;
  return { id, name, kind, settings: await sealSettings(id, settings, keys) };
}

/**
 * Seals a channel's settings, whatever is in them.
 *
 * @throws SealError without a usable key
 */
export function sealSettings(id: string, settings: unknown, keys: SealingKeys): Promise<Sealed> {
  return keys.seal(JSON.stringify(settings), ownerOf(id));
}

/**
 * Opens a stored channel's settings, whatever is in them.
 *
 * @throws SealError when no key opens them
 */
export async function openSettings(
  { id, settings }: StoredChannel,
  keys: SealingKeys,
): Promise<unknown> {
  if (!isSealed(settings)) return settings;
  return JSON.parse(await keys.open(settings, ownerOf(id))) as unknown;
}

/**
 * Opens a stored channel.
 *
 * @throws SealError when no key opens it, or what is in it is no channel of this release
 */
export async function openChannel(stored: StoredChannel, keys: SealingKeys): Promise<Channel> {
  const { id, name, kind } = stored;
  const settings = await openSettings(stored, keys);
  const parsed = channelSchema.safeParse({ id, name, kind, settings });
  // What is wrong may quote a secret.
  if (!parsed.success) throw new SealError("it holds settings that this release does not know");
  return parsed.data;
}
