import { describe, expect, it } from "vitest";
import { initialJudgement } from "../../../../shared/monitor/judgement.ts";
import type { CountedVote, Judgement } from "../../../../shared/monitor/verdict.ts";
import { sameData, sameEssence } from "../../../../workers/coordinator/object/essence.ts";

const VOTE: CountedVote = {
  region: "eu-central",
  colo: "FRA",
  status: "up",
  reason: null,
  message: "Echoed.",
  atMs: 5,
  failingSinceMs: null,
  counted: "counted",
};

function judgement(vote: Partial<CountedVote> = {}, fields: Partial<Judgement> = {}): Judgement {
  const initial = initialJudgement("chat", 0);
  return { ...initial, verdict: { ...initial.verdict, votes: [{ ...VOTE, ...vote }] }, ...fields };
}

describe("the essence of a judgement", () => {
  it("is the same whatever is recomputed from the votes", () => {
    const { verdict } = judgement({ atMs: 65, message: "Echoed in 3 ms.", colo: "AMS" });
    const other = judgement({}, { verdict: { ...verdict, message: "All well" } });
    expect(sameEssence(judgement(), other)).toBe(true);
  });

  it.each([
    ["how a vote counts", judgement({ counted: "stale" })],
    ["what a vote says", judgement({ status: "down", reason: "connect_failed" })],
    ["since when a region fails", judgement({ failingSinceMs: 4 })],
    ["the number of votes", { ...judgement(), verdict: initialJudgement("chat", 0).verdict }],
    ["the sequence", judgement({}, { sequence: 1 })],
    ["asks that it did not have", judgement({}, { askTokens: 2 })],
    ["the verdict", { ...judgement(), verdict: { ...judgement().verdict, awaitingSinceMs: 3 } }],
  ])("differs by %s", (_what, other: Judgement) => {
    expect(sameEssence(judgement(), other)).toBe(false);
    expect(sameEssence(other, judgement())).toBe(false);
  });
});

describe("data", () => {
  it("is compared in depth, an absent field as an undefined one", () => {
    const value = { list: [1, { a: null }], text: "x" };
    expect(sameData(value, structuredClone(value))).toBe(true);
    expect(sameData(value, { ...value, more: undefined })).toBe(true);
    expect(sameData(value, { ...value, more: null })).toBe(false);
    expect(sameData({ ...value, list: [1, { a: null }, 2] }, value)).toBe(false);
    expect(sameData([], {})).toBe(false);
    expect(sameData(null, {})).toBe(false);
  });
});
