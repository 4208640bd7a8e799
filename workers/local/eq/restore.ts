/**
 * `eq restore FILE`: puts a backup in the place of what a running network has. The file is proven
 * whole and sound here first, and by the network again; until then nothing changes.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { BackupHeader } from "../../../shared/backup-file.ts";
import { BackupError, parseBackupHeader, readBackup } from "../../../shared/backup-file.ts";
import { Complaint, errorText } from "../complaint.ts";
import { fileLines } from "./file-lines.ts";
import type { NetworkOptions } from "./network-options.ts";
import {
  NETWORK_OPTIONS_USAGE,
  Unanswered,
  parseNetworkOptions,
  request,
} from "./network-options.ts";

/** Help of the command. */
export const RESTORE_USAGE = `Usage: npm run eq -- restore FILE [options]

${NETWORK_OPTIONS_USAGE}
  --replace        restore although the network has monitors, channels or a history: they are lost

Into a network of the same release as the one that was backed up. Nothing is told by it: alerts that
were still to be sent when the backup was made are given up.`;

/** Bytes of one part; a line that is longer is a part of its own. */
const PART_BYTES = 2_000_000;
/** Longest wait until it comes further, in milliseconds, and the pause between two looks. */
const STANDSTILL_MAX_MS = 180_000;
const LOOK_EVERY_MS = 300;
/** After how long something is asked for again that was not answered, in milliseconds. */
const REPEAT_AFTER_MS = 1_000;

interface Status {
  id: string;
  state: "staging" | "committing" | "done" | "failed";
  error: string | null;
  partsLeft: number;
}

/** Runs the command; returns its exit code. */
export async function runRestore(args: readonly string[], cwd: string): Promise<number> {
  const options = parseNetworkOptions(args, cwd, RESTORE_USAGE);
  if (options === null) {
    console.log(RESTORE_USAGE);
    return 0;
  }
  const header = readSound(options.file);
  const { id } = await call(options, "POST", "api/v1/restores", {
    type: "application/json",
    text: JSON.stringify({ replace: options.replace, header }),
  });
  let number = 0;
  for (const text of partsOf(options.file)) {
    const type = "application/vnd.echoquorum.backup";
    await insist(options, "PUT", `api/v1/restores/${id}/parts/${number}`, { type, text });
    number += 1;
  }
  await insist(options, "POST", `api/v1/restores/${id}/commit`);
  await awaitDone(options, id);
  console.log(`Restored the backup of ${header.createdAt}.`);
  return 0;
}

/** Header of a file that is a whole and sound backup. */
function readSound(file: string): BackupHeader {
  let header: BackupHeader | null = null;
  function* lines(): Generator<string> {
    for (const line of fileLines(file)) {
      header ??= parseBackupHeader(line);
      yield line;
    }
  }
  try {
    for (const row of readBackup(lines())) void row;
  } catch (error) {
    if (error instanceof BackupError) throw new Complaint(`${file}: ${error.message}`);
    throw new Complaint(`${file} cannot be read: ${errorText(error)}`);
  }
  return header ?? parseBackupHeader("");
}

/** Cuts a file into parts of whole lines. */
function* partsOf(file: string): Generator<string> {
  let [part, bytes]: [string[], number] = [[], 0];
  for (const line of fileLines(file)) {
    const length = Buffer.byteLength(line) + 1;
    if (bytes > 0 && bytes + length > PART_BYTES) {
      yield part.join("");
      [part, bytes] = [[], 0];
    }
    part.push(line, "\n");
    bytes += length;
  }
  yield part.join("");
}

async function call(
  options: NetworkOptions,
  method: string,
  path: string,
  body?: { type: string; text: string },
): Promise<Status> {
  const response = await request(options, method, path, body);
  try {
    return (await response.json()) as Status;
  } catch (error) {
    throw new Unanswered(`${options.url} cannot be understood: ${errorText(error)}.`, 1);
  }
}

/** The same for what may be asked for any number of times, until it is answered. */
async function insist(...asked: Parameters<typeof call>): Promise<Status> {
  const beganAtMs = Date.now();
  for (;;) {
    try {
      return await call(...asked);
    } catch (error) {
      const isOver = Date.now() - beganAtMs > STANDSTILL_MAX_MS;
      if (isOver || !(error instanceof Unanswered)) throw error;
    }
    await pause(REPEAT_AFTER_MS);
  }
}

async function awaitDone(options: NetworkOptions, id: string): Promise<void> {
  let [left, sinceMs] = [-1, Date.now()];
  for (;;) {
    const { state, error, partsLeft } = await insist(options, "GET", `api/v1/restores/${id}`);
    if (state === "done") return;
    if (state === "failed") throw new Complaint(`The restore was given up: ${error}`, 1);
    if (partsLeft !== left) [left, sinceMs] = [partsLeft, Date.now()];
    if (Date.now() - sinceMs > STANDSTILL_MAX_MS) {
      const why = error === null ? "" : ` (${error})`;
      throw new Complaint(`The restore ${id} is still being carried out${why}.`, 1);
    }
    await pause(LOOK_EVERY_MS);
  }
}
