import { expect, it } from "vitest";
import { percentile, renderDistribution } from "./detection-figures.ts";

it("takes percentiles by nearest rank", () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 50, 95, 100].map((percent) => percentile(values, percent))).toEqual([1, 3, 5, 5]);
});

it("shows figures and a histogram", () => {
  expect(renderDistribution([1_200, 1_300, 2_600])).toBe(
    [
      "min 1.20 s, median 1.30 s, p95 2.60 s, max 2.60 s",
      "  1.0 … 1.5 s  ██",
      "  2.5 … 3.0 s  █",
    ].join("\n"),
  );
});
