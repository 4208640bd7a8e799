/** The arithmetic of the check benchmark. */
import { describe, expect, it } from "vitest";
import { isFlat, median, memoryCourse, ratios, spread } from "./check-figures.ts";

describe("the figures of several rounds", () => {
  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("have a middle: %j → %d", (figures, middle) => {
    expect(median(figures)).toBe(middle);
  });

  it("keep their order when they are looked at", () => {
    const figures = [3, 1, 2];
    expect(spread(figures)).toEqual({ min: 1, median: 2, max: 3 });
    expect(figures).toEqual([3, 1, 2]);
  });

  it("are compared round by round, so that a slow round counts for nothing", () => {
    expect(ratios([10, 40, 10], [5, 20, 5])).toEqual([2, 2, 2]);
  });

  it("cannot be compared when rounds are missing, nor be none at all", () => {
    expect(() => ratios([1, 2], [1])).toThrow(RangeError);
    expect(() => median([])).toThrow(RangeError);
  });
});

/** Samples a hundred checks apart. */
function samples(bytes: readonly number[]) {
  return bytes.map((each, index) => ({ checks: (index + 1) * 100, bytes: each }));
}

describe("the course of memory", () => {
  it("leaves the first quarter out: caches fill, code is compiled", () => {
    const course = memoryCourse(samples([10, 50, 100, 100, 102, 101, 100, 100]));
    expect(course).toEqual({ early: 100, late: 100, max: 102, growthPerCheck: 0 });
    expect(isFlat(course)).toBe(true);
  });

  it("shows growth in bytes per check", () => {
    const course = memoryCourse(samples([0, 100, 200, 300]));
    expect(course.growthPerCheck).toBe(1);
    expect(isFlat(course)).toBe(false);
  });

  it("needs a sample in each quarter", () => {
    expect(() => memoryCourse(samples([1, 2, 3]))).toThrow(RangeError);
  });
});
