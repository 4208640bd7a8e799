/**
 * `npm run bench -- history`: how long D1 takes for what pages and reports ask of years of history,
 * and how large that history is. A real D1 in local workerd, filled with generated rollups, incidents
 * and transitions; times are D1's own.
 */
import { parseArgs } from "node:util";
import { inEveryResolution, recountTime } from "../../shared/monitor/recount.ts";
import type { Window } from "../../shared/monitor/report.ts";
import { rangesOf } from "../../shared/monitor/report.ts";
import type { Resolution, Rollup } from "../../shared/monitor/rollup.ts";
import { PERIOD_MS, emptyRollup, rollUpObservation } from "../../shared/monitor/rollup.ts";
import type { RollupBlock } from "../../shared/monitor/rollup-block.ts";
import { packRollups } from "../../shared/monitor/rollup-block.ts";
import type { Incident, Transition } from "../../shared/monitor/verdict.ts";
import { REGIONS } from "../../shared/regions.ts";
import { loadReport } from "../../workers/coordinator/db/report-store.ts";
import { writeHistory } from "../../workers/coordinator/log/history-mirror.ts";
import { BLOCKS_KEPT_MS } from "../../workers/coordinator/object/limits.ts";
import type { MirrorBatch } from "../../workers/coordinator/object/ports.ts";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { DatabaseCosts } from "../support/counted-database.ts";
import { countCosts, noCosts } from "../support/counted-database.ts";
import { openTestDatabase } from "../support/database.ts";
import { makeObservation } from "../support/observation.ts";

const USAGE = `npm run bench -- history [options]: D1's time for pages and reports over years

  --monitors <n>  monitors (100)
  --regions <n>   regions, 1 to 11 (4)
  --years <n>     years of rollups by day (5)
  --help          this text

Rollups of five minutes and hours are as long as they are kept. Each monitor has an outage a week.`;

const DAY_MS = PERIOD_MS.day;
const MINUTE_MS = 60_000;
const END_MS = Date.UTC(2026, 10, 20);
const YEAR_DAYS = 365.25;
/** Times that each question is asked; the median counts. */
const REPEATS = 21;
/** Blocks written at once. */
const BATCH_BLOCKS = 2_000;
const NOTHING: MirrorBatch = {
  incidents: [],
  transitions: [],
  deliveries: [],
  blocks: [],
  snapshot: null,
};

interface Size {
  monitors: number;
  regions: number;
  years: number;
}

/** Runs the benchmark and prints its figures. */
export async function benchHistory(args: string[]): Promise<void> {
  const size = parseOptions(args);
  if (size === null) {
    console.log(USAGE);
    return;
  }
  const database = await openTestDatabase();
  try {
    process.stderr.write("filling the database …\n");
    const rows = await fill(database.db, size);
    const { monitors, regions, years } = size;
    console.log(`${monitors} monitors in ${regions} regions, ${years} years: ${rows} blocks`);
    console.log(
      "\n| question | D1 time, median | longest | rows read |\n| --- | ---: | ---: | ---: |",
    );
    let sizeBytes = 0;
    for (const [name, ask] of questions(size)) {
      const costs = await measure(database.db, ask);
      sizeBytes = costs[0]?.sizeBytes ?? sizeBytes;
      console.log(renderLine(name, costs));
    }
    console.log(`\nsize of the database: ${(sizeBytes / 1e6).toFixed(0)} MB`);
  } finally {
    await database.close();
  }
}

function parseOptions(args: string[]): Size | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        monitors: { type: "string", default: "100" },
        regions: { type: "string", default: "4" },
        years: { type: "string", default: "5" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    const [monitors = 0, regions = 0, years = 0] = [
      values.monitors,
      values.regions,
      values.years,
    ].map(Number);
    const valid = [monitors, regions, years].every((value) => Number.isInteger(value) && value > 0);
    if (!valid || regions > REGIONS.length) throw new Complaint(USAGE);
    return { monitors, regions, years };
  } catch (error) {
    if (error instanceof Complaint) throw error;
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}

/** One question to D1. */
type Question = (db: D1Database) => Promise<unknown>;

function report(window: Window, by: "day" | "hour"): Question {
  return (db) => loadReport(db, monitorId(0), window, rangesOf(window, by));
}

function questions({ monitors, years }: Size): Array<readonly [name: string, ask: Question]> {
  const odd = 17 * MINUTE_MS + 123;
  const last = (days: number) => ({ fromMs: END_MS - days * DAY_MS + odd, toMs: END_MS - odd });
  const days90 = END_MS - 90 * DAY_MS;
  return [
    ["report: a day, edges at the millisecond", report(last(1), "day")],
    ["report: 30 days, edges at the millisecond", report(last(30), "day")],
    ["report: 90 days, edges at the millisecond", report(last(90), "day")],
    [`report: ${years} years`, report(last(Math.floor(years * YEAR_DAYS)), "day")],
    ["CSV: 90 days by hour", report(last(90), "hour")],
    [
      `dashboard: 90 days of all ${monitors} monitors`,
      (db) =>
        db
          .prepare(
            // CROSS JOIN keeps the order: a range of the key for each monitor, and never all rows.
            `SELECT monitor, start_ms, body FROM json_each(?1) AS each CROSS JOIN rollup_blocks
             WHERE resolution = 'day' AND monitor = each.value AND start_ms >= ?2`,
          )
          .bind(
            JSON.stringify(Array.from({ length: monitors }, (_, index) => monitorId(index))),
            days90,
          )
          .all(),
    ],
    [
      "page without the coordinator: its last snapshot",
      (db) => db.prepare("SELECT body FROM snapshots WHERE id = 1").first(),
    ],
  ];
}

async function measure(db: D1Database, ask: Question): Promise<DatabaseCosts[]> {
  const all: DatabaseCosts[] = [];
  const counted = countCosts(db);
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    Object.assign(counted.costs, noCosts());
    await ask(counted.db);
    all.push({ ...counted.costs });
  }
  return all.sort((a, b) => a.durationMs - b.durationMs);
}

function renderLine(name: string, costs: readonly DatabaseCosts[]): string {
  const median = costs[Math.floor(costs.length / 2)] ?? noCosts();
  const [time, longest] = [median, costs.at(-1) ?? median].map(
    ({ durationMs }) => `${durationMs.toFixed(1)} ms`,
  );
  return `| ${name} | ${time} | ${longest} | ${median.rowsRead} |`;
}

function monitorId(index: number): string {
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
async function fill(db: D1Database, size: Size): Promise<number> {
  const kept: ReadonlyArray<readonly [Resolution, number]> = [
    ["5min", BLOCKS_KEPT_MS["5min"]],
    ["hour", BLOCKS_KEPT_MS.hour],
    ["day", Math.floor(size.years * YEAR_DAYS) * DAY_MS],
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
async function fillIncidents(db: D1Database, { monitors, years }: Size): Promise<void> {
  const weeks = Math.floor((years * YEAR_DAYS) / 7);
  for (let week = 0; week < weeks; week += 1) {
    const startedAtMs = END_MS - week * 7 * DAY_MS - 3 * DAY_MS;
    const endedAtMs = startedAtMs + 4 * MINUTE_MS;
    const ids = Array.from({ length: monitors }, (_, index) => monitorId(index));
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
