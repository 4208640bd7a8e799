/**
 * The coordinator's logic as a whole: tail → take in → ask → deliver → flush, once per tick, and
 * what is asked of it in between. It lives on ports, so the same code runs in the Durable Object,
 * in tests and in simulations; it imports nothing of Cloudflare's.
 */
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { testDelivery } from "../../../shared/alert/composition.ts";
import { renewDelivery } from "../../../shared/alert/delivery.ts";
import { findMonitor } from "../../../shared/monitor/config-index.ts";
import { acknowledge } from "../../../shared/monitor/judgement.ts";
import { dayStartMs } from "../../../shared/monitor/rollup.ts";
import { WHOLE, isWhole } from "../../../shared/monitor/shard.ts";
import type { Verdict } from "../../../shared/monitor/verdict.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import { noteDelivery, tellAlerts } from "./alerts.ts";
import { announce } from "./announce.ts";
import { noteIncidents } from "./bulletins.ts";
import { Circulation } from "./circulation.ts";
import { quieten } from "./failure-log.ts";
import { Asks } from "./asks.ts";
import { Background, describeError } from "./background.ts";
import { Configuration } from "./configuration.ts";
import { DayHistory } from "./day-history.ts";
import type { Court } from "./judge.ts";
import { recordStep } from "./judge.ts";
import {
  FORGET_EVERY_MS,
  HISTORY_KEPT_MS,
  PERIODS_KEPT_MS,
  SEEN_KEPT_MS,
  STATUS_DAYS,
  TICK_MS,
} from "./limits.ts";
import { LivePass } from "./live-pass.ts";
import { LookAhead } from "./look-ahead.ts";
import { Memory } from "./memory.ts";
import { Mirror } from "./mirror.ts";
import { Outbox } from "./outbox.ts";
import type { Ports, Settings } from "./ports.ts";
import { Rebuild } from "./rebuild.ts";
import { Retention } from "./retention.ts";
import { RegionShards } from "./region-shards.ts";
import { networkOf } from "./roster.ts";
import type {
  ChannelTestResult,
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
  RetryResult,
} from "./rpc.ts";
import { verdictOf } from "./state.ts";
import { renderNetworkStatus, renderOneMonitor } from "./status.ts";
import type { Store } from "./store.ts";
import { LogTail } from "./tail.ts";

const DAY_MS = 86_400_000;

/** The coordinator. */
export class Engine {
  readonly #ports: Ports;
  readonly #settings: Settings;
  readonly #shards: RegionShards;
  readonly #background: Background;
  readonly #configuration: Configuration;
  readonly #lookAhead = new LookAhead();
  readonly #tail: LogTail;
  readonly #livePass: LivePass;
  readonly #asks: Asks;
  readonly #circulation: Circulation;
  readonly #outbox: Outbox;
  readonly #mirror: Mirror;
  readonly #retention: Retention;
  readonly #days: DayHistory;
  #forgetAtMs = 0;
  /** What it remembers; outside of this class to be read only. */
  readonly memory: Memory;
  /** The rebuilding of rollups, when it is asked for. */
  readonly rebuild: Rebuild;

