/**
 * Rollups in the object's storage: all monitors of one region and period in one bucket, hence one
 * stored row per change instead of one per monitor. A large network's monitors are in several parts,
 * so that a row is no larger than a row may be, and a change rewrites no more than its part: what the
 * regions counted is divided as their probe Workers are, so that a run changes one part. Where that
 * division has changed a monitor may be in two, of which the sum counts. What is counted is decided in
 * `shared/monitor/rollup.ts`.
 *
 * A run changes its five minutes only. Hours and days are *folded* from them once five minutes are
 * over: up to `foldedToMs` they contain everything, and what comes later for a time that is folded
 * is added to all three, in the same transaction. So nothing is ever counted twice or not at all.
 */
import type { Resolution, Rollup } from "../../../shared/monitor/rollup.ts";
import { PERIOD_MS, RESOLUTIONS, periodStartMs } from "../../../shared/monitor/rollup.ts";
import {
  addEncodedRollups,
  decodeRollup,
  encodeRollup,
} from "../../../shared/monitor/rollup-block.ts";
import { LayeredMap } from "./layered-map.ts";

/** Which bucket. */
export interface BucketKey {
  resolution: Resolution;
  /** Region id, or `*` for the time by verdict. */
  region: string;
  startMs: number;
  /** Part of the network whose monitors it has; 0 but in large ones. */
  part: number;
}

/** Rows of one region and period. */
export interface Bucket extends BucketKey {
  /** By monitor, as text: see `encodeRollup`. Most are only ever stored and added to. */
  rows: ReadonlyMap<string, string>;
}

/** What rollups are kept in, as one step sees it. */
export interface BucketLedger {
  /** Part of the network that a monitor falls to. */
  partOf(monitor: string): number;
  /** Up to when hours and days contain what the five minutes do (UTC epoch milliseconds). */
  readonly foldedToMs: number;
  noteFolded(toMs: number): void;
  bucket(key: BucketKey): Bucket;
  /** Buckets of five minutes that begin in [fromMs, toMs). */
  fiveMinutes(fromMs: number, toMs: number): Bucket[];
  saveBucket(bucket: Bucket): void;
}

/** A key as text. */
export function bucketName({ resolution, region, startMs, part }: BucketKey): string {
  return `${resolution}/${region}/${startMs}/${part}`;
}

function isSameBucket(a: BucketKey, b: BucketKey): boolean {
  return (
    a.part === b.part &&
    a.startMs === b.startMs &&
    a.region === b.region &&
    a.resolution === b.resolution
  );
}

/** A bucket without rows. */
export function emptyBucket({ resolution, region, startMs, part }: BucketKey): Bucket {
  return { resolution, region, startMs, part, rows: new Map() };
}

/** One monitor's row; null: nothing was counted. */
export function rowOf(bucket: Bucket, monitor: string): Rollup | null {
  const text = bucket.rows.get(monitor);
  const { resolution, region, startMs: bucketStartMs } = bucket;
  return text === undefined
    ? null
    : decodeRollup({ monitor, resolution, region, bucketStartMs }, text);
}

/** Every monitor's row. */
export function rowsOf(bucket: Bucket): Rollup[] {
  const { resolution, region, startMs: bucketStartMs } = bucket;
  return [...bucket.rows].map(([monitor, text]) =>
    decodeRollup({ monitor, resolution, region, bucketStartMs }, text),
  );
}

/** Encodes a bucket's rows: a line each, the monitor's id and behind a space its text. */
export function encodeRows(bucket: Bucket): string {
  const lines: string[] = [];
  bucket.rows.forEach((text, monitor) => lines.push(`${monitor} ${text}`));
  return lines.join("\n");
}

/**
 * Decodes a bucket's rows, also as an older release wrote them: JSON, numbers in the same order.
 *
 * @throws SyntaxError when the stored text is damaged
 */
export function decodeRows(key: BucketKey, body: string): Bucket {
  const rows = new Map<string, string>();
  if (body.startsWith("[")) {
    for (const [monitor, ...values] of JSON.parse(body) as Array<[string, ...number[]]>) {
      rows.set(monitor, values.map((value) => (value === 0 ? "" : String(value))).join(","));
    }
  } else {
    for (const line of body.split("\n")) {
      const at = line.indexOf(" ");
      if (at > 0) rows.set(line.slice(0, at), line.slice(at + 1));
    }
  }
  return { ...emptyBucket(key), rows };
}

