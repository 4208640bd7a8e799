import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intervalMs } from "../../../shared/monitor/monitor.ts";
import { latestRoundBefore, roundMomentsIn, roundsIn } from "../../../shared/monitor/schedule.ts";
import { makeConfig, makeMonitor } from "../../support/observation.ts";
import { START_MS, at } from "../../support/timeline.ts";

const REGIONS = ["us-east", "sa-east", "eu-central", "ap-southeast"];

/** Seconds since the start at which a region's rounds lie. */
function seconds(config: ReturnType<typeof makeConfig>, region: string, length: number) {
  return roundsIn({ config, region, fromMs: START_MS, toMs: at(length) }).map(
    ({ scheduledAtMs }) => (scheduledAtMs - START_MS) / 1_000,
  );
}

describe("the schedule", () => {
  it("staggers the regions evenly over the interval", () => {
    const config = makeConfig();
    expect(REGIONS.map((region) => seconds(config, region, 120))).toEqual([
      [0, 60],
      [15, 75],
      [30, 90],
      [45, 105],
    ]);
  });

  it("puts several rounds into the minute for intervals below it", () => {
    const config = makeConfig({ monitors: [makeMonitor({ interval: "15s" })] });
    expect(seconds(config, "us-east", 60)).toEqual([0, 15, 30, 45]);
    expect(seconds(config, "sa-east", 60)).toEqual([3.75, 18.75, 33.75, 48.75]);
  });

  it("spreads a network with a fast cron over its short interval", () => {
    const config = makeConfig({ defaultIntervalMs: 10_000 });
    expect(seconds(config, "eu-central", 30)).toEqual([5, 15, 25]);
  });

  it("spreads long intervals over minutes, on the region's phase inside the minute", () => {
    const config = makeConfig({
      regions: ["us-east", "sa-east", "eu-central"],
      monitors: [makeMonitor({ interval: "5m" })],
    });
    expect(seconds(config, "us-east", 600)).toEqual([0, 300]);
    expect(seconds(config, "sa-east", 600)).toEqual([80, 380]);
    expect(seconds(config, "eu-central", 600)).toEqual([220, 520]);
  });

  it("spreads more regions than minutes over the minutes in turn", () => {
    const config = makeConfig({ monitors: [makeMonitor({ interval: "2m" })] });
    expect(REGIONS.map((region) => seconds(config, region, 120))).toEqual([[0], [75], [30], [105]]);
  });

  it("checks monitors of many intervals in one run per minute", () => {
    const intervals = ["1m", "90s", "2m", "7m", "1h"];
    const config = makeConfig({
      monitors: intervals.map((interval, index) => makeMonitor({ id: `m${index}`, interval })),
    });
    for (const region of REGIONS) {
      const rounds = roundsIn({ config, region, fromMs: START_MS, toMs: at(3_600) });
      const phases = new Set(rounds.map(({ scheduledAtMs }) => scheduledAtMs % 60_000));
      expect(phases.size).toBe(1);
      expect(rounds).toHaveLength(60);
    }
  });

  it("names the monitors of each round in the configuration's order", () => {
    const config = makeConfig({
      monitors: [
        makeMonitor({ id: "b" }),
        makeMonitor({ id: "a", interval: "2m" }),
        makeMonitor({ id: "c" }),
      ],
    });
    const rounds = roundsIn({ config, region: "us-east", fromMs: START_MS, toMs: at(120) });
    expect(rounds.map(({ monitors }) => monitors.map(({ id }) => id))).toEqual([
      ["b", "a", "c"],
      ["b", "c"],
    ]);
  });

  it("leaves out paused monitors, unassigned regions and regions that are not active", () => {
    const config = makeConfig({
      monitors: [
        makeMonitor({ id: "paused", paused: true }),
        makeMonitor({ id: "far", regions: ["sa-east"] }),
      ],
    });
    expect(seconds(config, "us-east", 600)).toEqual([]);
    expect(seconds(config, "oceania", 600)).toEqual([]);
    expect(seconds(config, "sa-east", 60)).toEqual([15]);
    expect(latestRoundBefore({ config, region: "us-east", beforeMs: at(600) })).toBeNull();
    expect(latestRoundBefore({ config, region: "oceania", beforeMs: at(600) })).toBeNull();
  });

  it("includes the window's start and excludes its end", () => {
    const config = makeConfig();
    const at0 = roundsIn({ config, region: "us-east", fromMs: START_MS, toMs: START_MS + 1 });
    expect(at0).toHaveLength(1);
    expect(
      roundsIn({ config, region: "us-east", fromMs: START_MS - 1, toMs: START_MS }),
    ).toHaveLength(0);
    expect(latestRoundBefore({ config, region: "us-east", beforeMs: START_MS })).toBe(at(-60));
  });
});

