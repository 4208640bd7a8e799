/**
 * The Workers that `wrangler.toml` declares: one environment each.
 *
 * Reads the file and complains about what the local network cannot do without; never writes it.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { COORDINATORS_MAX, parseCoordinators } from "../../../shared/monitor/placement.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { WHOLE, parseShard } from "../../../shared/monitor/shard.ts";
import { parseProbeName } from "../../../shared/regions.ts";
import { Complaint, errorText } from "../complaint.ts";

/** Root of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The one configuration of all Workers. */
export const WRANGLER_TOML = `${ROOT}wrangler.toml`;
/** Environment of the coordinator. */
export const COORDINATOR = "coordinator";
/** Environments of probes begin with this, followed by the probe's name: `eu-central-2`. */
export const PROBE_PREFIX = "probe-";

/** One Worker. */
export interface WorkerEnvironment {
  /** Name of the environment, e.g. `probe-eu-central`. */
  environment: string;
  /** Name of the Worker, e.g. `echoquorum-probe-eu-central`. */
  name: string;
  /** Region of a probe; null: not a probe. */
  region: string | null;
  /** Part of the region's monitors that a probe checks, as its `SHARD` says; null: it is not one. */
  shard: Shard | null;
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

function shardOf(table: unknown): Shard | null {
  const vars = isTable(table) ? table["vars"] : undefined;
  const text = isTable(vars) ? vars["SHARD"] : undefined;
  return text === undefined ? WHOLE : typeof text === "string" ? parseShard(text) : null;
}

/** Regions that have a probe, each once, in the file's order. */
export function regionsOf(environments: readonly WorkerEnvironment[]): string[] {
  return [...new Set(environments.flatMap(({ region }) => region ?? []))];
}

/** Index of a probe among its region's, as its name says. */
export function shardIndex(environment: string): number {
  return parseProbeName(environment.slice(PROBE_PREFIX.length)).shard;
}

/**
 * Makes sure that the probes of each region divide its monitors among all of them.
 *
 * @throws Complaint when one of them checks what another does, or there is a gap
 */
export function requireShards(environments: readonly WorkerEnvironment[]): void {
  for (const region of regionsOf(environments)) {
    const probes = environments.filter((probe) => probe.region === region);
    for (const { environment, shard } of probes) {
      const index = shardIndex(environment);
      if (shard?.index === index && shard.count === probes.length) continue;
      throw new Complaint(
        `wrangler.toml: [env.${environment}.vars] should say ` +
          (probes.length > index
            ? `SHARD = "${index + 1}/${probes.length}"`
            : `that it is one of ${probes.length}, but is numbered ${index + 1}`) +
          `. \`npm run eq -- region add ${region} --shards ${probes.length}\` sees to it.`,
      );
    }
  }
}

/** Makes sure that the number of coordinators is one, where it is set. */
function requireCoordinators(table: unknown): void {
  const vars = isTable(table) ? table["vars"] : undefined;
  const text = isTable(vars) ? vars["COORDINATOR_SHARDS"] : undefined;
  if (text === undefined || (typeof text === "string" && parseCoordinators(text) !== null)) return;
  throw new Complaint(
    `wrangler.toml: [env.${COORDINATOR}.vars] COORDINATOR_SHARDS should be a text with a number ` +
      `from 1 to ${COORDINATORS_MAX}, not ${JSON.stringify(text)}`,
  );
}

/**
 * Parses `wrangler.toml`.
 *
 * @throws Complaint when it is not TOML, lacks the coordinator or every probe, or sets a number of
 * coordinators that is none
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
      region: environment.startsWith(PROBE_PREFIX)
        ? parseProbeName(environment.slice(PROBE_PREFIX.length)).region
        : null,
      shard: shardOf(table),
    }),
  );
  if (!environments.some(({ environment }) => environment === COORDINATOR)) {
    throw new Complaint(
      `wrangler.toml has no [env.${COORDINATOR}]: restore it from the repository`,
    );
  }
  requireCoordinators(isTable(file["env"]) ? file["env"][COORDINATOR] : undefined);
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

/**
 * Reads and parses the repository's `wrangler.toml`.
 *
 * @throws Complaint when it lacks what the network needs, or its shards do not fit together
 */
export function loadWranglerToml(): WranglerFile {
  const file = parseWranglerToml(readFileSync(WRANGLER_TOML, "utf8"));
  requireShards(file.environments);
  return file;
}
