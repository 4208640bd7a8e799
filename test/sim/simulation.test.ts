import { describe, expect, it } from "vitest";
import { simulate } from "./simulation.ts";

/** Worlds that once broke a promise, or in which much happens. */
const COMMITTED = [
  1, 2, 11, 18, 49, 104, 105, 134, 151, 380, 1027, 1160, 1327, 1402, 1461, 1585, 500_037, 500_557,
  700_236, 700_484, 30, 4274, 701_189, 3_000_037, 3_000_206, 3_001_512, 5_005_287, 13_000_495,
  20_004_704, 40_001_404, 40_001_547, 80_013_649, 80_017_786, 5_083, 41_111, 647_327_260,
  1_663_843_737,
];
/** Others, the same each time; `npm run sim` explores many more. */
const OTHERS = { from: 600_000_000, worlds: 200 };

describe("the network in simulated worlds", () => {
  it.each(COMMITTED)("keeps its promises in world %i", async (seed) => {
    expect((await simulate(seed)).violation).toBeNull();
  });

  it("keeps its promises in 200 other worlds", { timeout: 240_000 }, async () => {
    for (let seed = OTHERS.from; seed < OTHERS.from + OTHERS.worlds; seed += 1) {
      const { violation } = await simulate(seed);
      expect(violation, `npm run sim -- --seeds 1 --seed ${seed} --history`).toBeNull();
    }
  });

  it.each([2, 3])("keeps its promises with %i coordinators", async (coordinators) => {
    for (const seed of [11, 26, 34, 49, 108, 1027, 1402]) {
      const { violation } = await simulate(seed, { coordinators });
      expect(violation, `world ${seed} with ${coordinators} coordinators`).toBeNull();
    }
  });

  it("has the same history whenever the same world is played", async () => {
    for (const seed of [2, 11, 134]) {
      const first = await simulate(seed);
      const second = await simulate(seed);
      expect(second.history).toEqual(first.history);
      expect({ ...second, scenario: null }).toEqual({ ...first, scenario: null });
    }
  });

  it("finds the same in its log again, however often it dies", { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { violation } = await simulate(seed, { replay: true });
      expect(violation, `npm run sim -- --seeds 1 --seed ${seed} --replay`).toBeNull();
    }
  });

  it("is eventful enough to mean something", async () => {
    let [incidents, deaths, deliveries] = [0, 0, 0];
    for (let seed = 1; seed <= 25; seed += 1) {
      const outcome = await simulate(seed);
      incidents += outcome.incidents;
      deaths += outcome.deaths;
      deliveries += outcome.deliveries;
    }
    expect(incidents).toBeGreaterThan(15);
    expect(deaths).toBeGreaterThan(10);
    expect(deliveries).toBeGreaterThan(30);
  });
});
