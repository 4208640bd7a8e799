/**
 * `eq backup FILE`: writes everything that a running network knows, but the raw run log, to a file
 * that only its owner may read. A file that is there is never overwritten, and half a file is never
 * left behind.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { existsSync } from "node:fs";
import { BackupError, readBackup } from "../../../shared/backup-file.ts";
import { Complaint, errorText } from "../complaint.ts";
import type { NetworkOptions } from "./network-options.ts";
import { NETWORK_OPTIONS_USAGE, parseNetworkOptions, request } from "./network-options.ts";

/** Help of the command. */
export const BACKUP_USAGE = `Usage: npm run eq -- backup FILE [options]

${NETWORK_OPTIONS_USAGE}

The file holds the secrets of monitors and channels in the open: keep it like one.`;

/** Lines of a backup's text, without their ends. */
export function backupLines(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

/** Runs the command; returns its exit code. */
export async function runBackup(args: readonly string[], cwd: string): Promise<number> {
  const options = parseNetworkOptions(args, cwd, BACKUP_USAGE);
  if (options === null) {
    console.log(BACKUP_USAGE);
    return 0;
  }
  const { file } = options;
  if (existsSync(file)) throw new Complaint(`${file} is there already; name another file.`);
  const partial = `${file}.partial`;
  try {
    await download(options, partial);
    const rows = countRows(readFileSync(partial, "utf8"));
    renameSync(partial, file);
    const tables = [...rows].map(([table, count]) => `${count} ${table}`).join(", ");
    console.log(`${file}: ${tables}.\nIt holds secrets; only you may read it (mode 0600).`);
    return 0;
  } finally {
    rmSync(partial, { force: true });
  }
}

async function download(options: NetworkOptions, path: string): Promise<void> {
  const { body } = await request(options, "GET", "api/v1/backup");
  let descriptor: number;
  try {
    rmSync(path, { force: true });
    descriptor = openSync(path, "wx", 0o600);
  } catch (error) {
    throw new Complaint(`${path} cannot be written: ${errorText(error)}`);
  }
  try {
    for await (const chunk of body ?? []) writeSync(descriptor, chunk as Uint8Array);
  } catch (error) {
    throw new Complaint(`The backup broke off: ${errorText(error)}. Try again.`, 1);
  } finally {
    closeSync(descriptor);
  }
}

/** Rows by table, of a file that is whole and sound. */
function countRows(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const configured = ["monitors", "channels", "maintenances", "pages"];
  const told = new Set([...configured, "incidents", "deliveries"]);
  try {
    for (const { in: place, table } of readBackup(backupLines(text))) {
      if (place === "d1" && told.has(table)) counts.set(table, (counts.get(table) ?? 0) + 1);
    }
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    throw new Complaint(`${error.message} Try again.`, 1);
  }
  return counts;
}
