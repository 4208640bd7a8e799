/**
 * A whole network in virtual time: probes with their crons, the run log, channels, and the real
 * engine over a real SQLite. A test says what each region sees, what is broken, and lets time pass.
 */
import type { Delivery, DeliveryOutcome, Thread } from "../../shared/alert/delivery.ts";
import type { AlertPolicy } from "../../shared/alert/policy.ts";
import { DEFAULT_POLICY } from "../../shared/alert/policy.ts";
import type { RosterMonitor } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { KnownChange } from "../../shared/monitor/recount.ts";
import type { RollupBlock } from "../../shared/monitor/rollup-block.ts";
import { roundsIn } from "../../shared/monitor/schedule.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import { shardLane, shardMonitors } from "../../shared/monitor/shard.ts";
import type { WrittenIncident } from "../../shared/monitor/written-incident.ts";
import type { CertificateResult } from "../../shared/probe/observation.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import type { ControlsResult, Run } from "../../shared/probe/run.ts";
import {
  SPLIT_AFTER_MS,
  decodeRunDigest,
  encodeRun,
  laneShard,
  runKey,
  stragglerLane,
} from "../../shared/probe/run.ts";
import type { Channel } from "../../workers/coordinator/channels/channel.ts";
import { probeName } from "../../shared/regions.ts";
import { LentDatabase } from "../../workers/coordinator/object/database.ts";
import { Engine } from "../../workers/coordinator/object/engine.ts";
import { TICK_MS } from "../../workers/coordinator/object/limits.ts";
import type {
  AskOrder,
  LogLine,
  MirrorBatch,
  PeersPort,
  Ports,
  RunPage,
  RunQuery,
  SubscribersPort,
} from "../../workers/coordinator/object/ports.ts";
import { Store } from "../../workers/coordinator/object/store.ts";
import { TestObjectDatabase } from "./object-database.ts";
import { makeConfig, makeObservation } from "./observation.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Noon of a day, on the minute. */
export const NOON_MS = Date.parse("2026-11-20T12:00:00Z");
/** How long a check takes here, in milliseconds. */
export const CHECK_MS = 200;

/** Regions from which it looks unless a test has others. */
export const SMALL_REGIONS: readonly string[] = makeConfig().regions;

const COLOS: Readonly<Record<string, string>> = {
  "us-east": "IAD",
  "sa-east": "GRU",
  "eu-central": "FRA",
  "ap-southeast": "SIN",
};

const WEBHOOK: Channel = {
  id: "ops",
  name: "Operations",
  kind: "webhook",
  settings: {
    url: "https://alerts.example.com/in",
    secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
  },
};

const ACCEPTED: DeliveryOutcome = {
  ok: true,
  status: 204,
  error: null,
  retryAfterMs: null,
  permanent: false,
};

/** A network that has run for a while in which all was well, in milliseconds. */
export async function calmNetwork(forMs: number): Promise<SmallNetwork> {
  const network = new SmallNetwork();
  network.start();
  await network.run(forMs);
  return network;
}

