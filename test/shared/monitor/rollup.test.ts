import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantileMs } from "../../../shared/monitor/latency-histogram.ts";
import { inEveryResolution, recountTime, verdictSpans } from "../../../shared/monitor/recount.ts";
import type { VerdictChange } from "../../../shared/monitor/recount.ts";
import type { Resolution, Rollup, TimeAccount } from "../../../shared/monitor/rollup.ts";
import {
  addRollup,
  enterTime,
  openAccount,
  rollUpObservation,
  rollupKey,
} from "../../../shared/monitor/rollup.ts";
import { observedMs } from "../../../shared/monitor/uptime.ts";
import type { VerdictKind } from "../../../shared/monitor/verdict.ts";
import { makeObservation } from "../../support/observation.ts";
import { START_MS, at } from "../../support/timeline.ts";

const GAP_MAX_MS = 300_000;

/** A monitor's time, entered verdict by verdict and added up. */
class Ledger {
  account: TimeAccount = openAccount(START_MS);
  rows = new Map<string, Rollup>();
  readonly transitions: VerdictChange[] = [];

  enter(second: number, kind: VerdictKind, sinceSecond = second): this {
    const { account, changes } = enterTime({
      account: this.account,
      verdict: { monitor: "chat", kind, sinceMs: at(sinceSecond) },
      nowMs: at(second),
      gapMaxMs: GAP_MAX_MS,
    });
    if (kind !== this.account.kind) {
      const { kind: from } = this.account;
      const atMs = Math.max(at(second), this.account.enteredToMs);
      this.transitions.push({ from, to: kind, atMs, sinceMs: at(sinceSecond) });
    }
    this.account = account;
    for (const change of inEveryResolution(changes)) {
      const row = this.rows.get(rollupKey(change));
      this.rows.set(rollupKey(change), row === undefined ? change : addRollup(row, change));
    }
    return this;
  }

  /** Seconds of a kind over all rows of a resolution. */
  seconds(kind: VerdictKind, resolution: Resolution = "day"): number {
    return [...this.rows.values()]
      .filter((row) => row.resolution === resolution)
      .reduce((sum, row) => sum + row[`${kind}Ms`] / 1_000, 0);
  }
}

/** Rows in which there is time, in an order of their own. */
function timed(rows: Iterable<Rollup>): string[] {
  return [...rows]
    .filter((row) => observedMs(row) + row.unknownMs > 0)
    .map((row) => JSON.stringify(row))
    .sort();
}

