/**
 * Rollups as text, and the blocks in which they are kept for good: all rows of one monitor and
 * resolution within an hour (of five minutes) or a day (of hours; a day's own), every region's.
 *
 * A block is one row of a database, written when its time is over. So what is written per day grows
 * with monitors and not with regions or periods, and a report about one monitor reads nothing of
 * the others. Pure.
 */
import { z } from "zod";
import { addHistograms } from "./latency-histogram.ts";
import type { Resolution, Rollup, RollupIdentity } from "./rollup.ts";
import { PERIOD_MS, emptyRollup } from "./rollup.ts";

/** Time that a block of each resolution covers, in milliseconds. */
export const BLOCK_MS: Readonly<Record<Resolution, number>> = {
  "5min": PERIOD_MS.hour,
  hour: PERIOD_MS.day,
  day: PERIOD_MS.day,
};

/** Which block. */
export interface BlockKey {
  resolution: Resolution;
  /** A multiple of the block's time (UTC epoch milliseconds). */
  startMs: number;
}

/** All rows of one monitor and resolution within a block's time. */
export interface RollupBlock extends BlockKey {
  monitor: string;
  /** See {@link encodeBlock}. */
  body: string;
}

/** Start of the block in which a moment lies. */
export function blockStartMs(resolution: Resolution, atMs: number): number {
  return Math.floor(atMs / BLOCK_MS[resolution]) * BLOCK_MS[resolution];
}

/** Numbers of a row in their stored order; append only, before the histogram none. */
const NUMBERS = [
  "observations",
  "up",
  "degraded",
  "down",
  "unknown",
  "operationalMs",
  "degradedMs",
  "partialMs",
  "downMs",
  "unknownMs",
  "maintenanceMs",
  "latencySumMs",
  "latencyCount",
] as const satisfies ReadonlyArray<keyof Rollup>;
const SEPARATOR = ",";

/**
 * Encodes what a row has counted: its numbers, then its histogram, separated by commas; zeros are
 * left out, and so is what is empty at the end. E.g. `5,5,,,,,,,,,,400.5,5,1n*5`.
 */
export function encodeRollup(row: Rollup): string {
  const fields: string[] = [];
  for (const name of NUMBERS) fields.push(row[name] === 0 ? "" : String(row[name]));
  fields.push(row.latency);
  return joinFields(fields);
}

function joinFields(fields: string[]): string {
  while (fields.at(-1) === "") fields.pop();
  return fields.join(SEPARATOR);
}

/** The sum of two numbers in their stored form. */
function addFields(first: string, second: string): string {
  if (first === "") return second;
  if (second === "") return first;
  const sum = Number(first) + Number(second);
  if (!Number.isFinite(sum)) throw new SyntaxError("damaged rollup");
  return sum === 0 ? "" : String(sum);
}

/**
 * Adds two encoded rows of one identity: what `addRollup` makes of them, without decoding what stays
 * as it is. Each observation is added so.
 *
 * @throws SyntaxError when a text is damaged, as far as it is read
 */
export function addEncodedRollups(first: string, second: string): string {
  const fields: string[] = [];
  let [a, b] = [0, 0];
  for (let index = 0; index < NUMBERS.length; index += 1) {
    const [endA, endB] = [fieldEnd(first, a), fieldEnd(second, b)];
    fields.push(addFields(first.slice(a, endA), second.slice(b, endB)));
    a = endA + 1;
    b = endB + 1;
  }
  fields.push(addHistograms(first.slice(a), second.slice(b)));
  return joinFields(fields);
}

/** Where the field that begins at a place ends; behind the text there are empty ones. */
function fieldEnd(text: string, at: number): number {
  const end = text.indexOf(SEPARATOR, at);
  return end < 0 ? Math.max(at, text.length) : end;
}

/**
 * Decodes a row.
 *
 * @throws SyntaxError when the text is damaged
 */
export function decodeRollup(identity: RollupIdentity, text: string): Rollup {
  const fields = text.split(SEPARATOR);
  const row = emptyRollup(identity);
  for (const [index, name] of NUMBERS.entries()) {
    const field = fields[index] ?? "";
    const value = field === "" ? 0 : Number(field);
    if (!Number.isFinite(value)) throw new SyntaxError("damaged rollup");
    row[name] = value;
  }
  row.latency = fields[NUMBERS.length] ?? "";
  return row;
}

/** A row in a block: its region, the number of its period, and what it has counted. */
const entriesSchema = z.array(z.tuple([z.string(), z.int().min(0), z.string()]));
type Entry = z.output<typeof entriesSchema>[number];

/** Encodes a block's rows, given as texts, in the order of regions and periods. */
export function encodeBlock(entries: readonly Entry[]): string {
  const sorted = entries.toSorted(
    ([a, first], [b, second]) => (a < b ? -1 : a > b ? 1 : 0) || first - second,
  );
  return JSON.stringify(sorted);
}

/**
 * Decodes a block into its rows.
 *
 * @throws SyntaxError when it is damaged
 */
export function decodeBlock({ monitor, resolution, startMs, body }: RollupBlock): Rollup[] {
  const parsed = entriesSchema.safeParse(JSON.parse(body));
  if (!parsed.success) throw new SyntaxError("damaged block of rollups");
  return parsed.data.map(([region, period, text]) => {
    const bucketStartMs = startMs + period * PERIOD_MS[resolution];
    return decodeRollup({ monitor, resolution, region, bucketStartMs }, text);
  });
}

/** Packs rows into the blocks that they belong to. */
export function packRollups(rows: Iterable<Rollup>): RollupBlock[] {
  const blocks = new Map<string, BlockKey & { monitor: string; entries: Entry[] }>();
  for (const row of rows) {
    const { monitor, resolution, region, bucketStartMs } = row;
    const startMs = blockStartMs(resolution, bucketStartMs);
    const name = `${resolution}/${monitor}/${startMs}`;
    const block = blocks.get(name) ?? { monitor, resolution, startMs, entries: [] };
    const period = (bucketStartMs - startMs) / PERIOD_MS[resolution];
    block.entries.push([region, period, encodeRollup(row)]);
    blocks.set(name, block);
  }
  return [...blocks.values()].map(({ entries, ...key }) => ({
    ...key,
    body: encodeBlock(entries),
  }));
}
