/**
 * The Durable Object: a thin shell that keeps the engine going by its alarm and answers for it.
 *
 * There is one, or in a very large network several, each with its own monitors: which of them it is
 * its name says. It holds no logic: everything it does is the engine's.
 */
import { DurableObject } from "cloudflare:workers";
import type { Decision } from "../../../shared/alert/decision.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import type { Shard } from "../../../shared/monitor/shard.ts";
import type { Verdict } from "../../../shared/monitor/verdict.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import type { Env } from "../env.ts";
import {
  activeRegions,
  coordinatorShard,
  missingBindings,
  monitorKeysOf,
  runsKeptMs,
  sealingKeysOf,
  shardCounts,
} from "../env.ts";
import { canSeal, openForBackup } from "../channels/carried-channel.ts";
import { listPages } from "../db/page-store.ts";
import { within } from "../deadline.ts";
import { describeError } from "./background.ts";
import type { BackupPage } from "./backup-cut.ts";
import { BackupCut, channelsPage } from "./backup-cut.ts";
import { connect, durableDatabase, print } from "./connections.ts";
import type { ObjectDatabase } from "./database.ts";
import { LentDatabase } from "./database.ts";
import { Engine } from "./engine.ts";
import { D1_DEADLINE_MS, TICK_MS } from "./limits.ts";
import { PageCopy } from "./page-copy.ts";
import { Restore } from "./restore.ts";
import { performRestore } from "./restore-connections.ts";
import type { RestoreOrigin, RestoreStatus, RestoreStep } from "./restore-state.ts";
import type {
  ChannelTestResult,
  CoordinatorRpc,
  IncidentWithTimeline,
  MonitorStatus,
  NetworkStatus,
  RebuildResult,
  RollupRanges,
  RetryResult,
} from "./rpc.ts";
import { recentRollups } from "./recent-rollups.ts";
import { STORAGE_VERSION } from "./storage-schema.ts";
import { Store } from "./store.ts";

/** The coordinator's object. */
export class Coordinator extends DurableObject<Env> implements CoordinatorRpc {
  readonly #coordinator: Shard;
  readonly #database: ObjectDatabase;
  readonly #restore: Restore;
  #lent: LentDatabase;
  #engine: Engine;
  readonly #backup: BackupCut;
  readonly #pages = new PageCopy({
    load: async () => (await listPages(this.env.DB)).map(({ revision }) => revision),
    get: (key) => this.ctx.storage.get(key),
    put: (key, value) => this.ctx.storage.put(key, value),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#coordinator = coordinatorShard(env, ctx.id.name);
    this.#database = durableDatabase(ctx.storage);
    this.#restore = new Restore(this.#database, this.#coordinator.index);
    this.#lent = new LentDatabase(this.#database);
    this.#engine = this.#begin(this.#lent);
    this.#backup = new BackupCut(this.#database, this.#coordinator.index);
    // What is about to be replaced must neither change nor tell anybody anything meanwhile.
    if (this.#restore.status()?.state === "committing") this.#lent.end();
  }