/** The network of one test. */
export class SmallNetwork {
  readonly clock: VirtualClock;
  readonly database = new TestObjectDatabase();
  config: PublishedConfig = makeConfig();
  channels: Channel[] = [WEBHOOK];
  alertPolicy: AlertPolicy = DEFAULT_POLICY;
  /** What a region sees of a monitor; null: all is well. */
  sees: (region: string, monitor: string) => Reason | null = () => null;
  /** What comes of a region's control targets. */
  controls: (region: string) => ControlsResult = () => ({ passed: 2, failed: 0 });
  /** Where a region is observed. */
  colo: (region: string) => string | null = (region) => COLOS[region] ?? null;
  /** The certificate that a region sees; null: it does not look. */
  certificate: (region: string, monitor: string) => CertificateResult | null = () => null;
  /** How long a monitor's check takes when it hangs, in milliseconds; null: it does not. */
  hangs: (monitor: string) => number | null = () => null;
  /** Regions whose crons do not run. */
  readonly cronless = new Set<string>();
  /** Regions whose probes do not answer asks. */
  readonly mute = new Set<string>();
  /** Probe Workers of the regions that have several. */
  readonly shardCounts = new Map<string, number>();
  /** Bindings to probe Workers that the coordinator lacks. */
  readonly missingBindings: string[] = [];
  /** Names of single probe Workers that neither run nor answer. */
  readonly dead = new Set<string>();
  /** How long a channel takes, and what comes of it. */
  receive: (delivery: Delivery) => { afterMs: number; outcome: DeliveryOutcome } = () => ({
    afterMs: 50,
    outcome: ACCEPTED,
  });
  /** Who has subscribed; null: nobody can. */
  subscribers: SubscribersPort | null = null;
  /** What people have written. */
  written: WrittenIncident[] = [];
  /** While true, neither probes nor coordinator reach D1. */
  d1Down = false;
  /** While true, the configuration cannot be read. */
  configDown = false;
  /** The log, by key. */
  readonly log: Map<string, ReturnType<typeof encodeRun>>;
  /** Keys of rows of the log that nobody can read any more. */
  readonly damaged = new Set<string>();
  /** What this coordinator works by, where there are others; null: the whole configuration. */
  part: { coordinator: Shard; config: PublishedConfig; roster: RosterMonitor[] } | null = null;
  /** The other coordinators; undefined: there are none. */
  peers: PeersPort | undefined = undefined;
  readonly sent: Array<{ atMs: number; delivery: Delivery; thread: Thread | null }> = [];
  readonly asked: Array<{ atMs: number; region: string; order: AskOrder }> = [];
  /** What D1 was given, by all coordinators. */
  readonly mirrored: MirrorBatch[];
  /** Whether D1 refuses to write a batch. */
  refuses: (batch: MirrorBatch) => boolean = () => false;
  /** How long runs stay in the log, in milliseconds; undefined: for good; null: not valid. */
  runsKeptMs: number | null | undefined = undefined;
  /** Keys of runs that were deleted from the log. */
  readonly prunedRuns: string[] = [];
  readonly prunedBlocks: Array<{ atMs: number; resolution: string; beforeMs: number }> = [];
  readonly lines: LogLine[] = [];
  readonly #crons: boolean;
  #engine: Engine | null = null;
  #lent: LentDatabase | null = null;
  #generation = 0;
  #scheduledToMs = NOON_MS;

  /** @param beside another coordinator of the network, with whose clock, log and crons this one lives */
  constructor(beside?: SmallNetwork) {
    this.clock = beside?.clock ?? new VirtualClock(NOON_MS);
    this.log = beside?.log ?? new Map();
    this.mirrored = beside?.mirrored ?? [];
    this.#crons = beside === undefined;
  }

  /** The engine that runs now. */
  get engine(): Engine {
    if (this.#engine === null) throw new Error("the coordinator is not running");
    return this.#engine;
  }

  /** Starts the coordinator on what is stored. */
  start(): void {
    this.#generation += 1;
    const generation = this.#generation;
    this.#lent?.end();
    this.#lent = new LentDatabase(this.database);
    const engine = new Engine(this.#ports(generation), new Store(this.#lent), {
      regions: this.config.regions,
      shardCounts: this.shardCounts,
      missingBindings: this.missingBindings,
      publicUrl: "https://status.example.com",
      runsKeptMs: this.runsKeptMs,
      coordinator: this.part?.coordinator,
    });
    this.#engine = engine;
    const alarm = () => {
      if (this.#generation !== generation) return;
      const nextMs = this.clock.nowMs() + TICK_MS;
      void engine.step().then(() => this.clock.at(nextMs, alarm));
    };
    this.clock.at(this.clock.nowMs(), alarm);
  }

  /** Kills the coordinator: whatever it had under way comes to nothing. */
  kill(): void {
    this.#generation += 1;
    this.#lent?.end();
    this.#engine = null;
  }

  /** Lets time pass. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + durationMs;
    this.#schedule(untilMs);
    await this.clock.runUntil(untilMs);
  }

  /** Lets time pass without any cron. */
  async skipTo(atMs: number): Promise<void> {
    this.#scheduledToMs = atMs;
    await this.clock.runUntil(atMs);
  }

  /** Lets time pass until something holds; fails when it does not within a time. */
  async runUntil(holds: () => boolean, withinMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + withinMs;
    while (!holds()) {
      if (this.clock.nowMs() >= untilMs) throw new Error(`not within ${withinMs} ms`);
      await this.run(100);
    }
  }

  /** Alerts that arrived, without those that were refused. */
  alerts(): string[] {
    return this.sent.map(({ delivery }) => delivery.alert);
  }

  /** Breaks every target for some regions, and mends it for the others; returns when. */
  breakFor(regions: readonly string[]): number {
    this.sees = (region) => (regions.includes(region) ? "accept_mismatch" : null);
    return this.clock.nowMs();
  }

  /** Kind of the verdict about a monitor. */
  verdict(monitor = "chat"): string {
    return this.engine.verdict(monitor)?.kind ?? "none";
  }

  /** Puts a run into the log. */
  store(run: Run): void {
    const key = runKey(run);
    if (!this.log.has(key)) this.log.set(key, encodeRun(run));
  }

  /** A run as a region makes it at this moment. */
  makeRun(region: string, scheduledAtMs: number, lane: string, monitors: string[]): Run {
    const startedAtMs = this.clock.nowMs();
    const colo = this.colo(region);
    return {
      scheduledAtMs,
      region,
      lane,
      startedAtMs,
      finishedAtMs: startedAtMs + CHECK_MS,
      colo,
      configVersion: this.config.version,
      controls: this.controls(region),
      observations: monitors.map((monitor) =>
        makeObservation({
          monitor,
          region,
          colo,
          startedAtMs,
          reason: this.sees(region, monitor),
          totalMs: CHECK_MS,
          certificate: this.certificate(region, monitor),
        }),
      ),
    };
  }

  /** Plans the crons' rounds up to a moment. */
  #schedule(untilMs: number): void {
    if (!this.#crons) return;
    const fromMs = this.#scheduledToMs;
    this.#scheduledToMs = Math.max(untilMs, fromMs);
    for (const region of this.config.regions) {
      const window = { config: this.config, region, fromMs, toMs: this.#scheduledToMs };
      for (const { scheduledAtMs, monitors } of roundsIn(window)) {
        for (const shard of this.#shardsOf(region)) {
          const ids = shardMonitors(monitors, shard).map(({ id }) => id);
          if (ids.length > 0) this.#plan(region, shard, scheduledAtMs, ids);
        }
      }
    }
  }

  #shardsOf(region: string): Shard[] {
    const count = this.shardCounts.get(region) ?? 1;
    return Array.from({ length: count }, (_, index) => ({ index, count }));
  }

  #plan(region: string, shard: Shard, scheduledAtMs: number, monitors: string[]): void {
    this.clock.at(scheduledAtMs, () => {
      if (this.cronless.has(region) || this.dead.has(probeName(region, shard.index))) return;
      const run = this.makeRun(region, scheduledAtMs, shardLane(shard), monitors);
      for (const part of this.#parts(run)) {
        this.clock.at(part.finishedAtMs, () => {
          if (!this.d1Down) this.store(part);
        });
      }
    });
  }

