/** Figures of the load on a page. */
import { describe, expect, it } from "vitest";
import { renderPageLoads, summariseLoad } from "./page-figures.ts";

describe("the load on a page", () => {
  it("is summed up by what each request took", () => {
    const latencies = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(summariseLoad("cached", latencies, 4_000, 1)).toEqual({
      name: "cached",
      requests: 200,
      requestsPerSecond: 50,
      p50Ms: 100,
      p99Ms: 198,
      asked: 1,
      seconds: 4,
    });
  });

  it("is a table", () => {
    const table = renderPageLoads([summariseLoad("cached", [1, 2], 1_000, 1)], 2).split("\n");
    expect(table).toEqual([
      "2 connections",
      "| pages  | requests/s | median | p99  | coordinator asked |",
      "| ------ | ---------- | ------ | ---- | ----------------- |",
      "| cached | 2          | 1 ms   | 2 ms | 1 in 1 s          |",
    ]);
  });
});
