import { describe, expect, it } from "vitest";
import {
  ASKS_BURST_MAX,
  ASK_REFILL_MS,
  ASK_WAIT_MAX_MS,
  fullAskBudget,
  spendAsks,
} from "../../../shared/monitor/ask-budget.ts";
import { START_MS } from "../../support/timeline.ts";

const many = (count: number) => Array.from({ length: count }, (_, index) => `monitor-${index}`);

describe("the network's budget for asks", () => {
  it("grants what it can at once and lets the rest wait, oldest first", () => {
    const first = spendAsks(fullAskBudget(START_MS), many(ASKS_BURST_MAX + 3), START_MS);
    expect(first.granted).toEqual(many(ASKS_BURST_MAX));
    const later = spendAsks(first.budget, ["late"], START_MS + 3 * ASK_REFILL_MS);
    expect(later.granted).toEqual(many(ASKS_BURST_MAX + 3).slice(ASKS_BURST_MAX));
    const last = spendAsks(later.budget, [], START_MS + 4 * ASK_REFILL_MS);
    expect(last.granted).toEqual(["late"]);
    expect(last.budget.waiting.size).toBe(0);
  });

  it("counts a monitor that is wished for again once", () => {
    const { budget } = spendAsks(fullAskBudget(START_MS), many(ASKS_BURST_MAX + 1), START_MS);
    const again = spendAsks(budget, [`monitor-${ASKS_BURST_MAX}`], START_MS);
    expect(again.granted).toEqual([]);
    expect(again.budget.waiting.size).toBe(1);
  });

  it("drops a wish that the schedule has overtaken", () => {
    const { budget } = spendAsks(fullAskBudget(START_MS), many(ASKS_BURST_MAX + 1), START_MS);
    expect(spendAsks(budget, [], START_MS + ASK_WAIT_MAX_MS).granted).toEqual([]);
  });

  it("never saves up more than a burst, and survives a clock that steps back", () => {
    const idle = spendAsks(fullAskBudget(START_MS), many(100), START_MS + 3_600_000);
    expect(idle.granted).toHaveLength(ASKS_BURST_MAX);
    const back = spendAsks(idle.budget, [], START_MS);
    expect(back.granted).toEqual([]);
    expect(back.budget.refilledAtMs).toBe(START_MS + 3_600_000);
  });
});
