/** Windows of any edges over rollups of a simulated history, against a count of the history itself. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VerdictChange } from "../../../shared/monitor/recount.ts";
import { inEveryResolution, recountTime, verdictSpans } from "../../../shared/monitor/recount.ts";
import { rangesOf, reportPeriods, reportWindow } from "../../../shared/monitor/report.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { rollUpObservation } from "../../../shared/monitor/rollup.ts";
import { allMs } from "../../../shared/monitor/uptime.ts";
import { makeObservation } from "../../support/observation.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 18);
const END_MS = START_MS + 4 * DAY_MS;

const OUTAGES: ReadonlyArray<readonly [fromMinute: number, toMinute: number]> = [
  [90, 97],
  [1_430, 1_450],
  [3_000, 3_001],
  [5_000, 5_300],
];

const CHANGES: VerdictChange[] = [
  { atMs: START_MS, from: "unknown", to: "operational", sinceMs: START_MS },
  ...OUTAGES.flatMap(([from, to]): VerdictChange[] => {
    const beganMs = START_MS + from * MINUTE_MS;
    const endedMs = START_MS + to * MINUTE_MS;
    return [
      { atMs: beganMs + 20_000, from: "operational", to: "down", sinceMs: beganMs },
      { atMs: endedMs, from: "down", to: "operational", sinceMs: endedMs },
    ];
  }),
];

/** Down time of the history in a window. */
function downMs(fromMs: number, toMs: number): number {
  return OUTAGES.reduce((sum, [from, to]) => {
    const [beganMs, endedMs] = [START_MS + from * MINUTE_MS, START_MS + to * MINUTE_MS];
    return sum + Math.max(0, Math.min(toMs, endedMs) - Math.max(fromMs, beganMs));
  }, 0);
}

const TIME = recountTime(
  "chat",
  verdictSpans({ kind: "unknown", transitions: CHANGES, fromMs: START_MS, toMs: END_MS }),
);
/** A check each minute, as slow as the minute of its hour says. */
const CHECKS = inEveryResolution(
  Array.from({ length: (END_MS - START_MS) / MINUTE_MS }, (_, minute) =>
    rollUpObservation(
      makeObservation({
        region: "us-east",
        startedAtMs: START_MS + minute * MINUTE_MS,
        totalMs: 100 + (minute % 60),
      }),
    ),
  ),
);

function rowsOf(resolutions: readonly string[]): Rollup[] {
  return [...TIME, ...CHECKS].filter(({ resolution }) => resolutions.includes(resolution));
}

const anyWindow = fc
  .tuple(fc.integer({ min: START_MS, max: END_MS }), fc.integer({ min: 1, max: 3 * DAY_MS }))
  .map(([fromMs, lengthMs]) => ({ fromMs, toMs: Math.min(END_MS, fromMs + lengthMs) }))
  .filter(({ fromMs, toMs }) => fromMs < toMs);

describe("the time by verdict in a window", () => {
  it.each([[["day"]], [["day", "hour"]], [["day", "hour", "5min"]]])(
    "is exact whatever its edges are, from rollups of %j",
    (resolutions) => {
      fc.assert(
        fc.property(anyWindow, (window) => {
          const input = { window, rows: rowsOf(resolutions), changes: CHANGES };
          const { times, timesRounding } = reportWindow(input);
          expect(times.downMs).toBe(downMs(window.fromMs, window.toMs));
          expect(allMs(times)).toBe(window.toMs - window.fromMs);
          expect(timesRounding).toBe("exact");
        }),
        { numRuns: 60 },
      );
    },
  );

  it("needs no other rows than those that are named for it", () => {
    fc.assert(
      fc.property(anyWindow, fc.constantFrom("day" as const, "hour" as const), (window, by) => {
        const ranges = rangesOf(window, by);
        const all = rowsOf(["day", "hour", "5min"]);
        const rows = all.filter((row) =>
          ranges.some(
            ({ resolution, fromMs, toMs }) =>
              row.resolution === resolution &&
              row.bucketStartMs >= fromMs &&
              row.bucketStartMs < toMs,
          ),
        );
        const report = (given: Rollup[]) => {
          const input = { window, rows: given, changes: CHANGES };
          return by === "day" ? [reportWindow(input)] : reportPeriods(input, by);
        };
        expect(report(rows)).toEqual(report(all));
      }),
      { numRuns: 60 },
    );
  });

  it("is rounded outwards, and says so, where neither rows nor transitions tell", () => {
    const fromMs = START_MS + 96 * MINUTE_MS;
    const window = { fromMs, toMs: fromMs + 10 * MINUTE_MS };
    const input = { window, rows: rowsOf(["day", "hour"]), changes: [] };
    const { times, timesRounding } = reportWindow(input);
    expect(timesRounding).toBe("hour");
    expect(times.downMs).toBe(7 * MINUTE_MS);
    const finer = reportWindow({ ...input, rows: rowsOf(["day", "hour", "5min"]) });
    expect(finer.timesRounding).toBe("5min");
    expect(finer.times.downMs).toBe(2 * MINUTE_MS);
  });
});

