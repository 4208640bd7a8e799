import { describe, expect, it } from "vitest";
import { askWaitMs, leastGapMs } from "../../../shared/monitor/confirmation.ts";
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
    for (const second of [180, 240, 300]) {
      timeline.seeAll(second, "connect_timeout").see(second + 1, { "sa-east": "up" });
    }
    timeline.asks.length = 0;
    timeline.see(360, { "sa-east": "up" }).see(420, { "sa-east": "up" });
    expect(timeline.asks).toEqual([]);
  });

  it("stops for a region that keeps failing alone", () => {
    const timeline = new Timeline().seeAll(0, "up");
    for (let second = 60; second < 7_200; second += 5) {
      const others = second % 60 === 0;
      if (others) timeline.see(second, { "us-east": "up", "eu-central": "up" });
      const asked = timeline.asks.at(-1) === second - 5;
      if (others || asked) timeline.see(second, { "sa-east": "connect_timeout" });
      else timeline.pass(second);
    }
    expect(timeline.verdict.kind).toBe("partial");
    expect(timeline.asks.length).toBeLessThanOrEqual(3);
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
    // 8 × 30 s once backed off: a fraction of the 60 scheduled rounds of an hour.
    expect(timeline.asks.length).toBeLessThan(25);
  });

  it("is bounded for a target that flaps for everybody", () => {
    const timeline = new Timeline();
    for (let second = 0; second < 600; second += 1) {
      timeline.seeAll(second, second % 2 === 0 ? "connect_timeout" : "up");
    }
    expect(timeline.asks.length).toBeLessThanOrEqual(600 / (leastGapMs(60_000) / 1_000) + 1);
  });

  it("is repeated sooner when a second region turns bad", () => {
    const timeline = new Timeline().seeAll(0, "up").see(60, { "us-east": "connect_timeout" });
    timeline.see(61, { "us-east": "up" }).see(100, { "us-east": "connect_timeout" });
    timeline.see(101, { "us-east": "up" }).see(135, { "us-east": "connect_timeout" });
    expect(timeline.asks).toEqual([60, 100]);
    timeline.see(136, { "eu-central": "connect_timeout" });
    expect(timeline.asks).toEqual([60, 100, 136]);
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

describe("the wait between asks", () => {
  it("doubles up to eight times half an interval", () => {
    const waits = [0, 1, 2, 3, 4, 9].map((asks) => askWaitMs(asks, 60_000, false) / 1_000);
    expect(waits).toEqual([7.5, 30, 60, 120, 240, 240]);
  });

  it("is at least two seconds, and five once asked, on a fast network", () => {
    expect(askWaitMs(0, 10_000, false)).toBe(2_000);
    expect(askWaitMs(1, 10_000, false)).toBe(5_000);
    expect(askWaitMs(4, 10_000, true)).toBe(5_000);
  });
});
