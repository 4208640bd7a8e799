/**
 * `eq region list|add|remove`: which regions the network has.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { REGIONS, regionLabel } from "../../../shared/regions.ts";
import { Complaint } from "../complaint.ts";
import { WRANGLER_TOML } from "../network/environments.ts";
import type { RegionEdit } from "./region-file.ts";
import { addRegion, probeRegions, removeRegion } from "./region-file.ts";

/** Crons that Cloudflare's free plan allows per account. */
const FREE_CRONS_MAX = 5;

/** Help of the command. */
export const REGION_USAGE = `Usage: npm run eq -- region list
       npm run eq -- region add <id>
       npm run eq -- region remove <id>

Edits wrangler.toml: the region's probe and the coordinator's binding to it. Deploy afterwards with
\`npm run deploy\`.`;

function complain(message: string): Complaint {
  return new Complaint(`${message}\n${REGION_USAGE}`);
}

/** The catalogue with what is in use. */
export function renderRegionList(inUse: readonly string[]): string {
  const width = Math.max(...REGIONS.map(({ id }) => id.length));
  return REGIONS.map(({ id, label, placementHint }) => {
    const mark = inUse.includes(id) ? "●" : "○";
    return `${mark} ${id.padEnd(width)}  ${label.padEnd(28)} ${placementHint}`;
  }).join("\n");
}

/** How many crons a set of regions needs, and what that means for the account. */
export function renderCronNote(regionCount: number): string {
  const crons = regionCount + 1;
  const count = `${regionCount} ${regionCount === 1 ? "region" : "regions"} and the coordinator`;
  return crons > FREE_CRONS_MAX
    ? `${count} need ${crons} crons: more than the free plan's ${FREE_CRONS_MAX} per account, ` +
        "so this needs the paid plan."
    : `${count} use ${crons} of the free plan's ${FREE_CRONS_MAX} crons.`;
}

/** Runs the command; returns its exit code. */
export function runRegion(args: readonly string[]): number {
  const [action, region, ...rest] = args;
  const text = readFileSync(WRANGLER_TOML, "utf8");
  if (action === "list" && region === undefined) {
    const inUse = probeRegions(text);
    console.log(renderRegionList(inUse));
    console.log(`\n${renderCronNote(inUse.length)}`);
    return 0;
  }
  if (action === "--help" || action === "-h") {
    console.log(REGION_USAGE);
    return 0;
  }
  if ((action !== "add" && action !== "remove") || region === undefined || rest.length > 0) {
    throw complain("Expected list, add <id> or remove <id>.");
  }
  const edit: RegionEdit = action === "add" ? addRegion(text, region) : removeRegion(text, region);
  if (edit.changed) writeFileSync(WRANGLER_TOML, edit.text);
  console.log(renderOutcome(action, region, edit.changed));
  console.log(renderCronNote(probeRegions(edit.text).length));
  return 0;
}

function renderOutcome(action: "add" | "remove", region: string, changed: boolean): string {
  const place = `${region}, ${regionLabel(region)},`;
  if (action === "add") {
    return changed
      ? `Added ${place} to wrangler.toml. Restart \`npm start\`, or run \`npm run deploy\`.`
      : `${place} is in wrangler.toml already; nothing was changed.`;
  }
  return changed
    ? `Removed ${place} from wrangler.toml. Run \`npm run deploy\`, then remove the old Worker: ` +
        `npx wrangler delete --name echoquorum-probe-${region}`
    : `${place} is not in wrangler.toml; nothing was changed.`;
}
