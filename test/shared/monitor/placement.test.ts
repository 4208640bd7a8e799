import { describe, expect, it } from "vitest";
import type { CoordinatorLoad } from "../../../shared/monitor/placement.ts";
import { COORDINATOR_MONITORS, choosePlacement } from "../../../shared/monitor/placement.ts";

function load(coordinator: number, monitors: number, kin = 0): CoordinatorLoad {
  return { coordinator, monitors, kin };
}

describe("the coordinator of a new monitor", () => {
  it.each([
    ["the first of an empty network", [], 3, 0],
    ["the one that has none yet", [load(0, 10_000), load(1, 3)], 3, 2],
    ["the one with the fewest", [load(0, 9), load(1, 4), load(2, 5)], 3, 1],
    ["the one that has its group, however many that has", [load(0, 1), load(1, 900, 2)], 2, 1],
    ["the one that has most of its group", [load(0, 5, 2), load(1, 900, 7)], 2, 1],
    [
      "another than its group's where that has no room left",
      [load(0, 5), load(1, COORDINATOR_MONITORS, 7)],
      2,
      0,
    ],
    ["one that there is, when the network has fewer now", [load(0, 4), load(3, 2, 2)], 2, 0],
  ])("is %s", (_what, loads, count, expected) => {
    expect(choosePlacement(loads, count)).toBe(expected);
  });

  it("fills all of them evenly", () => {
    const loads = [0, 1, 2].map((coordinator) => load(coordinator, 0));
    for (let placed = 0; placed < 99; placed += 1) {
      const chosen = loads[choosePlacement(loads, 3)];
      if (chosen === undefined) throw new Error("it chooses one of three");
      chosen.monitors += 1;
    }
    expect(loads.map(({ monitors }) => monitors)).toEqual([33, 33, 33]);
  });
});
