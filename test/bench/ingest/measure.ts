/**
 * One size of `npm run bench -- ingest`, in a process of its own whose heap is no larger than what a
 * Durable Object may have: the real engine and store, everything around them in memory. Prints its
 * figures as one line of JSON.
 */
import { parseArgs } from "node:util";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { writeHistory } from "../../../workers/coordinator/log/history-mirror.ts";
import { Engine } from "../../../workers/coordinator/object/engine.ts";
import { TICK_MS } from "../../../workers/coordinator/object/limits.ts";
import type { Ports } from "../../../workers/coordinator/object/ports.ts";
import { Store } from "../../../workers/coordinator/object/store.ts";
import { SqliteDatabase } from "../../sim/sqlite-database.ts";
import { VirtualClock } from "../../sim/virtual-clock.ts";
import type { IngestFigures } from "./figures.ts";
import { BenchNetwork, makeConfig } from "./network.ts";

const MINUTE_MS = 60_000;
/** Middle of an hour: what happens once an hour is no part of a minute. */
const START_MS = Date.parse("2026-11-20T12:20:00Z");
/** Minutes until everything is known and compiled. */
const WARM_UP_MINUTES = 2;

const options = parseArgs({
  options: {
    monitors: { type: "string", default: "100" },
    regions: { type: "string", default: "11" },
    minutes: { type: "string", default: "5" },
  },
});
const [monitors, regions, minutes] = [
  options.values.monitors,
  options.values.regions,
  options.values.minutes,
].map(Number);
console.log(JSON.stringify(await measure(monitors ?? 1, regions ?? 1, minutes ?? 1)));

/** Bytes of the heap that are in use. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error("this process needs --expose-gc");
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** A D1 that takes every statement, after it has been encoded. */
function deafDatabase(written: { characters: number }): D1Database {
  const statement = (values: unknown[]): unknown => ({
    bind: (...bound: unknown[]) => statement(bound),
    values,
  });
  const database = {
    prepare: () => statement([]),
    batch: (statements: Array<{ values: unknown[] }>) => {
      for (const { values } of statements) {
        for (const value of values) written.characters += String(value).length;
      }
      return Promise.resolve([]);
    },
  };
  return database as unknown as D1Database;
}

async function measure(count: number, places: number, length: number): Promise<IngestFigures> {
  // Parsed, as the product's own reader has it. The network around it looks things up in the same.
  const config = JSON.parse(JSON.stringify(makeConfig(count, places))) as PublishedConfig;
  const clock = new VirtualClock(START_MS);
  const network = new BenchNetwork(config);
  const written = { characters: 0 };
  const failures = new Set<string>();
  const ports = connect(config, clock, network, deafDatabase(written), failures);
  const beforeBytes = heapBytes();
  const engine = new Engine(ports, new Store(new SqliteDatabase().open(() => undefined)), {
    regions: config.regions,
    shardCounts: new Map(config.regions.map((region) => [region, network.shards])),
    publicUrl: null,
  });
  let ticking = true;
  const alarm = () => {
    const nextMs = clock.nowMs + TICK_MS;
    void engine.step().then(() => (ticking ? clock.at(nextMs, alarm) : undefined));
  };
  clock.at(START_MS, alarm);
  let usedMs = 0;
  for (let minute = 0; minute < WARM_UP_MINUTES + length; minute += 1) {
    const fromMs = START_MS + minute * MINUTE_MS;
    network.makeRows(fromMs, fromMs + MINUTE_MS);
    const before = process.cpuUsage();
    await clock.runTo(fromMs + MINUTE_MS);
    const { user, system } = process.cpuUsage(before);
    if (minute >= WARM_UP_MINUTES) usedMs += (user + system) / 1_000;
  }
  ticking = false;
  await clock.runTo(clock.nowMs + 10 * TICK_MS);
  const observations = network.observations;
  network.clear();
  const heldBytes = heapBytes() - beforeBytes;
  const { state } = engine.memory;
  return {
    monitors: count,
    regions: places,
    cpuSecondsPerMinute: usedMs / 1_000 / length,
    heldBytes,
    observationsPerMinute: observations / (WARM_UP_MINUTES + length),
    votes: [...state.votes.values()].reduce((sum, { size }) => sum + size, 0),
    deliveries: engine.memory.history.deliveries({ limit: 500 }).length,
    failures: [...failures],
  };
}

function connect(
  config: PublishedConfig,
  clock: VirtualClock,
  network: BenchNetwork,
  database: D1Database,
  failures: Set<string>,
): Ports {
  const channel = {
    id: "ops",
    name: "Operations",
    kind: "slack",
    settings: { url: "https://hooks.example.com/services/bench" },
  } as const;
  // As the product's own reader: while nothing has changed always the same object.
  const published = { config, channels: [channel] };
  const accepted = { ok: true, status: 200, error: null, retryAfterMs: null, permanent: false };
  return {
    log: {
      loadRuns: async (query) => network.loadRuns(query, clock.nowMs),
      appendRuns: async () => undefined,
      pruneRuns: async () => undefined,
    },
    probes: {
      ask: async (region, order) => {
        await clock.sleep(300);
        return network.answer(region, order, clock.nowMs);
      },
    },
    sender: { send: async () => accepted },
    config: { load: async () => published },
    mirror: { write: (batch) => writeHistory(database, batch), pruneBlocks: async () => 0 },
    clock: {
      nowMs: () => clock.nowMs,
      sleep: (durationMs, signal) => clock.sleep(durationMs, signal),
    },
    random: () => 0.5,
    print: (line) => {
      if (line.event === "failure") failures.add(`${line["what"]}: ${line["error"]}`);
    },
  };
}
