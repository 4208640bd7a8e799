/**
 * `npm run bench -- kills`: the local network, killed with SIGKILL at random moments of a script of
 * outages and started again on the same data, and what came of it: incidents and transitions once
 * each, messages by their key, and every run of the log there or accounted for.
 *
 * Target and receiver live in this process, so that they outlive the network: what a message's
 * receiver has taken, and what the target did, is known whoever dies.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { webhookId } from "../../workers/coordinator/channels/webhook-payload.ts";
import { Complaint } from "../../workers/local/complaint.ts";
import { Random } from "../sim/random.ts";
import { startAlertReceiver } from "../support/alert-receiver.ts";
import { startBreakableServer } from "../support/breakable-server.ts";
import type { RunningNetwork } from "../support/running-network.ts";
import { startNetwork } from "../support/running-network.ts";
import { accountForRuns, countMessages, incidentProblems } from "./kills-figures.ts";
import type { Absence, ToldIncident } from "./kills-figures.ts";

const EVERY_MS = 10_000;
const REGIONS = ["us-east", "sa-east", "eu-central", "ap-southeast"] as const;
/** Length of an outage, and of the calm before it; a restart fits into either. */
const PHASE_MS = 60_000;
/** Least time between a start and the next kill. */
const LIFE_MIN_MS = 5_000;
/** Longest wait for the end of everything at the end. */
const CALM_MAX_MS = 120_000;

const USAGE = `npm run bench -- kills [--minutes 10] [--kills 10] [--seed 1]

The network runs with --every 10s; a target breaks and mends each minute, for all four regions.`;

/** The network over all its lives. */
class Lives {
  readonly #data: string;
  #network: RunningNetwork | null = null;
  readonly absences: Absence[] = [];

  constructor(data: string) {
    this.#data = data;
  }

  get network(): RunningNetwork {
    if (this.#network === null) throw new Error("the network is not running");
    return this.#network;
  }

  /** A port that was free may be taken by another process in the moment before it is used. */
  async start(attempts = 3): Promise<void> {
    const fromMs = Date.now();
    try {
      this.#network = await startNetwork(`${EVERY_MS / 1_000}s`, this.#data);
    } catch (error) {
      if (attempts <= 1 || !String(error).includes("is in use")) throw error;
      await this.start(attempts - 1);
      return;
    }
    // Of a first start, too, nothing is known that was due before the crons could fire.
    if (this.absences.length === 0) this.absences.push({ fromMs, toMs: Date.now() });
  }

  async restart(): Promise<void> {
    const fromMs = Date.now();
    await this.network.kill();
    await this.start();
    this.absences.push({ fromMs, toMs: Date.now() });
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url, token } = this.network;
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  /** Waits until a monitor is well and every message is sent. */
  async settle(monitor: string): Promise<void> {
    const deadlineMs = Date.now() + CALM_MAX_MS;
    for (;;) {
      const { verdict } = await this.api<{ verdict: string }>(
        "GET",
        `/api/v1/monitors/${monitor}/verdict`,
      );
      const pending = await this.api<unknown[]>("GET", "/api/v1/deliveries?state=pending");
      if (verdict === "operational" && pending.length === 0) return;
      if (Date.now() > deadlineMs) throw new Error(`${monitor} stays ${verdict}`);
      await sleep(500);
    }
  }
}

/** Keys of the runs in the database of a data folder. */
function loggedRuns(data: string): Array<{ scheduledAtMs: number; region: string }> {
  const paths = readdirSync(data, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sqlite"))
    .map((path) => join(data, path));
  for (const path of paths) {
    const database = new DatabaseSync(path, { readOnly: true });
    const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'published_config'");
    const rows =
      table.get() === undefined
        ? null
        : database.prepare("SELECT scheduled_at_ms, region FROM runs").all();
    database.close();
    if (rows === null) continue;
    return rows.map((row) => ({
      scheduledAtMs: Number(row["scheduled_at_ms"]),
      region: String(row["region"]),
    }));
  }
  throw new Error(`there is no D1 database in ${data}`);
}

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: "string", default: "10" },
      kills: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", short: "h" },
    },
  });
  const [minutes, kills, seed] = [values.minutes, values.kills, values.seed].map(Number);
  if (values.help === true) return null;
  for (const value of [minutes, kills, seed]) {
    if (!Number.isSafeInteger(value) || Number(value) < 1) throw new Complaint(USAGE);
  }
  return { minutes: Number(minutes), kills: Number(kills), seed: Number(seed) };
}

/** Moments of the kills: one at a random moment of each of as many equal parts. */
function drawKills(seed: number, kills: number, startMs: number, lengthMs: number): number[] {
  const random = new Random(seed);
  const partMs = lengthMs / kills;
  return Array.from({ length: kills }, (_, part) => {
    return Math.round(startMs + part * partMs + random.int(0, Math.floor(partMs)));
  });
}