describe("a region's checks in a window", () => {
  it("are counted exactly from five minutes on", () => {
    const window = { fromMs: START_MS + 5 * MINUTE_MS, toMs: START_MS + DAY_MS + 65 * MINUTE_MS };
    const input = { window, rows: rowsOf(["day", "hour", "5min"]), changes: CHANGES };
    const { regions, regionsRounding } = reportWindow(input);
    expect(regionsRounding).toBe("exact");
    expect(regions.get("us-east")).toMatchObject({ observations: 1_500, up: 1_500 });
  });

  it("are rounded outwards otherwise, which is told", () => {
    const window = { fromMs: START_MS + MINUTE_MS, toMs: START_MS + HOUR_MS + MINUTE_MS };
    const input = { window, rows: rowsOf(["day", "hour", "5min"]), changes: CHANGES };
    const { regions, regionsRounding } = reportWindow(input);
    expect(regionsRounding).toBe("5min");
    expect(regions.get("us-east")?.observations).toBe(65);
    const coarse = reportWindow({ ...input, rows: rowsOf(["day"]) });
    expect(coarse.regionsRounding).toBe("day");
    expect(coarse.regions.get("us-east")?.observations).toBe(1_440);
  });

  it("have latencies within 5 % of the truth, merged from all periods", () => {
    const window = { fromMs: START_MS, toMs: END_MS };
    const input = { window, rows: rowsOf(["day"]), changes: CHANGES };
    const { latency } = reportWindow(input);
    expect(latency?.count).toBe(4 * 1_440);
    expect(latency?.meanMs).toBeCloseTo(129.5, 5);
    for (const [quantile, exact] of [
      [latency?.p50Ms, 129],
      [latency?.p95Ms, 156],
      [latency?.p99Ms, 159],
    ] as const) {
      expect(Math.abs((quantile ?? 0) - exact) / exact).toBeLessThan(0.051);
    }
  });
});

describe("a window by period", () => {
  it("adds up to the whole", () => {
    fc.assert(
      fc.property(anyWindow, fc.constantFrom("day" as const, "hour" as const), (window, by) => {
        const input = { window, rows: rowsOf(["day", "hour", "5min"]), changes: CHANGES };
        const periods = reportPeriods(input, by);
        const sum = periods.reduce((total, { times }) => total + times.downMs, 0);
        expect(sum).toBe(downMs(window.fromMs, window.toMs));
        expect(periods[0]?.fromMs).toBe(window.fromMs);
        expect(periods.at(-1)?.toMs).toBe(window.toMs);
      }),
      { numRuns: 60 },
    );
  });

  it("leaves out periods of which nothing is known", () => {
    const window = { fromMs: START_MS - 2 * DAY_MS, toMs: START_MS + DAY_MS };
    const input = { window, rows: rowsOf(["day"]), changes: CHANGES };
    expect(reportPeriods(input, "day").map(({ fromMs }) => fromMs)).toEqual([START_MS]);
    expect(reportWindow(input).timesRounding).toBe("exact");
  });
});
