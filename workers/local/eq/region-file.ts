/**
 * Adds and removes regions in the text of `wrangler.toml`, leaving every comment and everything else
 * as it is.
 *
 * A new probe's block is modelled on an existing one, so that variables which were changed for all
 * probes are changed for the new one too. The result is parsed again and compared with what was
 * meant; this module never writes a file. Pure, except that nothing here reads the clock either.
 */
import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import { REGIONS, findRegion, probeBindingName } from "../../../shared/regions.ts";
import { Complaint } from "../complaint.ts";
import { PROBE_PREFIX, parseWranglerToml } from "../network/environments.ts";

/** Text after an edit; unchanged when there was nothing to do. */
export interface RegionEdit {
  text: string;
  changed: boolean;
}

const CATALOGUE: readonly string[] = REGIONS.map(({ id }) => id);

/** Regions with a probe, in the file's order. */
export function probeRegions(text: string): string[] {
  return parseWranglerToml(text).environments.flatMap(({ region }) => region ?? []);
}

/** Regions of a file in the catalogue's order, then those it does not know. */
function rank(region: string): number {
  const index = CATALOGUE.indexOf(region);
  return index < 0 ? CATALOGUE.length : index;
}

function header(region: string): string {
  return `[env.${PROBE_PREFIX}${region}]`;
}

function isHeader(line: string): boolean {
  return /^\s*\[/.test(line);
}

/** Lines of a region's block: from its header to the next block that is not its own. */
function blockRange(lines: readonly string[], region: string): { start: number; end: number } {
  const start = lines.findIndex((line) => line.trim() === header(region));
  if (start < 0) throw unexpectedShape(`it has no line ${header(region)}`);
  const own = new RegExp(`^\\s*\\[+env\\.${PROBE_PREFIX}${region}(\\.|\\])`);
  let end = start + 1;
  while (end < lines.length && !(isHeader(lines[end] ?? "") && !own.test(lines[end] ?? "")))
    end += 1;
  // Comments and blank lines before the next header belong to that one.
  while (end > start && /^\s*(#.*)?$/.test(lines[end - 1] ?? "")) end -= 1;
  return { start, end };
}

function unexpectedShape(detail: string): Complaint {
  return new Complaint(`wrangler.toml is not laid out as expected (${detail}): edit it by hand.`);
}

/** Index of the line that binds a region's probe in the coordinator's `services`. */
function bindingIndex(lines: readonly string[], region: string): number {
  const binding = new RegExp(`^\\s*\\{\\s*binding\\s*=\\s*"${probeBindingName(region)}"`);
  const index = lines.findIndex((line) => binding.test(line));
  if (index < 0) throw unexpectedShape(`no line binds ${probeBindingName(region)}`);
  return index;
}

/** Rewrites one region's names and placement to another's. */
function transplant(line: string, from: string, to: string): string {
  return line
    .replaceAll(probeBindingName(from), probeBindingName(to))
    .replaceAll(`${PROBE_PREFIX}${from}`, `${PROBE_PREFIX}${to}`)
    .replaceAll(
      `"${findRegion(from)?.placementHint ?? from}"`,
      `"${findRegion(to)?.placementHint}"`,
    )
    .replaceAll(`"${from}"`, `"${to}"`);
}

function requireKnown(region: string): void {
  if (CATALOGUE.includes(region)) return;
  throw new Complaint(`There is no region "${region}". Known are ${CATALOGUE.join(", ")}.`);
}

/**
 * Adds a region's probe and the coordinator's binding to it.
 *
 * @throws Complaint for an unknown region or a file that is laid out otherwise
 */
export function addRegion(text: string, region: string): RegionEdit {
  requireKnown(region);
  const present = probeRegions(text);
  if (present.includes(region)) return { text, changed: false };
  const ordered = present.toSorted((a, b) => rank(a) - rank(b));
  const next = ordered.find((other) => rank(other) > rank(region));
  const model = next ?? ordered.at(-1);
  if (model === undefined) throw unexpectedShape("it has no probe to model a new one on");

  const lines = text.split("\n");
  const { start, end } = blockRange(lines, model);
  const block = lines
    .slice(start, end)
    .filter((line) => !/^\s*#/.test(line))
    .map((line) => transplant(line, model, region));
  if (next === undefined) lines.splice(end, 0, "", ...block);
  else lines.splice(start, 0, ...block, "");

  const bound = bindingIndex(lines, model);
  const binding = transplant(lines[bound] ?? "", model, region);
  lines.splice(next === undefined ? bound + 1 : bound, 0, binding);
  const edited = lines.join("\n");
  verify(text, edited, region, "added");
  return { text: edited, changed: true };
}

/**
 * Removes a region's probe and the coordinator's binding to it.
 *
 * @throws Complaint for an unknown region, or the last one
 */
export function removeRegion(text: string, region: string): RegionEdit {
  const present = probeRegions(text);
  if (!present.includes(region)) {
    requireKnown(region);
    return { text, changed: false };
  }
  if (present.length === 1) {
    throw new Complaint(
      `${region} is the last region: add another with \`npm run eq -- region add <id>\` first.`,
    );
  }
  const lines = text.split("\n");
  lines.splice(bindingIndex(lines, region), 1);
  const { start, end } = blockRange(lines, region);
  lines.splice(start, end - start);
  // One blank line where the block was, none doubled.
  if (lines[start - 1]?.trim() === "" && (lines[start] ?? "").trim() === "") lines.splice(start, 1);
  else if (/^\s*#/.test(lines[start - 1] ?? "") && lines[start]?.trim() === "") {
    lines.splice(start, 1);
  }
  const edited = `${lines.join("\n").trimEnd()}\n`;
  verify(text, edited, region, "removed");
  return { text: edited, changed: true };
}

interface ParsedFile {
  env: Record<string, Record<string, unknown>>;
}

/** Makes sure that the edit did what was meant and nothing else. */
function verify(before: string, after: string, region: string, edit: "added" | "removed"): void {
  const [smaller, larger] = edit === "added" ? [before, after] : [after, before];
  const expected = parse(larger) as unknown as ParsedFile;
  const name = expected.env[`${PROBE_PREFIX}${region}`]?.["name"];
  delete expected.env[`${PROBE_PREFIX}${region}`];
  const coordinator = expected.env["coordinator"];
  if (coordinator !== undefined && Array.isArray(coordinator["services"])) {
    coordinator["services"] = coordinator["services"].filter(
      (service: { service: string }) => service.service !== name,
    );
  }
  if (typeof name !== "string" || !isDeepStrictEqual(expected, parse(smaller))) {
    throw unexpectedShape("the edit would change more than the region");
  }
}
