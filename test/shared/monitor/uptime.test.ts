import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  errorBudget,
  NO_TIME,
  observedMs,
  regionUptimeOf,
  shownUptime,
  uptimeOf,
} from "../../../shared/monitor/uptime.ts";

describe("uptime", () => {
  it("is the observed time that was not down", () => {
    expect(uptimeOf({ ...NO_TIME, operationalMs: 900, downMs: 100 })).toBe(0.9);
  });

  it("leaves unknown and maintenance time out", () => {
    const times = {
      ...NO_TIME,
      operationalMs: 90,
      downMs: 10,
      unknownMs: 5_000,
      maintenanceMs: 70,
    };
    expect(observedMs(times)).toBe(100);
    expect(uptimeOf(times)).toBe(0.9);
  });

  it("counts degraded and partial time as up", () => {
    expect(uptimeOf({ ...NO_TIME, degradedMs: 50, partialMs: 50 })).toBe(1);
  });

  it("is not known when nothing was observed", () => {
    expect(uptimeOf({ ...NO_TIME, unknownMs: 1_000 })).toBeNull();
    expect(regionUptimeOf({ up: 0, degraded: 0, down: 0 })).toBeNull();
  });

  it("counts a region's observations for its own", () => {
    expect(regionUptimeOf({ up: 2, degraded: 1, down: 1 })).toBe(0.75);
  });

  it("is never rounded up to what was not reached", () => {
    expect(shownUptime(1)).toBe(1);
    expect(shownUptime(0.999_999_9)).toBe(0.999_99);
    expect(shownUptime(0.999)).toBe(0.999);
    expect(shownUptime(0.5)).toBe(0.5);
    expect(shownUptime(0.123_456_7)).toBe(0.123_45);
    expect(shownUptime(0)).toBe(0);
  });
});

describe("an error budget", () => {
  const day = { ...NO_TIME, operationalMs: 86_300_000, downMs: 100_000 };

  it("is the part of the observed time that the objective leaves", () => {
    expect(errorBudget(day, 99.9)).toMatchObject({
      budgetMs: 86_400,
      spentMs: 100_000,
      leftMs: -13_600,
    });
    expect(errorBudget(day, 99.9).burnRate).toBeCloseTo(1.157, 3);
    expect(errorBudget(day, 99).leftMs).toBe(764_000);
  });

  it("neither grows nor shrinks by unknown and maintenance time", () => {
    const longer = { ...day, unknownMs: 1e9, maintenanceMs: 1e9 };
    expect(errorBudget(longer, 99.9)).toEqual(errorBudget(day, 99.9));
  });

  it("burns at rate 1 when uptime is exactly the objective, over it when less", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 0, max: 10_000 }),
        (o, d) => {
          const objective = o / 100;
          const times = { ...NO_TIME, operationalMs: 10_000 - d, downMs: d };
          const { burnRate } = errorBudget(times, objective);
          const allowed = 10_000 - o;
          if (d === allowed) expect(burnRate).toBeCloseTo(1, 9);
          else expect((burnRate ?? 0) < 1).toBe(d < allowed);
        },
      ),
    );
  });

  it.each([90, 95, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 99.995, 99.999])(
    "is spent, and not overspent, where the objective of %d percent is exactly met",
    (objective) => {
      for (const days of [1, 7, 30, 31, 90, 365]) {
        const allMs = days * 86_400_000;
        const downMs = Math.round((allMs / 100_000) * Math.round((100 - objective) * 1_000));
        const times = { ...NO_TIME, operationalMs: allMs - downMs, downMs };
        expect(errorBudget(times, objective)).toEqual({
          budgetMs: downMs,
          spentMs: downMs,
          leftMs: 0,
          burnRate: 1,
        });
      }
    },
  );

  it("is none when nothing was observed", () => {
    expect(errorBudget({ ...NO_TIME, unknownMs: 5 }, 99.9)).toEqual({
      budgetMs: 0,
      spentMs: 0,
      leftMs: 0,
      burnRate: null,
    });
  });
});
