/**
 * Rollup rows in storage: all monitors of one region and period in one bucket, hence one stored row
 * per change instead of one per monitor. What is counted is decided in `shared/monitor/rollup.ts`.
 */
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { addRollup } from "../../../shared/monitor/rollup.ts";

/** Length of a period. */
export type Resolution = Rollup["resolution"];

/** Which bucket. */
export interface BucketKey {
  resolution: Resolution;
  /** Region id, or `*` for the time by verdict. */
  region: string;
  startMs: number;
}

/** Rows of one region and period. */
export interface Bucket extends BucketKey {
  /** By monitor. */
  rows: ReadonlyMap<string, Rollup>;
}

/** Numbers of a row in their stored order; append only. */
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

/** A key as text. */
export function bucketName({ resolution, region, startMs }: BucketKey): string {
  return `${resolution}/${region}/${startMs}`;
}

/** A bucket without rows. */
export function emptyBucket({ resolution, region, startMs }: BucketKey): Bucket {
  return { resolution, region, startMs, rows: new Map() };
}

/** Encodes a bucket's rows compactly. */
export function encodeRows(bucket: Bucket): string {
  return JSON.stringify(
    [...bucket.rows].map(([monitor, row]) => [monitor, ...NUMBERS.map((name) => row[name])]),
  );
}

/**
 * Decodes a bucket's rows; numbers that an older release did not write are 0.
 *
 * @throws SyntaxError when the stored text is damaged
 */
export function decodeRows(key: BucketKey, body: string): Bucket {
  const { resolution, region, startMs: bucketStartMs } = key;
  const rows = new Map<string, Rollup>();
  for (const [monitor, ...values] of JSON.parse(body) as Array<[string, ...number[]]>) {
    const numbers = Object.fromEntries(NUMBERS.map((name, at) => [name, values[at] ?? 0]));
    rows.set(monitor, { monitor, resolution, region, bucketStartMs, ...numbers } as Rollup);
  }
  return { ...emptyBucket(key), rows };
}

/** Adds changes to the buckets they belong to. */
export function addToBuckets(
  buckets: { bucket(key: BucketKey): Bucket; saveBucket(bucket: Bucket): void },
  changes: readonly Rollup[],
): void {
  const touched = new Map<string, BucketKey & { rows: Map<string, Rollup> }>();
  for (const change of changes) {
    const { resolution, region, bucketStartMs: startMs, monitor } = change;
    const name = bucketName({ resolution, region, startMs });
    let bucket = touched.get(name);
    if (bucket === undefined) {
      const before = buckets.bucket({ resolution, region, startMs });
      bucket = { ...before, rows: new Map(before.rows) };
      touched.set(name, bucket);
    }
    const row = bucket.rows.get(monitor);
    bucket.rows.set(monitor, row === undefined ? change : addRollup(row, change));
  }
  for (const bucket of touched.values()) buckets.saveBucket(bucket);
}
