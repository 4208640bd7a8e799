/**
 * `npm run bench -- detection`: how long the local network takes from the moment at which a target
 * breaks for everybody until the alert arrives, and whether trouble of the regions themselves, or of
 * one region's way to a target, ever calls a target down.
 *
 * It runs the network as `npm start --every 10s` does, real WebSocket servers and a real receiver of
 * alerts in this process. Trials of an outage run a few at a time, each on a monitor of its own and
 * begun at a random moment; of the others one episode is a trial for each of the monitors.
 */
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { BreakableServer } from "../support/breakable-server.ts";
import { startBreakableServer } from "../support/breakable-server.ts";
import type { RunningNetwork } from "../support/running-network.ts";
import { startNetwork } from "../support/running-network.ts";
import { listen } from "../../workers/local/services/http-server.ts";
import type { RegionTrouble } from "../../workers/local/services/region-trouble.ts";
import { renderDistribution } from "./detection-figures.ts";

const EVERY_MS = 10_000;
const TRIALS = 20;
/**
 * Outages under way at once: fewer than what would look like a region's own trouble, and with fewer
 * messages in 20 s, ends included, than would be gathered into one (`atOnce` of the alert policy).
 */
const AT_ONCE = 2;
/** Longest wait for an alert, and for everything to be well. */
const ALERT_MAX_MS = 30_000;
const CALM_MAX_MS = 90_000;
/** Length of an episode: longer than a vote stays fresh at this interval (50 s). */
const EPISODE_MS = 65_000;
const REGIONS = ["us-east", "sa-east", "eu-central", "ap-southeast"] as const;

const USAGE = `npm run bench -- detection

Takes about eight minutes. Nothing is configured: ${TRIALS} trials each, every ${EVERY_MS / 1_000} s, four regions.`;

interface Subject {
  id: string;
  server: BreakableServer;
}

/** When each monitor's alerts arrived, by kind. */
class Alerts {
  readonly #arrived: Array<{ monitor: string; alert: string; atMs: number }> = [];

  add(monitor: string, alert: string): void {
    this.#arrived.push({ monitor, alert, atMs: performance.now() });
  }

  firedSince(monitor: string, sinceMs: number): number | null {
    const found = this.#arrived.find(
      (entry) => entry.monitor === monitor && entry.alert !== "resolved" && entry.atMs >= sinceMs,
    );
    return found?.atMs ?? null;
  }
}

/** The network with its targets and its receiver. */
class Stage {
  readonly network: RunningNetwork;
  readonly subjects: readonly Subject[];
  readonly alerts: Alerts;

