/**
 * The world outside of the coordinator: targets, regions with their crons and probes, the run log,
 * the published configuration, and the receivers behind the channels. All of it follows the
 * scenario and true time; only what leaves a region carries that region's clock.
 */
import type { Delivery, DeliveryOutcome } from "../../shared/alert/delivery.ts";
import type { Monitor } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import { roundsIn } from "../../shared/monitor/schedule.ts";
import type { Shard } from "../../shared/monitor/shard.ts";
import { WHOLE, partOf, shardLane, shardMonitors } from "../../shared/monitor/shard.ts";
import type { Observation } from "../../shared/probe/observation.ts";
import { emptyTimings } from "../../shared/probe/observation.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import { reasonFacts } from "../../shared/probe/reason.ts";
import type { Run } from "../../shared/probe/run.ts";
import { laneShard } from "../../shared/probe/run.ts";
import type { AskOrder } from "../../workers/coordinator/object/ports.ts";
import { Random } from "./random.ts";
import { RunStore } from "./run-store.ts";
import type { RegionPlan, Scenario, ShardPlan } from "./scenario.ts";
import { during } from "./scenario.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Something that arrived at a channel. */
export interface Arrival {
  id: string;
  channel: string;
  alert: Delivery["alert"];
  incident: string | null;
  atMs: number;
}

/** The world outside, as one coordinator has to do with it. */
export class World {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly coordinator: Shard;
  readonly log: RunStore;
  /** Every run that was performed, in order; one may be performed twice. */
  readonly performed: Run[];
  /** What arrived from this coordinator. */
  readonly arrivals: Arrival[] = [];
  readonly #random: Random;

  constructor(scenario: Scenario, clock: VirtualClock, coordinator = WHOLE, beside?: World) {
    this.scenario = scenario;
    this.clock = clock;
    this.coordinator = coordinator;
    this.log = beside?.log ?? new RunStore();
    this.performed = beside?.performed ?? [];
    this.#random = new Random(scenario.seed ^ 0x5eed ^ (coordinator.index << 20));
  }

  /** The same world as each of several coordinators has to do with it: with its own monitors. */
  divide(count: number): World[] {
    if (count === 1) return [this];
    return Array.from({ length: count }, (_, index) => {
      const configs = this.scenario.configs.map(({ atMs, config }) => ({
        atMs,
        config: {
          ...config,
          monitors: config.monitors.filter(({ id }) => partOf(id, count) === index),
        },
      }));
      return new World({ ...this.scenario, configs }, this.clock, { index, count }, this);
    });
  }

  /** The configuration that is published at a moment. */
  configAt(atMs: number): PublishedConfig {
    const current = this.scenario.configs.findLast((change) => change.atMs <= atMs);
    const first = current ?? this.scenario.configs[0];
    if (first === undefined) throw new Error("a world needs a configuration");
    return first.config;
  }

  /** Why a target fails for a region at a moment; null: it is up. */
  targetTrouble(monitor: string, region: string, atMs: number): Reason | null {
    let trouble: Reason | null = null;
    for (const fault of this.scenario.targetFaults) {
      if (fault.monitor !== monitor || !fault.regions.includes(region)) continue;
      if (atMs < fault.fromMs || atMs >= fault.toMs) continue;
      if (trouble === null || reasonFacts(trouble).status === "degraded") trouble = fault.reason;
    }
    return trouble;
  }

  /** Whether the log can be reached. */
  logUp(isReading = false): boolean {
    const { logOutages, logReadsOnly } = this.scenario;
    return !during(logOutages, this.clock.nowMs) || (logReadsOnly && !isReading);
  }

  /** Lets the crons fire from the start to a moment. */
  startCrons(untilMs: number): void {
    const { startMs } = this.scenario;
    const paceMs = Math.min(60_000, this.configAt(startMs).defaultIntervalMs);
    const probes = this.scenario.regions.flatMap((plan) =>
      plan.shards.map((probe) => ({ plan, probe })),
    );
    for (const { plan, probe } of probes) {
      for (let atMs = Math.ceil(startMs / paceMs) * paceMs; atMs < untilMs; atMs += paceMs) {
        const lateMs = plan.cronLateMs === 0 ? 0 : this.#random.int(0, plan.cronLateMs);
        this.clock.at(atMs + lateMs, () => {
          const { nowMs } = this.clock;
          const silent = [plan.cronDead, probe.dead, probe.cronDead];
          if (silent.some((times) => during(times, nowMs))) return;
          void this.#cron(plan, probe, { fromMs: atMs, toMs: atMs + paceMs });
        });
      }
    }
  }

