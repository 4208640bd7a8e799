/**
 * Looks at the object from time to time, while it is steady, and holds it to its pace: what is in
 * the log is taken in soon, a region that can be reached is never left unheard, and who is to be
 * told of an incident has been told.
 */
import { subjectsOf } from "../../shared/alert/delivery.ts";
import { intervalMs } from "../../shared/monitor/monitor.ts";
import { roundMomentsIn } from "../../shared/monitor/schedule.ts";
import { divideConfig } from "../../shared/monitor/shard.ts";
import { probeName } from "../../shared/regions.ts";
import type { Inspector } from "./inspector.ts";
import type { ObjectHost } from "./object-host.ts";
import type { World } from "./world.ts";

/** Two ticks, a statement that hangs until its deadline, the wait after it, and the reading. */
const TAKEN_WITHIN_MS = 25_000;
/** How far behind its cursor the tail looks for rows that came late. */
const LATE_ROWS_MS = 170_000;
/** Time after which a round is missed, checked, and its answer taken in, besides an interval. */
const HEARD_WITHIN_MS = 60_000;
/** Catching up with an absence, and telling what is still so. */
const TOLD_WITHIN_MS = 40_000;

type RoundWindow = Parameters<typeof roundMomentsIn>[0];

/** The watch. */
export class Watch {
  readonly #world: World;
  readonly #inspector: Inspector;
  readonly #host: ObjectHost;
  /** Since when the log answers. */
  #logUpSinceMs: number;
  #lookedAtMs: number;

  constructor(world: World, inspector: Inspector, host: ObjectHost) {
    this.#world = world;
    this.#inspector = inspector;
    this.#host = host;
    this.#logUpSinceMs = world.clock.nowMs;
    this.#lookedAtMs = world.clock.nowMs;
  }

  /** Looks; what is wrong is noted by the inspector. */
  look(): void {
    const nowMs = this.#world.clock.nowMs;
    for (const { fromMs, toMs } of this.#world.scenario.logOutages) {
      if (fromMs <= nowMs && toMs > this.#lookedAtMs) this.#logUpSinceMs = Math.min(toMs, nowMs);
    }
    this.#lookedAtMs = nowMs;
    if (this.#host.engine === null) return;
    const steadySinceMs = this.#host.steadySinceMs;
    this.#lookAtLog(nowMs, Math.max(steadySinceMs, this.#logUpSinceMs));
    this.#lookAtRegions(nowMs, steadySinceMs);
    this.#lookAtAlerts(nowMs, Math.max(steadySinceMs, this.#logUpSinceMs));
  }

  #lookAtLog(nowMs: number, sinceMs: number): void {
    const { log } = this.#world;
    for (const [key, writtenAtMs] of log.writtenAtMs) {
      if (this.#inspector.taken.has(key) || this.#inspector.forgone.has(key)) continue;
      if (nowMs - Math.max(writtenAtMs, sinceMs) < TAKEN_WITHIN_MS) continue;
      const late = writtenAtMs - Number.parseInt(key, 10) > LATE_ROWS_MS;
      this.#inspector.promise(late, () => `the run ${key} is in the log and not taken in`);
    }
  }

  /** A stopped cron, a log that takes no rows: the object asks the regions itself. */
  #lookAtRegions(nowMs: number, sinceMs: number): void {
    const { scenario } = this.#world;
    const config = this.#world.configAt(nowMs);
    // A coordinator may have no monitors, and then asks for nothing.
    if (config.monitors.length === 0) return;
    const intervals = config.monitors.map((monitor) =>
      intervalMs(monitor, config.defaultIntervalMs),
    );
    const boundMs = 2 * Math.max(...intervals) + HEARD_WITHIN_MS;
    const state = this.#host.engine?.memory.state;
    // Before anything is known, or with an old configuration, nobody knows what is missing.
    if (state?.config?.version !== config.version) return;
    const knownSinceMs = this.#inspector.configSinceMs;
    if (nowMs - Math.max(knownSinceMs, sinceMs, scenario.startMs) < boundMs) return;
    for (const plan of scenario.regions) {
      const { id, shards, partitions, skewMs, clockSteps, rowsHoursLateMs, writesLost } = plan;
      if (partitions.length > 0 || skewMs !== 0 || clockSteps.length > 0) continue;
      for (const { shard, dead } of shards) {
        const part = divideConfig(config, shard.count)[shard.index] ?? config;
        const window = { config: part, region: id, fromMs: nowMs - boundMs, toMs: nowMs };
        if (dead.length > 0 || roundMomentsIn(window).length === 0) continue;
        const lastRunAtMs = state.regions.get(id)?.shards.get(shard.index)?.lastRunAtMs ?? 0;
        this.#inspector.promise(
          nowMs - lastRunAtMs <= boundMs,
          () =>
            `${probeName(id, shard.index)} can be reached and is left unheard for ` +
            `${nowMs - lastRunAtMs} ms`,
        );
        // A single row that does not come is not missed while later ones do.
        const areLost = writesLost.some(
          ({ fromMs, toMs }) => fromMs < nowMs && toMs > window.fromMs - boundMs,
        );
        const lostMs = areLost ? Math.max(...intervals) : 0;
        if (rowsHoursLateMs === 0) this.#lookAtVotes(window, boundMs + lostMs);
      }
    }
  }

  /** Of each monitor that a region has checked something is known of it. */
  #lookAtVotes(window: RoundWindow, boundMs: number): void {
    const { config, region, toMs: nowMs } = window;
    const votes = this.#host.engine?.memory.state.votes.get(region);
    for (const monitor of config.monitors) {
      const alone = { ...window, config: { ...config, monitors: [monitor] } };
      if (roundMomentsIn(alone).length === 0) continue;
      const atMs = votes?.get(monitor.id)?.atMs ?? 0;
      this.#inspector.promise(
        nowMs - atMs <= boundMs,
        () => `nothing is known of ${monitor.id} in ${region} for ${nowMs - atMs} ms`,
      );
    }
  }

  #lookAtAlerts(nowMs: number, sinceMs: number): void {
    if (nowMs - sinceMs < TOLD_WITHIN_MS) return;
    const { monitoring } = this.#host.engine?.memory.state ?? {};
    // While nothing can be seen that alone is told.
    if (monitoring === undefined || monitoring.state !== "working") return;
    const { deliveries } = this.#inspector;
    for (const judgement of this.#host.engine?.memory.state.judgements.values() ?? []) {
      const { incident, monitor, verdict } = judgement;
      if (incident === null || incident.endedAtMs !== null || incident.kind === "partial") continue;
      const { kind, maintainedUntilMs = 0 } = verdict;
      // What began while catching up and met announced work is told when that is over.
      if (kind === "maintenance") continue;
      // It may have been too mild to be told until it changed.
      const changed = this.#inspector.transitions.findLast(
        (transition) =>
          transition.incident === incident.id &&
          (transition.kind === "incident_opened" || transition.kind === "incident_changed"),
      );
      const becameAtMs = Math.max(
        incident.confirmedAtMs,
        changed?.atMs ?? 0,
        maintainedUntilMs,
        monitoring.sinceMs,
      );
      if (nowMs - becameAtMs < TOLD_WITHIN_MS) continue;
      // The silence mutes it, the inhibition may.
      if (monitor === "monitor-0" && this.#world.scenario.alertPolicy !== null) continue;
      const told = [...deliveries.values()].some((delivery) =>
        subjectsOf(delivery).includes(incident.id),
      );
      this.#inspector.promise(told, () => `nobody is told of ${incident.id} of ${monitor}`);
    }
  }
}
