/**
 * A network of any size around one coordinator, in memory and in virtual time: rows of the log as
 * probes write them, and probes that answer. Making them costs the benchmark, not the coordinator.
 */
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { publishedConfigSchema } from "../../../shared/monitor/published-config.ts";
import { shardOf } from "../../../shared/monitor/shard.ts";
import { roundsIn } from "../../../shared/monitor/schedule.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import { emptyTimings } from "../../../shared/probe/observation.ts";
import { reasonFacts } from "../../../shared/probe/reason.ts";
import type { Run, RunRow } from "../../../shared/probe/run.ts";
import { decodeRunDigest, encodeRun, runKey } from "../../../shared/probe/run.ts";
import { REGIONS } from "../../../shared/regions.ts";
import type { AskOrder, RunPage, RunQuery } from "../../../workers/coordinator/object/ports.ts";
import { Random } from "../../sim/random.ts";

/** Monitors that one probe Worker checks in a minute; a region with more has several. */
const SHARD_MONITORS = 1_000;
/** Of so many observations one fails for its region alone. */
const ONE_REGION_FAILS = 2_000;
/** Of so many monitors one is down everywhere, another one each minute. */
const ONE_MONITOR_DOWN = 1_000;
/** Spreads the outages of few monitors over that many minutes; has no common factor with it. */
const DOWN_STRIDE = 617;
const MINUTE_MS = 60_000;

/** The configuration of a network. */
export function makeConfig(monitors: number, regions: number): PublishedConfig {
  return publishedConfigSchema.parse({
    version: 1,
    regions: REGIONS.slice(0, regions).map(({ id }) => id),
    defaultIntervalMs: MINUTE_MS,
    monitors: Array.from({ length: monitors }, (_, index) => ({
      id: monitorId(index),
      name: `Service ${index}`,
      url: `wss://service-${index}.example.com/socket`,
      echo: true,
      ping: true,
      group: `Group ${Math.floor(index / 50)}`,
    })),
  });
}

function monitorId(index: number): string {
  return `service-${index}`;
}

interface StoredRow {
  key: string;
  scheduledAtMs: number;
  /** When it is in the log. */
  writtenAtMs: number;
  /** The row as D1 answers with it, outside of the JavaScript heap. */
  json: Buffer;
  characters: number;
}

/** The regions and the log. */
export class BenchNetwork {
  readonly #config: PublishedConfig;
  readonly #random = new Random(1);
  /** Probe Workers of each region. */
  readonly shards: number;
  #rows: StoredRow[] = [];
  /** Observations made by schedule so far. */
  observations = 0;
  asked = 0;

  constructor(config: PublishedConfig, shardMonitors = SHARD_MONITORS) {
    this.#config = config;
    this.shards = Math.ceil(this.#config.monitors.length / shardMonitors);
  }

  /** Number of monitors. */
  get monitors(): number {
    return this.#config.monitors.length;
  }

  /** Makes the rows of all rounds in [fromMs, toMs), and forgets those that nobody reads again. */
  makeRows(fromMs: number, toMs: number): void {
    this.#rows = this.#rows.filter(({ scheduledAtMs }) => scheduledAtMs >= fromMs - 5 * MINUTE_MS);
    for (const run of this.performRounds(fromMs, toMs)) {
      this.#store(run, run.scheduledAtMs + 1_000 + this.#random.int(0, 500));
    }
  }

  /** Runs of all rounds in [fromMs, toMs). */
  *performRounds(fromMs: number, toMs: number): Generator<Run> {
    for (const region of this.#config.regions) {
      for (const { scheduledAtMs, monitors } of roundsIn({
        config: this.#config,
        region,
        fromMs,
        toMs,
      })) {
        for (let shard = 0; shard < this.shards; shard += 1) {
          const ids = monitors
            .map(({ id }) => id)
            .filter((id) => shardOf(id, this.shards) === shard);
          this.observations += ids.length;
          yield this.#perform(region, scheduledAtMs, String(shard), ids, scheduledAtMs);
        }
      }
    }
  }

  /** Answers an ask, as its region sees things at this moment. */
  answer(region: string, order: AskOrder, nowMs: number): { run: Run; stored: boolean } {
    const run = this.performAsk(region, order, nowMs);
    this.#store(run, nowMs);
    return { run, stored: true };
  }

  /** What a region sees that is asked at this moment. */
  performAsk(region: string, order: AskOrder, nowMs: number): Run {
    const ids = order.monitors ?? order.config.monitors.map(({ id }) => id);
    this.asked += ids.length;
    return this.#perform(region, order.scheduledAtMs, order.lane, ids, nowMs);
  }

  /** Forgets all rows. */
  clear(): void {
    this.#rows = [];
  }

  /** One page of what is in the log at a moment. */
  loadRuns({ fromMs, known, runsMax, charactersMax }: RunQuery, nowMs: number): RunPage {
    const leftOut = new Set(known);
    const unknown = this.#rows
      .filter((row) => row.scheduledAtMs >= fromMs && row.writtenAtMs <= nowMs)
      .filter(({ key }) => !leftOut.has(key))
      .sort((a, b) => a.scheduledAtMs - b.scheduledAtMs || (a.key < b.key ? -1 : 1));
    const page: RunPage = { runs: [], damaged: [], hasMore: false };
    let characters = 0;
    for (const row of unknown.slice(0, runsMax)) {
      if (characters >= charactersMax) break;
      characters += row.characters;
      page.runs.push(decodeRunDigest(JSON.parse(row.json.toString()) as RunRow));
    }
    page.hasMore = page.runs.length < unknown.length;
    return page;
  }

  #store(run: Run, writtenAtMs: number): void {
    // As the log is read: without the evidence.
    const { evidence: _evidence, ...row } = encodeRun(run);
    const json = Buffer.from(JSON.stringify(row));
    const { scheduledAtMs } = run;
    const characters = (row.digest ?? row.observations).length;
    this.#rows.push({ key: runKey(run), scheduledAtMs, writtenAtMs, json, characters });
  }

