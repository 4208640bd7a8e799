/**
 * The whole network of `wrangler.toml` in the real runtime: coordinator, probes, one D1, service
 * bindings, the Durable Object with its alarm. Crons are fired by the test, at a pace of its own.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";
import { findRegion } from "../../shared/regions.ts";
import { addRegion } from "../../workers/local/eq/region-file.ts";
import { COORDINATOR, parseWranglerToml } from "../../workers/local/network/environments.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SEALING_KEY = Buffer.alloc(32, 7).toString("base64");
const TOKEN = "test-token-with-enough-length-0123456789";
/** Times that an object is to be thrown out before it counts as one that cannot be. */
const EVICT_ATTEMPTS = 5;

/** Regions of `wrangler.toml`, in the network's order. */
export const HARNESS_REGIONS = ["us-east", "sa-east", "eu-central", "ap-southeast"] as const;

/** A running network. */
export interface HarnessNetwork extends AsyncDisposable {
  /** Calls the API with the token; the answer's JSON. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Calls the API with the token; the answer as it is. */
  send(
    method: string,
    path: string,
    body?: { type: string; text: string },
  ): Promise<{ status: number; text: string }>;
  /** Calls the coordinator without a token. */
  fetch(path: string): Promise<{ status: number; text: string }>;
  /** Starts firing every Worker's cron at each multiple of the pace. */
  startCrons(): void;
  /** Regions, and names of single probes (`eu-central-2`), whose crons do not fire. */
  cronless: Set<string>;
  /** Throws the Durable Object out of memory; its storage stays. */
  evict(): Promise<void>;
  db: D1Database;
  /** Lines of the coordinator's structured log of one event. */
  events(event: string): Array<Record<string, unknown>>;
}

/** Answers as `/cdn-cgi/trace` does, with the first colo that is expected of each region. */
async function startTrace() {
  const server = createServer((request, response) => {
    const region = /region=([a-z-]+)/.exec(request.headers["user-agent"] ?? "")?.[1] ?? "";
    response.end(`colo=${findRegion(region)?.expectedColos[0] ?? ""}\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/cdn-cgi/trace`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A copy of `wrangler.toml` in which some regions are divided, in a folder of its own. */
function divideRegions(shards: ReadonlyMap<string, number>) {
  const folder = mkdtempSync(join(tmpdir(), "echoquorum-divided-"));
  const shipped = readFileSync(`${root}wrangler.toml`, "utf8");
  const text = [...shards].reduce(
    (edited, [region, count]) => addRegion(edited, region, count).text,
    shipped,
  );
  const path = join(folder, "wrangler.toml");
  // What is named relative to the file stays where it is.
  const placed = text
    .replaceAll('main = "', `main = "${root}`)
    .replaceAll('binding = "DB"', `binding = "DB", migrations_dir = "${root}migrations"`);
  writeFileSync(path, placed);
  return {
    path,
    environments: parseWranglerToml(text).environments,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Starts the network. `paceMs` is the crons' pace and the default interval, at least 1,000; `prepare`
 * finds the database as it is before any migration; `shards` are the probe Workers of the regions
 * that are to have several, `vars` more variables of the coordinator.
 */
export async function startHarnessNetwork(
  paceMs: number,
  prepare: (db: D1Database) => Promise<void> = async () => undefined,
  shards: ReadonlyMap<string, number> = new Map(),
  vars: Readonly<Record<string, string>> = {},
): Promise<HarnessNetwork> {
  const trace = await startTrace();
  const { path: configPath, environments, remove } = divideRegions(shards);
  const probes = environments.filter(({ region }) => region !== null);
  const shared = { CRON_PACE_MS: String(paceMs), ALLOW_PRIVATE_ADDRESSES: "1" };
  const harness = createTestHarness({
    root,
    workers: [
      {
        configPath,
        env: COORDINATOR,
        vars: { ...shared, ...vars, PUBLIC_URL: "https://status.example.com" },
        secrets: { ECHOQUORUM_ADMIN_TOKEN: TOKEN, ECHOQUORUM_SEALING_KEY: SEALING_KEY },
      },
      ...probes.map(({ environment }) => ({
        configPath,
        env: environment,
        vars: { ...shared, DNS_RESOLVERS: "", COLO_TRACE_URL: trace.url, CONTROL_TARGETS: "" },
      })),
    ],
  });
  await harness.listen();
  const coordinator = harness.getWorker("echoquorum-coordinator");
  const { DB: db } = (await coordinator.getEnv()) as { DB: D1Database };
  await prepare(db);
  await coordinator.applyD1Migrations("DB");
  const cronless = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  const fire = (scheduledAtMs: number) => {
    const event = { cron: "* * * * *", scheduledTime: new Date(scheduledAtMs) };
    const workers = [
      coordinator,
      ...probes
        .filter(({ region }) => !cronless.has(region ?? ""))
        .filter(({ environment }) => !cronless.has(environment.replace(/^probe-/, "")))
        .map(({ name }) => harness.getWorker(name)),
    ];
    // A cron that is cut off by the end of the test is of no interest to it.
    for (const worker of workers) worker.scheduled(event).catch(() => undefined);
  };
  const arm = () => {
    const nextMs = (Math.floor(Date.now() / paceMs) + 1) * paceMs;
    timer = setTimeout(() => {
      fire(nextMs);
      arm();
    }, nextMs - Date.now());
  };
  return {
    cronless,
    db,
    startCrons: () => {
      void coordinator.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
      arm();
    },
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await coordinator.fetch(`http://coordinator${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return JSON.parse(text) as T;
    },
    async send(method, path, body) {
      const response = await coordinator.fetch(`http://coordinator${path}`, {
        method,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          ...(body === undefined ? {} : { "content-type": body.type }),
        },
        ...(body === undefined ? {} : { body: body.text }),
      });
      return { status: response.status, text: await response.text() };
    },
    async fetch(path) {
      const response = await coordinator.fetch(`http://coordinator${path}`);
      return { status: response.status, text: await response.text() };
    },
    async evict() {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await coordinator.evictDurableObject("COORDINATOR", { name: "coordinator" });
          return;
        } catch (error) {
          // The object was at work all the time that the runtime waits: it may be idle the next.
          const isBusy = error instanceof Error && error.message.includes("waiting to evict");
          if (!isBusy || attempt === EVICT_ATTEMPTS) throw error;
        }
      }
    },
    events: (event) =>
      harness.getLogs().flatMap(({ message }) => {
        if (!message.startsWith(`{"event":"${event}"`)) return [];
        return [JSON.parse(message) as Record<string, unknown>];
      }),
    async [Symbol.asyncDispose]() {
      if (timer !== null) clearTimeout(timer);
      await harness.close();
      trace.close();
      remove();
    },
  };
}
