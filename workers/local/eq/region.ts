/**
 * `eq region list|add|remove`: which regions the network has, and over how many Workers the monitors
 * of each are divided.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SHARDS_MAX } from "../../../shared/monitor/shard.ts";
import { REGIONS, probeName, regionLabel } from "../../../shared/regions.ts";
import { Complaint, firstSentence } from "../complaint.ts";
import { WRANGLER_TOML } from "../network/environments.ts";
import { addRegion, countShards, removeRegion } from "./region-file.ts";

/** Crons that Cloudflare's free plan allows per account. */
const FREE_CRONS_MAX = 5;

/** Help of the command. */
export const REGION_USAGE = `Usage: npm run eq -- region list
       npm run eq -- region add <id> [--shards 2]
       npm run eq -- region remove <id>

Edits wrangler.toml: the region's probe and the coordinator's binding to it. --shards divides the
region's monitors over so many Workers (1 … ${SHARDS_MAX}), of a region that is there already too.
Deploy afterwards with \`npm run deploy\`.`;

function complain(message: string): Complaint {
  return new Complaint(`${message}\n${REGION_USAGE}`);
}

/** The catalogue with what is in use: how many probes each region has. */
export function renderRegionList(inUse: ReadonlyMap<string, number>): string {
  const width = Math.max(...REGIONS.map(({ id }) => id.length));
  return REGIONS.map(({ id, label, placementHint }) => {
    const shards = inUse.get(id) ?? 0;
    const place = `${shards > 0 ? "●" : "○"} ${id.padEnd(width)}  ${label.padEnd(28)}`;
    return `${place} ${placementHint}${shards > 1 ? `  ${shards} shards` : ""}`;
  }).join("\n");
}

/** How many crons some regions need, and what that means for the account. */
export function renderCronNote(inUse: ReadonlyMap<string, number>): string {
  const probes = [...inUse.values()].reduce((sum, shards) => sum + shards, 0);
  const crons = probes + 1;
  const regions = `${inUse.size} ${inUse.size === 1 ? "region" : "regions"}`;
  const count = `${regions}${probes > inUse.size ? ` with ${probes} probes` : ""} and the coordinator`;
  return crons > FREE_CRONS_MAX
    ? `Warning: ${count} need ${crons} crons: more than the free plan's ${FREE_CRONS_MAX} per ` +
        "account, so this needs the paid plan."
    : `${count} use ${crons} of the free plan's ${FREE_CRONS_MAX} crons.`;
}

interface RegionCommand {
  action: string | undefined;
  region: string | undefined;
  /** Null: not said. */
  shards: number | null;
  help: boolean;
}

function parseCommand(args: readonly string[]): RegionCommand {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { shards: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw complain(`${firstSentence(error)}.`);
  }
  const [action, region, ...rest] = parsed.positionals;
  const { shards: text, help = false } = parsed.values;
  if (rest.length > 0) throw complain("Expected list, add <id> or remove <id>.");
  const shards = text === undefined ? null : /^\d+$/.test(text) ? Number(text) : 0;
  if (shards !== null && (shards < 1 || shards > SHARDS_MAX || action !== "add")) {
    throw complain(`--shards goes with add, and is a whole number of 1 … ${SHARDS_MAX}.`);
  }
  return { action, region, shards, help };
}

/** Runs the command; returns its exit code. */
export function runRegion(args: readonly string[]): number {
  const { action, region, shards, help } = parseCommand(args);
  if (help) {
    console.log(REGION_USAGE);
    return 0;
  }
  const text = readFileSync(WRANGLER_TOML, "utf8");
  if (action === "list" && region === undefined) {
    const inUse = countShards(text);
    console.log(`${renderRegionList(inUse)}\n\n${renderCronNote(inUse)}`);
    return 0;
  }
  if ((action !== "add" && action !== "remove") || region === undefined) {
    throw complain("Expected list, add <id> or remove <id>.");
  }
  const edit = action === "add" ? addRegion(text, region, shards) : removeRegion(text, region);
  if (edit.changed) writeFileSync(WRANGLER_TOML, edit.text);
  console.log(renderOutcome(region, text, edit.text));
  console.log(renderCronNote(countShards(edit.text)));
  return 0;
}

/** What an edit has done to a region. */
export function renderOutcome(region: string, before: string, after: string): string {
  const place = `${region}, ${regionLabel(region)},`;
  const [old, count] = [before, after].map((text) => countShards(text).get(region) ?? 0);
  const [from, to] = [old ?? 0, count ?? 0];
  if (before === after) {
    const present = to === 0 ? "is not" : "is";
    const already = to === 0 ? "" : to === 1 ? " already" : ` already, in ${to} shards`;
    return `${place} ${present} in wrangler.toml${already}; nothing was changed.`;
  }
  const shards = `${to} ${to === 1 ? "shard" : "shards"}`;
  const done =
    to === 0
      ? `Removed ${place} from wrangler.toml.`
      : from === 0
        ? `Added ${place} to wrangler.toml${to > 1 ? ` in ${shards}` : ""}.`
        : `${place} has ${shards} in wrangler.toml now.`;
  if (to >= from) return `${done} Restart \`npm start\`, or run \`npm run deploy\`.`;
  const gone = Array.from({ length: from - to }, (_, index) => probeName(region, to + index));
  const deletions = gone.map((name) => `  npx wrangler delete --name echoquorum-probe-${name}`);
  const workers = gone.length === 1 ? "the old Worker" : "the old Workers";
  return [`${done} Run \`npm run deploy\`, then remove ${workers}:`, ...deletions].join("\n");
}