  constructor(network: RunningNetwork, subjects: readonly Subject[], alerts: Alerts) {
    this.network = network;
    this.subjects = subjects;
    this.alerts = alerts;
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, this.network.url), {
      method,
      headers: {
        authorization: `Bearer ${this.network.token}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  async trouble(region: string, trouble: Partial<RegionTrouble>): Promise<void> {
    const response = await fetch(new URL(`/regions/${region}/trouble`, this.network.panelUrl), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(trouble),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) throw new Error(`The fault panel answered ${await response.text()}`);
  }

  /** Waits until all four regions call a monitor good, or of all monitors. */
  async calm(ids: readonly string[]): Promise<void> {
    const deadlineMs = performance.now() + CALM_MAX_MS;
    for (const id of ids) {
      for (;;) {
        const { verdict, votes } = await this.api<{
          verdict: string;
          votes: Array<{ status: string; counted: boolean }>;
        }>("GET", `/api/v1/monitors/${id}/verdict`);
        const good = votes.filter(({ status, counted }) => counted && status === "up");
        if (verdict === "operational" && good.length === REGIONS.length) break;
        if (performance.now() > deadlineMs) throw new Error(`${id} stays ${verdict}`);
        await sleep(500);
      }
    }
  }

  /** Incidents that called anything down since a moment (UTC epoch milliseconds). */
  async downsSince(sinceMs: number): Promise<string[]> {
    const since = new Date(sinceMs).toISOString();
    const incidents = await this.api<Array<{ monitor: string; worst: string; message: string }>>(
      "GET",
      `/api/v1/incidents?since=${since}&limit=500`,
    );
    return incidents
      .filter(({ worst }) => worst === "down")
      .map(({ monitor, message }) => `${monitor}: ${message}`);
  }
}

/** What of a message says whom it is about, or of one of several that are told together. */
interface ToldAlert {
  alert: string;
  monitor: { id: string } | null;
}

async function receive(alerts: Alerts) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { data } = JSON.parse(body) as { data: ToldAlert & { alerts?: ToldAlert[] } };
      for (const { monitor, alert } of data.alerts ?? [data]) alerts.add(monitor?.id ?? "", alert);
      response.end();
    });
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

async function prepare(stage: Stage, receiverUrl: string): Promise<void> {
  for (const { id } of await stage.api<Array<{ id: string }>>("GET", "/api/v1/monitors")) {
    await stage.api("DELETE", `/api/v1/monitors/${id}`);
  }
  await stage.api("PUT", "/api/v1/channels/bench", {
    name: "Benchmark",
    kind: "webhook",
    settings: { url: receiverUrl },
  });
  for (const { id, server } of stage.subjects) {
    const monitor = { name: id, url: server.url, echo: true, timeout: "3s" };
    await stage.api("PUT", `/api/v1/monitors/${id}`, monitor);
  }
  await stage.calm(stage.subjects.map(({ id }) => id));
}

/** One outage for everybody, begun at a random moment; milliseconds until the alert. */
async function outage(stage: Stage, { id, server }: Subject): Promise<number> {
  await sleep(Math.random() * EVERY_MS);
  const brokenAtMs = performance.now();
  server.breakFor(REGIONS);
  let firedAtMs: number | null = null;
  while (firedAtMs === null) {
    if (performance.now() - brokenAtMs > ALERT_MAX_MS) throw new Error(`no alert about ${id}`);
    await sleep(5);
    firedAtMs = stage.alerts.firedSince(id, brokenAtMs);
  }
  server.breakFor([]);
  await stage.calm([id]);
  return firedAtMs - brokenAtMs;
}

async function outages(stage: Stage): Promise<number[]> {
  const took: number[] = [];
  const queue = [...stage.subjects];
  const work = async () => {
    for (let subject = queue.shift(); subject !== undefined; subject = queue.shift()) {
      took.push(await outage(stage, subject));
      console.log(`  ${subject.id}: ${((took.at(-1) ?? 0) / 1_000).toFixed(2)} s`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return took;
}

/** Something that goes wrong, for a while and for all monitors, and that is nobody's outage. */
interface Episode {
  name: string;
  begin: (stage: Stage, region: string) => Promise<void>;
}

/** Breaks each target for one region, another one for each. */
function breakOneEach(stage: Stage, regions: readonly string[]): void {
  for (const [index, { server }] of stage.subjects.entries()) {
    server.breakFor([regions[index % regions.length] ?? ""]);
  }
}

function othersThan(region: string): string[] {
  return REGIONS.filter((other) => other !== region);
}

/** Whoever is in trouble, one of the others fails for each target too: still no majority. */
const EPISODES: readonly Episode[] = [
  {
    name: "one region's outage",
    begin: async (stage) => breakOneEach(stage, REGIONS),
  },
  {
    name: "a stopped cron",
    begin: async (stage, region) => {
      breakOneEach(stage, othersThan(region));
      await stage.trouble(region, { cronStopped: true });
    },
  },
  {
    name: "a stopped region",
    begin: async (stage, region) => {
      breakOneEach(stage, othersThan(region));
      await stage.trouble(region, { probeStopped: true });
    },
  },
  {
    name: "a suspended region",
    begin: async (stage, region) => {
      const others = othersThan(region);
      for (const [index, { server }] of stage.subjects.entries()) {
        server.breakFor([region, others[index % others.length] ?? ""]);
      }
      await stage.trouble(region, { blind: true });
    },
  },
  {
    name: "two regions in one colo",
    begin: async (stage, region) => {
      const other = othersThan(region)[0] ?? "";
      await stage.trouble(region, { colo: coloOf(other) });
      // The place must be known before it fails: it is read again every few seconds.
      await sleep(2 * EVERY_MS);
      for (const { server } of stage.subjects) server.breakFor([region, other]);
    },
  },
];

function coloOf(region: string): string {
  const colos: Readonly<Record<string, string>> = {
    "us-east": "IAD",
    "sa-east": "GRU",
    "eu-central": "FRA",
    "ap-southeast": "SIN",
  };
  return colos[region] ?? "";
}

async function perform(stage: Stage, { name, begin }: Episode): Promise<void> {
  const region = REGIONS[Math.floor(Math.random() * REGIONS.length)] ?? REGIONS[0];
  const sinceMs = Date.now();
  await begin(stage, region);
  await sleep(EPISODE_MS);
  for (const { server } of stage.subjects) server.breakFor([]);
  await stage.trouble(region, {});
  const downs = await stage.downsSince(sinceMs);
  const said = downs.length === 0 ? "no false down" : `${downs.length} false down`;
  console.log(`${name} (${region}), ${stage.subjects.length} trials: ${said}`);
  for (const down of downs) console.log(`  ${down}`);
  await stage.calm(stage.subjects.map(({ id }) => id));
}

/** Runs the benchmark and prints its figures. */
export async function benchDetection(args: string[]): Promise<void> {
  if (args.length > 0) {
    console.log(USAGE);
    return;
  }
  const alerts = new Alerts();
  const receiver = await receive(alerts);
  const subjects = await Promise.all(
    Array.from({ length: TRIALS }, async (_, index) => ({
      id: `target-${String(index + 1).padStart(2, "0")}`,
      server: await startBreakableServer(),
    })),
  );
  const network = await startNetwork(`${EVERY_MS / 1_000}s`);
  try {
    const stage = new Stage(network, subjects, alerts);
    await prepare(stage, receiver.url);
    console.log(`An outage for all, ${TRIALS} trials, every ${EVERY_MS / 1_000} s:`);
    console.log(renderDistribution(await outages(stage)));
    for (const episode of EPISODES) await perform(stage, episode);
  } finally {
    await network.stop();
    receiver.close();
    for (const { server } of subjects) await server[Symbol.asyncDispose]();
  }
}
