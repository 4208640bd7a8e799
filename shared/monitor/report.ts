/**
 * A monitor's uptime over any window, put together from its rollups. Pure; what uptime is, says
 * `uptime.ts`.
 *
 * A window is covered by whole days where it contains them, at its edges by hours and then by five
 * minutes as far as these are still kept. What sticks out beyond the window is cut off: exactly, for
 * the time by verdict, wherever it was all of one kind or the transitions account for all of it. The
 * counts of a region's checks cannot be cut. Every report says what its edges were rounded to.
 */
import type { LatencyHistogram } from "./latency-histogram.ts";
import { mergeHistograms, quantileMs } from "./latency-histogram.ts";
import type { VerdictChange } from "./recount.ts";
import type { Resolution, Rollup } from "./rollup.ts";
import { PERIOD_MS, QUORUM_REGION, RESOLUTIONS, periodStartMs } from "./rollup.ts";
import type { Window } from "./row-cut.ts";
import { cutTimes } from "./row-cut.ts";
import type { VerdictTimes } from "./uptime.ts";
import { NO_TIME, addTimes, observedMs } from "./uptime.ts";

export type { Window };

/** Rows of one resolution that begin in a time. */
export interface RollupRange extends Window {
  resolution: Resolution;
}

/** To what the edges of a window were rounded. */
export type Rounding = "exact" | Resolution;

/** What the regions' checks saw. */
export interface RegionFigures {
  observations: number;
  up: number;
  degraded: number;
  down: number;
  unknown: number;
  latency: LatencyFigures | null;
}

/** Latencies of checks that were up or degraded, in milliseconds; quantiles within 5 %. */
export interface LatencyFigures {
  /** Checks that were timed. */
  count: number;
  meanMs: number;
  /** Null: only older releases counted, without a histogram. */
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

/** What is known of a window. */
export interface WindowFigures extends Window {
  times: VerdictTimes;
  /** What the edges of `times` were rounded to. */
  timesRounding: Rounding;
  /** By region, in the order of their names. */
  regions: Map<string, RegionFigures>;
  /** All regions' checks. */
  latency: LatencyFigures | null;
  /** What the edges of `regions` were rounded to. */
  regionsRounding: Rounding;
}

/** Which rows a report over a window may need, when it is divided into periods of a resolution. */
export function rangesOf({ fromMs, toMs }: Window, by: "hour" | "day"): RollupRange[] {
  const ranges: RollupRange[] = [];
  let edges = [{ fromMs: periodStartMs(by, fromMs), toMs }];
  for (const resolution of RESOLUTIONS.toReversed()) {
    if (PERIOD_MS[resolution] > PERIOD_MS[by]) continue;
    ranges.push(...edges.map((edge) => ({ resolution, ...edge })));
    const starts = [fromMs, toMs].map((edgeMs) => ({
      edgeMs,
      fromMs: periodStartMs(resolution, edgeMs),
    }));
    const cut = starts.filter((edge) => edge.edgeMs !== edge.fromMs);
    edges = [...new Set(cut.map((edge) => edge.fromMs))].map((startMs) => ({
      fromMs: startMs,
      toMs: startMs + PERIOD_MS[resolution],
    }));
  }
  return ranges;
}

interface Tile {
  resolution: Resolution;
  startMs: number;
  endMs: number;
}

/** Rows by where they lie. */
class Rows {
  readonly #rows = new Map<string, Rollup[]>();
  /** Per resolution, beginnings of periods of which there is anything. */
  readonly #starts = new Map<Resolution, Set<number>>();

  constructor(rows: Iterable<Rollup>) {
    for (const row of rows) {
      const { resolution, bucketStartMs } = row;
      const key = `${resolution}/${bucketStartMs}`;
      const known = this.#rows.get(key);
      if (known === undefined) this.#rows.set(key, [row]);
      else known.push(row);
      const starts = this.#starts.get(resolution) ?? new Set<number>();
      this.#starts.set(resolution, starts.add(bucketStartMs));
    }
  }

  of({ resolution, startMs }: Tile): Rollup[] {
    return this.#rows.get(`${resolution}/${startMs}`) ?? [];
  }

