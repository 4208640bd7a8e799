/** Names of probe Workers: each tells its region and its shard, and no two are alike. */
import { describe, expect, it } from "vitest";
import { REGIONS, parseProbeName, probeBindingName, probeName } from "../../shared/regions.ts";

const SHARDS = Array.from({ length: 99 }, (_, shard) => shard);

describe("the name of a probe", () => {
  it("is the region's for the first shard, with a number for the others", () => {
    expect(probeName("eu-central")).toBe("eu-central");
    expect(probeName("eu-central", 1)).toBe("eu-central-2");
    expect(probeBindingName("eu-central")).toBe("PROBE_EU_CENTRAL");
    expect(probeBindingName("eu-central", 11)).toBe("PROBE_EU_CENTRAL_12");
  });

  it("says which region and shard it is", () => {
    for (const { id: region } of REGIONS) {
      for (const shard of SHARDS) {
        expect(parseProbeName(probeName(region, shard))).toEqual({ region, shard });
      }
    }
  });

  it("is no other's, nor is its binding", () => {
    const probes = REGIONS.flatMap(({ id }) => SHARDS.map((shard) => [id, shard] as const));
    const names = probes.map(([id, shard]) => probeName(id, shard));
    const bindings = probes.map(([id, shard]) => probeBindingName(id, shard));
    expect(new Set(names).size).toBe(probes.length);
    expect(new Set(bindings).size).toBe(probes.length);
  });
});
