/**
 * Options of `npm start`.
 */
import { isAbsolute, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { formatDuration, parseDuration } from "../../../shared/duration.ts";
import { Complaint, firstSentence } from "../complaint.ts";
import { ROOT } from "../network/environments.ts";

/** What `npm start` was asked to do. */
export interface StartOptions {
  port: number;
  /** Pace of the crons, in milliseconds. */
  paceMs: number;
  /** Absolute path of the data folder. */
  dataFolder: string;
  demo: boolean;
  /** Absolute path of a configuration file; null: none. */
  configFile: string | null;
}

/** Shortest and longest pace, in milliseconds. */
const PACE_MIN_MS = 1_000;
const PACE_MAX_MS = 3_600_000;

/** Help of `npm start`. */
export const START_USAGE = `Runs the whole network on this machine: npm start -- [options]

  --port N        port of the status page and API (8787; 0: any free one)
  --every 10s     how often the regions look (1s … 1h)
  --data DIR      where everything is kept (.echoquorum)
  --no-demo       without demo targets, fault panel and alert receiver
  --config FILE   JSON with monitors, channels, maintenances and pages, applied at the start
  --help          this text

ECHOQUORUM_ADMIN_TOKEN in the environment sets the API's token; else one is made and kept.`;

/** Adds where help is to be found. */
function usage(message: string): Complaint {
  return new Complaint(`${message} See \`npm start -- --help\`.`);
}

/** A path as the person typed it: relative to where npm was called. */
export function userPath(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}

/** A path for people: relative to where they are when it lies below, else absolute. */
export function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith("..") || isAbsolute(below) ? path : below || ".";
}

/**
 * Parses the options.
 *
 * @param cwd where the person typed the command
 * @returns null when help was asked for
 * @throws Complaint that names the option
 */
export function parseStartOptions(args: readonly string[], cwd: string): StartOptions | null {
  const { values } = parseStrictly(args);
  if (values.help === true) return null;
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw usage(`--port expects a number from 0 to 65535, not "${values.port}".`);
  }
  const paceMs = parseDuration(values.every);
  if (paceMs === null) {
    throw usage(`--every expects a duration such as 10s or 1m, not "${values.every}".`);
  }
  if (paceMs < PACE_MIN_MS || paceMs > PACE_MAX_MS) {
    const range = `${formatDuration(PACE_MIN_MS)} to ${formatDuration(PACE_MAX_MS)}`;
    throw usage(`--every expects ${range}, not "${values.every}".`);
  }
  for (const option of ["data", "config"] as const) {
    // A variable of the shell that was not set.
    if (values[option] === "") throw usage(`--${option} expects a path, not an empty text.`);
  }
  return {
    port,
    paceMs,
    dataFolder: values.data === undefined ? join(ROOT, ".echoquorum") : userPath(values.data, cwd),
    demo: values["no-demo"] !== true,
    configFile: values.config === undefined ? null : userPath(values.config, cwd),
  };
}

function parseStrictly(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        port: { type: "string", default: "8787" },
        every: { type: "string", default: "10s" },
        data: { type: "string" },
        "no-demo": { type: "boolean" },
        config: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Node's own words name the option: "Unknown option '--prot'."
    throw usage(`${firstSentence(error)}.`);
  }
}