  hasAny(resolution: Resolution, { fromMs, toMs }: Window): boolean {
    for (let atMs = fromMs; atMs < toMs; atMs += PERIOD_MS[resolution]) {
      if (this.#starts.get(resolution)?.has(atMs) === true) return true;
    }
    return false;
  }
}

/** The tiles that cover the part of a window that lies in one period. */
function cover(tile: Tile, window: Window, rows: Rows): Tile[] {
  if (tile.startMs >= window.fromMs && tile.endMs <= window.toMs) return [tile];
  const finer = RESOLUTIONS[RESOLUTIONS.indexOf(tile.resolution) - 1];
  const whole = { fromMs: tile.startMs, toMs: tile.endMs };
  if (finer === undefined || !rows.hasAny(finer, whole)) return [tile];
  return tilesOf(finer, {
    fromMs: Math.max(window.fromMs, tile.startMs),
    toMs: Math.min(window.toMs, tile.endMs),
  }).flatMap((part) => cover(part, window, rows));
}

/** The periods of a resolution that a window touches. */
function tilesOf(resolution: Resolution, { fromMs, toMs }: Window): Tile[] {
  const tiles: Tile[] = [];
  const lengthMs = PERIOD_MS[resolution];
  for (let atMs = periodStartMs(resolution, fromMs); atMs < toMs; atMs += lengthMs) {
    tiles.push({ resolution, startMs: atMs, endMs: atMs + lengthMs });
  }
  return tiles;
}

/** The part of a tile that lies in a window. */
function inside(tile: Tile, { fromMs, toMs }: Window): Window {
  return { fromMs: Math.max(fromMs, tile.startMs), toMs: Math.min(toMs, tile.endMs) };
}

function coarser(a: Rounding, b: Rounding): Rounding {
  const order: readonly Rounding[] = ["exact", ...RESOLUTIONS];
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

interface Sum extends Omit<RegionFigures, "latency"> {
  latencySumMs: number;
  latencyCount: number;
  histograms: LatencyHistogram[];
}

function addRow(sum: Sum | undefined, row: Rollup): Sum {
  return {
    observations: (sum?.observations ?? 0) + row.observations,
    up: (sum?.up ?? 0) + row.up,
    degraded: (sum?.degraded ?? 0) + row.degraded,
    down: (sum?.down ?? 0) + row.down,
    unknown: (sum?.unknown ?? 0) + row.unknown,
    latencySumMs: (sum?.latencySumMs ?? 0) + row.latencySumMs,
    latencyCount: (sum?.latencyCount ?? 0) + row.latencyCount,
    histograms: [...(sum?.histograms ?? []), row.latency],
  };
}

function latencyOf(sums: readonly Sum[]): LatencyFigures | null {
  const count = sums.reduce((total, { latencyCount }) => total + latencyCount, 0);
  if (count === 0) return null;
  const histogram = mergeHistograms(...sums.flatMap(({ histograms }) => histograms));
  return {
    count,
    meanMs: sums.reduce((total, { latencySumMs }) => total + latencySumMs, 0) / count,
    p50Ms: quantileMs(histogram, 0.5),
    p95Ms: quantileMs(histogram, 0.95),
    p99Ms: quantileMs(histogram, 0.99),
  };
}

/** What is known of one window, by the tiles that cover it. */
function figuresOf(
  window: Window,
  tiles: readonly Tile[],
  rows: Rows,
  changes: readonly VerdictChange[],
): WindowFigures {
  let times: VerdictTimes = NO_TIME;
  let timesRounding: Rounding = "exact";
  let regionsRounding: Rounding = "exact";
  const sums = new Map<string, Sum>();
  for (const tile of tiles) {
    const part = inside(tile, window);
    const isWhole = part.fromMs === tile.startMs && part.toMs === tile.endMs;
    for (const row of rows.of(tile)) {
      if (row.region === QUORUM_REGION) {
        const cut = isWhole ? row : cutTimes(row, part, changes);
        times = addTimes(times, cut ?? row);
        if (cut === null) timesRounding = coarser(timesRounding, tile.resolution);
      } else {
        sums.set(row.region, addRow(sums.get(row.region), row));
        if (!isWhole) regionsRounding = coarser(regionsRounding, tile.resolution);
      }
    }
  }
  const regions = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...window,
    times,
    timesRounding,
    regions: new Map(
      regions.map(([region, sum]) => {
        const { observations, up, degraded, down, unknown } = sum;
        const latency = latencyOf([sum]);
        return [region, { observations, up, degraded, down, unknown, latency }];
      }),
    ),
    latency: latencyOf([...sums.values()]),
    regionsRounding,
  };
}

/** What a report is made from. */
export interface ReportInput {
  window: Window;
  /** One monitor's rows, at least those of {@link rangesOf}; each once. */
  rows: Iterable<Rollup>;
  /** Its transitions around the window's edges, in their order. */
  changes: readonly VerdictChange[];
}

/** What is known of a whole window. */
export function reportWindow({ window, rows, changes }: ReportInput): WindowFigures {
  const known = new Rows(rows);
  const tiles = tilesOf("day", window).flatMap((tile) => cover(tile, window, known));
  return figuresOf(window, tiles, known, changes);
}

/** What is known of each hour or day of a window; those of which nothing is are left out. */
export function reportPeriods(input: ReportInput, by: "hour" | "day"): WindowFigures[] {
  const { window, changes } = input;
  const known = new Rows(input.rows);
  return tilesOf(by, window)
    .map((tile) => {
      const part = inside(tile, window);
      return figuresOf(part, cover(tile, window, known), known, changes);
    })
    .filter(({ times, regions }) => regions.size > 0 || observedMs(times) + times.unknownMs > 0);
}
