/** Ninety days as the bar shows them. */
import { describe, expect, it } from "vitest";
import type { DayStatus } from "../../../../../shared/monitor/day-status.ts";
import { ENGLISH } from "../../../../../workers/coordinator/pages/language/languages.ts";
import {
  HISTORY_DAYS,
  monitorHistory,
  regionHistory,
} from "../../../../../workers/coordinator/pages/view-model/history.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const TODAY_MS = Date.UTC(2026, 10, 20);
const NOW_MS = TODAY_MS + 14 * 3_600_000;

function day(daysAgo: number, times: Partial<DayStatus>): DayStatus {
  return {
    dayMs: TODAY_MS - daysAgo * DAY_MS,
    operationalMs: 0,
    degradedMs: 0,
    partialMs: 0,
    downMs: 0,
    unknownMs: 0,
    maintenanceMs: 0,
    ...times,
  };
}

const at = (days: readonly DayStatus[], daysAgo: number) =>
  monitorHistory(days, NOW_MS, ENGLISH).days[HISTORY_DAYS - 1 - daysAgo];

describe("a monitor's history", () => {
  it("has ninety days, today last", () => {
    const { days } = monitorHistory([day(0, { operationalMs: 1 })], NOW_MS, ENGLISH);
    expect(days).toHaveLength(90);
    expect(days.at(-1)?.words).toBe("Today so far: operational");
    expect(days[0]?.words).toBe("23 Aug 2026: no data");
  });

  it("shows a day without data as no data, not as good", () => {
    expect(at([], 3)).toMatchObject({ tone: "unknown", words: "17 Nov 2026: no data" });
    const silent = day(3, { unknownMs: DAY_MS });
    expect(at([silent], 3)).toMatchObject({ tone: "unknown", words: "17 Nov 2026: no data" });
  });

  it("tells the trouble of a day, worst first, with that day's uptime", () => {
    const bad = day(2, {
      operationalMs: DAY_MS - 22 * MINUTE_MS,
      downMs: 4 * MINUTE_MS,
      degradedMs: 12 * MINUTE_MS,
      unknownMs: 6 * MINUTE_MS,
    });
    expect(at([bad], 2)).toMatchObject({
      tone: "down",
      words: "18 Nov 2026: down for 4 min, degraded for 12 min, no data for 6 min; 99.721% uptime",
    });
  });

  it("draws short trouble high enough to be seen and long trouble higher", () => {
    const trouble = (downMs: number) =>
      at([day(2, { operationalMs: DAY_MS - downMs, downMs })], 2)?.trouble ?? 0;
    expect(trouble(1_000)).toBeGreaterThan(0.2);
    expect(trouble(DAY_MS / 2)).toBeGreaterThan(trouble(1_000));
    expect(trouble(DAY_MS)).toBe(1);
  });

  it("shows a day of maintenance as such", () => {
    expect(at([day(1, { maintenanceMs: DAY_MS })], 1)).toMatchObject({ tone: "maintenance" });
  });

  it("sums up for those who do not see it", () => {
    const days = [
      day(0, { operationalMs: 1 }),
      day(1, { operationalMs: 1, downMs: 1 }),
      day(2, { operationalMs: 1, partialMs: 1 }),
    ];
    expect(monitorHistory(days, NOW_MS, ENGLISH).summary).toBe(
      "Last 90 days: data for 3 days, 1 with an outage and 1 with a partial outage",
    );
    expect(monitorHistory([], NOW_MS, ENGLISH).summary).toBe("No data for the last 90 days");
  });
});

const counts = (up: number, degraded: number, down: number, unknown: number) =>
  regionHistory([{ dayMs: TODAY_MS, up, degraded, down, unknown }], NOW_MS, ENGLISH).days.at(-1);

describe("a region's history", () => {
  it("counts checks", () => {
    expect(counts(1_440, 0, 0, 0)?.words).toBe("Today so far: 1,440 checks, all up");
    expect(counts(1_437, 1, 2, 0)).toMatchObject({
      tone: "down",
      words: "Today so far: 1,440 checks, 2 failed, 1 degraded",
    });
  });

  it("does not count the probe's own trouble as data", () => {
    expect(counts(0, 0, 0, 1_440)).toMatchObject({
      tone: "unknown",
      words: "Today so far: no data",
    });
  });
});
