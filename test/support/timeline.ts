/**
 * A monitor judged along a timeline: `see` what regions saw at a second, `pass` to a second, and
 * look at the verdict, the transitions and the wishes to ask that came of it.
 */
import { advanceJudgement, initialJudgement } from "../../shared/monitor/judgement.ts";
import type { Monitor } from "../../shared/monitor/monitor.ts";
import type { Transition, Vote } from "../../shared/monitor/verdict.ts";
import { castVote } from "../../shared/monitor/vote.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import { makeMonitor, makeObservation } from "./observation.ts";

/** 2026-11-20 14:00:00 UTC, second zero of every timeline. */
export const START_MS = Date.UTC(2026, 10, 20, 14);

/** Moment of a second of the timeline. */
export const at = (second: number): number => START_MS + second * 1_000;

/** What a region saw: up, or a reason; an object to say more. */
export type Seen = "up" | Reason | { seen: "up" | Reason; colo?: string | null };

/** A monitor being judged. */
export class Timeline {
  readonly monitor: Monitor;
  readonly regions: readonly string[];
  readonly intervalMs: number;
  readonly votes = new Map<string, Vote>();
  readonly transitions: Transition[] = [];
  /** Seconds at which all regions were to be asked. */
  readonly asks: number[] = [];
  readonly askedWhy: string[] = [];
  suspended: ReadonlySet<string> = new Set<string>();
  maintenance = false;
  judgement = initialJudgement("chat", START_MS);

  constructor(
    options: {
      monitor?: Record<string, unknown>;
      regions?: readonly string[];
      intervalMs?: number;
    } = {},
  ) {
    this.monitor = makeMonitor(options.monitor);
    this.regions = options.regions ?? ["us-east", "sa-east", "eu-central", "ap-southeast"];
    this.intervalMs = options.intervalMs ?? 60_000;
  }

  /** Takes observations that began at a second, all of them before judging once. */
  see(second: number, seen: Record<string, Seen>, judgedAt = second): this {
    for (const [region, what] of Object.entries(seen)) {
      const { seen: result, colo = null } = typeof what === "object" ? what : { seen: what };
      const observation = makeObservation({
        region,
        colo,
        startedAtMs: at(second),
        reason: result === "up" ? null : result,
      });
      const vote = castVote(this.votes.get(region), observation, this.intervalMs);
      this.votes.set(region, vote);
    }
    return this.pass(judgedAt);
  }

  /** All regions see the same. */
  seeAll(second: number, seen: Seen): this {
    return this.see(second, Object.fromEntries(this.regions.map((region) => [region, seen])));
  }

  /** Judges at a second, with nothing new. */
  pass(second: number): this {
    const step = advanceJudgement({
      monitor: this.monitor,
      regions: this.regions,
      votes: this.votes,
      judgement: this.judgement,
      intervalMs: this.intervalMs,
      suspended: this.suspended,
      maintenance: this.maintenance,
      nowMs: at(second),
    });
    this.judgement = step.judgement;
    this.transitions.push(...step.transitions);
    if (step.ask !== null) {
      this.asks.push(second);
      this.askedWhy.push(step.ask.why);
    }
    return this;
  }

  get verdict() {
    return this.judgement.verdict;
  }

  get incident() {
    return this.judgement.incident;
  }

  /** Kinds of transition so far. */
  get told(): string[] {
    return this.transitions.map(({ kind, to }) => `${kind} ${to}`);
  }
}