/** Runs the benchmark and prints its figures. */
export async function benchKills(args: string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(USAGE);
    return;
  }
  const data = mkdtempSync(join(tmpdir(), "echoquorum-kills-"));
  await using target = await startBreakableServer();
  await using receiver = await startAlertReceiver();
  const lives = new Lives(data);
  await lives.start();
  try {
    await lives.api("PUT", "/api/v1/channels/bench", {
      name: "Benchmark",
      kind: "webhook",
      settings: { url: `${receiver.origin}/` },
    });
    const monitor = {
      name: "Target",
      url: target.url,
      echo: true,
      timeout: "3s",
      notify: ["bench"],
    };
    await lives.api("PUT", "/api/v1/monitors/target", monitor);
    await lives.settle("target");
    const startMs = Date.now();
    const lengthMs = options.minutes * 60_000;
    await perform({ lives, target, startMs, lengthMs, ...options });
    await lives.settle("target");
    const incidents = await lives.api<ToldIncident[]>(
      "GET",
      "/api/v1/incidents?monitor=target&limit=500",
    );
    const deliveries = await lives.api<Array<{ id: string; state: string }>>(
      "GET",
      "/api/v1/deliveries?channel=bench&monitor=target&limit=500",
    );
    await lives.network.stop();
    const runs = accountForRuns({
      logged: loggedRuns(data),
      regions: REGIONS,
      everyMs: EVERY_MS,
      window: { fromMs: startMs, toMs: startMs + lengthMs },
      absences: lives.absences,
    });
    const received = receiver.requests
      .filter(({ body }) => body.includes('"id":"target"'))
      .map(({ headers, body }) => ({ key: String(headers["webhook-id"]), body }));
    print(
      options.minutes,
      lives.absences.slice(1),
      incidents,
      countMessages((id) => webhookId({ id }), deliveries, received),
      runs,
    );
  } finally {
    await lives.network.stop();
    // What went wrong can be looked into.
    if (process.exitCode === undefined) rmSync(data, { recursive: true, force: true });
    else console.log(`  the data is kept in ${data}`);
  }
}

/** Breaks, mends, kills and starts again, each at its moment. */
async function perform(play: {
  lives: Lives;
  target: { breakFor: (regions: readonly string[]) => void };
  startMs: number;
  lengthMs: number;
  kills: number;
  seed: number;
}): Promise<void> {
  const { lives, target, startMs, lengthMs, kills, seed } = play;
  const breaking = async () => {
    for (let atMs = startMs + PHASE_MS; atMs < startMs + lengthMs; atMs += 2 * PHASE_MS) {
      await sleep(Math.max(0, atMs - Date.now()));
      target.breakFor(REGIONS);
      await sleep(PHASE_MS);
      target.breakFor([]);
    }
  };
  const killing = async () => {
    let aliveSinceMs = startMs;
    for (const atMs of drawKills(seed, kills, startMs, lengthMs)) {
      await sleep(Math.max(0, Math.max(atMs, aliveSinceMs + LIFE_MIN_MS) - Date.now()));
      await lives.restart();
      aliveSinceMs = Date.now();
      const { fromMs, toMs } = lives.absences.at(-1) ?? { fromMs: 0, toMs: 0 };
      const away = ((toMs - fromMs) / 1_000).toFixed(1);
      console.log(`  killed at ${((fromMs - startMs) / 1_000).toFixed(1)} s, back after ${away} s`);
    }
  };
  await Promise.all([breaking(), killing()]);
  await sleep(Math.max(0, startMs + lengthMs - Date.now()));
}

function print(
  minutes: number,
  absences: readonly Absence[],
  incidents: readonly ToldIncident[],
  messages: ReturnType<typeof countMessages>,
  runs: ReturnType<typeof accountForRuns>,
): void {
  const problems = [...incidentProblems(incidents), ...messages.problems, ...runs.problems];
  const outages = Math.floor((minutes * 60_000) / (2 * PHASE_MS));
  console.log(`${minutes} minutes, ${absences.length} kills, ${outages} outages:`);
  console.log(`  incidents: ${incidents.length}, each opened and resolved once`);
  console.log(
    `  messages: ${messages.keys} keys, ${messages.lost} lost, ` +
      `${messages.repeated} repeated under their key`,
  );
  console.log(
    `  runs: ${runs.expected} rounds due, ${runs.logged} in the log, ${runs.absent} due while ` +
      `nothing ran, ${runs.lost} lost`,
  );
  if (incidents.length !== outages) problems.push(`${incidents.length} incidents of ${outages}`);
  for (const problem of problems) console.log(`  NOT AS IT SHOULD BE: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
