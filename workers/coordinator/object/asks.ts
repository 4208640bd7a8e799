/**
 * Asks regions to check now: to confirm what one of them saw, because somebody wants to know, or
 * because a run is missing. Each answer is taken in as it comes; none waits for another.
 */
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { monitorRegions } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { ASK_LANE, CRON_LANE } from "../../../shared/probe/run.ts";
import type { Background } from "./background.ts";
import { describeError } from "./background.ts";
import { ingestRun } from "./ingest.ts";
import type { Court } from "./judge.ts";
import { ASK_DEADLINE_MAX_MS, ASK_MARGIN_MS } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { MissingRun, Reluctance } from "./missing-runs.ts";
import { advanceReluctance, checksMs, findMissingRuns } from "./missing-runs.ts";
import type { AskOrder, Ports } from "./ports.ts";

/** What asking is connected to. */
export interface AskContext {
  memory: Memory;
  ports: Ports;
  background: Background;
  /** Regions that have a probe. */
  regions: readonly string[];
  court: () => Court;
  /** Called after an answer was taken in, with the monitors that it makes worth asking about. */
  afterAnswer: (asks: ReadonlySet<string>) => void;
}

/** Orders to the regions' probes. */
export class Asks {
  readonly #context: AskContext;
  readonly #reluctance = new Map<string, Reluctance>();
  readonly #missingUnderWay = new Set<string>();

  constructor(context: AskContext) {
    this.#context = context;
  }

  /** Asks all regions of some monitors, one order per region, without waiting. */
  launch(monitors: ReadonlySet<string>): void {
    if (monitors.size === 0) return;
    for (const ask of this.#ordersFor(monitors)) {
      this.#context.background.start(`ask ${ask.region}`, async () => {
        await this.#ask(ask.region, ask.order, ask.deadlineMs);
      });
    }
  }

  /** Asks all regions of one monitor and waits for what those that answer have seen. */
  async askNow(monitor: string): Promise<Observation[]> {
    const answers = this.#ordersFor(new Set([monitor])).map(async (ask) => {
      try {
        const run = await this.#ask(ask.region, ask.order, ask.deadlineMs);
        return run.observations.filter((observation) => observation.monitor === monitor);
      } catch (error) {
        const what = `ask ${ask.region}`;
        this.#context.ports.print({ event: "failure", what, error: describeError(error) });
        return [];
      }
    });
    return (await Promise.all(answers)).flat();
  }

  /** Asks regions for runs that they owe, under these runs' own identities, without waiting. */
  launchMissing(): void {
    const { memory, ports, background, regions } = this.#context;
    const { config } = memory.state;
    if (config === null) return;
    const missing = findMissingRuns({
      config,
      regions,
      ledgerOf: (region) => memory.state.regions.get(region) ?? { lastRoundMs: null },
      reluctance: this.#reluctance,
      nowMs: ports.clock.nowMs(),
    });
    for (const run of missing) {
      if (this.#missingUnderWay.has(run.region)) continue;
      this.#missingUnderWay.add(run.region);
      background.start(`missing run of ${run.region}`, async () => this.#askMissing(run, config));
    }
  }

  async #askMissing({ region, scheduledAtMs }: MissingRun, config: PublishedConfig): Promise<void> {
    const order = { scheduledAtMs, lane: CRON_LANE, monitors: null, config };
    const monitors = config.monitors.filter((monitor) =>
      monitorRegions(monitor, config.regions).includes(region),
    );
    try {
      await this.#ask(region, order, deadlineMs(monitors));
      this.#reluctance.delete(region);
    } catch (error) {
      const nowMs = this.#context.ports.clock.nowMs();
      this.#reluctance.set(region, advanceReluctance(this.#reluctance.get(region), nowMs));
      throw error;
    } finally {
      this.#missingUnderWay.delete(region);
    }
  }

  /** One order per region that has a probe and checks any of the monitors. */
  #ordersFor(wanted: ReadonlySet<string>) {
    const { memory, ports, regions } = this.#context;
    const { config } = memory.state;
    const monitors = config?.monitors.filter(({ id, paused }) => wanted.has(id) && !paused) ?? [];
    if (config === null || monitors.length === 0) return [];
    const scheduledAtMs = memory.transact((draft) => {
      const askedAtMs = Math.max(ports.clock.nowMs(), draft.tail.askedAtMs + 1);
      draft.moveTail({ askedAtMs });
      return askedAtMs;
    });
    return regions.flatMap((region) => {
      const assigned = monitors.filter((monitor) =>
        monitorRegions(monitor, config.regions).includes(region),
      );
      if (assigned.length === 0) return [];
      const order: AskOrder = {
        scheduledAtMs,
        lane: ASK_LANE,
        monitors: assigned.map(({ id }) => id),
        config: { ...config, monitors: assigned },
      };
      return [{ region, order, deadlineMs: deadlineMs(assigned) }];
    });
  }

  /** Sends one order and takes the answer in; rejects when there is none, or a wrong one. */
  async #ask(region: string, order: AskOrder, withinMs: number): Promise<Run> {
    const { memory, ports, court, afterAnswer } = this.#context;
    const { run, stored } = await ports.probes.ask(region, order, withinMs);
    if (
      run.region !== region ||
      run.lane !== order.lane ||
      run.scheduledAtMs !== order.scheduledAtMs
    ) {
      throw new Error(`the probe of ${region} answered with another run`);
    }
    const now = court();
    const asks = memory.transact((draft) => {
      if (!stored) draft.keepRun(run);
      return ingestRun(draft, run, now);
    });
    afterAnswer(new Set(asks));
    return run;
  }
}

/** How long an ask may take, in milliseconds. */
function deadlineMs(monitors: readonly Monitor[]): number {
  return Math.min(checksMs(monitors) + ASK_MARGIN_MS, ASK_DEADLINE_MAX_MS);
}