/** A bucket that is being added to. */
type OpenBucket = BucketKey & { rows: LayeredMap<string> };

/** A bucket as it is once what was added to it is committed. */
export function settleBucket(bucket: Bucket): Bucket {
  const { rows } = bucket;
  return rows instanceof LayeredMap ? { ...bucket, rows: rows.settle() } : bucket;
}

/** The buckets of coarser resolutions that contain one. */
function coarserKeys({ resolution: finer, region, startMs, part }: BucketKey): BucketKey[] {
  return RESOLUTIONS.filter((resolution) => PERIOD_MS[resolution] > PERIOD_MS[finer]).map(
    (resolution) => ({ resolution, region, startMs: periodStartMs(resolution, startMs), part }),
  );
}

/** Buckets with changes, each loaded once and saved once. */
class Touched {
  readonly #ledger: BucketLedger;
  readonly #part: number | null;
  readonly #buckets = new Map<string, OpenBucket>();
  /** The one that was added to last, and most likely will be next. */
  #last: OpenBucket | null = null;

  /** @param part of every change; null: each monitor's own */
  constructor(ledger: BucketLedger, part: number | null) {
    this.#ledger = ledger;
    this.#part = part;
  }

  add(change: Rollup): void {
    this.addText(this.#keyOf(change), change.monitor, encodeRollup(change));
  }

  /** Adds it to the periods of coarser resolutions that contain it. */
  addCoarser(change: Rollup): void {
    const text = encodeRollup(change);
    for (const key of coarserKeys(this.#keyOf(change))) this.addText(key, change.monitor, text);
  }

  #keyOf({ resolution, region, bucketStartMs: startMs, monitor }: Rollup): BucketKey {
    return { resolution, region, startMs, part: this.#part ?? this.#ledger.partOf(monitor) };
  }

  /** Adds an encoded row of a monitor. */
  addText(key: BucketKey, monitor: string, text: string): void {
    const { rows } = this.#open(key);
    const before = rows.get(monitor);
    rows.set(monitor, before === undefined ? text : addEncodedRollups(before, text));
  }

  #open(key: BucketKey): OpenBucket {
    const last = this.#last;
    if (last !== null && isSameBucket(last, key)) return last;
    const name = bucketName(key);
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      const before = this.#ledger.bucket(key);
      const { rows } = before;
      // What this step has opened before is its own.
      bucket = { ...before, rows: rows instanceof LayeredMap ? rows : new LayeredMap(rows) };
      this.#buckets.set(name, bucket);
    }
    this.#last = bucket;
    return bucket;
  }

  save(): void {
    for (const bucket of this.#buckets.values()) this.#ledger.saveBucket(bucket);
  }
}

/**
 * Adds changes to the buckets they belong to.
 *
 * @param part of the network to which all of them fall; null: each monitor's own
 */
export function addToBuckets(
  ledger: BucketLedger,
  changes: readonly Rollup[],
  part: number | null = null,
): void {
  const touched = new Touched(ledger, part);
  for (const change of changes) {
    touched.add(change);
    const isFolded = change.resolution !== "5min" || change.bucketStartMs < ledger.foldedToMs;
    if (isFolded) touched.addCoarser(change);
  }
  touched.save();
}

/** Folds the five minutes that are over at a moment into their hours and days. */
export function foldBuckets(ledger: BucketLedger, nowMs: number): void {
  const { foldedToMs } = ledger;
  const toMs = periodStartMs("5min", nowMs);
  if (toMs <= foldedToMs) return;
  const touched = new Touched(ledger, null);
  for (const bucket of ledger.fiveMinutes(foldedToMs, toMs)) {
    const keys = coarserKeys(bucket);
    for (const key of keys) {
      for (const [monitor, text] of bucket.rows) touched.addText(key, monitor, text);
    }
  }
  touched.save();
  ledger.noteFolded(toMs);
}
