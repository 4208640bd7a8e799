/**
 * `npm run bench -- history`: how long D1 takes for what pages and reports ask of years of history,
 * and how large that history is. A real D1 in local workerd, filled with generated rollups, incidents
 * and transitions; asked are the product's own questions.
 *
 * Times are what D1 itself says of its queries (`meta.duration`), from the statement to its last row,
 * without the way to it and back. That is time by the clock: what else runs on the machine lengthens
 * it. So D1's process goes first if it may, and rounds in which it had to wait for a core all the same
 * are told apart.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Window } from "../../shared/monitor/report.ts";
import { rangesOf } from "../../shared/monitor/report.ts";
import { PERIOD_MS } from "../../shared/monitor/rollup.ts";
import { REGIONS } from "../../shared/regions.ts";
import { loadHistory } from "../../workers/coordinator/db/page-history.ts";
import { loadReport } from "../../workers/coordinator/db/report-store.ts";
import {
  lastDay,
  reportedRanges,
} from "../../workers/coordinator/pages/view-model/monitor-report.ts";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import type { DatabaseCosts } from "../support/counted-database.ts";
import { countCosts, noCosts } from "../support/counted-database.ts";
import { openTestDatabase } from "../support/database.ts";
import { childPids, preferProcess, waitedMs } from "./check-usage.ts";
import type { Size } from "./history/fill.ts";
import { END_MS, daysOf, fill, monitorId } from "./history/fill.ts";

const USAGE = `npm run bench -- history [options]: D1's time for pages and reports over years

  --monitors <n>  monitors (100)
  --regions <n>   regions, 1 to 11 (4)
  --years <n>     years of rollups by day (5)
  --rounds <n>    times that each question is asked and D1's process need not wait (51)
  --help          this text

Rollups of five minutes and hours are as long as they are kept. Each monitor has an outage a week.`;

const DAY_MS = PERIOD_MS.day;
const MINUTE_MS = 60_000;
/** Processes that are started anew for each question, to ask it once. */
const STARTS = 3;
/** Rounds that are tried for each that counts, where much else is going on. */
const TRIES = 3;
/** Time for which D1's process may wait for a core in a round that counts, in milliseconds. */
const WAIT_MAX_MS = 1;
/** Monitors whose days are asked for in one query. */
const PORTION_MONITORS = 25;

interface Options extends Size {
  rounds: number;
}

/** One question to D1. */
interface Question {
  name: string;
  ask: (db: D1Database) => Promise<unknown>;
}

/** What asking it again and again has cost. */
interface Answers {
  /** While D1's process had a core whenever it wanted one, shortest first. */
  calm: DatabaseCosts[];
  /** While it had to wait for one, shortest first. */
  disturbed: DatabaseCosts[];
}

