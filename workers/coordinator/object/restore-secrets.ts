/**
 * What of a backup's file lies in the open and has to be sealed where it is restored. Opens and seals
 * nothing, and logs nothing.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { isSealedValue } from "../../sealed-headers.ts";
import { isSealed } from "../../sealing.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";

/** Whether a row of D1 has a secret of a channel, or a subscriber's address, in the open. */
export function isOpenRow({ table, row }: BackupRow): boolean {
  if (table === "channels") return !isSealed(JSON.parse(String(row["settings"])));
  if (table !== "subscriptions" || row["target"] === null) return false;
  return !isSealed(JSON.parse(String(row["target"])));
}

/** Whether the object's copy of a channel has its secrets in the open. */
export function isOpenChannel({ settings }: StoredChannel): boolean {
  return !isSealed(settings);
}

/** Whether a row of D1 has the value of a monitor's header in the open. */
export function hasOpenHeader({ table, row }: BackupRow): boolean {
  if (table !== "monitors") return false;
  const { headers = {} } = JSON.parse(String(row["definition"])) as Partial<Monitor>;
  return Object.values(headers).some((value) => !isSealedValue(value));
}
