import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acknowledge } from "../../../shared/monitor/judgement.ts";
import { renderVerdict } from "../../../shared/monitor/public-verdict.ts";
import { Timeline, at } from "../../support/timeline.ts";

describe("an incident", () => {
  it("opens with the quorum, dated back to the first failing observation", () => {
    const timeline = new Timeline()
      .seeAll(0, "up")
      .see(60, { "us-east": "accept_mismatch" })
      .see(62, { "sa-east": "accept_mismatch", "eu-central": "accept_mismatch" }, 63);
    expect(timeline.incident).toEqual({
      id: `chat-${at(60)}`,
      monitor: "chat",
      kind: "down",
      worst: "down",
      reason: "accept_mismatch",
      message: "3 of 4 fresh regions: accept_mismatch since 14:01:00",
      startedAtMs: at(60),
      confirmedAtMs: at(63),
      endedAtMs: null,
      acknowledgedAtMs: null,
      regions: ["us-east", "sa-east", "eu-central"],
    });
    expect(timeline.transitions.at(-1)).toMatchObject({
      id: `chat-${at(60)}.1`,
      incident: `chat-${at(60)}`,
      kind: "incident_opened",
      from: "operational",
      to: "down",
      atMs: at(63),
    });
  });

  it("resolves when the quorum clears, and keeps what was last said of it", () => {
    const timeline = new Timeline().seeAll(0, "up").seeAll(60, "connect_failed").seeAll(120, "up");
    expect(timeline.told).toEqual([
      "verdict_changed operational",
      "incident_opened down",
      "incident_resolved operational",
    ]);
    expect(timeline.incident).toMatchObject({
      endedAtMs: at(120),
      message: "4 of 4 fresh regions: connect_failed since 14:01:00",
    });
    expect(timeline.transitions.at(-1)?.incident).toBe(`chat-${at(60)}`);
  });

  it("stays one incident while it escalates and eases", () => {
    const timeline = new Timeline().seeAll(0, "up");
    const one = { "us-east": "up", "eu-central": "up", "ap-southeast": "up" } as const;
    for (const second of [60, 120, 180]) {
      timeline.see(second, { ...one, "sa-east": "connect_timeout" });
    }
    timeline.seeAll(240, "latency_over_budget").seeAll(300, "connect_timeout");
    timeline.see(360, { ...one, "sa-east": "connect_timeout" }).seeAll(420, "up");
    expect(timeline.told).toEqual([
      "verdict_changed operational",
      "incident_opened partial",
      "incident_changed degraded",
      "incident_changed down",
      "incident_changed partial",
      "incident_resolved operational",
    ]);
    expect(new Set(timeline.transitions.slice(1).map(({ incident }) => incident)).size).toBe(1);
    expect(timeline.incident).toMatchObject({
      worst: "down",
      startedAtMs: at(60),
      regions: ["sa-east", "us-east", "eu-central", "ap-southeast"],
    });
  });

  it("stays open while too few regions report, and says so", () => {
    const timeline = new Timeline().seeAll(0, "up").seeAll(60, "connect_failed").pass(300);
    expect(timeline.verdict.kind).toBe("unknown");
    expect(timeline.told.at(-1)).toBe("verdict_changed unknown");
    expect(timeline.transitions.at(-1)?.incident).toBe(timeline.incident?.id);
    expect(timeline.incident).toMatchObject({
      endedAtMs: null,
      message:
        "Still open, though unknown since 14:05:00: " +
        "4 of 4 fresh regions: connect_failed since 14:01:00",
    });
    timeline.seeAll(360, "connect_failed");
    expect(timeline.told.at(-1)).toBe("verdict_changed down");
    expect(timeline.verdict.sinceMs).toBe(at(360));
    expect(timeline.incident).toMatchObject({ startedAtMs: at(60), endedAtMs: null });
  });

  it("still needs the clear threshold after a time in which nobody reported", () => {
    const timeline = new Timeline().seeAll(0, "connect_failed").pass(300);
    const half = { "us-east": "up", "sa-east": "up" } as const;
    timeline.see(360, {
      ...half,
      "eu-central": "connect_failed",
      "ap-southeast": "connect_failed",
    });
    expect(timeline.verdict).toMatchObject({ kind: "unknown", reason: null });
    expect(timeline.verdict.message).toBe(
      "2 of 4 fresh regions: connect_failed since 14:06:00; 2 good, 3 needed to clear",
    );
    timeline.see(365, { "eu-central": "up" });
    expect(timeline.incident?.endedAtMs).toBeNull();
    timeline.see(370, { "ap-southeast": "up" });
    expect(timeline.incident?.endedAtMs).toBe(at(370));
  });

  it("never begins before the end of the one before it", () => {
    const timeline = new Timeline({ monitor: { quorum: { raise: 1 } } }).seeAll(0, "up");
    timeline.see(60, { "sa-east": "connect_timeout" });
    // Its probe breaks: the vote leaves the count, the failing series goes on.
    timeline.see(120, { "us-east": "up", "eu-central": "up", "sa-east": "probe_error" });
    expect(timeline.incident?.endedAtMs).toBe(at(120));
    timeline.see(180, { "sa-east": "connect_timeout" });
    expect(timeline.incident).toMatchObject({ id: `chat-${at(120)}`, startedAtMs: at(120) });
  });

  it("is acknowledged once", () => {
    const timeline = new Timeline().seeAll(0, "connect_failed");
    const first = acknowledge(timeline.judgement, at(30));
    expect(first.judgement.incident?.acknowledgedAtMs).toBe(at(30));
    expect(first.transitions.map(({ kind }) => kind)).toEqual(["incident_acknowledged"]);
    expect(acknowledge(first.judgement, at(40))).toEqual({
      judgement: first.judgement,
      transitions: [],
    });
    timeline.judgement = first.judgement;
    timeline.seeAll(60, "up");
    expect(new Set([...timeline.transitions, ...first.transitions].map(({ id }) => id)).size).toBe(
      3,
    );
    expect(acknowledge(timeline.judgement, at(70)).transitions).toEqual([]);
  });
});