  /** A probe's rounds of one cron period, each in its time. */
  async #cron(
    plan: RegionPlan,
    { shard }: ShardPlan,
    window: { fromMs: number; toMs: number },
  ): Promise<void> {
    const config = this.configAt(this.clock.nowMs);
    for (const round of roundsIn({ config, region: plan.id, ...window })) {
      const monitors = shardMonitors(round.monitors, shard);
      if (monitors.length === 0) continue;
      await this.clock.sleep(round.scheduledAtMs - this.clock.nowMs);
      const run = await this.#perform(
        plan,
        round.scheduledAtMs,
        shardLane(shard),
        monitors,
        config.version,
      );
      await this.#store(plan, run);
    }
  }

  /** Answers an ask; rejects, or never answers, when the region cannot be reached. */
  async ask(region: string, order: AskOrder): Promise<{ run: Run; stored: boolean }> {
    const plan = this.scenario.regions.find(({ id }) => id === region);
    if (plan === undefined) throw new Error("no such region");
    const probe = plan.shards[laneShard(order.lane)];
    if (probe === undefined) throw new Error("no such probe");
    const unreachable = () =>
      during(plan.partitions, this.clock.nowMs) || during(probe.dead, this.clock.nowMs);
    if (unreachable()) {
      if (this.#random.chance(0.5)) throw new Error("unreachable");
      await new Promise(() => undefined);
    }
    const { config, scheduledAtMs, lane, monitors } = order;
    const window = { fromMs: scheduledAtMs, toMs: scheduledAtMs + 1 };
    const due =
      monitors === null
        ? shardMonitors(
            roundsIn({ config, region, ...window }).flatMap((round) => round.monitors),
            probe.shard,
          )
        : config.monitors.filter(({ id }) => monitors.includes(id));
    const run = await this.#perform(plan, scheduledAtMs, lane, due, config.version);
    const stored = await this.#store(plan, run);
    // The answer may be lost on its way back although the run was made and stored.
    if (unreachable()) await new Promise(() => undefined);
    return { run, stored };
  }

  async #perform(
    plan: RegionPlan,
    scheduledAtMs: number,
    lane: string,
    monitors: readonly Monitor[],
    configVersion: number,
  ): Promise<Run> {
    const startedAtMs = this.#regionNowMs(plan);
    const checks = monitors.map((monitor) => this.#check(plan, monitor.id));
    const observations = await Promise.all(checks);
    const run: Run = {
      scheduledAtMs,
      region: plan.id,
      lane,
      startedAtMs,
      finishedAtMs: Math.max(startedAtMs, this.#regionNowMs(plan)),
      colo: plan.colo,
      configVersion,
      observations,
    };
    this.performed.push(run);
    return run;
  }

  async #check(plan: RegionPlan, monitor: string): Promise<Observation> {
    const nowMs = this.clock.nowMs;
    const startedAtMs = this.#regionNowMs(plan);
    const reason: Reason | null = during(plan.buggy, nowMs)
      ? "probe_error"
      : during(plan.blind, nowMs)
        ? "connect_timeout"
        : this.targetTrouble(monitor, plan.id, nowMs);
    const facts = reason === null ? null : reasonFacts(reason);
    await this.clock.sleep(facts?.status === "down" ? this.scenario.failMs : plan.checkMs);
    return {
      monitor,
      region: plan.id,
      colo: plan.colo,
      transport: "socket",
      startedAtMs,
      status: facts?.status ?? "up",
      phase: facts?.phase ?? null,
      reason,
      blame: facts?.blame ?? null,
      message: facts?.meaning ?? "Echoed.",
      timings: { ...emptyTimings(), totalMs: plan.checkMs },
      echo: null,
      ping: null,
      address: null,
      handshake: null,
      close: null,
      certificate: null,
      transcript: null,
    };
  }

  /** What a region's clock says. */
  #regionNowMs({ skewMs, clockSteps }: RegionPlan): number {
    const { nowMs } = this.clock;
    const step = clockSteps.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
    return nowMs + skewMs + (step?.byMs ?? 0);
  }

  async #store(plan: RegionPlan, run: Run): Promise<boolean> {
    if (!this.logUp() || during(plan.writesLost, this.clock.nowMs)) {
      // Sometimes the row is written and only the confirmation is lost.
      if (this.#random.chance(0.2)) this.log.append(run, this.clock.nowMs);
      return false;
    }
    const isStirring = this.clock.nowMs < this.scenario.calmFromMs;
    if (plan.rowsHoursLateMs > 0 && isStirring && this.#random.chance(0.1)) {
      const lateMs = plan.rowsHoursLateMs;
      this.clock.at(this.clock.nowMs + lateMs, () => this.log.append(run, this.clock.nowMs));
      return true;
    }
    if (plan.writesLateMs > 0 && this.clock.nowMs < this.scenario.calmFromMs) {
      const lateMs = this.#random.int(0, plan.writesLateMs);
      this.clock.at(this.clock.nowMs + lateMs, () => this.log.append(run, this.clock.nowMs));
      return true;
    }
    this.log.append(run, this.clock.nowMs);
    return true;
  }

  /** Takes a message in for a channel, or not. */
  async receive(channel: string, delivery: Delivery): Promise<DeliveryOutcome> {
    const { senderOutages, lostAcks, calmFromMs } = this.scenario;
    await this.clock.sleep(this.#random.int(5, 400));
    const failure = { ok: false, retryAfterMs: null, permanent: false } as const;
    if (during(senderOutages, this.clock.nowMs)) {
      const retryAfterMs = this.#random.chance(0.3) ? this.#random.int(0, 30_000) : null;
      return { ...failure, status: 503, error: "HTTP 503", retryAfterMs };
    }
    const { id, alert, incident } = delivery;
    this.arrivals.push({ id, channel, alert, incident, atMs: this.clock.nowMs });
    if (this.clock.nowMs < calmFromMs && this.#random.chance(lostAcks)) {
      return { ...failure, status: null, error: "timeout" };
    }
    return { ok: true, status: 200, error: null, retryAfterMs: null, permanent: false };
  }
}