/** Runs the benchmark and prints its figures. */
export async function benchHistory(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "echoquorum-history-"));
  try {
    await benchIn(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchIn(folder: string, options: Options): Promise<void> {
  process.stderr.write("filling the database …\n");
  const blocks = await inDatabase(folder, "present", (db) => fill(db, options));
  const { monitors, regions, years, rounds } = options;
  console.log(`${monitors} monitors in ${regions} regions, ${years} years: ${blocks} blocks\n`);
  const heads = ["question", "median", "longest", "after a start", "disturbed", "rows read"];
  console.log(`| ${heads.join(" | ")} |\n| --- | ---: | ---: | ---: | ---: | ---: |`);
  let sizeBytes = 0;
  for (const question of questions(options)) {
    const ask = (times: number) =>
      inDatabase(folder, "stored", (db) => measure(db, question, times));
    const cold = [];
    for (let start = 0; start < STARTS; start += 1) cold.push(await ask(1));
    const warm = await ask(rounds);
    sizeBytes = allOf(warm)[0]?.sizeBytes ?? sizeBytes;
    console.log(renderLine(question.name, warm, cold.flatMap(allOf).sort(byDuration)));
  }
  console.log(
    `\nD1's time. After a start: the longest of ${STARTS} first rounds, each in a new process. ` +
      `Disturbed: rounds in\nwhich D1's process waited for a core, and the longest of them; they are in ` +
      `no other column.\nsize of the database: ${(sizeBytes / 1e6).toFixed(0)} MB`,
  );
}

/** Opens the database of a folder, in a process of its own. */
async function inDatabase<T>(
  folder: string,
  schema: "present" | "stored",
  work: (db: D1Database) => Promise<T>,
): Promise<T> {
  const database = await openTestDatabase(schema, folder);
  for (const pid of childPids()) preferProcess(pid);
  try {
    return await work(database.direct);
  } finally {
    await database.close();
  }
}

function parseOptions(args: string[]): Options | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        monitors: { type: "string", default: "100" },
        regions: { type: "string", default: "4" },
        years: { type: "string", default: "5" },
        rounds: { type: "string", default: "51" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return null;
    const [monitors = 0, regions = 0, years = 0, rounds = 0] = [
      values.monitors,
      values.regions,
      values.years,
      values.rounds,
    ].map(Number);
    const options = { monitors, regions, years, rounds };
    const valid = Object.values(options).every((value) => Number.isInteger(value) && value > 0);
    if (!valid || regions > REGIONS.length) throw new Complaint(USAGE);
    return options;
  } catch (error) {
    if (error instanceof Complaint) throw error;
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}

function report(name: string, window: Window, by: "day" | "hour"): Question {
  return { name, ask: (db) => loadReport(db, monitorId(0), window, rangesOf(window, by)) };
}

/** The last 90 days of the first monitors, in one query. */
function bars(monitors: number): Question {
  const ids = JSON.stringify(Array.from({ length: monitors }, (_, index) => monitorId(index)));
  // CROSS JOIN keeps the order: a range of the key for each monitor, and never all rows.
  const sql = `SELECT monitor, start_ms, body FROM json_each(?1) AS each CROSS JOIN rollup_blocks
    WHERE resolution = 'day' AND monitor = each.value AND start_ms >= ?2`;
  return {
    name: `90 days of ${monitors} monitors in one query`,
    ask: (db) =>
      db
        .prepare(sql)
        .bind(ids, END_MS - 90 * DAY_MS)
        .all(),
  };
}

function questions(size: Size): Question[] {
  const odd = 17 * MINUTE_MS + 123;
  const last = (days: number) => ({ fromMs: END_MS - days * DAY_MS + odd, toMs: END_MS - odd });
  const { monitors, years } = size;
  return [
    {
      name: "page of a monitor: a year by day, two days by hour",
      ask: (db) => loadReport(db, monitorId(0), lastDay(END_MS), reportedRanges(END_MS)),
    },
    {
      name: "page of past incidents: a month",
      ask: (db) => loadHistory(db, END_MS - 30 * DAY_MS, END_MS),
    },
    {
      name: "page without the coordinator: its last snapshot",
      ask: (db) => db.prepare("SELECT body FROM snapshots ORDER BY id").all(),
    },
    report("report: a day, edges at the millisecond", last(1), "day"),
    report("report: 90 days, edges at the millisecond", last(90), "day"),
    report(`report: ${years} years`, last(daysOf(size)), "day"),
    report("CSV: 90 days by hour", last(90), "hour"),
    ...[...new Set([Math.min(PORTION_MONITORS, monitors), monitors])].map(bars),
  ];
}

/** Time that D1's process has waited for a core so far, in milliseconds; 0 where nobody says. */
function databaseWaitedMs(): number {
  return childPids().reduce((sum, pid) => sum + (waitedMs(pid) ?? 0), 0);
}

async function measure(db: D1Database, { ask }: Question, rounds: number): Promise<Answers> {
  const answers: Answers = { calm: [], disturbed: [] };
  const counted = countCosts(db);
  const tries = rounds * TRIES;
  for (let round = 0; round < tries && answers.calm.length < rounds; round += 1) {
    Object.assign(counted.costs, noCosts());
    const beforeMs = databaseWaitedMs();
    await ask(counted.db);
    const kind = databaseWaitedMs() - beforeMs > WAIT_MAX_MS ? "disturbed" : "calm";
    answers[kind].push({ ...counted.costs });
  }
  answers.calm.sort(byDuration);
  answers.disturbed.sort(byDuration);
  return answers;
}

/** All rounds: those that were not disturbed, or where there are none, the others. */
function allOf({ calm, disturbed }: Answers): DatabaseCosts[] {
  return calm.length > 0 ? calm : disturbed;
}

function byDuration(a: DatabaseCosts, b: DatabaseCosts): number {
  return a.durationMs - b.durationMs;
}

function renderTime(costs: DatabaseCosts | undefined): string {
  return `${(costs?.durationMs ?? 0).toFixed(0)} ms`;
}

function renderLine(name: string, warm: Answers, cold: readonly DatabaseCosts[]): string {
  const rounds = allOf(warm);
  const median = rounds[Math.floor(rounds.length / 2)] ?? noCosts();
  const { disturbed } = warm;
  const apart =
    disturbed.length === 0 ? "" : `${disturbed.length}: ${renderTime(disturbed.at(-1))}`;
  const times = [median, rounds.at(-1), cold.at(-1)].map(renderTime);
  return `| ${[name, ...times, apart, String(median.rowsRead)].join(" | ")} |`;
}