  /** The rows of a run: two when a check hangs. */
  #parts(run: Run): Run[] {
    const late = run.observations.filter(({ monitor }) => this.hangs(monitor) !== null);
    if (late.length === 0) return [run];
    const { startedAtMs, lane, controls: _controls, ...facts } = run;
    const lastMs = Math.max(...late.map(({ monitor }) => this.hangs(monitor) ?? 0));
    const observations = run.observations.filter((seen) => !late.includes(seen));
    return [
      { ...run, finishedAtMs: startedAtMs + SPLIT_AFTER_MS, observations },
      {
        ...facts,
        lane: stragglerLane(lane),
        startedAtMs,
        finishedAtMs: startedAtMs + lastMs,
        observations: late,
      },
    ];
  }

  /** The subscribers, to whom a coordinator that was killed tells and of whom it learns nothing. */
  #subscribersFor(generation: number): SubscribersPort | undefined {
    const port = this.subscribers;
    if (port === null) return undefined;
    const alive = <T>(value: T): Promise<T> =>
      this.#generation === generation ? Promise.resolve(value) : new Promise(() => {});
    return {
      changed: async (since) => alive(await port.changed(since)),
      open: async (ids) => alive(await port.open(ids)),
      tell: async (subscriber, bulletins) => alive(await port.tell(subscriber, bulletins)),
      end: async (id, why) => alive(await port.end(id, why)),
      tidy: async () => alive(await port.tidy()),
    };
  }

  #ports(generation: number): Ports {
    const alive = <T>(value: T): Promise<T> =>
      this.#generation === generation ? Promise.resolve(value) : new Promise(() => {});
    const d1 = async <T>(action: () => T): Promise<T> => {
      await this.clock.sleep(20);
      if (this.d1Down) throw new Error("D1 is down");
      return alive(action());
    };
    return {
      log: {
        loadRuns: (query) => d1(() => this.#loadRuns(query)),
        appendRuns: (runs) => d1(() => runs.forEach((run) => this.store(run))),
        pruneRuns: (beforeMs, runsMax) => d1(() => this.#pruneRuns(beforeMs, runsMax)),
      },
      probes: { ask: async (region, order) => alive(await this.#answer(region, order)) },
      sender: {
        send: async (_channel, delivery, thread) => {
          const { afterMs, outcome } = this.receive(delivery);
          await this.clock.sleep(afterMs);
          if (outcome.ok) this.sent.push({ atMs: this.clock.nowMs(), delivery, thread });
          return alive(outcome);
        },
      },
      config: {
        load: () => {
          const { channels, alertPolicy, written: writtenIncidents } = this;
          const { config, roster } = this.part ?? { config: this.config, roster: [] };
          return d1(() => {
            if (this.configDown) throw new Error("the configuration is damaged");
            return { config, roster, channels, alertPolicy, writtenIncidents };
          });
        },
      },
      peers: this.peers,
      subscribers: this.#subscribersFor(generation),
      mirror: {
        write: (batch) =>
          d1(() => {
            if (this.refuses(batch)) throw new Error("string or blob too big");
            this.mirrored.push(structuredClone(batch));
          }),
        pruneBlocks: (resolution, beforeMs) =>
          d1(() => {
            this.prunedBlocks.push({ atMs: this.clock.nowMs(), resolution, beforeMs });
            return 0;
          }),
        loadChanges: (...query) => d1(() => this.#loadChanges(...query)),
        loadBlocks: (...query) => d1(() => this.#loadBlocks(...query)),
      },
      clock: {
        nowMs: () => this.clock.nowMs(),
        sleep: (durationMs, signal) => this.clock.sleep(durationMs, signal),
      },
      random: () => 0.5,
      print: (line) => {
        if (this.#generation === generation) this.lines.push(line);
      },
    };
  }

  async #answer(region: string, order: AskOrder): Promise<{ run: Run; stored: boolean }> {
    this.asked.push({ atMs: this.clock.nowMs(), region, order });
    const shard = this.#shardsOf(region)[laneShard(order.lane)];
    if (shard === undefined) throw new Error("there is no such probe");
    const isDead = this.mute.has(region) || this.dead.has(probeName(region, shard.index));
    if (isDead) throw new Error("the probe is unreachable");
    const own = shardMonitors(order.config.monitors, shard).map(({ id }) => id);
    const run = this.makeRun(region, order.scheduledAtMs, order.lane, order.monitors ?? own);
    await this.clock.sleep(CHECK_MS);
    const stored = !this.d1Down;
    if (stored) this.store(run);
    return { run, stored };
  }

  #pruneRuns(beforeMs: number, runsMax: number): number {
    const old = [...this.log]
      .filter(([, row]) => row.scheduled_at_ms < beforeMs)
      .sort(([, a], [, b]) => a.scheduled_at_ms - b.scheduled_at_ms)
      .slice(0, runsMax);
    for (const [key] of old) {
      this.log.delete(key);
      this.prunedRuns.push(key);
    }
    return old.length;
  }

  #loadChanges(monitors: readonly string[], fromMs: number, toMs: number): KnownChange[] {
    const transitions = new Map(
      this.mirrored.flatMap((batch) => batch.transitions).map((change) => [change.id, change]),
    );
    return monitors.flatMap((monitor) => {
      const own = [...transitions.values()].filter(
        (change) => change.monitor === monitor && change.kind !== "incident_acknowledged",
      );
      const first = own.findLastIndex(({ atMs }) => atMs < fromMs);
      const next = own.findIndex(({ atMs }) => atMs >= toMs);
      return own.slice(Math.max(0, first), next < 0 ? undefined : next + 1);
    });
  }

  #loadBlocks(monitors: readonly string[], fromMs: number, toMs: number): RollupBlock[] {
    const blocks = this.mirrored
      .flatMap((batch) => batch.blocks)
      .filter(({ startMs }) => startMs >= fromMs && startMs < toMs)
      .filter(({ monitor }) => monitors.includes(monitor));
    const last = new Map(
      blocks.map((block) => [`${block.resolution}/${block.monitor}/${block.startMs}`, block]),
    );
    return [...last.values()];
  }

  #loadRuns({ fromMs, known, runsMax }: RunQuery): RunPage {
    const leftOut = new Set(known);
    const rows = [...this.log]
      .filter(([key, row]) => row.scheduled_at_ms >= fromMs && !leftOut.has(key))
      .map(([, row]) => row)
      .sort((a, b) => a.scheduled_at_ms - b.scheduled_at_ms || (a.region < b.region ? -1 : 1));
    const page: RunPage = { runs: [], damaged: [], hasMore: rows.length >= runsMax };
    for (const row of rows.slice(0, runsMax)) {
      const { scheduled_at_ms: scheduledAtMs, region, lane } = row;
      if (this.damaged.has(runKey({ scheduledAtMs, region, lane }))) {
        page.damaged.push(runKey({ scheduledAtMs, region, lane }));
      } else {
        page.runs.push(decodeRunDigest(row));
      }
    }
    return page;
  }
}
