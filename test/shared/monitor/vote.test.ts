import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Vote } from "../../../shared/monitor/verdict.ts";
import { castVote, freshnessMs, isFresh } from "../../../shared/monitor/vote.ts";
import type { Reason } from "../../../shared/probe/reason.ts";
import { makeObservation } from "../../support/observation.ts";
import { at } from "../../support/timeline.ts";

const INTERVAL_MS = 60_000;

function see(previous: Vote | undefined, second: number, reason: Reason | null): Vote {
  const observation = makeObservation({ region: "us-east", startedAtMs: at(second), reason });
  return castVote(previous, observation, INTERVAL_MS);
}

function series(...seen: Array<readonly [second: number, reason: Reason | null]>): Vote {
  let vote: Vote | undefined;
  for (const [second, reason] of seen) vote = see(vote, second, reason);
  if (vote === undefined) throw new Error("a series needs an observation");
  return vote;
}

describe("a vote", () => {
  it("counts consecutive failures from the first of them", () => {
    expect(series([0, null], [60, "accept_mismatch"], [120, "connect_timeout"])).toMatchObject({
      status: "down",
      reason: "connect_timeout",
      failures: 2,
      failingSinceMs: at(60),
      impairedSinceMs: at(60),
      successes: 0,
      recoveries: 0,
      usableAtMs: at(120),
    });
  });

  it("ends a series of failures with the first good observation", () => {
    expect(series([0, "accept_mismatch"], [60, null])).toMatchObject({
      failures: 0,
      failingSinceMs: null,
      impairedSinceMs: null,
      successes: 1,
      recoveries: 1,
    });
  });

  it("counts a slow check as good, but remembers since when it is impaired", () => {
    const vote = series(
      [0, "accept_mismatch"],
      [60, "latency_over_budget"],
      [120, "close_timeout"],
    );
    expect(vote).toMatchObject({
      status: "degraded",
      failures: 0,
      failingSinceMs: null,
      impairedSinceMs: at(0),
      slowdowns: 2,
      successes: 2,
      recoveries: 0,
    });
  });

  it("becomes unknown by the probe's own trouble, which leaves the series as it was", () => {
    const vote = series([0, "accept_mismatch"], [60, "probe_error"]);
    expect(vote).toMatchObject({ status: "unknown", blame: "probe", failures: 1 });
    expect(vote.usableAtMs).toBe(at(0));
    expect(see(vote, 120, "accept_mismatch")).toMatchObject({
      failures: 2,
      failingSinceMs: at(0),
    });
  });

  it("is not moved by an observation that is older or that it has seen", () => {
    const vote = series([0, null], [60, "accept_mismatch"]);
    expect(see(vote, 30, null)).toBe(vote);
    expect(see(vote, 60, null)).toBe(vote);
  });

  it("does not date an outage back across a silence in which nobody looked", () => {
    const vote = series([0, "accept_mismatch"]);
    expect(see(vote, 150, "accept_mismatch").failingSinceMs).toBe(at(0));
    expect(see(vote, 151, "accept_mismatch")).toMatchObject({
      failures: 1,
      failingSinceMs: at(151),
    });
  });

  it("does not take the probe's own trouble for having looked", () => {
    const vote = series([0, "accept_mismatch"], [60, "probe_error"], [120, "probe_error"]);
    expect(see(vote, 180, "accept_mismatch").failingSinceMs).toBe(at(180));
  });
});

describe("freshness", () => {
  it("is two intervals and half a minute", () => {
    expect(freshnessMs(INTERVAL_MS)).toBe(150_000);
    expect(isFresh({ atMs: at(0) }, INTERVAL_MS, at(150))).toBe(true);
    expect(isFresh({ atMs: at(0) }, INTERVAL_MS, at(150) + 1)).toBe(false);
  });

  it("does not believe a clock that runs far ahead", () => {
    expect(isFresh({ atMs: at(10) }, INTERVAL_MS, at(0))).toBe(true);
    expect(isFresh({ atMs: at(3_600) }, INTERVAL_MS, at(0))).toBe(false);
  });
});

describe("any series of observations", () => {
  const anyReason = fc.constantFrom<Reason | null>(
    null,
    "accept_mismatch",
    "latency_over_budget",
    "probe_error",
  );
  const anySeries = fc.array(fc.tuple(fc.nat(500), anyReason), { minLength: 1, maxLength: 30 });

  it("gives the same vote with repetitions and stragglers as without", () => {
    fc.assert(
      fc.property(anySeries, (arrivals) => {
        let vote: Vote | undefined;
        const newer: Array<readonly [number, Reason | null]> = [];
        for (const [second, reason] of arrivals) {
          const last = newer.at(-1);
          if (last === undefined || second > last[0]) newer.push([second, reason]);
          vote = see(vote, second, reason);
          vote = see(vote, second, reason);
        }
        expect(vote).toEqual(series(...newer));
      }),
    );
  });

  it("keeps series consistent with the status", () => {
    fc.assert(
      fc.property(anySeries, (arrivals) => {
        let vote: Vote | undefined;
        for (const [second, reason] of arrivals) {
          vote = see(vote, second, reason);
          expect(vote.failures > 0).toBe(vote.failingSinceMs !== null);
          if (vote.failures > 0) expect(vote.successes).toBe(0);
          expect(vote.slowdowns).toBeLessThanOrEqual(vote.successes);
          expect(vote.recoveries).toBeLessThanOrEqual(vote.successes);
          if (vote.failingSinceMs !== null) {
            expect(vote.impairedSinceMs ?? Infinity).toBeLessThanOrEqual(vote.failingSinceMs);
          }
        }
      }),
    );
  });
});