describe("time by verdict", () => {
  it("is entered under the verdict that held", () => {
    const ledger = new Ledger()
      .enter(10, "operational")
      .enter(70, "operational")
      .enter(100, "down");
    expect(ledger.seconds("unknown")).toBe(10);
    expect(ledger.seconds("operational")).toBe(90);
    expect(ledger.seconds("down")).toBe(0);
  });

  it("is taken back from the verdict before when a new one dates back", () => {
    const ledger = new Ledger().enter(0, "operational").enter(100, "operational");
    ledger.enter(120, "down", 80).enter(150, "operational");
    expect(ledger.seconds("operational")).toBe(80);
    expect(ledger.seconds("down")).toBe(70);
  });

  it("is never taken back from before the span that precedes", () => {
    const ledger = new Ledger()
      .enter(0, "operational")
      .enter(100, "unknown")
      .enter(120, "down", 50);
    expect(ledger.seconds("operational")).toBe(100);
    expect(ledger.seconds("unknown")).toBe(0);
    expect(ledger.seconds("down")).toBe(20);
  });

  it("is split at the edges of hours and days", () => {
    const ledger = new Ledger();
    for (let second = 0; second <= 43_200; second += 240) ledger.enter(second, "operational");
    const hours = [...ledger.rows.values()].filter(({ resolution }) => resolution === "hour");
    const days = [...ledger.rows.values()].filter(({ resolution }) => resolution === "day");
    expect(hours).toHaveLength(12);
    for (const hour of hours) expect(hour.operationalMs).toBe(3_600_000);
    expect(
      days.map((day) => [new Date(day.bucketStartMs).toISOString(), day.operationalMs]),
    ).toEqual([
      ["2026-11-20T00:00:00.000Z", 36_000_000],
      ["2026-11-21T00:00:00.000Z", 7_200_000],
    ]);
  });

  it("is unknown where nobody judged for long", () => {
    const ledger = new Ledger().enter(0, "operational").enter(1_000, "operational");
    expect(ledger.seconds("operational")).toBe(0);
    expect(ledger.seconds("unknown")).toBe(1_000);
    ledger.enter(1_100, "operational");
    expect(ledger.seconds("operational")).toBe(100);
  });

  it("is not dated back into a time in which nobody judged", () => {
    const ledger = new Ledger()
      .enter(0, "operational")
      .enter(1_000, "down", 10)
      .enter(1_010, "down");
    expect(ledger.seconds("unknown")).toBe(1_000);
    expect(ledger.seconds("down")).toBe(10);
  });

  it("is entered by whole hours when very much went by, and not dated back into", () => {
    const ledger = new Ledger().enter(60, "operational").enter(30_000, "down", 600);
    expect(ledger.seconds("operational")).toBe(0);
    expect(ledger.seconds("unknown")).toBe(30_000);
    const patient = new Ledger();
    patient.account = { ...openAccount(START_MS), kind: "operational" };
    const { changes } = enterTime({
      account: patient.account,
      verdict: { monitor: "chat", kind: "down", sinceMs: at(600) },
      nowMs: at(30_000),
      gapMaxMs: Infinity,
    });
    const hours = changes.filter(({ resolution }) => resolution === "hour");
    expect(hours.map(({ operationalMs }) => operationalMs)).toEqual(Array(8).fill(3_600_000));
    expect(changes.every(({ downMs }) => downMs === 0)).toBe(true);
  });

  it("is never dated back beyond what may still be changed", () => {
    const { changes } = enterTime({
      account: { kind: "operational", sinceMs: START_MS, enteredToMs: at(600) },
      verdict: { monitor: "chat", kind: "down", sinceMs: at(100) },
      nowMs: at(600),
      gapMaxMs: Infinity,
      earliestMs: at(400),
    });
    expect(changes.reduce((sum, { downMs }) => sum + downMs, 0)).toBe(200_000);
  });

  it("changes nothing when it is entered again, or by a clock that steps back", () => {
    const ledger = new Ledger().enter(0, "operational").enter(100, "down", 50);
    const before = new Map(ledger.rows);
    ledger.enter(100, "down", 50).enter(90, "down", 50).enter(0, "down", 50);
    expect(ledger.rows).toEqual(before);
  });

  it("adds up to the time that passed, whatever happens, with nothing negative", () => {
    const kinds = fc.constantFrom<VerdictKind>(
      "operational",
      "degraded",
      "partial",
      "down",
      "unknown",
      "maintenance",
    );
    const steps = fc.array(fc.tuple(fc.nat(600), kinds, fc.nat(2_000)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (history) => {
        const ledger = new Ledger();
        let second = 0;
        for (const [after, kind, back] of history) {
          second += after;
          ledger.enter(second, kind, second - back);
        }
        for (const resolution of ["5min", "hour", "day"] as const) {
          const rows = [...ledger.rows.values()].filter((row) => row.resolution === resolution);
          const totalMs = rows.reduce(
            (sum, row) => sum + observedMs(row) + row.unknownMs + row.maintenanceMs,
            0,
          );
          expect(totalMs).toBe(second * 1_000);
          for (const row of rows) {
            for (const kind of ["operational", "degraded", "partial", "down"] as const) {
              expect(row[`${kind}Ms`]).toBeGreaterThanOrEqual(0);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is what the transitions tell", () => {
    const kinds = fc.constantFrom<VerdictKind>("operational", "down", "unknown", "degraded");
    const steps = fc.array(fc.tuple(fc.nat(240), kinds, fc.nat(2_000)), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (history) => {
        const ledger = new Ledger();
        let second = 0;
        for (const [after, kind, back] of history) {
          second += after;
          ledger.enter(second, kind, second - back);
        }
        const spans = verdictSpans({
          kind: "unknown",
          transitions: ledger.transitions,
          fromMs: START_MS,
          toMs: at(second),
        });
        expect(timed(ledger.rows.values())).toEqual(timed(recountTime("chat", spans)));
      }),
      { numRuns: 200 },
    );
  });
});

function byKey(rows: Rollup[]): Map<string, Rollup> {
  return new Map(rows.map((row) => [rollupKey(row), row]));
}

describe("counts of observations", () => {
  it("count one observation in its five minutes", () => {
    const observation = makeObservation({ region: "us-east", startedAtMs: at(310), totalMs: 42 });
    const row = rollUpObservation(observation);
    expect([row.resolution, row.bucketStartMs]).toEqual(["5min", at(300)]);
    expect(row).toMatchObject({ observations: 1, up: 1, down: 0, latencySumMs: 42 });
    expect(quantileMs(row.latency, 0.5)).toBeCloseTo(42, -1);
    expect(observedMs(row)).toBe(0);
  });

  it("keep the probe's own trouble out of counts and latency of the target", () => {
    const row = rollUpObservation(
      makeObservation({ region: "us-east", startedAtMs: at(0), reason: "probe_error", totalMs: 9 }),
    );
    expect(row).toMatchObject({ observations: 1, unknown: 1, up: 0, down: 0, latencyCount: 0 });
    expect(row.latency).toBe("");
  });

  it.each([
    [null, 1],
    ["latency_over_budget", 1],
    ["upgrade_timeout", 0],
    ["probe_error", 0],
  ] as const)("take the latency of a check that saw %s %i times", (reason, times) => {
    const startedAtMs = at(0);
    const seen = makeObservation({ region: "us-east", startedAtMs, reason, totalMs: 10_000 });
    const { latencyCount, latencySumMs, latency } = rollUpObservation(seen);
    expect([latencyCount, latencySumMs]).toEqual([times, times * 10_000]);
    expect(latency === "").toBe(times === 0);
  });

  it("are the same in whatever order they are added", () => {
    const anyObservation = fc.record({
      second: fc.nat(100_000),
      reason: fc.constantFrom(null, "accept_mismatch", "latency_over_budget", "probe_error"),
      totalMs: fc.integer({ min: 1, max: 9_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyObservation, { maxLength: 30 }), (seen) => {
        const changes = seen.map(({ second, reason, totalMs }) =>
          rollUpObservation(
            makeObservation({
              region: "us-east",
              startedAtMs: at(second),
              reason: reason as "probe_error" | null,
              totalMs,
            }),
          ),
        );
        const forwards = byKey(inEveryResolution(changes));
        expect(byKey(inEveryResolution(changes.toReversed()))).toEqual(forwards);
        const days = [...forwards.values()].filter(({ resolution }) => resolution === "day");
        expect(days.reduce((sum, day) => sum + day.observations, 0)).toBe(seen.length);
      }),
    );
  });
});
