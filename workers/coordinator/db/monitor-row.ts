/**
 * Rows of monitors on their way from one network to another: in a backup the values of their headers
 * lie open, because no other network's key opens a seal of this one, and a restore seals them again
 * where it can. Values that cannot be opened stay sealed. Logs nothing.
 */
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { openForBackup, sealHeaders } from "../../sealed-headers.ts";
import type { SealingKeys } from "../../sealing.ts";

type Row = BackupRow["row"];

/** A row as it lies in a backup. */
export async function openMonitorRow(row: Row, keys: SealingKeys): Promise<Row> {
  return withDefinition(row, (monitor) => openForBackup(monitor, keys));
}

/**
 * A row of a backup as it is stored.
 *
 * @param keys null: this network does not seal headers
 * @throws SealError without a usable key
 */
export async function sealMonitorRow(row: Row, keys: SealingKeys | null): Promise<Row> {
  if (keys === null) return row;
  return withDefinition(row, async (monitor) => ({
    ...monitor,
    headers: await sealHeaders(monitor.id, monitor.headers, keys),
  }));
}

async function withDefinition(
  row: Row,
  change: (monitor: Monitor) => Promise<Monitor>,
): Promise<Row> {
  const definition = JSON.parse(String(row["definition"])) as Monitor;
  // One that an early release wrote may have none.
  if (Object.keys(definition.headers ?? {}).length === 0) return row;
  return { ...row, definition: JSON.stringify(await change(definition)) };
}
