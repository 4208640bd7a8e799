/** What the first line of the page says, and that it is never green by default. */
import { describe, expect, it } from "vitest";
import type { RegionStatus } from "../../../../../workers/coordinator/object/rpc.ts";
import { ENGLISH } from "../../../../../workers/coordinator/pages/language/languages.ts";
import type { HeadlineFacts } from "../../../../../workers/coordinator/pages/view-model/headline.ts";
import { decideHeadline as decideIn } from "../../../../../workers/coordinator/pages/view-model/headline.ts";
import type { Tone } from "../../../../../workers/coordinator/pages/view-model/words.ts";

const decideHeadline = (known: HeadlineFacts) => decideIn(known, ENGLISH);
const NOW_MS = 1_800_000_000_000;

function facts(tones: readonly Tone[], rest: Partial<HeadlineFacts> = {}): HeadlineFacts {
  return {
    monitors: tones.map((tone, index) => ({ name: `Service ${index + 1}`, tone })),
    regions: [{ state: "active" }, { state: "active" }],
    newestDataAtMs: NOW_MS - 4_000,
    intervalMs: 60_000,
    source: "live",
    nowMs: NOW_MS,
    ...rest,
  };
}

const regions = (...states: Array<RegionStatus["state"]>) => states.map((state) => ({ state }));

const aged = (ageMs: number) =>
  decideHeadline(facts(["operational"], { newestDataAtMs: NOW_MS - ageMs })).tone;

describe("the headline", () => {
  it("is green only when every monitor is operational", () => {
    const headline = decideHeadline(facts(["operational", "operational"]));
    expect(headline).toMatchObject({ tone: "operational", title: "All services operational" });
  });

  it("names the one service that is down, and counts several", () => {
    expect(decideHeadline(facts(["operational", "down"])).title).toBe("Service 2 is down");
    expect(decideHeadline(facts(["down", "down", "operational"])).title).toBe(
      "2 services are down",
    );
    expect(decideHeadline(facts(["down", "down"])).title).toBe("All 2 services are down");
  });

  it("leads with the worst and tells the rest", () => {
    const headline = decideHeadline(facts(["degraded", "partial", "down", "degraded"]));
    expect(headline).toMatchObject({
      tone: "down",
      title: "Service 3 is down",
      detail: "Service 2 fails in some regions and 2 services are degraded.",
    });
  });

  it("is not green while one monitor is not known", () => {
    const headline = decideHeadline(facts(["operational", "unknown"]));
    expect(headline).toMatchObject({
      tone: "unknown",
      title: "Service 2: status not known",
      detail: "No trouble is known with the 1 other.",
    });
  });

  it("leaves paused monitors out, and says so when all are", () => {
    expect(decideHeadline(facts(["operational", "paused"])).tone).toBe("operational");
    expect(decideHeadline(facts(["paused"]))).toMatchObject({
      tone: "paused",
      title: "Monitoring is paused",
    });
  });

  it("tells maintenance", () => {
    expect(decideHeadline(facts(["operational", "maintenance"]))).toMatchObject({
      tone: "maintenance",
      title: "Service 2 is under maintenance",
    });
  });

  it.each([
    ["no data yet", { newestDataAtMs: null }, "No data yet"],
    ["old data", { newestDataAtMs: NOW_MS - 211_000 }, "Status not known for 3 min"],
    [
      "an old snapshot",
      { newestDataAtMs: NOW_MS - 7_200_000, source: "snapshot" },
      "Status not known for 2 h",
    ],
    [
      "silent and suspended regions only",
      { regions: regions("silent", "suspended") },
      "Monitoring impaired",
    ],
  ] as const)("is never green with %s, whatever the verdicts say", (_what, rest, title) => {
    const headline = decideHeadline(facts(["operational", "operational"], rest));
    expect(headline).toMatchObject({ tone: "unknown", title, current: false });
  });

  it.each([
    ["operational", "partial", "Measured: All services operational."],
    ["maintenance", "degraded", "Measured: Service 1 is under maintenance."],
    ["unknown", "down", "Measured: Service 1: status not known."],
    ["degraded", "down", "Measured: Service 1 is degraded."],
  ] as const)("over %s is what people declare, where that is %s", (tone, declared, detail) => {
    expect(decideHeadline(facts([tone], { declared: ["unknown", declared] }))).toEqual({
      tone: declared,
      title: "2 incidents are being handled",
      detail,
      current: true,
      declared: true,
    });
  });

  it.each([
    ["down", "degraded"],
    ["partial", "partial"],
    ["operational", "unknown"],
  ] as const)("stays %s where people declare no worse than %s", (tone, declared) => {
    const measured = decideHeadline(facts([tone]));
    expect(decideHeadline(facts([tone], { declared: [declared] }))).toEqual(measured);
    expect(measured.declared).toBe(false);
  });

  it("does not hide behind what people declare that nothing is known now", () => {
    const old = { newestDataAtMs: NOW_MS - 7_200_000, declared: ["degraded"] as const };
    expect(decideHeadline(facts(["operational"], old))).toMatchObject({
      title: "Status not known for 2 h",
      current: false,
      declared: false,
    });
  });

  it("believes data of up to two and a half intervals and a minute", () => {
    expect(aged(210_000)).toBe("operational");
    expect(aged(210_001)).toBe("unknown");
  });

  it("believes a region that reports from another place than planned", () => {
    const headline = decideHeadline(
      facts(["operational"], { regions: regions("silent", "misplaced") }),
    );
    expect(headline.tone).toBe("operational");
  });

  it("says that nothing is monitored", () => {
    expect(decideHeadline(facts([]))).toMatchObject({
      tone: "unknown",
      title: "Nothing is monitored yet",
    });
  });
});