const anyConfig = fc
  .record({
    count: fc.integer({ min: 1, max: 11 }),
    paceMs: fc.constantFrom(1_000, 10_000, 60_000, 300_000),
    intervals: fc.array(fc.integer({ min: 1, max: 86_400 }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ count, paceMs, intervals }) =>
    makeConfig({
      regions: Array.from({ length: count }, (_, index) => `region-${index}`),
      defaultIntervalMs: paceMs,
      monitors: intervals.map((interval, index) => makeMonitor({ id: `m${index}`, interval })),
    }),
  );
const anyMoment = fc.integer({ min: START_MS - 86_400_000, max: START_MS + 86_400_000 });

describe("any schedule", () => {
  it("is the same whether a window is read whole or in parts", () => {
    fc.assert(
      fc.property(anyConfig, anyMoment, fc.nat(90_000), fc.nat(90_000), (config, fromMs, a, b) => {
        const region = config.regions.at(-1) ?? "";
        const middleMs = fromMs + a;
        const toMs = middleMs + b;
        const whole = roundsIn({ config, region, fromMs, toMs });
        const parts = [
          ...roundsIn({ config, region, fromMs, toMs: middleMs }),
          ...roundsIn({ config, region, fromMs: middleMs, toMs }),
        ];
        expect(parts).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  it("checks each monitor once per interval, never off by more than the pace", () => {
    fc.assert(
      fc.property(anyConfig, anyMoment, (config, fromMs) => {
        const region = config.regions.at(-1) ?? "";
        const monitor = config.monitors[0] ?? makeMonitor();
        const everyMs = intervalMs(monitor, config.defaultIntervalMs);
        const alone = { ...config, monitors: [monitor] };
        const rounds = roundsIn({ config: alone, region, fromMs, toMs: fromMs + 50 * everyMs });
        const moments = rounds.map(({ scheduledAtMs }) => scheduledAtMs);
        const gaps = moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? 0));
        const paceMs = Math.min(60_000, config.defaultIntervalMs);
        for (const gap of gaps) expect(Math.abs(gap - everyMs)).toBeLessThanOrEqual(paceMs);
        expect(Math.abs(moments.length - 50)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  it("looks from some region at least every two T/n, give or take the pace's share", () => {
    fc.assert(
      fc.property(anyConfig, anyMoment, (config, fromMs) => {
        const monitor = config.monitors[0] ?? makeMonitor();
        const paceMs = Math.min(60_000, config.defaultIntervalMs);
        // Rounds of intervals that are no multiple of the pace shift by up to a pace.
        const everyMs = Math.ceil(intervalMs(monitor, 60_000) / paceMs) * paceMs;
        const interval = everyMs / 1_000;
        const alone = { ...config, monitors: [makeMonitor({ interval })] };
        const moments = alone.regions
          .flatMap((region) =>
            roundsIn({ config: alone, region, fromMs, toMs: fromMs + 3 * everyMs }),
          )
          .map(({ scheduledAtMs }) => scheduledAtMs)
          .sort((a, b) => a - b);
        const share = alone.regions.length;
        const mostMs = (2 * everyMs) / share + paceMs + paceMs / share + 1;
        moments.slice(1).forEach((atMs, index) => {
          expect(atMs - (moments[index] ?? 0)).toBeLessThanOrEqual(Math.min(mostMs, everyMs));
        });
      }),
      { numRuns: 100 },
    );
  });

  it("ends with the latest round before a moment", () => {
    fc.assert(
      fc.property(anyConfig, anyMoment, (config, beforeMs) => {
        const region = config.regions.at(-1) ?? "";
        const latestMs = latestRoundBefore({ config, region, beforeMs });
        expect(latestMs).not.toBeNull();
        const fromMs = latestMs ?? beforeMs;
        expect(fromMs).toBeLessThan(beforeMs);
        const rounds = roundsIn({ config, region, fromMs, toMs: beforeMs });
        expect(rounds.map(({ scheduledAtMs }) => scheduledAtMs)).toEqual([latestMs]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("the moments of rounds", () => {
  it("are those of the rounds themselves", () => {
    const monitors = ["15s", "1m", "7m"].map((interval) => makeMonitor({ id: interval, interval }));
    const config = makeConfig({ monitors: [...monitors, makeMonitor({ id: "again" })] });
    for (const region of REGIONS) {
      const window = { config, region, fromMs: at(-30), toMs: at(1_800) };
      const moments = roundsIn(window).map(({ scheduledAtMs }) => scheduledAtMs);
      expect(roundMomentsIn(window)).toEqual(moments);
    }
    expect(roundMomentsIn({ config, region: "nowhere", fromMs: at(0), toMs: at(60) })).toEqual([]);
  });
});
