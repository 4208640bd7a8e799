/**
 * Adds and removes regions in the text of `wrangler.toml`, and divides them into shards, leaving every
 * comment and everything else as it is.
 *
 * A new probe's block is modelled on an existing one, so that variables which were changed for all
 * probes are changed for the new one too; further shards are copies of their region's first. The
 * result is parsed again and compared with what was meant; this module never writes a file. Pure,
 * except that nothing here reads the clock either.
 */
import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import { REGIONS, findRegion, probeBindingName, probeName } from "../../../shared/regions.ts";
import { Complaint } from "../complaint.ts";
import { PROBE_PREFIX, parseWranglerToml, regionsOf } from "../network/environments.ts";

/** Text after an edit; unchanged when there was nothing to do. */
export interface RegionEdit {
  text: string;
  changed: boolean;
}

const CATALOGUE: readonly string[] = REGIONS.map(({ id }) => id);

/** Regions with a probe, in the file's order. */
export function probeRegions(text: string): string[] {
  return regionsOf(parseWranglerToml(text).environments);
}

/** How many probes each region has. */
export function countShards(text: string): Map<string, number> {
  const { environments } = parseWranglerToml(text);
  return new Map(
    regionsOf(environments).map((region) => [
      region,
      environments.filter((probe) => probe.region === region).length,
    ]),
  );
}

/** Names of a region's probes in a file, in its order. */
function probesOf(text: string, region: string): string[] {
  return parseWranglerToml(text)
    .environments.filter((probe) => probe.region === region)
    .map(({ environment }) => environment.slice(PROBE_PREFIX.length));
}

/** Regions of a file in the catalogue's order, then those it does not know. */
function rank(region: string): number {
  const index = CATALOGUE.indexOf(region);
  return index < 0 ? CATALOGUE.length : index;
}

function header(name: string): string {
  return `[env.${PROBE_PREFIX}${name}]`;
}

