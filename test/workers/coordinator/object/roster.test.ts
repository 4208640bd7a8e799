/** What the first of several coordinators knows of the monitors of all. */
import { describe, expect, it } from "vitest";
import type { RosterMonitor } from "../../../../shared/monitor/monitor.ts";
import { networkIntervals, networkOf } from "../../../../workers/coordinator/object/roster.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";

const config = makeConfig({ monitors: [makeMonitor({ id: "chat", interval: "1h" })] });

function listed(facts: Partial<RosterMonitor>): RosterMonitor {
  const schedule = { interval: null, regions: null, paused: false, http: false };
  return { id: "games", name: "Games", group: null, public: true, ...schedule, ...facts };
}

function intervals(roster: readonly RosterMonitor[], region = "us-east"): number[] {
  return [...networkIntervals({ roster, config }, region)];
}

describe("the intervals of a region", () => {
  it("are those of all monitors that it checks", () => {
    expect(intervals([listed({}), listed({ interval: "15s" })])).toEqual([60_000, 15_000]);
    expect(intervals([listed({ paused: true }), listed({ interval: "5m" })])).toEqual([300_000]);
    const elsewhere = [listed({ regions: ["sa-east"] })];
    expect(intervals(elsewhere)).toEqual([]);
    expect(intervals(elsewhere, "sa-east")).toEqual([60_000]);
  });

  it("follow the configuration with the same list", () => {
    const roster = [listed({})];
    expect(intervals(roster)).toEqual([60_000]);
    const faster = { ...config, defaultIntervalMs: 4_000 };
    expect([...networkIntervals({ roster, config: faster }, "us-east")]).toEqual([4_000]);
  });

  it("are the coordinator's own where there is no list, or one without schedules", () => {
    const older = [{ id: "games", name: "Games", group: null, public: true }];
    expect(intervals([])).toEqual([3_600_000]);
    expect(intervals(older)).toEqual([3_600_000]);
    expect(networkOf({ roster: older, config })).toBeNull();
  });

  it("are none before anything is published", () => {
    expect([...networkIntervals({ roster: [], config: null }, "us-east")]).toEqual([]);
  });
});
