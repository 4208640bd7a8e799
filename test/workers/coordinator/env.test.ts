/** Which probe Workers the coordinator's bindings speak of, and how many coordinators there are. */
import { describe, expect, it } from "vitest";
import type { Env } from "../../../workers/coordinator/env.ts";
import {
  activeRegions,
  coordinatorCount,
  coordinatorShard,
  missingBindings,
  probeOf,
  shardCounts,
} from "../../../workers/coordinator/env.ts";

const env = (...bindings: string[]) =>
  Object.fromEntries([...bindings, "DB"].map((name) => [name, { name }])) as unknown as Env;

describe("bindings to probes", () => {
  it("say which regions there are, in the catalogue's order, and how many shards each has", () => {
    const bound = env("PROBE_EU_CENTRAL_2", "PROBE_EU_CENTRAL", "PROBE_US_EAST");
    expect(activeRegions(bound)).toEqual(["us-east", "eu-central"]);
    expect(shardCounts(bound)).toEqual(
      new Map([
        ["us-east", 1],
        ["eu-central", 2],
      ]),
    );
    expect(missingBindings(bound)).toEqual([]);
    expect(probeOf(bound, "eu-central", 1)).toEqual({ name: "PROBE_EU_CENTRAL_2" });
  });

  it("do not take one region for a shard of another", () => {
    const bound = env("PROBE_AP_SOUTH", "PROBE_AP_SOUTHEAST", "PROBE_AP_SOUTHEAST_2");
    expect([...shardCounts(bound)]).toEqual([
      ["ap-south", 1],
      ["ap-southeast", 2],
    ]);
  });

  it("show a gap, the first shard included", () => {
    expect(missingBindings(env("PROBE_EU_CENTRAL", "PROBE_EU_CENTRAL_4"))).toEqual([
      "PROBE_EU_CENTRAL_2",
      "PROBE_EU_CENTRAL_3",
    ]);
    const headless = env("PROBE_EU_CENTRAL_2");
    expect(activeRegions(headless)).toEqual(["eu-central"]);
    expect(missingBindings(headless)).toEqual(["PROBE_EU_CENTRAL"]);
  });

  it("ignore names that no probe has", () => {
    const odd = env(
      "PROBE_EU_CENTRAL_0",
      "PROBE_EU_CENTRAL_1",
      "PROBE_EU_CENTRAL_02",
      "PROBE_EU_CENTRAL_100",
      "PROBE_MARS",
    );
    expect(activeRegions(odd)).toEqual([]);
  });
});

/** With a number of coordinators. */
function numbered(text?: string): Env {
  return { COORDINATOR_SHARDS: text } as unknown as Env;
}

describe("the number of coordinators", () => {
  it("is one unless it is said", () => {
    expect([undefined, "1", "16"].map((text) => coordinatorCount(numbered(text)))).toEqual([
      1, 1, 16,
    ]);
  });

  it.each(["0", "17", "two", "", "2.5", "-1"])("is not guessed from %j", (text) => {
    expect(() => coordinatorCount(numbered(text))).toThrow(/COORDINATOR_SHARDS: expected/);
  });

  it("says with its object's name which one it is, of a larger network's too", () => {
    const names = [undefined, "coordinator", "coordinator-2", "coordinator-12"];
    expect(names.map((name) => coordinatorShard(numbered("3"), name).index)).toEqual([0, 0, 1, 11]);
  });
});
