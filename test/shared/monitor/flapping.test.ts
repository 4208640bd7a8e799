import { describe, expect, it } from "vitest";
import { quorumPolicySchema } from "../../../shared/monitor/monitor.ts";
import { Timeline, at } from "../../support/timeline.ts";

const TWICE = { quorum: { flapping: { incidents: 2, window: "10m", calm: "2m" } } };

/** Fails and recovers, once for each of the seconds, ten seconds later. */
function flap(timeline: Timeline, seconds: readonly number[]): Timeline {
  for (const second of seconds) {
    timeline.seeAll(second, "connect_timeout").seeAll(second + 10, "up");
  }
  return timeline;
}

/** Path of the first complaint about a declaration; undefined: there is none. */
function problem(flapping: unknown): PropertyKey[] | undefined {
  return quorumPolicySchema.safeParse({ flapping }).error?.issues[0]?.path;
}

describe("a monitor that keeps changing", () => {
  it("is told as flapping with its fifth incident in fifteen intervals", () => {
    const timeline = flap(new Timeline().seeAll(0, "up"), [100, 200, 300, 400]);
    expect(timeline.incident).toMatchObject({ endedAtMs: at(410) });
    expect(timeline.incident?.flapping).toBeUndefined();
    timeline.seeAll(500, "connect_timeout");
    expect(timeline.incident).toMatchObject({ flapping: true, endedAtMs: null });
    expect(timeline.transitions.at(-1)).toMatchObject({
      kind: "incident_opened",
      message: expect.stringContaining(
        "Flapping: 5 incidents in 6m40s; told as one until it has been operational for 4m",
      ) as string,
    });
  });

  it("is not flapping when its incidents are far enough apart", () => {
    const timeline = flap(new Timeline().seeAll(0, "up"), [100, 300, 500, 700, 1_001]);
    expect(timeline.incident).toMatchObject({ endedAtMs: at(1_011) });
  });

  it("keeps its incident open through recoveries, and says nothing of them", () => {
    const timeline = flap(new Timeline({ monitor: TWICE }).seeAll(0, "up"), [100, 200, 300, 400]);
    expect(timeline.verdict.kind).toBe("operational");
    expect(timeline.incident).toMatchObject({
      startedAtMs: at(200),
      endedAtMs: null,
      calmSinceMs: at(410),
    });
    expect(timeline.told.slice(1)).toEqual([
      "incident_opened down",
      "incident_resolved operational",
      "incident_opened down",
      "verdict_changed operational",
      "verdict_changed down",
      "verdict_changed operational",
      "verdict_changed down",
      "verdict_changed operational",
    ]);
  });

  it("is told when it gets worse than it was", () => {
    const timeline = new Timeline({ monitor: TWICE }).seeAll(0, "up");
    for (const second of [100, 200]) {
      timeline.seeAll(second, "latency_over_budget").seeAll(second + 10, "up");
    }
    timeline.seeAll(300, "connect_timeout");
    expect(timeline.told.at(-1)).toBe("incident_changed down");
    expect(timeline.incident).toMatchObject({ worst: "down", calmSinceMs: null });
  });

  it("ends once it has been calm for long enough, as of the last recovery", () => {
    const timeline = flap(new Timeline({ monitor: TWICE }).seeAll(0, "up"), [100, 200, 300]);
    timeline.seeAll(370, "up").pass(429);
    expect(timeline.incident?.endedAtMs).toBeNull();
    timeline.pass(430);
    expect(timeline.incident).toMatchObject({ endedAtMs: at(310) });
    expect(timeline.told.at(-1)).toBe("incident_resolved operational");
  });

  it("is raised again by a quorum and not by less, though its incident is open", () => {
    const timeline = flap(new Timeline({ monitor: TWICE }).seeAll(0, "up"), [100, 200]);
    timeline.see(240, { "us-east": "connect_timeout" });
    expect(timeline.verdict.kind).toBe("operational");
  });

  it("has every incident told for itself where the monitor wants that", () => {
    const monitor = { quorum: { flapping: false } };
    const timeline = flap(
      new Timeline({ monitor }).seeAll(0, "up"),
      [100, 120, 140, 160, 180, 200],
    );
    const opened = timeline.told.filter((kind) => kind === "incident_opened down");
    const resolved = timeline.told.filter((kind) => kind === "incident_resolved operational");
    expect([opened.length, resolved.length]).toEqual([6, 6]);
  });

  it("is declared with counts and durations that make sense", () => {
    expect(quorumPolicySchema.parse({ flapping: { window: "30m" } }).flapping).toEqual({
      window: "30m",
    });
    expect(problem({ incidents: 1 })).toContain("flapping");
    expect(problem({ calm: "1s" })).toContain("flapping");
    expect(problem(true)).toContain("flapping");
  });
});
