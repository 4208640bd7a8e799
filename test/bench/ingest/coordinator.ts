/**
 * The real engine and store for a benchmark, everything around them in memory and in virtual time. A
 * minute of monitoring is made and taken in at once.
 */
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import { writeHistory } from "../../../workers/coordinator/log/history-mirror.ts";
import type { ObjectDatabase } from "../../../workers/coordinator/object/database.ts";
import { Engine } from "../../../workers/coordinator/object/engine.ts";
import { TICK_MS } from "../../../workers/coordinator/object/limits.ts";
import type { Ports, Published } from "../../../workers/coordinator/object/ports.ts";
import { Store } from "../../../workers/coordinator/object/store.ts";
import { VirtualClock } from "../../sim/virtual-clock.ts";
import { BenchNetwork, makeConfig } from "./network.ts";

const MINUTE_MS = 60_000;
/** Middle of an hour: what happens once an hour is no part of a minute. */
export const START_MS = Date.parse("2026-11-20T12:20:00Z");
/** Minutes until everything is known and compiled. */
export const WARM_UP_MINUTES = 2;

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

/** A network of some size with its coordinator. */
export class BenchCoordinator {
  readonly clock = new VirtualClock(START_MS);
  readonly network: BenchNetwork;
  /** What went wrong, as the coordinator logs it. */
  readonly failures = new Set<string>();
  readonly #config: PublishedConfig;
  readonly #coordinator: Shard;
  readonly #ports: Ports;
  #ticking = true;

  /** @param coordinators of the network, of which this is the first */
  constructor(monitors: number, regions: number, coordinators = 1) {
    // Parsed, as the product's own reader has it. The network around it looks things up in the same.
    this.#config = JSON.parse(JSON.stringify(makeConfig(monitors, regions))) as PublishedConfig;
    this.#coordinator = { index: 0, count: coordinators };
    this.network = new BenchNetwork(this.#config);
    const database = deafDatabase({ characters: 0 });
    // While nothing has changed always the same object, as from the product's own reader.
    const published = publish(this.#config, this.#coordinator);
    this.#ports = connect(published, this.clock, this.network, database, this.failures);
  }

  /** Has an engine tick on a database from now on. */
  start(database: ObjectDatabase): Engine {
    const { network, clock } = this;
    const { regions } = this.#config;
    const engine = new Engine(this.#ports, new Store(database), {
      regions,
      shardCounts: new Map(regions.map((region) => [region, network.shards])),
      publicUrl: null,
      coordinator: this.#coordinator,
    });
    const alarm = () => {
      const nextMs = clock.nowMs + TICK_MS;
      void engine.step().then(() => (this.#ticking ? clock.at(nextMs, alarm) : undefined));
    };
    clock.at(clock.nowMs, alarm);
    return engine;
  }

  /** Has a minute of monitoring taken in; returns the CPU time that this took, in seconds. */
  async runMinute(): Promise<number> {
    const toMs = this.clock.nowMs + MINUTE_MS;
    this.network.makeRows(this.clock.nowMs, toMs);
    const before = process.cpuUsage();
    await this.clock.runTo(toMs);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000_000;
  }

  /** Lets what is under way come to its end. */
  async stop(): Promise<void> {
    this.#ticking = false;
    await this.clock.runTo(this.clock.nowMs + 10 * TICK_MS);
  }
}

/** What a coordinator works by: its own monitors, and the list of all where there are others. */
function publish(config: PublishedConfig, { index, count }: Shard): Published {
  const channel = {
    id: "ops",
    name: "Operations",
    kind: "slack",
    settings: { url: "https://hooks.example.com/services/bench" },
  } as const;
  if (count === 1) return { config, channels: [channel] };
  const monitors = config.monitors.filter((_, place) => place % count === index);
  return { config: { ...config, monitors }, roster: rosterOf(config), channels: [channel] };
}

function rosterOf({ monitors }: PublishedConfig): RosterMonitor[] {
  return monitors.map((monitor) => {
    const { id, name, group, interval, regions, paused } = monitor;
    const http = monitor.http !== false;
    return { id, name, group, public: monitor.public, interval, regions, paused, http };
  });
}

function connect(
  published: Published,
  clock: VirtualClock,
  network: BenchNetwork,
  database: D1Database,
  failures: Set<string>,
): Ports {
  const accepted = { ok: true, status: 200, error: null, retryAfterMs: null, permanent: false };
  return {
    log: {
      loadRuns: async (query) => network.loadRuns(query, clock.nowMs),
      appendRuns: async () => undefined,
      pruneRuns: async () => 0,
    },
    probes: {
      ask: async (region, order) => {
        await clock.sleep(300);
        return network.answer(region, order, clock.nowMs);
      },
    },
    sender: { send: async () => accepted },
    config: { load: async () => published },
    mirror: {
      write: (batch) => writeHistory(database, batch),
      pruneBlocks: async () => 0,
      loadChanges: async () => [],
      loadBlocks: async () => [],
    },
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
