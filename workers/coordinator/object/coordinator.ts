/**
 * The Durable Object: a thin shell that keeps the engine going by its alarm and answers for it.
 *
 * There is one, under one name. It holds no logic: everything it does is the engine's.
 */
import { DurableObject } from "cloudflare:workers";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { Verdict } from "../../../shared/monitor/verdict.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import type { Env } from "../env.ts";
import { activeRegions, missingBindings, shardCounts } from "../env.ts";
import { connect, durableDatabase } from "./connections.ts";
import { Engine } from "./engine.ts";
import { TICK_MS } from "./limits.ts";
import type {
  ChannelTestResult,
  CoordinatorRpc,
  IncidentWithTimeline,
  NetworkStatus,
} from "./rpc.ts";
import { Store } from "./store.ts";

/** The coordinator's object. */
export class Coordinator extends DurableObject<Env> implements CoordinatorRpc {
  readonly #engine: Engine;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const store = new Store(durableDatabase(ctx.storage));
    this.#engine = new Engine(connect(env), store, {
      regions: activeRegions(env),
      shardCounts: shardCounts(env),
      missingBindings: missingBindings(env),
      publicUrl: env.PUBLIC_URL ?? null,
    });
  }

  /** One tick. The next is armed first, so that nothing that happens in this one can stop it. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + TICK_MS);
    await this.#engine.step();
  }

  async wake(): Promise<void> {
    const armedMs = await this.ctx.storage.getAlarm();
    if (armedMs === null) await this.ctx.storage.setAlarm(Date.now());
  }

  async configChanged(): Promise<void> {
    await this.wake();
    await this.#engine.configChanged();
  }

  async networkStatus(): Promise<NetworkStatus> {
    return this.#engine.status();
  }

  async verdict(monitor: string): Promise<Verdict | null> {
    return this.#engine.verdict(monitor);
  }

  async checkNow(monitor: string): Promise<Observation[] | null> {
    return this.#engine.checkNow(monitor);
  }

  async incidents(
    query: Parameters<CoordinatorRpc["incidents"]>[0],
  ): Promise<IncidentWithTimeline[]> {
    return this.#engine.memory.history.incidents(query);
  }

  async incident(id: string): Promise<IncidentWithTimeline | null> {
    return this.#engine.memory.history.incident(id);
  }

  async acknowledge(id: string): Promise<IncidentWithTimeline | null> {
    return this.#engine.acknowledge(id);
  }

  async deliveries(query: Parameters<CoordinatorRpc["deliveries"]>[0]): Promise<Delivery[]> {
    return this.#engine.memory.history.deliveries(query);
  }

  async testChannel(channel: string): Promise<ChannelTestResult | null> {
    return this.#engine.testChannel(channel);
  }
}
