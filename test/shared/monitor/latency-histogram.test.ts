import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addHistograms,
  LATENCY_RANGE_MS,
  RELATIVE_ERROR,
  decodeHistogram,
  encodeHistogram,
  histogramCount,
  latencyHistogram,
  mergeHistograms,
  quantileMs,
} from "../../../shared/monitor/latency-histogram.ts";

const { shortest, longest } = LATENCY_RANGE_MS;
/** Spread over the orders of magnitude, as latencies are. */
const latency = fc
  .double({ min: Math.log(shortest), max: Math.log(longest), noNaN: true })
  .map((exponent) => Math.min(longest, Math.max(shortest, Math.exp(exponent))));
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 });

function histogramOf(values: readonly number[]) {
  return mergeHistograms(...values.map(latencyHistogram));
}

describe("a latency histogram", () => {
  it("answers every quantile within its relative error", () => {
    const anyQuantile = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(latencies, anyQuantile, (values, q) => {
        const rank = Math.floor(q * (values.length - 1));
        const exact = values.toSorted((a, b) => a - b)[rank] ?? 0;
        const answer = quantileMs(histogramOf(values), q) ?? 0;
        expect(Math.abs(answer - exact) / exact).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it("is, merged, the histogram of everything together", () => {
    fc.assert(
      fc.property(latencies, latencies, (a, b) => {
        expect(mergeHistograms(histogramOf(a), histogramOf(b))).toBe(histogramOf([...a, ...b]));
      }),
    );
  });

  it("merges alike in any order and grouping", () => {
    fc.assert(
      fc.property(latencies, latencies, latencies, (...parts) => {
        const [a, b, c] = parts.map(histogramOf) as [string, string, string];
        expect(mergeHistograms(a, b)).toBe(mergeHistograms(b, a));
        expect(mergeHistograms(mergeHistograms(a, b), c)).toBe(
          mergeHistograms(a, mergeHistograms(b, c)),
        );
      }),
    );
  });

  it("counts everything that went into it, and reads back what it wrote", () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = histogramOf(values);
        expect(histogramCount(histogram)).toBe(values.length);
        expect(encodeHistogram(decodeHistogram(histogram))).toBe(histogram);
      }),
    );
  });

  it("stays small however much goes into it", () => {
    const day = Array.from({ length: 1_440 }, (_, minute) => 80 + (minute % 60) * 3);
    expect(histogramOf(day).length).toBeLessThan(100);
    const spread = Array.from({ length: 100_000 }, (_, index) => 1.0002 ** index);
    expect(decodeHistogram(histogramOf(spread)).size).toBeLessThan(300);
  });

  it("takes what is out of range for the end of the range", () => {
    expect(latencyHistogram(0)).toBe(latencyHistogram(shortest));
    expect(latencyHistogram(-3)).toBe(latencyHistogram(shortest));
    expect(latencyHistogram(10 * longest)).toBe(latencyHistogram(longest));
  });

  it("knows no quantile of nothing", () => {
    expect(quantileMs("", 0.5)).toBeNull();
    expect(histogramCount("")).toBe(0);
    expect(mergeHistograms("", "")).toBe("");
  });

  it("adds two as the sum of their counts", () => {
    const counts = fc
      .array(fc.tuple(fc.integer({ min: -90, max: 190 }), fc.integer({ min: 1, max: 5_000 })), {
        maxLength: 12,
      })
      .map((entries) => new Map(entries));
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const sum = new Map(a);
        for (const [bin, count] of b) sum.set(bin, (sum.get(bin) ?? 0) + count);
        const expected = encodeHistogram(sum);
        expect(addHistograms(encodeHistogram(a), encodeHistogram(b))).toBe(expected);
        expect(mergeHistograms(encodeHistogram(b), encodeHistogram(a))).toBe(expected);
      }),
    );
  });

  it("refuses to add what is damaged", () => {
    for (const damaged of ["?", "1*0", "1*", "1  2", "-", "1 ", "1*2*3"]) {
      expect(() => addHistograms("1 5", damaged), damaged).toThrow(SyntaxError);
      expect(() => addHistograms(damaged, "zz 5"), damaged).toThrow(SyntaxError);
    }
  });

  it("refuses text that is none", () => {
    for (const damaged of ["?", "1*0", "1*", "1  2", "-"]) {
      expect(() => decodeHistogram(damaged), damaged).toThrow(SyntaxError);
    }
  });
});
