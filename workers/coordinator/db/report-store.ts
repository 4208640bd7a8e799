/**
 * What reports are made from, out of D1: one monitor's rollups, the transitions around a window's
 * edges, and how many incidents it had. Reads only, in one round trip.
 */
import { z } from "zod";
import { DATED_BACK_MAX_MS } from "../../../shared/monitor/quorum.ts";
import type { VerdictChange } from "../../../shared/monitor/recount.ts";
import type { RollupRange, Window } from "../../../shared/monitor/report.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { PERIOD_MS, rollupKey } from "../../../shared/monitor/rollup.ts";
import { blockStartMs, decodeBlock } from "../../../shared/monitor/rollup-block.ts";
import { CHANGE_COLUMNS, changeSchema } from "./history-store.ts";

/** What D1 knows of a monitor's window. */
export interface StoredReport {
  rows: Rollup[];
  /** In their order. */
  changes: VerdictChange[];
  /** Incidents that were open in the window, wherever they began. */
  incidents: number;
}

const BLOCKS_SQL = `
  SELECT start_ms, body FROM rollup_blocks
  WHERE resolution = ? AND monitor = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`;

/** Transitions around an edge: more than a day of flapping has. */
const CHANGES_MAX = 2_000;

/** From the last transition before an edge's day on, so that it is known what held then. */
const CHANGES_SQL = `
  SELECT ${CHANGE_COLUMNS}
  FROM transitions
  WHERE monitor = ?1 AND at_ms < ?3 AND at_ms >= coalesce(
    (SELECT max(at_ms) FROM transitions WHERE monitor = ?1 AND at_ms < ?2), 0)
  ORDER BY at_ms, rowid LIMIT ${CHANGES_MAX}`;

const INCIDENTS_SQL = `
  SELECT count(*) AS incidents FROM incidents
  WHERE monitor = ? AND started_at_ms < ? AND (ended_at_ms IS NULL OR ended_at_ms > ?)`;

/** Reads what D1 knows of a window, by the ranges of rows that the report needs. */
export async function loadReport(
  db: D1Database,
  monitor: string,
  window: Window,
  ranges: readonly RollupRange[],
): Promise<StoredReport> {
  const edges = [window.fromMs, window.toMs].map((edgeMs) => blockStartMs("day", edgeMs));
  const [incidents, ...rest] = await db.batch([
    db.prepare(INCIDENTS_SQL).bind(monitor, window.toMs, window.fromMs),
    ...[...new Set(edges)].map((dayMs) =>
      db.prepare(CHANGES_SQL).bind(monitor, dayMs, dayMs + PERIOD_MS.day + DATED_BACK_MAX_MS),
    ),
    ...ranges.map(({ resolution, fromMs, toMs }) =>
      db.prepare(BLOCKS_SQL).bind(resolution, monitor, blockStartMs(resolution, fromMs), toMs),
    ),
  ]);
  const changes = rest
    .splice(0, new Set(edges).size)
    .map(({ results }) => z.array(changeSchema).parse(results));
  const rows = ranges.flatMap(({ resolution, fromMs, toMs }, index) =>
    ((rest[index]?.results ?? []) as Array<{ start_ms: number; body: string }>)
      .flatMap(({ start_ms: startMs, body }) => decodeBlock({ monitor, resolution, startMs, body }))
      .filter(({ bucketStartMs }) => bucketStartMs >= fromMs && bucketStartMs < toMs),
  );
  const [count] = (incidents?.results ?? []) as Array<{ incidents: number }>;
  return { rows, changes: joinChanges(changes), incidents: count?.incidents ?? 0 };
}

/** How far back the coordinator's object is asked, which keeps what D1 does not have yet. */
const RECENT_MS = 8 * PERIOD_MS.day;

/** The parts of ranges that D1 may lack; none of what is long over. */
export function recentRanges(ranges: readonly RollupRange[], nowMs: number): RollupRange[] {
  const sinceMs = nowMs - RECENT_MS;
  return ranges.flatMap((range) => {
    const fromMs = Math.max(range.fromMs, sinceMs);
    return fromMs < range.toMs ? [{ ...range, fromMs }] : [];
  });
}

/** Each row once: the object's where it has it, because that is the newer. */
export function joinRows(stored: readonly Rollup[], recent: readonly Rollup[]): Rollup[] {
  const rows = new Map(stored.map((row) => [rollupKey(row), row]));
  for (const row of recent) rows.set(rollupKey(row), row);
  return [...rows.values()];
}

/** Both edges' transitions as one list: what both have is in it once. */
function joinChanges([first = [], second = []]: VerdictChange[][]): VerdictChange[] {
  const lastMs = first.at(-1)?.atMs ?? -Infinity;
  return [...first, ...second.filter(({ atMs }) => atMs > lastMs)];
}
