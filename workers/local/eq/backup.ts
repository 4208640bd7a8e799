/**
 * `eq backup FILE`: writes everything that a running network knows, but the raw run log, to a file
 * that only its owner may read. A file that is there is never overwritten, and half a file is never
 * left behind.
 */
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { BackupError, readBackup } from "../../../shared/backup-file.ts";
import { Complaint, errorCode, errorText } from "../complaint.ts";
import { fileLines } from "./file-lines.ts";
import type { NetworkOptions } from "./network-options.ts";
import { NETWORK_OPTIONS_USAGE, parseNetworkOptions, request } from "./network-options.ts";

/** Help of the command. */
export const BACKUP_USAGE = `Usage: npm run eq -- backup FILE [options]

${NETWORK_OPTIONS_USAGE}

The file holds the secrets of monitors and channels in the open: keep it like one.`;

/** Longest wait for more of the file, in milliseconds. */
const SILENCE_MAX_MS = 120_000;
/** Signals that end the command, each with the exit code that shells know for it. */
const ENDING = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Runs the command; returns its exit code. */
export async function runBackup(args: readonly string[], cwd: string): Promise<number> {
  const options = parseNetworkOptions(args, cwd, BACKUP_USAGE);
  if (options === null) {
    console.log(BACKUP_USAGE);
    return 0;
  }
  const { file } = options;
  if (existsSync(file)) throw taken(file);
  const partial = `${file}.${randomUUID()}.partial`;
  const forget = () => rmSync(partial, { force: true });
  for (const [signal, code] of Object.entries(ENDING)) {
    process.once(signal, () => {
      forget();
      process.exit(code);
    });
  }
  try {
    await download(options, partial);
    const rows = countRows(partial);
    settle(partial, file);
    const tables = [...rows].map(([table, count]) => `${count} ${table}`).join(", ");
    console.log(`${file}: ${tables}.\nIt holds secrets; only you may read it (mode 0600).`);
    return 0;
  } finally {
    forget();
  }
}

function taken(file: string): Complaint {
  return new Complaint(`${file} is there already; name another file.`);
}

/** Gives a file its name, unless another has got that meanwhile. */
function settle(partial: string, file: string): void {
  try {
    linkSync(partial, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw taken(file);
    settleWithoutLinks(partial, file);
  }
}

/** The same where a file system has no links: an empty file keeps the name until then. */
function settleWithoutLinks(partial: string, file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw taken(file);
    throw new Complaint(`${file} cannot be written: ${errorText(error)}`);
  }
  try {
    renameSync(partial, file);
  } catch (error) {
    rmSync(file, { force: true });
    throw new Complaint(`${file} cannot be written: ${errorText(error)}`);
  }
}

async function download(options: NetworkOptions, path: string): Promise<void> {
  // The whole takes as long as it takes.
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error("no more of it came")), SILENCE_MAX_MS);
  timer.unref();
  const { body } = await request(options, "GET", "api/v1/backup", undefined, silence.signal);
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o600);
  } catch (error) {
    throw new Complaint(`${options.file} cannot be written: ${errorText(error)}`);
  }
  try {
    for await (const chunk of body ?? []) {
      timer.refresh();
      writeWhole(descriptor, chunk as Uint8Array);
    }
  } catch (error) {
    throw new Complaint(`The backup broke off: ${errorText(error)}. Try again.`, 1);
  } finally {
    clearTimeout(timer);
    closeSync(descriptor);
  }
}

/** A write may take less than it was given. */
function writeWhole(descriptor: number, chunk: Uint8Array): void {
  for (let from = 0; from < chunk.length;) from += writeSync(descriptor, chunk, from);
}

/** Rows by table, of a file that is whole and sound. */
function countRows(path: string): Map<string, number> {
  const counts = new Map<string, number>();
  const configured = ["monitors", "channels", "maintenances", "pages"];
  const told = new Set([...configured, "incidents", "deliveries"]);
  try {
    for (const { in: place, table } of readBackup(fileLines(path))) {
      if (place === "d1" && told.has(table)) counts.set(table, (counts.get(table) ?? 0) + 1);
    }
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    throw new Complaint(`${error.message} Try again.`, 1);
  }
  return counts;
}
