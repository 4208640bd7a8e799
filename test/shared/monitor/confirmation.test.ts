import { describe, expect, it } from "vitest";
import { ASK_BURST, leastGapMs, refillMs } from "../../../shared/monitor/confirmation.ts";
import { Timeline } from "../../support/timeline.ts";

describe("asking all regions at once", () => {
  it("follows the first bad vote at once", () => {
    const timeline = new Timeline().seeAll(0, "up").see(60, { "us-east": "connect_timeout" });
    expect(timeline.asks).toEqual([60]);
  });

  it("follows a first slow vote too", () => {
    const timeline = new Timeline().seeAll(0, "up").see(60, { "us-east": "latency_over_budget" });
    expect(timeline.asks).toEqual([60]);
  });

  it("is not needed once the verdict is bad", () => {
    const timeline = new Timeline().seeAll(0, "up").see(60, { "us-east": "connect_timeout" });
    for (const second of [61, 62, 63, 64, 120, 180, 240]) {
      timeline.seeAll(second, "connect_timeout");
    }
    expect(timeline.verdict.kind).toBe("down");
    expect(timeline.asks).toEqual([60]);
  });

  it("follows the first good vote while the verdict is bad", () => {
    const timeline = new Timeline().seeAll(0, "connect_timeout");
    timeline.see(60, { "sa-east": "up" });
    expect(timeline.asks).toEqual([60]);
  });

  it("does not follow the good votes of a region that never failed", () => {
    const timeline = new Timeline().seeAll(0, "up").seeAll(60, "up").seeAll(120, "up");
    const others = Object.fromEntries(
      ["us-east", "eu-central", "ap-southeast"].map((region) => [
        region,
        "connect_timeout" as const,
      ]),
    );
    timeline.see(180, { ...others, "sa-east": "up" });
    expect(timeline.verdict.kind).toBe("down");
    for (const second of [240, 300, 360]) timeline.see(second, { ...others, "sa-east": "up" });
    expect(timeline.asks).toEqual([]);
  });

  it("goes on once per interval for a region that keeps failing alone, then ever less often", () => {
    const timeline = new Timeline().seeAll(0, "up");
    // The region's rounds are at half the minute, and an ask is answered after two seconds.
    for (let second = 60; second < 7_200; second += 2) {
      const own = second % 60 === 30 || timeline.asks.at(-1) === second - 2;
      if (second % 60 === 0) {
        timeline.see(second, { "us-east": "up", "eu-central": "up", "ap-southeast": "up" });
      }
      if (own) timeline.see(second, { "sa-east": "connect_timeout" });
      else timeline.pass(second);
    }
    expect(timeline.verdict.kind).toBe("partial");
    expect(timeline.asks.filter((second) => second < 720).length).toBeGreaterThanOrEqual(10);
    const late = timeline.asks.filter((second) => second >= 3_600);
    expect(late.length).toBeGreaterThanOrEqual(60 / 8);
    expect(late.length).toBeLessThanOrEqual(60 / 4);
  });

  it("follows a second region at once, however long one has been failing alone", () => {
    const timeline = new Timeline().seeAll(0, "up");
    for (let second = 60; second < 3_600; second += 60) {
      timeline.seeAll(second, "up").see(second + 1, { "sa-east": "connect_timeout" });
    }
    timeline.see(3_610, { "eu-central": "connect_timeout" });
    expect(timeline.asks.at(-1)).toBe(3_610);
  });

  it("finds others that began to fail when the one that was known to looks again", () => {
    const timeline = new Timeline({ intervalMs: 10_000 }).seeAll(0, "up");
    for (const second of [5, 15, 25]) timeline.see(second, { "sa-east": "connect_timeout" });
    expect(timeline.verdict.kind).toBe("partial");
    expect(timeline.asks).toEqual([5, 15, 25]);
  });

  it("is spaced out for a region that flaps", () => {
    const timeline = new Timeline();
    for (let second = 0; second < 3_600; second += 5) {
      timeline.see(second, {
        "us-east": "up",
        "eu-central": "up",
        "sa-east": second % 10 === 0 ? "connect_timeout" : "up",
      });
    }
    // At most one for two of the 60 scheduled rounds of an hour.
    expect(timeline.asks.length).toBeLessThanOrEqual(30);
  });

  it("is bounded for a target that flaps for everybody", () => {
    const timeline = new Timeline();
    for (let second = 0; second < 600; second += 1) {
      timeline.seeAll(second, second % 2 === 0 ? "connect_timeout" : "up");
    }
    expect(timeline.asks.length).toBeLessThanOrEqual(ASK_BURST + 600 / 60);
  });

  it("does not happen while the monitor is paused or under maintenance", () => {
    const paused = new Timeline({ monitor: { paused: true } });
    expect(paused.see(0, { "us-east": "connect_timeout" }).asks).toEqual([]);
    const maintained = new Timeline();
    maintained.maintenance = true;
    expect(maintained.see(0, { "us-east": "connect_timeout" }).asks).toEqual([]);
  });

  it("is not asked for by the probe's own trouble", () => {
    const timeline = new Timeline().seeAll(0, "up").see(60, { "us-east": "probe_error" });
    expect(timeline.asks).toEqual([]);
  });

  it("says why", () => {
    const timeline = new Timeline().seeAll(0, "up");
    timeline.see(60, { "us-east": "connect_timeout" });
    expect(timeline.askedWhy).toEqual([
      "us-east: connect_timeout, while the verdict is operational",
    ]);
    timeline.seeAll(61, "connect_timeout").see(120, { "sa-east": "up" });
    expect(timeline.askedWhy.at(-1)).toBe("sa-east: up again, while the verdict is down");
  });
});

describe("the spacing of asks", () => {
  it("gives a token back per interval, and half as often after every dozen asks in vain", () => {
    const waits = [0, 11, 12, 24, 36, 99].map((asks) => refillMs(asks, 60_000) / 1_000);
    expect(waits).toEqual([60, 60, 120, 240, 480, 480]);
  });

  it("keeps two seconds between asks, and gives a token in five, on a fast network", () => {
    expect(leastGapMs(10_000)).toBe(2_000);
    expect(leastGapMs(60_000)).toBe(7_500);
    expect(refillMs(0, 1_000)).toBe(5_000);
  });
});