describe("the public form of a verdict", () => {
  it("carries ISO times and whether each vote counted", () => {
    const { verdict } = new Timeline({ regions: ["us-east", "sa-east", "eu-central"] }).see(0, {
      "us-east": { seen: "accept_mismatch", colo: "IAD" },
      "sa-east": { seen: "accept_mismatch", colo: "GRU" },
    });
    expect(renderVerdict(verdict)).toEqual({
      monitor: "chat",
      verdict: "down",
      reason: "accept_mismatch",
      message:
        "2 of 2 fresh regions: accept_mismatch since 14:00:00; eu-central has not reported yet",
      since: "2026-11-20T14:00:00.000Z",
      votes: [
        {
          region: "us-east",
          colo: "IAD",
          status: "down",
          reason: "accept_mismatch",
          at: "2026-11-20T14:00:00.000Z",
          counted: true,
        },
        {
          region: "sa-east",
          colo: "GRU",
          status: "down",
          reason: "accept_mismatch",
          at: "2026-11-20T14:00:00.000Z",
          counted: true,
        },
        {
          region: "eu-central",
          colo: null,
          status: "unknown",
          reason: null,
          at: null,
          counted: false,
        },
      ],
    });
  });
});

/** Under maintenance from second 120 to `end`, with a target that all see fail from 180 on. */
function workedOn(end: number): Timeline {
  const timeline = new Timeline().seeAll(0, "up").seeAll(60, "up");
  timeline.maintenance = true;
  timeline.pass(120).seeAll(180, "connect_failed").seeAll(240, "connect_failed");
  timeline.maintenance = false;
  return timeline.pass(end);
}

describe("announced maintenance", () => {
  it("counts nothing, opens nothing and asks nobody", () => {
    const timeline = workedOn(250);
    expect(timeline.told.slice(0, 2)).toEqual([
      "verdict_changed operational",
      "verdict_changed maintenance",
    ]);
    expect(timeline.transitions[1]).toMatchObject({ atMs: at(120), incident: null });
    expect(timeline.asks.filter((second) => second < 250)).toEqual([]);
  });

  it("leaves a target that is still broken afterwards down from its end on", () => {
    const timeline = workedOn(250);
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(250) });
    expect(timeline.incident).toMatchObject({ startedAtMs: at(250), confirmedAtMs: at(250) });
  });

  it("is not dated back into by an outage that reaches its quorum later", () => {
    const timeline = new Timeline().seeAll(0, "up");
    timeline.maintenance = true;
    timeline.pass(60).see(120, { "us-east": "up", "sa-east": "up" });
    timeline.see(130, { "eu-central": "connect_failed", "ap-southeast": "connect_failed" });
    timeline.maintenance = false;
    timeline.pass(150);
    expect(timeline.verdict.kind).toBe("operational");
    timeline.see(170, { "sa-east": "connect_failed" });
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(150) });
    expect(timeline.incident?.startedAtMs).toBe(at(150));
  });

  it("says nothing about an outage that begins well after it", () => {
    const timeline = workedOn(250).seeAll(310, "up").seeAll(370, "connect_failed");
    expect(timeline.incident?.startedAtMs).toBe(at(370));
  });

  it("ends with nothing known when all that was seen in it is too old", () => {
    const timeline = workedOn(250 + 160);
    expect(timeline.verdict.kind).toBe("unknown");
    expect(timeline.incident).toBeNull();
  });

  it("leaves an open incident open, says so, and lets it end afterwards", () => {
    const timeline = new Timeline().seeAll(0, "up").seeAll(60, "connect_failed");
    timeline.maintenance = true;
    timeline.pass(90).seeAll(120, "up");
    expect(timeline.incident).toMatchObject({
      endedAtMs: null,
      message: expect.stringMatching(/^Still open, though maintenance since 14:01:30: 4 of 4/),
    });
    timeline.maintenance = false;
    timeline.pass(150);
    expect(timeline.incident).toMatchObject({ startedAtMs: at(60), endedAtMs: at(150) });
    expect(timeline.told).toEqual([
      "verdict_changed operational",
      "incident_opened down",
      "verdict_changed maintenance",
      "incident_resolved operational",
    ]);
  });
});

