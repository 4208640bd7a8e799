/**
 * Fills a database for `npm run bench -- history`: rollups as long as each resolution is kept,
 * incidents and transitions, as the coordinator's own mirror writes them.
 */
import { inEveryResolution, recountTime } from "../../../shared/monitor/recount.ts";
import type { Resolution, Rollup } from "../../../shared/monitor/rollup.ts";
import { PERIOD_MS, emptyRollup, rollUpObservation } from "../../../shared/monitor/rollup.ts";
import type { RollupBlock } from "../../../shared/monitor/rollup-block.ts";
import { packRollups } from "../../../shared/monitor/rollup-block.ts";
import type { Incident, Transition } from "../../../shared/monitor/verdict.ts";
import { REGIONS } from "../../../shared/regions.ts";
import { writeHistory } from "../../../workers/coordinator/log/history-mirror.ts";
import { BLOCKS_KEPT_MS } from "../../../workers/coordinator/object/limits.ts";
import type { MirrorBatch } from "../../../workers/coordinator/object/ports.ts";
import { makeObservation } from "../../support/observation.ts";

const DAY_MS = PERIOD_MS.day;
const MINUTE_MS = 60_000;
/** Up to when there is history. */
export const END_MS = Date.UTC(2026, 10, 20);
const YEAR_DAYS = 365.25;
/** Blocks written at once. */
const BATCH_BLOCKS = 2_000;
const NOTHING: MirrorBatch = {
  incidents: [],
  transitions: [],
  deliveries: [],
  blocks: [],
  snapshot: null,
};

/** Size of a history. */
export interface Size {
  monitors: number;
  regions: number;
  years: number;
}

/** Days of a history. */
export function daysOf({ years }: Pick<Size, "years">): number {
  return Math.floor(years * YEAR_DAYS);
}

/** Id of a monitor, counted from 0. */
export function monitorId(index: number): string {
  return `service-${index}`;
}

/** Rows of one period: checks each minute, a day of which has a short outage each week. */
function periodRows(resolution: Resolution, startMs: number, size: Size): Rollup[] {
  const lengthMs = PERIOD_MS[resolution];
  const isBad = Math.floor(startMs / DAY_MS) % 7 === 0 && startMs % DAY_MS < 60 * MINUTE_MS;
  const downMs = isBad ? 4 * MINUTE_MS : 0;
  const fromMs = startMs + lengthMs - downMs;
  const time = recountTime("", [
    { kind: "operational", fromMs: startMs, toMs: fromMs },
    { kind: "down", fromMs, toMs: startMs + lengthMs },
  ]).filter((row) => row.resolution === resolution);
  const template = regionTemplate(resolution);
  const rows = REGIONS.slice(0, size.regions).map(({ id: region }, place): Rollup => {
    const identity = { monitor: "", resolution, region, bucketStartMs: startMs };
    return { ...template[place % template.length], ...identity } as Rollup;
  });
  return [...time, ...rows];
}

const templates = new Map<Resolution, Rollup[]>();

/** What regions at different distances count in a period: latencies spread as real ones are. */
function regionTemplate(resolution: Resolution): Rollup[] {
  const known = templates.get(resolution);
  if (known !== undefined) return known;
  const checks = PERIOD_MS[resolution] / MINUTE_MS;
  const made = [60, 110, 190, 320].map((baseMs) => {
    const observations = Array.from({ length: checks }, (_, check) =>
      makeObservation({
        region: "a",
        startedAtMs: check * MINUTE_MS,
        totalMs: baseMs * Math.exp(((check * 7_919) % 1_000) / 1_400),
      }),
    );
    const rows = inEveryResolution(observations.map(rollUpObservation));
    const identity = { monitor: "chat", resolution, region: "a", bucketStartMs: 0 };
    return rows.find((row) => row.resolution === resolution) ?? emptyRollup(identity);
  });
  templates.set(resolution, made);
  return made;
}

/** Fills a database; resolves with the number of blocks. */
export async function fill(db: D1Database, size: Size): Promise<number> {
  const kept: ReadonlyArray<readonly [Resolution, number]> = [
    ["5min", BLOCKS_KEPT_MS["5min"]],
    ["hour", BLOCKS_KEPT_MS.hour],
    ["day", daysOf(size) * DAY_MS],
  ];
  let written = 0;
  let blocks: RollupBlock[] = [];
  const flush = async () => {
    await writeHistory(db, { ...NOTHING, blocks });
    written += blocks.length;
    blocks = [];
  };
  for (const [resolution, keptMs] of kept) {
    // A day at a time: every monitor has the same, each in rows of its own.
    for (let dayMs = END_MS - keptMs; dayMs < END_MS; dayMs += DAY_MS) {
      const rows: Rollup[] = [];
      for (let atMs = dayMs; atMs < dayMs + DAY_MS; atMs += PERIOD_MS[resolution]) {
        rows.push(...periodRows(resolution, atMs, size));
      }
      const packed = packRollups(rows);
      for (let index = 0; index < size.monitors; index += 1) {
        const monitor = monitorId(index);
        blocks.push(...packed.map((block) => ({ ...block, monitor })));
        if (blocks.length >= BATCH_BLOCKS) await flush();
      }
    }
  }
  await flush();
  await fillIncidents(db, size);
  return written;
}

/** An outage a week for each monitor, with its transitions. */
async function fillIncidents(db: D1Database, size: Size): Promise<void> {
  const weeks = Math.floor(daysOf(size) / 7);
  for (let week = 0; week < weeks; week += 1) {
    const startedAtMs = END_MS - week * 7 * DAY_MS - 3 * DAY_MS;
    const endedAtMs = startedAtMs + 4 * MINUTE_MS;
    const ids = Array.from({ length: size.monitors }, (_, index) => monitorId(index));
    const incidents = ids.map((monitor) => {
      const facts = {
        id: `${monitor}-${startedAtMs}`,
        monitor,
        kind: "down",
        startedAtMs,
        endedAtMs,
      };
      return facts as Incident;
    });
    const transitions = ids.flatMap((monitor) =>
      [
        { atMs: startedAtMs, from: "operational", to: "down" },
        { atMs: endedAtMs, from: "down", to: "operational" },
      ].map((change, step) => {
        const id = `${monitor}-${startedAtMs}.${step}`;
        return { ...change, id, monitor, sinceMs: change.atMs } as Transition;
      }),
    );
    await writeHistory(db, { ...NOTHING, incidents, transitions });
  }
  const snapshot = { generatedAtMs: END_MS, padding: "x".repeat(200_000) };
  await db
    .prepare("INSERT INTO snapshots (id, generated_at_ms, body) VALUES (1, ?, ?)")
    .bind(END_MS, JSON.stringify(snapshot))
    .run();
}
