/**
 * Asks regions, each of the probe Workers concerned, to check now: to confirm what one of them saw,
 * because somebody wants to know, or because a run is missing. Each answer is taken in as it comes;
 * none waits for another.
 */
import type { AskBudget } from "../../../shared/monitor/ask-budget.ts";
import { fullAskBudget, spendAsks } from "../../../shared/monitor/ask-budget.ts";
import { openIncident } from "../../../shared/monitor/incident.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { monitorRegions } from "../../../shared/monitor/monitor.ts";
import { isWhole, shardLane, shardMonitors } from "../../../shared/monitor/shard.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import { askLane, partialRoundLane } from "../../../shared/probe/run.ts";
import type { Background } from "./background.ts";
import { describeError } from "./background.ts";
import type { Answer } from "./ingest.ts";
import { ingestAnswers } from "./ingest.ts";
import type { Court } from "./judge.ts";
import { ASK_DEADLINE_MAX_MS, ASK_MARGIN_MS, GATHER_MS } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { MissingRun, Reluctance } from "./missing-runs.ts";
import { advanceReluctance, checksMs, findMissingRuns } from "./missing-runs.ts";
import type { AskOrder, Ports } from "./ports.ts";
import type { RegionShards } from "./region-shards.ts";

/** What asking is connected to. */
export interface AskContext {
  memory: Memory;
  ports: Ports;
  background: Background;
  shards: RegionShards;
  court: () => Court;
  /** Called after an answer was taken in, with the monitors that it makes worth asking about. */
  afterAnswer: (asks: ReadonlySet<string>) => void;
}

/** One order to one probe Worker. */
interface Ask {
  region: string;
  /** Of the probe, for the log. */
  name: string;
  order: AskOrder;
  deadlineMs: number;
}

/** Answers to one question, held back for a moment. */
interface Gathering {
  /** Probes that have neither answered nor failed. */
  awaited: number;
  answers: Answer[];
  /** Present once answers are held back; aborted when that is over. */
  abort: AbortController | null;
}

/** Orders to the regions' probes. */
export class Asks {
  readonly #context: AskContext;
  readonly #reluctance = new Map<string, Reluctance>();
  readonly #missingUnderWay = new Set<string>();
  #budget: AskBudget | null = null;

  constructor(context: AskContext) {
    this.#context = context;
  }