  constructor(world: Ports, store: Store, settings: Settings) {
    const { coordinator = WHOLE } = settings;
    const { index, count } = coordinator;
    const print: Ports["print"] = isWhole(coordinator)
      ? world.print
      : (line) => world.print({ ...line, coordinator: index + 1 });
    const ports = { ...world, print: quieten(print, world.clock) };
    this.#ports = ports;
    this.#settings = settings;
    this.#shards = new RegionShards(settings);
    this.#shards.tellMissing(ports.print);
    const memory = new Memory(store);
    this.memory = memory;
    const court = () => this.#court();
    // Before the alerts, which forget what is over once it is told.
    memory.beforeCommit((draft) => noteIncidents(draft, court()));
    memory.beforeCommit((draft) => tellAlerts(draft, court()));
    const background = new Background(ports.clock, ports.print);
    this.#background = background;
    const circulation = new Circulation(memory, ports, background);
    this.#circulation = circulation;
    this.#configuration = new Configuration(memory, ports, court, circulation);
    this.#tail = new LogTail(memory, ports, this.#configuration, this.#lookAhead, court);
    this.#livePass = new LivePass(memory, court);
    this.#outbox = new Outbox(memory, ports, background, circulation);
    this.#asks = new Asks({
      memory,
      ports,
      background,
      shards: this.#shards,
      court,
      afterAnswer: (asks) => this.#act(asks),
    });
    this.#days = new DayHistory(memory);
    const snapshot = index < count ? () => this.status() : null;
    this.#mirror = new Mirror(memory, ports, background, snapshot);
    this.#retention = new Retention(memory, ports, background, this.#shards, settings);
    this.rebuild = new Rebuild(memory, ports);
    memory.onCommit((changes) => announce(changes, memory.state, ports.print, ports.clock.nowMs()));
  }

  #court(): Court {
    const { publicUrl, coordinator = WHOLE } = this.#settings;
    return { wallMs: this.#ports.clock.nowMs(), publicUrl, coordinator };
  }

  /**
   * One step: takes in what is new, judges as time has passed, starts what follows, and looks at the
   * log again whenever a run is expected. Returns when that is done, at the latest after a tick;
   * what is slow goes on meanwhile. Never rejects.
   */
  async step(): Promise<void> {
    const { clock } = this.#ports;
    const untilMs = clock.nowMs() + TICK_MS;
    await this.#tick();
    for (let lookMs = this.#nextLookMs(untilMs); lookMs !== null;) {
      await clock.sleep(lookMs - clock.nowMs());
      await this.#look();
      lookMs = this.#nextLookMs(untilMs);
    }
    await this.#background.settle(Math.max(0, untilMs - clock.nowMs()));
  }

  /** When an expected run may be in the log, before the next tick; null: none is. */
  #nextLookMs(untilMs: number): number | null {
    const { config, regions } = this.memory.state;
    return this.#lookAhead.nextLookMs({
      shards: config === null ? [] : this.#shards.divide(config),
      lastRoundMs: ({ region, shard }) =>
        regions.get(region)?.shards.get(shard.index)?.lastRoundMs ?? null,
      nowMs: this.#ports.clock.nowMs(),
      untilMs,
    });
  }

  /** Takes in what is new, and nothing else. */
  async #look(): Promise<void> {
    try {
      const { asks } = await this.#tail.advance();
      this.#act(asks);
    } catch (error) {
      this.#ports.print({ event: "failure", what: "step", error: describeError(error) });
    }
  }

  async #tick(): Promise<void> {
    const { coordinator } = this.#court();
    try {
      await this.#configuration.refreshWhenDue();
      // Of several the first has the work of all before its eyes.
      if (coordinator.index === 0) this.#tellOverload();
      const { state, asks } = await this.#tail.advance();
      if (state !== "behind") {
        for (const monitor of this.#livePass.run()) asks.add(monitor);
        if (state !== "waiting") this.#asks.launchMissing();
      }
      this.#act(asks);
      this.#mirror.launch();
      if (coordinator.index === 0) this.#retention.launch();
      this.#forgetWhenDue();
    } catch (error) {
      this.#ports.print({ event: "failure", what: "step", error: describeError(error) });
    }
  }

  #tellOverload(): void {
    const { state } = this.memory;
    this.#shards.tellOverload(state.config?.version ?? 0, networkOf(state), this.#ports.print);
  }

  /** Starts what judgements have called for. */
  #act(asks: ReadonlySet<string>): void {
    this.#asks.launch(asks);
    this.#outbox.launch();
  }

  #forgetWhenDue(): void {
    const nowMs = this.#ports.clock.nowMs();
    if (nowMs < this.#forgetAtMs) return;
    this.#forgetAtMs = nowMs + FORGET_EVERY_MS;
    // While catching up the present is where the log has been read to.
    const readToMs = Math.min(nowMs, this.memory.state.tail.cursorMs);
    const horizons = {
      seenMs: readToMs - SEEN_KEPT_MS,
      periodsMs: dayStartMs(readToMs - PERIODS_KEPT_MS),
      daysMs: nowMs - (STATUS_DAYS + 1) * DAY_MS,
      historyMs: nowMs - HISTORY_KEPT_MS,
    };
    this.memory.forget(horizons);
  }

  /** Reads configuration and channels again, now; rejects when D1 does not answer. */
  async configChanged(): Promise<void> {
    await this.#configuration.refresh();
    this.#act(new Set());
  }

  /** Whether there is nothing left to judge, to tell or to write, now or later. */
  isIdle(): boolean {
    const { config, tail, alertSubjects, outbox } = this.memory.state;
    if ((config?.monitors.length ?? 0) + alertSubjects.size + outbox.size > 0) return false;
    return tail.absence === undefined && !this.#circulation.isBehind() && this.#mirror.isWhole();
  }

  /** Everything that the faces show. */
  status(): NetworkStatus {
    const { regions, coordinator = WHOLE } = this.#settings;
    const facts = { memory: this.memory, days: this.#days, shards: this.#shards };
    return renderNetworkStatus({ ...facts, regions, coordinator }, this.#ports.clock.nowMs());
  }

  /** All that is known of one monitor but its days; null: it is not published. */
  monitorStatus(id: string): MonitorStatus | null {
    return renderOneMonitor(this.memory, id, this.#ports.clock.nowMs());
  }

  /** The verdict about a monitor; null: it is not published. */
  verdict(monitor: string): Verdict | null {
    const { state } = this.memory;
    if (findMonitor(state.config, monitor) === undefined) return null;
    return verdictOf(state, monitor, this.#ports.clock.nowMs());
  }

  /** Asks all the monitor's regions at once; null: it is not published. */
  async checkNow(monitor: string): Promise<Observation[] | null> {
    if (this.verdict(monitor) === null) return null;
    return this.#asks.askNow(monitor);
  }

  /** Notes that somebody has taken an incident on; null: it is unknown. */
  acknowledge(id: string): IncidentWithTimeline | null {
    const { config, judgements } = this.memory.state;
    const known = this.memory.history.incident(id);
    const judgement = judgements.get(known?.monitor ?? "");
    const monitor = findMonitor(config, known?.monitor ?? "");
    if (judgement?.incident?.id !== id || monitor === undefined) return known;
    const court = this.#court();
    // What is kept of a verdict lacks words that its transition has.
    const verdict = verdictOf(this.memory.state, monitor.id, court.wallMs);
    this.memory.transact((draft) => {
      const step = acknowledge({ ...judgement, verdict }, court.wallMs);
      draft.saveJudgement(step.judgement);
      recordStep(draft, monitor, judgement, step, court);
    });
    return this.memory.history.incident(id);
  }

  /** Has a message that was given up tried anew; null: it is unknown. */
  retryDelivery(id: string): RetryResult | null {
    const delivery = this.memory.history.delivery(id);
    if (delivery === null) return null;
    const renewed = renewDelivery(delivery, this.#ports.clock.nowMs());
    if (renewed === delivery) return { delivery, renewed: false };
    this.memory.transact((draft) => {
      draft.saveDelivery(renewed);
      noteDelivery(draft, renewed);
    });
    this.#outbox.reopen(renewed.channel);
    this.#outbox.launch();
    return { delivery: renewed, renewed: true };
  }

  /** Sends a test message, once; null: the channel is unknown. */
  async testChannel(id: string): Promise<ChannelTestResult | null> {
    const channel = this.memory.state.channels.find((candidate) => candidate.id === id);
    if (channel === undefined) return null;
    const nowMs = this.#ports.clock.nowMs();
    const delivery: Delivery = testDelivery(channel, this.#settings.publicUrl, nowMs);
    const { ok, status, error } = await this.#ports.sender.send(channel, delivery, null);
    this.#ports.print({ event: "channel_test", channel: id, delivered: ok, status, error });
    return { delivered: ok, status, error };
  }
}
