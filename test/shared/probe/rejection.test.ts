/** What HTTP answers other than 101 mean, statistics, and the product's version. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  misplacedAnswer,
  plainText,
  rejectionReason,
  statusText,
} from "../../../shared/probe/rejection.ts";
import { perSecond, rttSpread } from "../../../shared/probe/stats.ts";
import { VERSION, userAgent } from "../../../shared/version.ts";

describe("a rejection", () => {
  it.each([
    [200, "upgrade_ignored"],
    [204, "upgrade_ignored"],
    [301, "upgrade_redirected"],
    [308, "upgrade_redirected"],
    [400, "upgrade_ignored"],
    [401, "upgrade_unauthorized"],
    [403, "upgrade_unauthorized"],
    [404, "upgrade_rejected"],
    [407, "upgrade_unauthorized"],
    [426, "upgrade_ignored"],
    [429, "upgrade_overloaded"],
    [500, "upgrade_rejected"],
    [503, "upgrade_overloaded"],
    [599, "upgrade_rejected"],
  ] as const)("with %i is %s", (status, reason) => {
    expect(rejectionReason(status)).toBe(reason);
  });

  it.each([
    [
      "a page, once",
      "<html><head><title>503 Busy</title></head><body><h1>503 Busy</h1>",
      "503 Busy",
    ],
    ["text as it is", "no more\r\n\tthan ten", "no more than ten"],
    ["a page without a head", "<h1>It works!</h1>", "It works!"],
  ])("reads %s", (_what, body, text) => {
    expect(plainText(body)).toBe(text);
  });

  it("names its status", () => {
    expect([statusText(502), statusText(599)]).toEqual(["502 Bad Gateway", "599"]);
  });
});

const misplaced = (text: string) => misplacedAnswer(new TextEncoder().encode(text));

describe("an answer where frames should be", () => {
  const REFUSAL = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

  it.each([
    ["by itself", `${REFUSAL}no`, "no"],
    ["behind the 101", `HTTP/1.1 101 Switching Protocols\r\nX: y\r\n\r\n${REFUSAL}`, ""],
  ])("is recognised %s", (_where, text, body) => {
    expect(misplaced(text)).toEqual({ status: 400, body });
  });

  it.each([
    ["a head that is not whole", "HTTP/1.1 400 Bad Request\r\nConnection: "],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nX: y\r\n\r\n\u0001\u0002"],
    ["a message that quotes one", `\u0081\u0040${REFUSAL}`],
  ])("is not seen in %s", (_what, text) => {
    expect(misplaced(text)).toBeNull();
  });
});

describe("statistics", () => {
  it("take percentiles from what was measured", () => {
    const samples = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(rttSpread(samples)).toEqual({ min: 1, mean: 10.5, p50: 10, p95: 19, max: 20 });
    expect(rttSpread([])).toBeNull();
  });

  it("keep their order for any samples", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1 }), (samples) => {
        const spread = rttSpread(samples);
        if (spread === null) throw new Error("there are samples");
        const { min, p50, p95, max, mean } = spread;
        expect([min, p50, p95, max]).toEqual([min, p50, p95, max].toSorted((a, b) => a - b));
        expect(mean).toBeGreaterThanOrEqual(min - 0.01);
        expect(mean).toBeLessThanOrEqual(max + 0.01);
      }),
    );
  });

  it("give no rate for what took no time", () => {
    expect([perSecond(10, 500), perSecond(10, 0), perSecond(0, 10)]).toEqual([20, null, null]);
  });
});

describe("the version", () => {
  it("is that of the package, and introduces every request with its region", () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(VERSION).toBe(version);
    expect(userAgent("eu-central")).toBe(`Echoquorum/${version} (region=eu-central)`);
  });
});