  /**
   * Asks all regions of some monitors, one order per probe, without waiting. What is over the
   * network's budget waits for a later call.
   */
  launch(monitors: ReadonlySet<string>): void {
    const nowMs = this.#context.ports.clock.nowMs();
    const { budget, granted } = spendAsks(this.#budget ?? fullAskBudget(nowMs), monitors, nowMs);
    this.#budget = budget;
    if (granted.length === 0) return;
    const asks = this.#asksFor(new Set(granted));
    const gathering: Gathering = { awaited: asks.length, answers: [], abort: null };
    for (const ask of asks) {
      this.#context.background.start(`ask ${ask.name}`, async () => {
        await this.#gather(ask, gathering);
      });
    }
  }

  /** Asks all regions of one monitor and waits for what those that answer have seen. */
  async askNow(monitor: string): Promise<Observation[]> {
    const asks = this.#asksFor(new Set([monitor]));
    const gathering: Gathering = { awaited: asks.length, answers: [], abort: null };
    const observations = asks.map(async (ask) => {
      try {
        const { run } = await this.#gather(ask, gathering);
        return run.observations.filter((observation) => observation.monitor === monitor);
      } catch (error) {
        const what = `ask ${ask.name}`;
        this.#context.ports.print({ event: "failure", what, error: describeError(error) });
        return [];
      }
    });
    return (await Promise.all(observations)).flat();
  }

  /** Sends one of a question's asks, and takes in what has been gathered when it is time. */
  async #gather(ask: Ask, gathering: Gathering): Promise<Answer> {
    try {
      const answer = await this.#send(ask);
      gathering.answers.push(answer);
      return answer;
    } finally {
      gathering.awaited -= 1;
      const { awaited, abort } = gathering;
      const timeIsUp = abort?.signal.aborted === true;
      if (awaited === 0 || timeIsUp || !this.#areInIncidents(ask.order.monitors ?? [])) {
        abort?.abort();
        this.#takeIn(gathering.answers.splice(0));
      } else if (abort === null) {
        this.#awaitOthers(gathering);
      }
    }
  }

  /** Leaves the others a little time to answer too. */
  #awaitOthers(gathering: Gathering): void {
    const abort = new AbortController();
    gathering.abort = abort;
    this.#context.background.start("gathering", async () => {
      await this.#context.ports.clock.sleep(GATHER_MS, abort.signal);
      abort.abort();
      this.#takeIn(gathering.answers.splice(0));
    });
  }

  /** Whether all that can come of asking about these monitors is that their incidents change. */
  #areInIncidents(monitors: readonly string[]): boolean {
    const { judgements } = this.#context.memory.state;
    return monitors.every(
      (monitor) => openIncident(judgements.get(monitor)?.incident ?? null) !== null,
    );
  }

  /** Asks probes for runs that they owe, under these runs' own identities, without waiting. */
  launchMissing(): void {
    const { memory, ports, background, shards } = this.#context;
    const { config } = memory.state;
    if (config === null) return;
    const missing = findMissingRuns({
      shards: shards.divide(config),
      ledgers: memory.state.regions,
      reluctance: this.#reluctance,
      nowMs: ports.clock.nowMs(),
    });
    for (const run of missing) {
      const { name } = run.work;
      if (this.#missingUnderWay.has(name)) continue;
      this.#missingUnderWay.add(name);
      background.start(`missing run of ${name}`, async () => this.#askMissing(run));
    }
  }

  async #askMissing({ work, scheduledAtMs, monitors: ids }: MissingRun): Promise<void> {
    const { region, shard, name, config } = work;
    const { coordinator } = this.#context.court();
    const lane = isWhole(coordinator)
      ? shardLane(shard)
      : partialRoundLane(shard.index, coordinator.index);
    const order = { scheduledAtMs, lane, monitors: ids, config };
    const monitors = config.monitors.filter((monitor) =>
      monitorRegions(monitor, config.regions).includes(region),
    );
    try {
      this.#takeIn([await this.#send({ region, name, order, deadlineMs: deadlineMs(monitors) })]);
      this.#reluctance.delete(name);
    } catch (error) {
      const nowMs = this.#context.ports.clock.nowMs();
      this.#reluctance.set(name, advanceReluctance(this.#reluctance.get(name), nowMs));
      throw error;
    } finally {
      this.#missingUnderWay.delete(name);
    }
  }

  /** One order for each probe that checks any of the monitors; all have one scheduled time. */
  #asksFor(wanted: ReadonlySet<string>): Ask[] {
    const { memory, ports, shards, court } = this.#context;
    const { config } = memory.state;
    const coordinator = court().coordinator.index;
    const monitors = config?.monitors.filter(({ id, paused }) => wanted.has(id) && !paused) ?? [];
    if (config === null || monitors.length === 0) return [];
    const scheduledAtMs = memory.transact((draft) => {
      const askedAtMs = Math.max(ports.clock.nowMs(), draft.tail.askedAtMs + 1);
      draft.moveTail({ askedAtMs });
      return askedAtMs;
    });
    return shards.all.flatMap(({ region, shard, name }) => {
      const ofRegion = monitors.filter((monitor) =>
        monitorRegions(monitor, config.regions).includes(region),
      );
      const assigned = shardMonitors(ofRegion, shard);
      if (assigned.length === 0) return [];
      const order: AskOrder = {
        scheduledAtMs,
        lane: askLane(shard.index, coordinator),
        monitors: assigned.map(({ id }) => id),
        config: { ...config, monitors: assigned },
      };
      return [{ region, name, order, deadlineMs: deadlineMs(assigned) }];
    });
  }

  /** Sends one ask; rejects when there is no answer, or a wrong one. */
  async #send({ region, name, order, deadlineMs: withinMs }: Ask): Promise<Answer> {
    const answer = await this.#context.ports.probes.ask(region, order, withinMs);
    const { run } = answer;
    const isOther = run.lane !== order.lane || run.scheduledAtMs !== order.scheduledAtMs;
    if (run.region !== region || isOther) {
      throw new Error(`the probe of ${name} answered with another run`);
    }
    return answer;
  }

  /** Takes answers in as one moment, and what D1 does not have into keeping. */
  #takeIn(answers: readonly Answer[]): void {
    if (answers.length === 0) return;
    const { memory, court, afterAnswer } = this.#context;
    const now = court();
    const asks = memory.transact((draft) => ingestAnswers(draft, answers, now));
    afterAnswer(new Set(asks));
  }
}

/** How long an ask may take, in milliseconds. */
function deadlineMs(monitors: readonly Monitor[]): number {
  return Math.min(checksMs(monitors) + ASK_MARGIN_MS, ASK_DEADLINE_MAX_MS);
}
