/**
 * `npm run bench -- backlog`: how long a coordinator takes to catch up with a log that went on for a
 * day while it was away, in local workerd, and what it tells of that day.
 *
 * Nobody waits a day for it: a network is started, stopped, and all that it has stored is dated a day
 * back. Then the runs of that day are put into its log, and it is started again.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { reasonFacts } from "../../shared/probe/reason.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { Run } from "../../shared/probe/run.ts";
import { INSERT_RUN_SQL, runValues } from "../../shared/probe/run.ts";
import { Complaint, errorText } from "../../workers/local/complaint.ts";
import { startAlertReceiver } from "../support/alert-receiver.ts";
import { startBreakableServer } from "../support/breakable-server.ts";
import type { RunningNetwork } from "../support/running-network.ts";
import { startNetwork } from "../support/running-network.ts";
import { BenchNetwork } from "./ingest/network.ts";

const USAGE = `npm run bench -- backlog [--monitors 30] [--hours 24]

Four regions look once a minute. Each monitor has outages of a minute, which are over; one is down.`;

const EVERY = "60s";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** For how long the last monitor has been down when the coordinator comes back. */
const STILL_DOWN_MS = 30 * MINUTE_MS;
/** Time before its return in which nothing else happens: what is news then is told as news. */
const CALM_MS = 5 * MINUTE_MS;
/** Longest that is waited for anything, in milliseconds. */
const WAIT_MAX_MS = 300_000;
/** A port of the loopback interface on which nothing listens. */
const DEAD_URL = "ws://127.0.0.1:1/";
const GOAL_MS = 60_000;

/** Runs the benchmark and prints its figures. */
export async function benchBacklog(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const { monitors, hours } = options;
  const data = mkdtempSync(join(tmpdir(), "echoquorum-backlog-"));
  await using target = await startBreakableServer();
  await using receiver = await startAlertReceiver();
  let network = await startNetwork(EVERY, data, ["--no-demo"]);
  try {
    const sinceMs = Date.now();
    await declare(network, monitors, target.url, receiver.origin);
    await network.stop();
    const backlog = await makeBacklog(data, sinceMs, hours * HOUR_MS);
    const startMs = Date.now();
    network = await startNetwork(EVERY, data, ["--no-demo"]);
    const readyMs = Date.now();
    await waitFor("the log to be read", async () => {
      const health = await fetch(new URL("/healthz", network.url));
      const { newestRunAt } = (await health.json()) as { newestRunAt: string | null };
      return Date.parse(newestRunAt ?? "") >= backlog.newestMs;
    });
    const readMs = Date.now();
    const told = () => receiver.requests.map(({ body }) => messageOf(body));
    await waitFor("the messages", async () => {
      const about = new Set(told().map(({ monitor }) => monitor));
      return about.has(null) && about.has(lastMonitor(monitors));
    });
    const toldMs = Date.now();
    // What is stale would be told soon.
    await sleep(10_000);
    print({ monitors, hours, ...backlog, startMs, readyMs, readMs, toldMs, told: told() });
  } finally {
    await network.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function parseOptions(args: string[]): { monitors: number; hours: number } | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        monitors: { type: "string", default: "30" },
        hours: { type: "string", default: "24" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return null;
    const [monitors = 0, hours = 0] = [values.monitors, values.hours].map(Number);
    if (!Number.isSafeInteger(monitors) || monitors < 2 || !(hours >= 1) || hours > 24) {
      throw new Complaint(USAGE);
    }
    return { monitors, hours };
  } catch (error) {
    if (error instanceof Complaint) throw error;
    throw new Complaint(`${errorText(error)}\n\n${USAGE}`);
  }
}

function monitorId(index: number): string {
  return `service-${index}`;
}

function lastMonitor(monitors: number): string {
  return monitorId(monitors - 1);
}

async function request(
  { url, token }: RunningNetwork,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** Declares the monitors and the channel, and waits until something is known. */
async function declare(
  network: RunningNetwork,
  monitors: number,
  url: string,
  receiver: string,
): Promise<void> {
  const settings = { url: `${receiver}/` };
  const channel = { name: "Benchmark", kind: "webhook", settings };
  await request(network, "PUT", "/api/v1/channels/bench", channel);
  for (let index = 0; index < monitors; index += 1) {
    const isLast = index === monitors - 1;
    await request(network, "PUT", `/api/v1/monitors/${monitorId(index)}`, {
      name: `Service ${index}`,
      url: isLast ? DEAD_URL : url,
      interval: "1m",
      notify: ["bench"],
    });
  }
  await waitFor("a first verdict", async () => {
    await request(network, "POST", `/api/v1/monitors/${monitorId(0)}/check`);
    const path = `/api/v1/monitors/${monitorId(0)}/verdict`;
    const { verdict } = (await request(network, "GET", path)) as { verdict: string };
    return verdict === "operational";
  });
}

async function waitFor(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + WAIT_MAX_MS;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`waited too long for ${what}`);
    await sleep(200);
  }
}