  #perform(
    region: string,
    scheduledAtMs: number,
    lane: string,
    ids: readonly string[],
    atMs: number,
  ): Run {
    const colo = REGIONS.find(({ id }) => id === region)?.expectedColos[0] ?? null;
    const observations = ids.map((id) => this.#observe(region, colo, id, atMs));
    const finishedAtMs = atMs + 900;
    return {
      scheduledAtMs,
      region,
      lane,
      startedAtMs: atMs,
      finishedAtMs,
      colo,
      configVersion: this.#config.version,
      controls: { passed: 2, failed: 0 },
      observations,
    };
  }

  #observe(region: string, colo: string | null, monitor: string, atMs: number): Observation {
    const index = Number(monitor.slice("service-".length));
    const minute = Math.floor(atMs / MINUTE_MS);
    const down = (index * DOWN_STRIDE) % ONE_MONITOR_DOWN === minute % ONE_MONITOR_DOWN;
    const fails = down || this.#random.int(1, ONE_REGION_FAILS) === 1;
    const facts = fails ? reasonFacts("connect_timeout") : null;
    const tcpMs = this.#random.int(5, 200);
    const [tlsMs, upgradeMs, echoMs] = [2 * tcpMs + 3, tcpMs + 7, tcpMs + 1];
    const rttMs = { min: echoMs, mean: echoMs, p50: echoMs, p95: echoMs, max: echoMs };
    return {
      monitor,
      region,
      colo,
      transport: "socket",
      startedAtMs: atMs + this.#random.int(0, 800),
      status: facts?.status ?? "up",
      phase: facts?.phase ?? null,
      reason: fails ? "connect_timeout" : null,
      blame: facts?.blame ?? null,
      message:
        facts?.meaning ??
        `Connected in ${tcpMs} ms, TLS in ${tlsMs} ms, upgraded in ${upgradeMs} ms, ` +
          `echo in ${echoMs} ms, ping ${echoMs} ms, closed cleanly.`,
      timings: {
        ...emptyTimings(),
        dnsMs: 4,
        tcpMs,
        tlsMs,
        upgradeMs,
        firstMessageMs: echoMs,
        closeMs: tcpMs,
        totalMs: 6 * tcpMs + 30,
      },
      echo: {
        count: 1,
        received: 1,
        lost: 0,
        corrupted: 0,
        reordered: 0,
        duplicated: 0,
        rttMs,
        jitterMs: null,
        messagesPerSecond: 1_000 / echoMs,
        bytesPerSecond: 32_000 / echoMs,
      },
      ping: { sent: 1, received: 1, successRatio: 1, rttMs, jitterMs: null },
      address: { ip: "192.0.2.17", family: 4 },
      handshake: { status: 101, subprotocol: null, extensions: null },
      close: { code: 1000, reason: "", clean: true },
      certificate: null,
      transcript: null,
    };
  }
}
