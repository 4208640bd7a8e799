/**
 * Channels on their way from one network to another: in a backup their settings lie open, because no
 * other network's key opens a seal of this one, and a restore seals them with its own. Settings that
 * cannot be opened where the backup is made stay sealed, and so they are restored. Logs nothing.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { SealingKeys } from "../../sealing.ts";
import { SealError, isSealed } from "../../sealing.ts";
import type { StoredChannel } from "./stored-channel.ts";
import { openSettings, sealSettings } from "./stored-channel.ts";

type Row = BackupRow["row"];

/** A channel as it lies in a backup. */
export async function openForBackup(
  stored: StoredChannel,
  keys: SealingKeys,
): Promise<StoredChannel> {
  try {
    return { ...stored, settings: await openSettings(stored, keys) };
  } catch (error) {
    // Its key is lost: it can be sent to no more than before, and the rest must be saved all the same.
    if (error instanceof SealError) return stored;
    throw error;
  }
}

/**
 * A channel of a backup as it is stored.
 *
 * @throws SealError without a usable key
 */
export async function sealRestored(
  carried: StoredChannel,
  keys: SealingKeys,
): Promise<StoredChannel> {
  if (isSealed(carried.settings)) return carried;
  return { ...carried, settings: await sealSettings(carried.id, carried.settings, keys) };
}

/** The same for a row of D1, whose settings are JSON. */
export async function openRowForBackup(row: Row, keys: SealingKeys): Promise<Row> {
  return encodeRow(row, await openForBackup(decodeRow(row), keys));
}

/** See {@link sealRestored}; for a row of D1. */
export async function sealRestoredRow(row: Row, keys: SealingKeys): Promise<Row> {
  return encodeRow(row, await sealRestored(decodeRow(row), keys));
}

/** Whether a key is there that seals. */
export async function canSeal(keys: SealingKeys): Promise<boolean> {
  try {
    await keys.seal("", "restore");
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

function decodeRow({ id, name, kind, settings }: Row): StoredChannel {
  return {
    id: String(id),
    name: String(name),
    kind: kind as StoredChannel["kind"],
    settings: JSON.parse(String(settings)) as unknown,
  };
}

function encodeRow(row: Row, { settings }: StoredChannel): Row {
  return { ...row, settings: JSON.stringify(settings) };
}