/** Databases of a data folder. */
function databases(data: string): string[] {
  return readdirSync(data, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sqlite"))
    .map((path) => join(data, path));
}

function tablesOf(database: DatabaseSync): string[] {
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return rows.map(({ name }) => String(name)).filter((name) => !/^(_cf_|sqlite_)/.test(name));
}

/** Dates everything that was stored since a moment back; then fills the log up to now. */
async function makeBacklog(data: string, sinceMs: number, awayMs: number) {
  const isNew = (atMs: number) => atMs >= sinceMs - HOUR_MS && atMs <= Date.now() + HOUR_MS;
  const dated = (value: unknown): string | number | bigint | Uint8Array | null => {
    if (typeof value === "number") return isNew(value) ? value - awayMs : value;
    if (typeof value !== "string") return value as bigint | Uint8Array | null;
    return value.replace(/(?<!\d)\d{13}(?!\d)/g, (digits) =>
      isNew(Number(digits)) ? String(Number(digits) - awayMs) : digits,
    );
  };
  let result = { runs: 0, observations: 0, newestMs: 0 };
  for (const path of databases(data)) {
    using database = new DatabaseSync(path);
    database.function("dated", dated);
    for (const table of tablesOf(database)) {
      const columns = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
      const sets = columns.map(({ name }) => `"${name}" = dated("${name}")`);
      database.exec(`UPDATE "${table}" SET ${sets.join(", ")}`);
    }
    if (tablesOf(database).includes("published_config")) {
      result = fillLog(database, sinceMs - awayMs, Date.now());
    }
  }
  if (result.runs === 0) throw new Error(`there is no D1 database in ${data}`);
  return result;
}

/** Puts the runs of a time into the log. */
function fillLog(database: DatabaseSync, fromMs: number, toMs: number) {
  const rows = database.prepare("SELECT body FROM published_config ORDER BY 1").all();
  const network = new BenchNetwork(JSON.parse(String(rows[0]?.["body"])) as PublishedConfig);
  const insert = database.prepare(INSERT_RUN_SQL);
  const result = { runs: 0, observations: 0, newestMs: 0 };
  database.exec("BEGIN");
  for (const made of network.performRounds(fromMs, toMs)) {
    const run = amend(made, network.monitors, toMs);
    insert.run(...runValues(run, "digested"));
    result.runs += 1;
    result.observations += run.observations.length;
    result.newestMs = Math.max(result.newestMs, run.scheduledAtMs);
  }
  database.exec("COMMIT");
  return result;
}

/** What the log says near its end: the last monitor is down, and nothing new happens. */
function amend(run: Run, monitors: number, toMs: number): Run {
  const { status, phase, blame, meaning: message } = reasonFacts("connect_failed");
  const failure = { status, phase, blame, message, reason: "connect_failed" } as const;
  const last = lastMonitor(monitors);
  const observations = run.observations.flatMap((observation) => {
    const ageMs = toMs - run.scheduledAtMs;
    if (observation.monitor === last) {
      return ageMs > STILL_DOWN_MS ? [observation] : [{ ...observation, ...failure }];
    }
    return observation.status === "up" || ageMs > CALM_MS ? [observation] : [];
  });
  return { ...run, observations };
}

interface Message {
  monitor: string | null;
  title: string;
}

function messageOf(body: string): Message {
  const { data } = JSON.parse(body) as {
    data: { monitor: { id: string } | null; title: string };
  };
  return { monitor: data.monitor?.id ?? null, title: data.title };
}

function print(figures: {
  monitors: number;
  hours: number;
  runs: number;
  observations: number;
  startMs: number;
  readyMs: number;
  readMs: number;
  toldMs: number;
  told: readonly Message[];
}): void {
  const { monitors, hours, runs, observations, startMs, told } = figures;
  const after = (atMs: number) => `${((atMs - startMs) / 1_000).toFixed(1)} s`;
  console.log(
    `${monitors} monitors in four regions, ${hours} hours: ${runs.toLocaleString("en")} runs, ` +
      `${observations.toLocaleString("en")} observations`,
  );
  console.log(`  the network is ready after ${after(figures.readyMs)}`);
  console.log(`  the whole log is taken in after ${after(figures.readMs)}`);
  console.log(`  all is told after ${after(figures.toldMs)}, in ${told.length} messages:`);
  for (const { title } of told) console.log(`    ${title}`);
  const problems = [];
  const summaries = told.filter(({ monitor }) => monitor === null).length;
  const stale = told.filter(({ monitor }) => monitor !== null && monitor !== lastMonitor(monitors));
  if (summaries !== 1) problems.push(`${summaries} summaries`);
  if (stale.length > 0) problems.push(`${stale.length} stale alerts`);
  if (told.length > 2) problems.push(`${told.length} messages`);
  if (figures.toldMs - startMs > GOAL_MS) problems.push("longer than a minute");
  for (const problem of problems) console.log(`  NOT AS IT SHOULD BE: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
