import { describe, expect, it } from "vitest";
import {
  formatUptime,
  NO_TIME,
  observedMs,
  regionUptimeOf,
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
    expect(formatUptime(1)).toBe("100 %");
    expect(formatUptime(0.999_999_9)).toBe("99.999 %");
    expect(formatUptime(0.999)).toBe("99.9 %");
    expect(formatUptime(0.5)).toBe("50 %");
    expect(formatUptime(0.123_456_7)).toBe("12.345 %");
    expect(formatUptime(0)).toBe("0 %");
  });
});
