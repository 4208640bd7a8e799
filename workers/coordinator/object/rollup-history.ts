/**
 * Questions about the rollups that the object has stored: single buckets, those of a time, the blocks
 * that D1 lacks, and what has become too old to keep. Reads and marks; counts nothing.
 */
import type { Resolution } from "../../../shared/monitor/rollup.ts";
import { PERIOD_MS, RESOLUTIONS } from "../../../shared/monitor/rollup.ts";
import type { BlockKey, RollupBlock } from "../../../shared/monitor/rollup-block.ts";
import {
  BLOCK_MS,
  addEncodedRollups,
  blockStartMs,
  encodeBlock,
} from "../../../shared/monitor/rollup-block.ts";
import type { ObjectDatabase, SqlRow } from "./database.ts";
import { BLOCK_MONITORS_MAX } from "./limits.ts";
import type { Bucket, BucketKey } from "./rollups.ts";
import { decodeRows } from "./rollups.ts";

/** A bucket as it was when its block was put together. */
export interface BucketVersion extends BucketKey {
  /** Changes since it was last mirrored; 0: none. */
  changes: number;
}

/**
 * Regions of a resolution, found one after another by the primary key, so that a question about a
 * time reads its buckets and no others.
 */
const REGIONS_SQL = `WITH RECURSIVE regions (region) AS (
  SELECT MIN(region) FROM buckets WHERE resolution = ?1
  UNION ALL
  SELECT (SELECT MIN(region) FROM buckets WHERE resolution = ?1 AND region > regions.region)
  FROM regions WHERE regions.region IS NOT NULL
)`;
const THESE_REGIONS_SQL = "WITH regions (region) AS (SELECT value FROM json_each(?4))";
const OF_A_TIME_SQL = `FROM regions CROSS JOIN buckets
  WHERE buckets.resolution = ?1 AND buckets.region = regions.region
    AND start_ms >= ?2 AND start_ms < ?3`;

function keyOf(row: SqlRow): BucketKey {
  return {
    resolution: String(row["resolution"]) as Resolution,
    region: String(row["region"]),
    startMs: Number(row["start_ms"]),
    part: Number(row["part"]),
  };
}

/** The stored rollups. */
export class RollupHistory {
  readonly #database: ObjectDatabase;

  constructor(database: ObjectDatabase) {
    this.#database = database;
  }

  /** One bucket; null: it is empty. */
  bucket(key: BucketKey): Bucket | null {
    const [row] = this.#database.query(
      `SELECT body FROM buckets
       WHERE resolution = ? AND region = ? AND start_ms = ? AND part = ?`,
      key.resolution,
      key.region,
      key.startMs,
      key.part,
    );
    return row === undefined ? null : decodeRows(key, String(row["body"]));
  }

  /**
   * Buckets that begin in [fromMs, toMs), in the order of their times: those of some regions or
   * (null) of all.
   */
  buckets(
    resolution: Resolution,
    fromMs: number,
    toMs: number,
    regions: readonly string[] | null = null,
  ): Bucket[] {
    return this.#database
      .query(
        `${regions === null ? REGIONS_SQL : THESE_REGIONS_SQL}
         SELECT resolution, buckets.region, start_ms, part, body ${OF_A_TIME_SQL}
         ORDER BY start_ms, buckets.region, part`,
        resolution,
        fromMs,
        toMs,
        ...(regions === null ? [] : [JSON.stringify(regions)]),
      )
      .map((row) => decodeRows(keyOf(row), String(row["body"])));
  }

  /**
   * Blocks with changes that D1 does not have, oldest first; only those that ended before a moment,
   * because one that is still filling would be written over and over.
   */
  dirtyBlocks(endedBeforeMs: number, blocksMax: number): BlockKey[] {
    const blocks: BlockKey[] = [];
    for (const resolution of RESOLUTIONS) {
      const closedMs = blockStartMs(resolution, endedBeforeMs);
      const rows = this.#database.query(
        `${REGIONS_SQL} SELECT DISTINCT start_ms - start_ms % ?4 AS block_ms ${OF_A_TIME_SQL}
           AND dirty > 0 ORDER BY block_ms LIMIT ?5`,
        resolution,
        0,
        closedMs,
        BLOCK_MS[resolution],
        blocksMax,
      );
      blocks.push(...rows.map((row) => ({ resolution, startMs: Number(row["block_ms"]) })));
    }
    return blocks.slice(0, blocksMax);
  }

  /** The buckets of a block, without their rows. */
  versions({ resolution, startMs }: BlockKey): BucketVersion[] {
    return this.#database
      .query(
        `${REGIONS_SQL} SELECT resolution, buckets.region, start_ms, part, dirty ${OF_A_TIME_SQL}
         ORDER BY buckets.region, start_ms, part`,
        resolution,
        startMs,
        startMs + BLOCK_MS[resolution],
      )
      .map((row) => ({ ...keyOf(row), changes: Number(row["dirty"]) }));
  }

  /** The blocks of all monitors, some at a time. */
  *blocks(key: BlockKey, versions: readonly BucketVersion[]): Generator<RollupBlock[]> {
    const monitors = new Set<string>();
    for (const version of versions) {
      for (const monitor of this.bucket(version)?.rows.keys() ?? []) monitors.add(monitor);
    }
    const all = [...monitors];
    for (let from = 0; from < all.length; from += BLOCK_MONITORS_MAX) {
      yield this.#blocksOf(all.slice(from, from + BLOCK_MONITORS_MAX), key, versions);
    }
  }

  #blocksOf(
    monitors: readonly string[],
    { resolution, startMs }: BlockKey,
    versions: readonly BucketVersion[],
  ): RollupBlock[] {
    const entries = new Map(
      monitors.map((monitor) => [monitor, [] as Array<[string, number, string]>]),
    );
    for (const version of versions) {
      const { region } = version;
      const period = (version.startMs - startMs) / PERIOD_MS[resolution];
      const rows = this.bucket(version)?.rows ?? new Map<string, string>();
      for (const [monitor, text] of rows) {
        const own = entries.get(monitor);
        const last = own?.at(-1);
        // Another part of the same bucket has come just before.
        const isSame = last?.[0] === region && last[1] === period;
        if (last !== undefined && isSame) last[2] = addEncodedRollups(last[2], text);
        else own?.push([region, period, text]);
      }
    }
    return [...entries].map(([monitor, rows]) => ({
      monitor,
      resolution,
      startMs,
      body: encodeBlock(rows),
    }));
  }

  /** Notes that D1 has these; what changed again in the meantime stays to be written. */
  markMirrored(versions: readonly BucketVersion[]): void {
    this.#database.transaction(() => {
      for (const { resolution, region, startMs, part, changes } of versions) {
        if (changes === 0) continue;
        this.#database.query(
          `UPDATE buckets SET dirty = 0
           WHERE resolution = ? AND region = ? AND start_ms = ? AND part = ? AND dirty = ?`,
          resolution,
          region,
          startMs,
          part,
          changes,
        );
      }
    });
  }

  /** Forgets buckets that begin before a moment, except what D1 does not have yet. */
  prune(resolution: Resolution, beforeMs: number): void {
    this.#database.query(
      `${REGIONS_SQL} DELETE FROM buckets
       WHERE resolution = ?1 AND region IN (SELECT region FROM regions) AND start_ms < ?2
         AND dirty = 0`,
      resolution,
      beforeMs,
    );
  }
}