describe("any history", () => {
  const REGIONS = ["us-east", "sa-east", "eu-central", "ap-southeast"];
  const anyStep = fc.record({
    afterSeconds: fc.integer({ min: 0, max: 90 }),
    backSeconds: fc.constantFrom(0, 0, 0, 1, 100),
    region: fc.constantFrom(...REGIONS),
    seen: fc.constantFrom("up", "accept_mismatch", "latency_over_budget", "probe_error"),
    suspend: fc.constantFrom(null, null, null, ...REGIONS),
    maintenance: fc.constantFrom(false, false, false, false, true),
  });
  const anyHistory = fc.array(anyStep, { minLength: 1, maxLength: 80 });
  const anyPolicy = fc.record({
    raise: fc.constantFrom("majority", 1, 2, "75%"),
    clear: fc.constantFrom("majority", 1, 4, "100%"),
    raiseAfter: fc.integer({ min: 1, max: 3 }),
    clearAfter: fc.integer({ min: 1, max: 3 }),
  });

  type History = typeof anyHistory extends fc.Arbitrary<infer T> ? T : never;

  function play(policy: unknown, history: History) {
    const timeline = new Timeline({ monitor: { quorum: policy } });
    let second = 0;
    for (const step of history) {
      second += step.afterSeconds;
      timeline.suspended = new Set(step.suspend === null ? [] : [step.suspend]);
      timeline.maintenance = step.maintenance;
      timeline.see(second - step.backSeconds, { [step.region]: step.seen as "up" }, second);
    }
    return { timeline, second };
  }

  it("tells each change once, in unbroken chains, under ids that never repeat", () => {
    fc.assert(
      fc.property(anyPolicy, anyHistory, (policy, history) => {
        const { timeline } = play(policy, history);
        const { transitions } = timeline;
        expect(new Set(transitions.map(({ id }) => id)).size).toBe(transitions.length);
        transitions.forEach((transition, index) => {
          expect(transition.from).toBe(transitions[index - 1]?.to ?? "unknown");
          expect(transition.to).not.toBe(transition.from);
        });
        expect(timeline.judgement.sequence).toBe(transitions.length);
      }),
      { numRuns: 300 },
    );
  });

  it("opens every incident before it resolves it, never two at once, in order of time", () => {
    fc.assert(
      fc.property(anyPolicy, anyHistory, (policy, history) => {
        let openId: string | null = null;
        const { timeline } = play(policy, history);
        const opened = new Set<string>();
        for (const { kind, incident, to } of timeline.transitions) {
          if (kind === "incident_opened") {
            expect(openId).toBeNull();
            expect(opened.has(incident ?? "")).toBe(false);
            openId = incident;
            opened.add(incident ?? "");
          }
          expect(incident).toBe(openId);
          if (kind === "incident_resolved") {
            expect(to).toBe("operational");
            openId = null;
          }
        }
        const last = timeline.incident;
        if (last !== null) {
          expect(last.startedAtMs).toBeLessThanOrEqual(
            Math.max(last.confirmedAtMs, last.startedAtMs),
          );
          expect(last.endedAtMs === null).toBe(openId === last.id);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("changes nothing when it is judged again at the same moment", () => {
    fc.assert(
      fc.property(anyPolicy, anyHistory, (policy, history) => {
        const { timeline, second } = play(policy, history);
        const before = timeline.transitions.length;
        const { judgement } = timeline;
        timeline.pass(second);
        expect(timeline.transitions).toHaveLength(before);
        expect(timeline.judgement.verdict.kind).toBe(judgement.verdict.kind);
        expect(timeline.judgement.verdict.sinceMs).toBe(judgement.verdict.sinceMs);
      }),
      { numRuns: 300 },
    );
  });

  it("is the same when it is played twice", () => {
    fc.assert(
      fc.property(anyPolicy, anyHistory, (policy, history) => {
        const first = play(policy, history).timeline;
        const second = play(policy, history).timeline;
        expect(second.transitions).toEqual(first.transitions);
        expect(second.judgement).toEqual(first.judgement);
      }),
      { numRuns: 100 },
    );
  });
});
