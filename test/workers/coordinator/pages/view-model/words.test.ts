/** Numbers, moments and names in words. */
import { describe, expect, it } from "vitest";
import {
  countWords,
  durationWords,
  latencyWords,
  listWords,
  momentWords,
  nameWords,
} from "../../../../../workers/coordinator/pages/view-model/words.ts";

describe("words", () => {
  it.each([
    [-5, "0 s"],
    [4_999, "4 s"],
    [60_000, "1 min"],
    [4_320_000, "1 h 12 min"],
    [7_200_000, "2 h"],
    [86_400_000, "1 day"],
    [183_600_000, "2 days 3 h"],
  ])("writes a duration of %i ms as %s", (durationMs, words) => {
    expect(durationWords(durationMs)).toBe(words);
  });

  it.each([
    [4.21, "4.2 ms"],
    [9.96, "10 ms"],
    [142.4, "142 ms"],
    [999.7, "1.00 s"],
  ])("writes a latency of %f ms as %s", (latencyMs, words) => {
    expect(latencyWords(latencyMs)).toBe(words);
  });

  it.each([
    ["clock", "04:05:06 UTC"],
    ["moment", "9 Feb, 04:05 UTC"],
    ["instant", "9 Feb, 04:05:06 UTC"],
    ["day", "9 Feb 2026"],
  ] as const)("writes a moment as %s", (style, words) => {
    expect(momentWords(Date.UTC(2026, 1, 9, 4, 5, 6), style)).toBe(words);
  });

  it("counts and lists", () => {
    expect(countWords(1, "region")).toBe("1 region");
    expect(countWords(1_200, "region")).toBe("1,200 regions");
    expect(listWords(["a", "b", "c"])).toBe("a, b and c");
    expect(listWords(["a"])).toBe("a");
  });

  it("keeps a name from turning the text around it", () => {
    expect(nameWords("\u202Eevil\u2069")).toBe("evil");
    expect(nameWords("line\nbreak\u0000")).toBe("linebreak");
    expect(nameWords("خدمة")).toBe("\u2068خدمة\u2069");
    expect(nameWords("Chat 🛰️")).toBe("Chat 🛰️");
  });
});
