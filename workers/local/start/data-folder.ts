/**
 * The folder that holds everything that lasts over a restart of the local network: D1, the Durable
 * Object, the admin token, the demo's ports. One process at a time may use it.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Complaint, errorText } from "../complaint.ts";

/** Error code of SQLite for a lock that another process holds. */
const SQLITE_BUSY = 5;

/** An opened data folder. */
export interface DataFolder {
  path: string;
  /** For D1 and Durable Objects. */
  storage: string;
  /** Lets another process use it; the system does so too when this process ends. */
  unlock(): void;
}

/**
 * Opens a data folder, making it when it is not there.
 *
 * @throws Complaint when it cannot be written, or another process uses it
 */
export function openDataFolder(path: string): DataFolder {
  try {
    makeFolder(resolve(path));
    writeFileSync(join(path, "README.txt"), README);
  } catch (error) {
    throw new Complaint(
      `The data folder ${path} cannot be written (${errorText(error).split(",")[0]}): ` +
        "choose another with `npm start -- --data DIR`.",
    );
  }
  return { path, storage: join(path, "storage"), unlock: lock(path) };
}

/**
 * Makes a folder and those above it, one at a time: Node's own recursive way never returns on file
 * systems in which a folder that exists answers that it does not, such as /proc.
 */
function makeFolder(path: string): void {
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeFolder(above);
  if (!existsSync(path)) mkdirSync(path);
}

const README = `Data of a local Echoquorum (npm start): configuration, run log, incidents, the admin
token, and the demo's certificate authority. Remove this folder to begin afresh.
`;

/** Holds a lock of the operating system on a file: it ends with the process, however that ends. */
function lock(path: string): () => void {
  const database = new DatabaseSync(join(path, "lock.sqlite"));
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) {
      throw new Complaint(
        `The data folder ${path} is used by another \`npm start\`: stop that one, or choose ` +
          "another folder with `npm start -- --data DIR`.",
      );
    }
    throw new Complaint(`The data folder ${path} cannot be locked: ${errorText(error)}`);
  }
  return () => database.close();
}

/** Reads a file of the folder; null when it is not there. */
export function readOptional(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Absent in a fresh folder; a folder that cannot be read has been complained of already.
    return null;
  }
}

/**
 * A secret that is made once per data folder and kept in a file that only its owner can read.
 *
 * @param make turns 32 random bytes into the secret
 */
export function loadSecret(path: string, make: (bytes: Buffer) => string): string {
  const kept = readOptional(path)?.trim();
  if (kept !== undefined && kept !== "") return kept;
  const secret = make(randomBytes(32));
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}
