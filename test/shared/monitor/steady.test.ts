import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JudgementInput } from "../../../shared/monitor/judgement.ts";
import { advanceJudgement, initialJudgement } from "../../../shared/monitor/judgement.ts";
import {
  SharedEvidence,
  isQuietening,
  isRepetition,
  isSteady,
  renewEvidence,
} from "../../../shared/monitor/steady.ts";
import type { Judgement, Vote } from "../../../shared/monitor/verdict.ts";
import { castVote, isFresh } from "../../../shared/monitor/vote.ts";
import type { Reason } from "../../../shared/probe/reason.ts";
import { makeMonitor, makeObservation } from "../../support/observation.ts";

const NOON_MS = Date.parse("2026-11-20T12:00:00Z");
const INTERVAL_MS = 60_000;
const REGIONS = ["us-east", "eu-central", "ap-southeast"];

/** What a region sees, some seconds after what was seen last. */
interface Look {
  region: string;
  reason: Reason | null;
  colo: string;
  afterMs: number;
}

const lookArbitrary: fc.Arbitrary<Look> = fc.record({
  region: fc.constantFrom(...REGIONS),
  reason: fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom<Reason>("connect_failed", "latency_over_budget") },
    { weight: 1, arbitrary: fc.constant<Reason>("probe_error") },
  ),
  colo: fc.oneof(
    { weight: 9, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom("FRA", "SIN") },
  ),
  afterMs: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
  ),
});

/** A monitor that is judged with every look, and just before it. */
class Watched {
  readonly votes = new Map<string, Vote>();
  readonly monitor;
  judgement: Judgement = initialJudgement("chat", NOON_MS);
  nowMs = NOON_MS;
  readonly #evidence = new SharedEvidence();

  constructor(raiseAfter = 1) {
    this.monitor = makeMonitor({ quorum: { raiseAfter } });
  }

  get input(): JudgementInput {
    const { monitor, votes, judgement, nowMs } = this;
    const suspended = new Set<string>();
    return {
      monitor,
      regions: REGIONS,
      votes,
      judgement,
      intervalMs: INTERVAL_MS,
      suspended,
      nowMs,
    };
  }

  /** Casts a look's vote; returns what the short cut makes of it: null, it is to be judged. */
  look({ region, reason, colo, afterMs }: Look): Judgement | null {
    this.nowMs += afterMs;
    this.judgement = this.#evidence.share(advanceJudgement(this.input).judgement);
    const seen = { region, reason, colo: colo === "" ? region : colo, startedAtMs: this.nowMs };
    const message = `Seen at ${this.nowMs}.`;
    const http = { status: "up", reason: null, code: 200, totalMs: 3, message: "Fine." } as const;
    const beside = this.nowMs % 2 === 0 ? {} : { http };
    const observation = makeObservation(
      reason === null ? { ...seen, ...beside, message } : { ...seen, ...beside },
    );
    const vote = castVote(this.votes.get(region), observation, INTERVAL_MS);
    this.votes.set(region, vote);
    if (!isRepetition(this.input, vote)) return null;
    const verdict = renewEvidence(this.judgement.verdict, (id) => this.votes.get(id));
    return { ...this.judgement, verdict };
  }
}

describe("a vote that repeats what is known", () => {
  it("leads to what judging would make of it, or is left to be judged", () => {
    let repeated = 0;
    fc.assert(
      fc.property(
        fc.array(lookArbitrary, { minLength: 20, maxLength: 60 }),
        fc.constantFrom(1, 2),
        (looks, raiseAfter) => {
          const watched = new Watched(raiseAfter);
          for (const look of looks) {
            const short = watched.look(look);
            const step = advanceJudgement(watched.input);
            if (short !== null) {
              repeated += 1;
              expect(short).toEqual(step.judgement);
              expect(step).toMatchObject({ transitions: [], ask: null });
            }
            watched.judgement = step.judgement;
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(repeated).toBeGreaterThan(100);
  });

  it("is awaited by nobody in the quiet after an ask, until that is over", () => {
    let quietened = 0;
    fc.assert(
      fc.property(
        fc.array(lookArbitrary, { minLength: 20, maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 3, maxLength: 3 }),
        fc.constantFrom(1, 2),
        (looks, laterMs, raiseAfter) => {
          const watched = new Watched(raiseAfter);
          for (const look of looks) {
            watched.look(look);
            watched.judgement = advanceJudgement(watched.input).judgement;
            const { input } = watched;
            for (const nowMs of laterMs.map((ms) => watched.nowMs + ms)) {
              const fresh = [...watched.votes.values()].every((vote) =>
                isFresh(vote, INTERVAL_MS, nowMs),
              );
              const { quorum } = watched.monitor;
              const later = { ...input, nowMs };
              if (!fresh || !isQuietening(watched.judgement, quorum, later)) continue;
              quietened += 1;
              const step = advanceJudgement(later);
              expect(step).toEqual({ judgement: watched.judgement, transitions: [], ask: null });
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(quietened).toBeGreaterThan(100);
  });

  it("is recognised wherever all regions are up", () => {
    const watched = new Watched();
    for (const region of REGIONS) {
      watched.look({ region, reason: null, colo: "", afterMs: 1_000 });
      watched.judgement = advanceJudgement(watched.input).judgement;
    }
    expect(isSteady(watched.judgement, watched.monitor.quorum)).toBe(true);
    const again = watched.look({ region: "us-east", reason: null, colo: "", afterMs: 20_000 });
    expect(again?.verdict.votes[0]).toMatchObject({ atMs: watched.nowMs, status: "up" });
  });
});