  /** An engine on what is stored. */
  #begin(database: ObjectDatabase): Engine {
    const { env } = this;
    return new Engine(connect(env, this.#coordinator), new Store(database), {
      coordinator: this.#coordinator,
      regions: activeRegions(env),
      shardCounts: shardCounts(env),
      missingBindings: missingBindings(env),
      publicUrl: env.PUBLIC_URL ?? null,
      runsKeptMs: runsKeptMs(env),
    });
  }

  /** One tick. The next is armed first, so that nothing that happens in this one can stop it. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + TICK_MS);
    this.#backup.closeStale(Date.now());
    this.#restore.dropAbandoned(Date.now());
    if (this.#restore.status()?.state === "committing") await this.#performRestore();
    else await this.#engine.step();
    // The network has fewer coordinators now, and this one has brought to an end what it had begun.
    const isSpare = this.#coordinator.index >= this.#coordinator.count;
    if (isSpare && this.#engine.isIdle()) await this.ctx.storage.deleteAlarm();
  }

  /** Carries a restore out and goes on with what was restored, in an engine of its own. */
  async #performRestore(): Promise<void> {
    this.#lent.end();
    const outcome = await performRestore(this.env, this.#restore, this.#coordinator);
    if (outcome === false) return;
    if (outcome !== true && this.#restore.noteFailure(outcome)?.state === "committing") return;
    this.#lent = new LentDatabase(this.#database);
    this.#engine = this.#begin(this.#lent);
  }

  async wake(): Promise<void> {
    const armedMs = await this.ctx.storage.getAlarm();
    if (armedMs === null) await this.ctx.storage.setAlarm(Date.now());
    this.ctx.waitUntil(this.#copyPages());
  }

  /** Copies the pages' settings; what fails is tried again with the next cron, in a minute. */
  async #copyPages(): Promise<void> {
    try {
      await within(D1_DEADLINE_MS, () => this.#pages.refresh());
    } catch (error) {
      print({ event: "failure", what: "page settings", error: describeError(error) });
    }
  }

  async configChanged(): Promise<void> {
    await this.wake();
    await this.#engine.configChanged();
  }

  async pageSettings(): Promise<string[] | null> {
    return this.#pages.get();
  }

  async networkStatus(): Promise<NetworkStatus> {
    return this.#engine.status();
  }

  async monitorStatus(id: string): Promise<MonitorStatus | null> {
    return this.#engine.monitorStatus(id);
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

  async rollups(monitor: string, ranges: RollupRanges): Promise<Rollup[]> {
    return recentRollups(this.#engine.memory, monitor, ranges);
  }

  async rebuildRollups(window: { fromMs: number; toMs: number }): Promise<RebuildResult> {
    return this.#engine.rebuild.run(window);
  }

  async retryDelivery(id: string): Promise<RetryResult | null> {
    return this.#engine.retryDelivery(id);
  }

  async decisions(incident: string): Promise<Decision[] | null> {
    const { history } = this.#engine.memory;
    return history.incident(incident) === null ? null : history.decisionsAbout(incident);
  }

  async testChannel(channel: string): Promise<ChannelTestResult | null> {
    return this.#engine.testChannel(channel);
  }

  async cutBackup(): Promise<{ cut: string; storage: number } | null> {
    if (this.#restore.status()?.state === "committing") return null;
    const cut = crypto.randomUUID();
    this.#backup.open(cut, Date.now());
    return { cut, storage: STORAGE_VERSION };
  }

  async backupPage(cut: string, after: string | null): Promise<BackupPage | null> {
    const page = this.#backup.page(cut, after, Date.now());
    if (page === null || page.next !== null) return page;
    const keys = sealingKeysOf(this.env);
    const channels = this.#backup.channels()?.map((channel) => openForBackup(channel, keys));
    if (channels !== undefined) {
      page.lines.push(...channelsPage(await Promise.all(channels), this.#coordinator.index));
    }
    return page;
  }

  async holdBackup(cut: string): Promise<boolean> {
    return this.#backup.hold(cut, Date.now());
  }

  async endBackup(cut: string): Promise<void> {
    this.#backup.close(cut);
  }

  async storageVersion(): Promise<number> {
    return STORAGE_VERSION;
  }

  async readToMs(): Promise<number> {
    return this.#engine.memory.state.tail.cursorMs;
  }

  async isRestoring(): Promise<boolean> {
    return this.#restore.status()?.state === "committing";
  }

  async beginRestore(id: string, replace: boolean, origin: RestoreOrigin): Promise<RestoreStep> {
    return this.#restore.begin(id, replace, origin, Date.now());
  }

  async putRestorePart(id: string, part: number, text: string): Promise<RestoreStep> {
    return this.#restore.put(id, part, text, Date.now());
  }

  async commitRestore(id: string): Promise<RestoreStep> {
    const keyed = await canSeal(sealingKeysOf(this.env));
    const step = this.#restore.decide(id, keyed, monitorKeysOf(this.env) !== null);
    if ("state" in step && step.state === "committing") {
      // From here on the present engine may change nothing that is about to be replaced.
      this.#lent.end();
      await this.ctx.storage.setAlarm(Date.now());
    }
    return step;
  }

  async restoreStatus(id: string): Promise<RestoreStatus | null> {
    const status = this.#restore.status();
    return status?.id === id ? status : null;
  }
}
