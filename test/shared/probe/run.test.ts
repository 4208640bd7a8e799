/** What a lane says of the run in it. */
import { describe, expect, it } from "vitest";
import {
  ASK_LANE,
  askLane,
  isAskLane,
  isRoundLane,
  laneShard,
  partialRoundLane,
  stragglerLane,
} from "../../../shared/probe/run.ts";

describe("a lane", () => {
  it("is each shard's own, of its rounds as of its asks", () => {
    const lanes = [0, 1, 2, 11].flatMap((shard) => [String(shard), askLane(shard)]);
    expect(new Set(lanes).size).toBe(lanes.length);
    expect(askLane(0)).toBe(ASK_LANE);
  });

  it("tells the shard, of stragglers too", () => {
    for (const shard of [0, 1, 2, 11]) {
      for (const lane of [String(shard), askLane(shard)]) {
        expect(laneShard(lane), lane).toBe(shard);
        expect(laneShard(stragglerLane(lane, 2)), lane).toBe(shard);
      }
    }
  });

  it("tells rounds from asks and from stragglers of either", () => {
    for (const shard of [0, 3]) {
      const [round, ask] = [String(shard), askLane(shard)];
      expect([isRoundLane(round), isAskLane(round)]).toEqual([true, false]);
      expect([isRoundLane(ask), isAskLane(ask)]).toEqual([false, true]);
      const [lateRound, lateAsk] = [stragglerLane(round), stragglerLane(ask)];
      expect([isRoundLane(lateRound), isAskLane(lateRound)]).toEqual([false, false]);
      expect([isRoundLane(lateAsk), isAskLane(lateAsk)]).toEqual([false, true]);
    }
  });

  it("is each coordinator's own, of all that it orders where there are several", () => {
    const lanes = [0, 1, 11].flatMap((shard) =>
      [0, 1, 2].flatMap((coordinator) => [
        askLane(shard, coordinator),
        partialRoundLane(shard, coordinator),
      ]),
    );
    expect(new Set(lanes).size).toBe(lanes.length);
    expect(lanes).not.toContain("1");
    for (const shard of [0, 1, 11]) {
      for (const lane of [askLane(shard, 2), partialRoundLane(shard, 2)]) {
        expect(laneShard(stragglerLane(lane)), lane).toBe(shard);
      }
    }
  });

  it("proves a round to the coordinator alone that has ordered it", () => {
    const lane = partialRoundLane(3, 1);
    expect([0, 1, 2, null].map((coordinator) => isRoundLane(lane, coordinator))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(isRoundLane("3", 1)).toBe(true);
    expect(isRoundLane(stragglerLane(lane), 1)).toBe(false);
    expect(isRoundLane(askLane(3, 1), 1)).toBe(false);
    expect([isAskLane(lane), isAskLane(askLane(3, 1))]).toEqual([false, true]);
  });
});
