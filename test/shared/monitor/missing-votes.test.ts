/** The quorum where votes are missing: not yet there, silent, or in trouble of their own. */
import { describe, expect, it } from "vitest";
import { Timeline, at } from "../../support/timeline.ts";

describe("regions", () => {
  it("that are silent, stale, suspended or probe-blamed are left out, which is said", () => {
    const timeline = new Timeline().see(0, { "us-east": "up", "sa-east": "up" });
    timeline.suspended = new Set(["sa-east"]);
    timeline.see(120, { "eu-central": "probe_error" }).pass(160);
    expect(timeline.verdict.kind).toBe("unknown");
    expect(timeline.verdict.votes.map(({ counted }) => counted)).toEqual([
      "stale",
      "suspended",
      "probe_blamed",
      "silent",
    ]);
    expect(timeline.verdict.message).toBe(
      "0 fresh votes of 2 needed; us-east silent for 2 min; sa-east suspended; " +
        "eu-central not counted: probe_error; ap-southeast has not reported yet",
    );
  });

  it("that are silent never make a monitor down", () => {
    const timeline = new Timeline().seeAll(0, "up").pass(10_000);
    expect(timeline.told).toEqual(["verdict_changed operational", "verdict_changed unknown"]);
  });

  it("whose probes are in trouble leave the verdict as it is for a while", () => {
    const timeline = new Timeline().seeAll(0, "up").seeAll(60, "probe_error");
    expect(timeline.verdict.kind).toBe("operational");
    expect(timeline.verdict.message).toContain("kept for now: 0 of 2 votes needed");
    timeline.seeAll(120, "probe_error").pass(151);
    expect(timeline.verdict.kind).toBe("unknown");
  });
});

describe("the first votes", () => {
  const half = { "us-east": "accept_mismatch", "sa-east": "accept_mismatch" } as const;
  const otherHalf = { "eu-central": "up", "ap-southeast": "up" } as const;

  it("are not taken for all of them while the rest may change what they come to", () => {
    const timeline = new Timeline().see(0, half);
    expect(timeline.verdict).toMatchObject({
      kind: "unknown",
      message:
        "Too early to say: 0 of 2 fresh regions up; us-east: accept_mismatch since 14:00:00; " +
        "sa-east: accept_mismatch since 14:00:00; eu-central has not reported yet; " +
        "ap-southeast has not reported yet",
    });
    expect(timeline.asks).toEqual([0]);
    timeline.see(2, otherHalf);
    expect(timeline.verdict.kind).toBe("operational");
    expect(timeline.incident).toBeNull();
  });

  it("decide at once where the rest cannot change it", () => {
    expect(new Timeline().see(0, otherHalf).verdict.kind).toBe("operational");
    const timeline = new Timeline().see(0, { ...half, "eu-central": "accept_mismatch" });
    expect(timeline.verdict.kind).toBe("down");
  });

  it("wait for no region that has failed for a moment only, whatever its probe's trouble since", () => {
    const timeline = new Timeline();
    for (const second of [0, 20, 40]) timeline.see(second, { "sa-east": "accept_mismatch" });
    timeline
      .see(100, { "sa-east": "probe_error" })
      .see(260, { "ap-southeast": "probe_error", "eu-central": "up" })
      .see(261, { "us-east": "accept_mismatch" });
    expect(timeline.verdict.kind).toBe("operational");
  });

  it("decide alone when the rest does not come", () => {
    const timeline = new Timeline().see(0, half).see(60, half).pass(75);
    expect(timeline.verdict.kind).toBe("unknown");
    timeline.pass(76);
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(0) });
  });

  it("are waited for once, also where a region with a slow clock comes and goes meanwhile", () => {
    const timeline = new Timeline();
    const late = (second: number) =>
      timeline
        .see(second, { "us-east": "accept_mismatch" })
        .see(second - 145, { "sa-east": "accept_mismatch" }, second).verdict.kind;
    const kinds = [0, 20, 40, 60, 80].map((second) => {
      const heard = late(second);
      return [heard, timeline.pass(second + 10).verdict.kind];
    });
    expect(kinds).toEqual([
      ["unknown", "unknown"],
      ["unknown", "unknown"],
      ["unknown", "unknown"],
      ["unknown", "unknown"],
      ["down", "unknown"],
    ]);
  });

  it("neither end nor repeat an incident after a time without any", () => {
    const timeline = new Timeline({ monitor: { quorum: { raise: 2 } } })
      .seeAll(0, "up")
      .see(60, half)
      .see(61, otherHalf);
    expect(timeline.told).toEqual(["verdict_changed operational", "incident_opened down"]);
    for (let second = 62; second <= 1_000; second += 1) timeline.pass(second);
    expect(timeline.told.slice(2)).toEqual(["verdict_changed unknown"]);
    timeline.see(1_001, { "eu-central": "up" }).see(1_010, { "ap-southeast": "up" });
    expect(timeline.verdict.kind).toBe("unknown");
    timeline.see(1_020, half);
    expect(timeline.told.slice(3)).toEqual(["verdict_changed down"]);
  });
});

describe("silence", () => {
  it("is no news: votes that expire one after another change nothing", () => {
    const timeline = new Timeline({ monitor: { quorum: { raise: "51%" } } })
      .see(0, { "us-east": "up" })
      .see(10, { "sa-east": "up" })
      .see(20, { "eu-central": "connect_timeout" })
      .see(30, { "ap-southeast": "connect_timeout" });
    expect(timeline.verdict.kind).toBe("operational");
    timeline.pass(155);
    expect(timeline.verdict).toMatchObject({
      kind: "operational",
      message:
        "1 of 3 fresh regions up; kept for now: no region has reported lately; " +
        "eu-central: connect_timeout since 14:00:20; ap-southeast: connect_timeout since " +
        "14:00:30; us-east silent for 2 min",
    });
    timeline.pass(175);
    expect(timeline.told).toEqual(["verdict_changed operational", "verdict_changed unknown"]);
  });

  it("of some makes it no easier for the others to call a target down", () => {
    const failing = { "eu-central": "connect_timeout", "ap-southeast": "connect_timeout" } as const;
    const timeline = new Timeline().seeAll(0, "up");
    for (const second of [60, 120]) timeline.see(second, { ...failing, "us-east": "up" });
    timeline.pass(151);
    expect(timeline.verdict.kind).toBe("operational");
    timeline.see(180, { ...failing, "us-east": "up" });
    expect(timeline.verdict.kind).toBe("partial");
    timeline.see(200, { ...failing, "us-east": "connect_timeout" });
    expect(timeline.verdict.kind).toBe("down");
  });

  it("of some lets a share of the fresh votes decide where the policy asks for one", () => {
    const failing = { "eu-central": "connect_timeout", "ap-southeast": "connect_timeout" } as const;
    const timeline = new Timeline({ monitor: { quorum: { raise: "51%" } } }).seeAll(0, "up");
    for (const second of [60, 120]) timeline.see(second, { ...failing, "us-east": "up" });
    expect(timeline.verdict.kind).toBe("operational");
    timeline.pass(151);
    expect(timeline.verdict.kind).toBe("down");
  });
});
