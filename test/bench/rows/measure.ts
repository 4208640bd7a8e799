/**
 * One size of `npm run bench -- rows`: the real engine and store, and the statements of coordinator
 * and probes on a real D1, in virtual time. Time stands still while D1 is at work.
 *
 * What is played ends a quarter past midnight (UTC): it has the edge of an hour for each hour, and one
 * of a day. D1 has beforehand what it would have of a network that has long been there: six hours of
 * runs that the tail looks back at, runs that grow too old meanwhile, and rollups as long as kept.
 */
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { PERIOD_MS } from "../../../shared/monitor/rollup.ts";
import { BLOCK_MS, blockStartMs } from "../../../shared/monitor/rollup-block.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { INSERT_RUN_SQL, runValues } from "../../../shared/probe/run.ts";
import { loadChannels } from "../../../workers/coordinator/db/channel-store.ts";
import { PublishedReader, ensurePublished } from "../../../workers/coordinator/db/config-store.ts";
import { pruneBlocks, writeHistory } from "../../../workers/coordinator/log/history-mirror.ts";
import { appendRuns, loadRuns, pruneRuns } from "../../../workers/coordinator/log/run-log.ts";
import { Engine } from "../../../workers/coordinator/object/engine.ts";
import {
  BLOCKS_KEPT_MS,
  SEEN_KEPT_MS,
  TICK_MS,
} from "../../../workers/coordinator/object/limits.ts";
import type { Ports } from "../../../workers/coordinator/object/ports.ts";
import { Store } from "../../../workers/coordinator/object/store.ts";
import { loadConfig } from "../../../workers/probe/config.ts";
import { SqliteDatabase } from "../../sim/sqlite-database.ts";
import { VirtualClock } from "../../sim/virtual-clock.ts";
import type { CountedDatabase } from "../../support/counted-database.ts";
import { countCosts, noCosts } from "../../support/counted-database.ts";
import { openTestDatabase } from "../../support/database.ts";
import { BenchNetwork, makeConfig } from "../ingest/network.ts";
import { CountedStorage } from "./counted-storage.ts";
import type { Part, RowsFigures } from "./figures.ts";
import { PARTS } from "./figures.ts";
import { measureLogBytes } from "./log-size.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = PERIOD_MS.hour;
const DAY_MS = PERIOD_MS.day;
const END_MS = Date.parse("2026-11-21T00:15:00Z");
/** Until the log has been caught up with. */
const WARM_UP_MS = 5 * MINUTE_MS;
/** How long runs are kept by default. */
const RUNS_KEPT_MS = 7 * DAY_MS;
/** Checks of a second each that one probe Worker makes in a minute. */
const SHARD_CHECKS = 180;
/** How long time may pass before D1 is waited for. */
const STEP_MS = 100;
/** From a round to its row. */
const ROUND_MS = 1_200;
const ASK_MS = 300;
/** Statements in one batch while D1 is filled. */
const FILL_BATCH = 500;

/** Work of D1 that is under way: until it is over no virtual time passes. */
class UnderWay {
  readonly #work = new Set<Promise<unknown>>();

