/**
 * The Workers that `wrangler.toml` declares: one environment each.
 *
 * Reads the file and complains about what the local network cannot do without; never writes it.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { Complaint, errorText } from "../complaint.ts";

/** Root of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The one configuration of all Workers. */
export const WRANGLER_TOML = `${ROOT}wrangler.toml`;
/** Environment of the coordinator. */
export const COORDINATOR = "coordinator";
/** Environments of probes begin with this, followed by the region's id. */
export const PROBE_PREFIX = "probe-";

/** One Worker. */
export interface WorkerEnvironment {
  /** Name of the environment, e.g. `probe-eu-central`. */
  environment: string;
  /** Name of the Worker, e.g. `echoquorum-probe-eu-central`. */
  name: string;
  /** Region of a probe; null: not a probe. */
  region: string | null;
}

/** What is read of `wrangler.toml`. */
export interface WranglerFile {
  compatibilityDate: string;
  compatibilityFlags: string[];
  /** In the file's order. */
  environments: WorkerEnvironment[];
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parses `wrangler.toml`.
 *
 * @throws Complaint when it is not TOML, or lacks the coordinator or every probe
 */
export function parseWranglerToml(text: string): WranglerFile {
  let file: Record<string, unknown>;
  try {
    file = parse(text);
  } catch (error) {
    throw new Complaint(`wrangler.toml cannot be read: ${errorText(error).split("\n")[0]}`);
  }
  const environments = Object.entries(isTable(file["env"]) ? file["env"] : {}).map(
    ([environment, table]): WorkerEnvironment => ({
      environment,
      name:
        isTable(table) && typeof table["name"] === "string"
          ? table["name"]
          : `${String(file["name"])}-${environment}`,
      region: environment.startsWith(PROBE_PREFIX) ? environment.slice(PROBE_PREFIX.length) : null,
    }),
  );
  if (!environments.some(({ environment }) => environment === COORDINATOR)) {
    throw new Complaint(
      `wrangler.toml has no [env.${COORDINATOR}]: restore it from the repository`,
    );
  }
  if (!environments.some(({ region }) => region !== null)) {
    throw new Complaint(
      "wrangler.toml has no probe: add one with `npm run eq -- region add eu-central`",
    );
  }
  const flags = file["compatibility_flags"];
  return {
    compatibilityDate: String(file["compatibility_date"]),
    compatibilityFlags: Array.isArray(flags) ? flags.map(String) : [],
    environments,
  };
}

/** Reads and parses the repository's `wrangler.toml`. */
export function loadWranglerToml(): WranglerFile {
  return parseWranglerToml(readFileSync(WRANGLER_TOML, "utf8"));
}