function isHeader(line: string): boolean {
  return /^\s*\[/.test(line);
}

/** Lines of a probe's block: from its header to the next block that is not its own. */
function blockRange(lines: readonly string[], name: string): { start: number; end: number } {
  const start = lines.findIndex((line) => line.trim() === header(name));
  if (start < 0) throw unexpectedShape(`it has no line ${header(name)}`);
  const own = new RegExp(`^\\s*\\[+env\\.${PROBE_PREFIX}${name}(\\.|\\])`);
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

/** Index of the line that binds a probe in the coordinator's `services`. */
function bindingIndex(lines: readonly string[], name: string): number {
  const binding = new RegExp(`^\\s*\\{\\s*binding\\s*=\\s*"${probeBindingName(name)}"`);
  const index = lines.findIndex((line) => binding.test(line));
  if (index < 0) throw unexpectedShape(`no line binds ${probeBindingName(name)}`);
  return index;
}

/** A line that says which shard a probe is. */
const SHARD_LINE = /^\s*SHARD\s*=/;

/** A probe's block without comments, and without what only its shard is about. */
function plainBlock(lines: readonly string[], name: string): string[] {
  const { start, end } = blockRange(lines, name);
  return lines.slice(start, end).filter((line) => !/^\s*#/.test(line) && !SHARD_LINE.test(line));
}

function isBlank(line: string | undefined): boolean {
  return line?.trim() === "";
}

/** Takes a probe's block and the coordinator's binding to it out. */
function cutProbe(lines: string[], name: string): void {
  lines.splice(bindingIndex(lines, name), 1);
  const { start, end } = blockRange(lines, name);
  lines.splice(start, end - start);
  // One blank line where the block was, none doubled.
  const follows = isBlank(lines[start - 1]) || /^\s*#/.test(lines[start - 1] ?? "");
  if (follows && (isBlank(lines[start]) || start === lines.length)) lines.splice(start, 1);
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
 * Adds a region with its probe, or its several, and the coordinator's bindings to them.
 *
 * @param shards how many; null: as many as it has, one for a new region
 * @throws Complaint for an unknown region or a file that is laid out otherwise
 */
export function addRegion(text: string, region: string, shards: number | null = null): RegionEdit {
  requireKnown(region);
  const isNew = !probeRegions(text).includes(region);
  const lines = text.split("\n");
  if (isNew) insertRegion(lines, text, region);
  if (shards !== null) divideRegion(lines, region, shards);
  const edited = lines.join("\n");
  const count = shards ?? (isNew ? 1 : probesOf(text, region).length);
  if (edited !== text) verify(text, edited, region, count);
  return { text: edited, changed: edited !== text };
}

/** Puts a new region's one probe where the catalogue's order wants it. */
function insertRegion(lines: string[], text: string, region: string): void {
  const ordered = probeRegions(text).toSorted((a, b) => rank(a) - rank(b));
  const next = ordered.find((other) => rank(other) > rank(region));
  const model = next ?? ordered.at(-1);
  if (model === undefined) throw unexpectedShape("it has no probe to model a new one on");
  const last = probesOf(text, model).at(-1) ?? model;
  const block = plainBlock(lines, model).map((line) => transplant(line, model, region));
  if (next === undefined) lines.splice(blockRange(lines, last).end, 0, "", ...block);
  else lines.splice(blockRange(lines, model).start, 0, ...block, "");
  const binding = transplant(lines[bindingIndex(lines, model)] ?? "", model, region);
  const bound = bindingIndex(lines, next === undefined ? last : model);
  lines.splice(next === undefined ? bound + 1 : bound, 0, binding);
}

/** Makes a region's probes as many as are wanted, each with its `SHARD`. */
function divideRegion(lines: string[], region: string, count: number): void {
  for (const name of probesOf(lines.join("\n"), region)) if (name !== region) cutProbe(lines, name);
  const plain = plainBlock(lines, region);
  const names = Array.from({ length: count }, (_, index) => probeName(region, index));
  setShard(lines, region, count === 1 ? null : `1/${count}`);
  for (const [index, name] of names.entries()) {
    const before = names[index - 1];
    if (before === undefined) continue;
    const block = plain.map((line) => rename(line, region, name));
    lines.splice(blockRange(lines, before).end, 0, "", ...block);
    setShard(lines, name, `${index + 1}/${count}`);
    const binding = rename(lines[bindingIndex(lines, region)] ?? "", region, name);
    lines.splice(bindingIndex(lines, before) + 1, 0, binding);
  }
}

/** Rewrites a region's first probe's names to those of another of its probes. */
function rename(line: string, region: string, name: string): string {
  return line
    .replaceAll(`${PROBE_PREFIX}${region}`, `${PROBE_PREFIX}${name}`)
    .replaceAll(`"${probeBindingName(region)}"`, `"${probeBindingName(name)}"`);
}

/** Says in a probe's variables which shard it is, beneath its region; null: it is the whole. */
function setShard(lines: string[], name: string, shard: string | null): void {
  const own = () => {
    const { start, end } = blockRange(lines, name);
    return { start, block: lines.slice(start, end) };
  };
  const { start: first, block } = own();
  const present = block.findIndex((line) => SHARD_LINE.test(line));
  if (present >= 0) lines.splice(first + present, 1);
  if (shard === null) return;
  const { start, block: rest } = own();
  const region = rest.findIndex((line) => /^\s*REGION\s*=/.test(line));
  if (region < 0) throw unexpectedShape(`${header(name)} has no line REGION`);
  lines.splice(start + region + 1, 0, `SHARD = "${shard}"`);
}

/**
 * Removes a region's probes and the coordinator's bindings to them.
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
  for (const name of probesOf(text, region).toReversed()) cutProbe(lines, name);
  const edited = `${lines.join("\n").trimEnd()}\n`;
  verify(text, edited, region, 0);
  return { text: edited, changed: true };
}

interface Table {
  [key: string]: unknown;
}
interface ParsedFile extends Table {
  env: Record<string, Table>;
}

/** A file without a region's probes, and these apart, without what tells them from each other. */
function takeApart(text: string, region: string): { rest: ParsedFile; probes: Table[] } {
  const rest = parse(text) as unknown as ParsedFile;
  const names = probesOf(text, region);
  const probes = names.map((name) => {
    const table = rest.env[`${PROBE_PREFIX}${name}`] ?? {};
    delete rest.env[`${PROBE_PREFIX}${name}`];
    const alike = JSON.stringify(table).replaceAll(
      `${PROBE_PREFIX}${name}"`,
      `${PROBE_PREFIX}${region}"`,
    );
    const { vars, ...others } = JSON.parse(alike) as Table & { vars?: Table };
    const { SHARD: _shard, ...variables } = vars ?? {};
    return { ...others, vars: variables };
  });
  const coordinator = rest.env["coordinator"];
  const bindings = new Set(names.map((name) => probeBindingName(name)));
  if (coordinator !== undefined && Array.isArray(coordinator["services"])) {
    coordinator["services"] = coordinator["services"].filter(
      ({ binding }: { binding: string }) => !bindings.has(binding),
    );
  }
  return { rest, probes };
}

/** Makes sure that the edit did what was meant and nothing else. */
function verify(before: string, after: string, region: string, count: number): void {
  const [old, edited] = [takeApart(before, region), takeApart(after, region)];
  const model = old.probes[0] ?? edited.probes[0];
  const shards = parseWranglerToml(after)
    .environments.filter((probe) => probe.region === region)
    .map(({ shard }) => shard);
  const wanted = Array.from({ length: count }, (_, index) => ({ index, count }));
  const isMeant =
    isDeepStrictEqual(old.rest, edited.rest) &&
    edited.probes.every((probe) => isDeepStrictEqual(probe, model)) &&
    isDeepStrictEqual(shards, wanted);
  if (!isMeant) throw unexpectedShape("the edit would change more than the region");
}