  /** Takes note of work; resolves and rejects as it does. */
  async wait<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }

  /** Resolves when nothing is under way any more, nor what followed from it. */
  async over(): Promise<void> {
    while (this.#work.size > 0) {
      await Promise.allSettled(this.#work);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}

/** Everything around one engine. */
interface World {
  db: D1Database;
  config: PublishedConfig;
  clock: VirtualClock;
  network: BenchNetwork;
  underWay: UnderWay;
  counted: Record<Part, CountedDatabase>;
  failures: Set<string>;
}

/** Plays some hours, 1 or more, of a network and counts rows. */
export async function measureRows(
  monitors: number,
  regions: number,
  hours: number,
): Promise<RowsFigures> {
  const fromMs = END_MS - hours * HOUR_MS;
  const beginMs = fromMs - WARM_UP_MS;
  const database = await openTestDatabase();
  try {
    const config = makeConfig(monitors, regions);
    const world: World = {
      db: database.direct,
      config,
      clock: new VirtualClock(beginMs),
      network: new BenchNetwork(config, SHARD_CHECKS),
      underWay: new UnderWay(),
      counted: Object.fromEntries(
        PARTS.map((part) => [part, countCosts(database.direct)]),
      ) as World["counted"],
      failures: new Set(),
    };
    await fillConfiguration(world);
    await fillRuns(world, beginMs - SEEN_KEPT_MS, beginMs);
    await fillBlocks(world);
    const logBytesPerDay = await measureLogBytes(monitors, regions);
    return { ...(await play(world, fromMs, hours)), logBytesPerDay };
  } finally {
    await database.close();
  }
}

async function play(
  world: World,
  fromMs: number,
  hours: number,
): Promise<Omit<RowsFigures, "logBytesPerDay">> {
  const { clock, config, counted, network } = world;
  const storage = new CountedStorage(new SqliteDatabase().open(() => undefined));
  const engine = new Engine(connect(world), new Store(storage), {
    regions: config.regions,
    shardCounts: new Map(config.regions.map((region) => [region, network.shards])),
    publicUrl: null,
    runsKeptMs: RUNS_KEPT_MS,
  });
  let alarms = 0;
  const alarm = () => {
    alarms += 1;
    const nextMs = clock.nowMs + TICK_MS;
    void engine.step().then(() => clock.at(nextMs, alarm));
  };
  clock.at(clock.nowMs, alarm);
  for (let minuteMs = clock.nowMs; minuteMs < END_MS; minuteMs += MINUTE_MS) {
    clock.at(minuteMs, () => fireCrons(world));
  }
  // What happens at a moment belongs to the time that it begins.
  await passTo(world, fromMs - 1);
  // Only now: in the beginning the tail would have taken them in.
  await fillRuns(world, fromMs - RUNS_KEPT_MS, END_MS - RUNS_KEPT_MS);
  for (const part of PARTS) if (part !== "daily") Object.assign(counted[part].costs, noCosts());
  const [objectRowsBefore, alarmsBefore] = [storage.rowsWritten, alarms];
  await passTo(world, END_MS - 1);
  return {
    monitors: config.monitors.length,
    regions: config.regions.length,
    shards: network.shards,
    hours,
    parts: Object.fromEntries(
      PARTS.map((part) => {
        const { rowsWritten, rowsRead } = counted[part].costs;
        return [part, { rowsWritten, rowsRead }];
      }),
    ) as RowsFigures["parts"],
    objectRows: storage.rowsWritten - objectRowsBefore,
    alarms: alarms - alarmsBefore,
    deliveries: engine.memory.history.deliveries({ limit: 500 }).length,
    failures: [...world.failures],
  };
}

/** Lets virtual time pass, as fast as D1 answers. */
async function passTo({ clock, underWay }: World, untilMs: number): Promise<void> {
  while (clock.nowMs < untilMs) {
    await clock.runTo(Math.min(clock.nowMs + STEP_MS, untilMs));
    await underWay.over();
  }
}

/** One minute's crons: each probe Worker reads the configuration, and writes a row for each round. */
function fireCrons(world: World): void {
  const { clock, config, counted, network, underWay } = world;
  const { db } = counted.probes;
  for (let probe = 0; probe < config.regions.length * network.shards; probe += 1) {
    void underWay.wait(loadConfig(db));
  }
  for (const run of network.performRounds(clock.nowMs, clock.nowMs + MINUTE_MS)) {
    clock.at(run.scheduledAtMs + ROUND_MS, () => void underWay.wait(storeRun(db, run)));
  }
}

/** As a probe does. */
async function storeRun(db: D1Database, run: Run): Promise<void> {
  await db
    .prepare(INSERT_RUN_SQL)
    .bind(...runValues(run, "digested"))
    .run();
}

/** The engine's ports, as the Durable Object connects them, on D1 alone. */
function connect({ clock, config, counted, failures, network, underWay }: World): Ports {
  const { regions, defaultIntervalMs } = config;
  const shape = { regions, defaultIntervalMs, coordinators: 1 };
  const published = new PublishedReader(counted.configuration.db);
  const { db: log } = counted.log;
  const accepted = { ok: true, status: 200, error: null, retryAfterMs: null, permanent: false };
  return {
    log: {
      loadRuns: (query) => underWay.wait(loadRuns(log, query)),
      appendRuns: (runs) => underWay.wait(appendRuns(log, runs)),
      pruneRuns: (beforeMs, runsMax) =>
        underWay.wait(pruneRuns(counted.retention.db, beforeMs, runsMax)),
    },
    probes: {
      ask: async (region, order) => {
        await clock.sleep(ASK_MS);
        const run = network.performAsk(region, order, clock.nowMs);
        await underWay.wait(storeRun(counted.probes.db, run));
        return { run, stored: true };
      },
    },
    sender: { send: async () => accepted },
    config: {
      load: () =>
        underWay.wait(
          (async () => {
            const { db } = counted.configuration;
            await ensurePublished(db, shape, clock.nowMs);
            const [loaded, channels] = await Promise.all([published.load(), loadChannels(db)]);
            return { config: loaded, channels };
          })(),
        ),
    },
    mirror: {
      write: (batch) => {
        const isDaily = batch.blocks.some(({ resolution }) => resolution !== "5min");
        return underWay.wait(writeHistory(counted[isDaily ? "daily" : "history"].db, batch));
      },
      pruneBlocks: (...what) => underWay.wait(pruneBlocks(counted.daily.db, ...what)),
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

/** Monitors and a channel, and the configuration published. */
async function fillConfiguration({ clock, config, db }: World): Promise<void> {
  const insertMonitors = `
    INSERT INTO monitors (id, name, definition, created_at_ms, updated_at_ms)
    SELECT value ->> 'id', value ->> 'name', value, 0, 0 FROM json_each(?)`;
  const insertChannel = `
    INSERT INTO channels (id, name, kind, settings, created_at_ms, updated_at_ms)
    VALUES ('ops', 'Operations', 'slack', ?, 0, 0)`;
  const settings = { url: "https://hooks.example.com/services/bench" };
  await db.batch([
    db.prepare(insertMonitors).bind(JSON.stringify(config.monitors)),
    db.prepare(insertChannel).bind(JSON.stringify(settings)),
  ]);
  const { regions, defaultIntervalMs } = config;
  await ensurePublished(db, { regions, defaultIntervalMs, coordinators: 1 }, clock.nowMs);
}

/** Rows of past runs, without what they saw: it costs no rows. */
async function fillRuns({ db, network }: World, fromMs: number, toMs: number): Promise<void> {
  let runs: Run[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += MINUTE_MS) {
    for (const run of network.performRounds(atMs, Math.min(atMs + MINUTE_MS, toMs))) {
      runs.push({ ...run, observations: [] });
    }
    if (runs.length >= FILL_BATCH || atMs + MINUTE_MS >= toMs) {
      await appendRuns(db, runs);
      runs = [];
    }
  }
}

/** Rollups of five minutes and hours, as long as they are kept and a day longer. */
async function fillBlocks({ clock, db }: World): Promise<void> {
  const fill = `
    WITH RECURSIVE blocks (start_ms) AS (
      SELECT ?2 UNION ALL SELECT start_ms + ?4 FROM blocks WHERE start_ms + ?4 < ?3
    )
    INSERT INTO rollup_blocks (resolution, monitor, start_ms, body)
    SELECT ?1, monitors.id, blocks.start_ms, '' FROM monitors CROSS JOIN blocks`;
  for (const resolution of ["5min", "hour"] as const) {
    const lengthMs = BLOCK_MS[resolution];
    const oldestMs = clock.nowMs - BLOCKS_KEPT_MS[resolution] - DAY_MS;
    const fromMs = blockStartMs(resolution, oldestMs) + lengthMs;
    const toMs = blockStartMs(resolution, clock.nowMs);
    await db.prepare(fill).bind(resolution, fromMs, toMs, lengthMs).run();
  }
}
