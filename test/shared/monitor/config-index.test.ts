import { describe, expect, it } from "vitest";
import {
  assignmentsOf,
  findAssignment,
  findMonitor,
  regionAssignments,
  regionIntervals,
} from "../../../shared/monitor/config-index.ts";
import { makeConfig, makeMonitor } from "../../support/observation.ts";

const config = makeConfig({
  monitors: [
    makeMonitor({ id: "chat", url: "wss://chat.example.com:8443/socket" }),
    makeMonitor({ id: "feed", interval: "30s", regions: ["eu-central", "us-east"] }),
    makeMonitor({ id: "old", paused: true, interval: "5m" }),
  ],
});

describe("an index of a configuration", () => {
  it("finds a monitor with what follows from its configuration", () => {
    expect(findAssignment(config, "chat")).toMatchObject({
      intervalMs: 60_000,
      regions: config.regions,
      host: "chat.example.com:8443",
    });
    expect(findAssignment(config, "feed")).toMatchObject({
      intervalMs: 30_000,
      regions: ["us-east", "eu-central"],
    });
    expect(findMonitor(config, "none")).toBeUndefined();
    expect(findMonitor(null, "chat")).toBeUndefined();
  });

  it("knows what a region has to do: nothing that is paused or checked elsewhere", () => {
    expect(regionAssignments(config, "sa-east").map(({ id }) => id)).toEqual(["chat"]);
    expect([...regionIntervals(config, "us-east")]).toEqual([60_000, 30_000]);
    expect(regionAssignments(config, "oceania")).toEqual([]);
    expect([...assignmentsOf(config)].map(({ id }) => id)).toEqual(["chat", "feed", "old"]);
  });

  it("is that of the configuration at hand, not of an earlier one", () => {
    const later = { ...config, monitors: [makeMonitor({ id: "chat", interval: "2m" })] };
    expect(findAssignment(later, "chat")?.intervalMs).toBe(120_000);
    expect(findAssignment(config, "chat")?.intervalMs).toBe(60_000);
  });
});
