/** The quorum: how many votes it takes, whose count, and what they come to. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DATED_BACK_MAX_MS,
  minVotesOf,
  raiseNeededOf,
  votesNeeded,
} from "../../../shared/monitor/quorum.ts";
import { Timeline, at } from "../../support/timeline.ts";

describe("a threshold", () => {
  it("asks for more than half as majority", () => {
    expect([0, 1, 2, 3, 4, 5].map((fresh) => votesNeeded("majority", fresh))).toEqual([
      1, 1, 2, 2, 3, 3,
    ]);
  });

  it("asks for a number whatever the number of votes", () => {
    expect(votesNeeded(3, 5)).toBe(3);
    expect(votesNeeded(3, 1)).toBe(3);
  });

  it("rounds a percentage up, exactly", () => {
    expect(votesNeeded("50%", 4)).toBe(2);
    expect(votesNeeded("51%", 4)).toBe(3);
    expect(votesNeeded("1%", 4)).toBe(1);
    expect(votesNeeded("100%", 4)).toBe(4);
    expect(votesNeeded("7%", 100)).toBe(7);
    expect(votesNeeded("50%", 0)).toBe(1);
  });

  it("is a majority of the assigned regions, or of all the votes where fewer are left", () => {
    expect([4, 3, 2, 1, 0].map((fresh) => raiseNeededOf("majority", fresh, 4))).toEqual([
      3, 3, 2, 1, 1,
    ]);
    expect([11, 8, 6, 5].map((fresh) => raiseNeededOf("majority", fresh, 11))).toEqual([
      6, 6, 6, 5,
    ]);
  });

  it("as a number is never more than there are regions, as a percentage one of fresh votes", () => {
    expect(raiseNeededOf(5, 3, 4)).toBe(4);
    expect(raiseNeededOf(2, 3, 4)).toBe(2);
    expect(raiseNeededOf("51%", 3, 4)).toBe(2);
  });

  it("takes two votes as the least by default, one where a single region is assigned", () => {
    const policy = new Timeline().monitor.quorum;
    expect([0, 1, 2, 4].map((assigned) => minVotesOf(policy, assigned))).toEqual([1, 1, 2, 2]);
    expect(minVotesOf({ ...policy, minVotes: 3 }, 2)).toBe(2);
  });
});

describe("the quorum", () => {
  it("is operational while all regions are up", () => {
    const { verdict } = new Timeline().seeAll(0, "up");
    expect(verdict).toMatchObject({
      kind: "operational",
      reason: null,
      message: "All 4 fresh regions up",
    });
  });

  it("calls a monitor down when more than half of its regions do, and says so", () => {
    const timeline = new Timeline()
      .seeAll(0, "up")
      .see(131, { "us-east": "accept_mismatch" })
      .see(140, { "sa-east": "accept_mismatch" })
      .see(150, { "eu-central": "accept_mismatch" })
      .pass(245);
    expect(timeline.verdict).toMatchObject({
      kind: "down",
      reason: "accept_mismatch",
      sinceMs: at(131),
      message:
        "3 of 3 fresh regions: accept_mismatch since 14:02:11; ap-southeast silent for 4 min",
    });
  });

  it("is not moved by half of the votes", () => {
    const { verdict } = new Timeline()
      .seeAll(0, "up")
      .see(60, { "us-east": "connect_timeout", "sa-east": "connect_timeout" });
    expect(verdict.kind).toBe("operational");
    expect(verdict.message).toBe(
      "2 of 4 fresh regions up; us-east: connect_timeout since 14:01:00; " +
        "sa-east: connect_timeout since 14:01:00",
    );
  });

  it("names the commonest reason, and all of them in words", () => {
    const { verdict } = new Timeline().see(0, {
      "us-east": "connect_timeout",
      "sa-east": "accept_mismatch",
      "eu-central": "accept_mismatch",
    });
    expect(verdict.reason).toBe("accept_mismatch");
    expect(verdict.message).toBe(
      "3 of 3 fresh regions: accept_mismatch (2), connect_timeout (1) since 14:00:00; " +
        "ap-southeast has not reported yet",
    );
  });

  it("is degraded when slow and failing votes together make the quorum", () => {
    const { verdict } = new Timeline().see(0, {
      "us-east": "connect_timeout",
      "sa-east": "latency_over_budget",
      "eu-central": "latency_over_budget",
      "ap-southeast": "up",
    });
    expect(verdict).toMatchObject({ kind: "degraded", reason: "latency_over_budget" });
  });

  it("is not partial while a region below quorum is up again before it fails a third time", () => {
    const timeline = new Timeline().seeAll(0, "up");
    for (const second of [60, 120, 180]) {
      timeline.seeAll(second, "up").see(second + 1, { "sa-east": "connect_timeout" });
      if (second < 180) timeline.see(second + 2, { "sa-east": "connect_timeout" });
    }
    expect(timeline.verdict.kind).toBe("operational");
  });

  it("does not take extra checks of a moment for a region that keeps failing", () => {
    const timeline = new Timeline().seeAll(0, "up");
    for (const second of [60, 61, 62, 63]) timeline.see(second, { "sa-east": "connect_timeout" });
    expect(timeline.verdict.kind).toBe("operational");
    timeline.see(150, { "sa-east": "connect_timeout" });
    expect(timeline.verdict).toMatchObject({
      kind: "partial",
      reason: "connect_timeout",
      sinceMs: at(60),
      message: "Sa-east: connect_timeout since 14:01:00; 3 of 4 fresh regions up",
    });
  });

  it("holds while the votes are split, and clears at the clear threshold", () => {
    const timeline = new Timeline().seeAll(0, "accept_mismatch");
    timeline.see(60, { "us-east": "up", "sa-east": "up" });
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(0) });
    expect(timeline.verdict.message).toBe(
      "2 of 4 fresh regions: accept_mismatch since 14:00:00; 2 good, 3 needed to clear",
    );
    timeline.see(61, { "eu-central": "up", "ap-southeast": "up" });
    expect(timeline.verdict).toMatchObject({ kind: "operational", sinceMs: at(61) });
  });

  it("clears when all fresh votes are good, however many the policy would like", () => {
    const timeline = new Timeline({ monitor: { quorum: { clear: 4 } } });
    timeline.seeAll(0, "accept_mismatch");
    for (const second of [60, 120, 180]) {
      timeline.see(second, { "us-east": "up", "sa-east": "up", "eu-central": "up" });
    }
    expect(timeline.verdict.kind).toBe("operational");
  });

  it("raises at all regions when a number asks for more than there are", () => {
    const timeline = new Timeline({ monitor: { quorum: { raise: 9 } } });
    timeline.see(0, { "us-east": "up" }).seeAll(60, "accept_mismatch");
    expect(timeline.verdict.kind).toBe("down");
  });

  it("wants as many consecutive failures of a region as the policy says", () => {
    const timeline = new Timeline({ monitor: { quorum: { raiseAfter: 2, clearAfter: 2 } } });
    timeline.seeAll(0, "up").seeAll(60, "accept_mismatch");
    expect(timeline.verdict.kind).toBe("operational");
    expect(timeline.verdict.message).toContain("us-east to be confirmed: accept_mismatch");
    timeline.seeAll(70, "accept_mismatch");
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(60) });
    timeline.seeAll(120, "up");
    expect(timeline.verdict.kind).toBe("down");
    expect(timeline.verdict.reason).toBe("accept_mismatch");
    timeline.seeAll(130, "up");
    expect(timeline.verdict.kind).toBe("operational");
  });

  it("knows nothing from a first failure that the policy wants repeated", () => {
    const timeline = new Timeline({ monitor: { quorum: { raiseAfter: 2 } } });
    timeline.seeAll(0, "accept_mismatch");
    expect(timeline.verdict.kind).toBe("unknown");
    timeline.seeAll(60, "accept_mismatch");
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(0) });
  });

  it("counts regions of one data centre as one vote", () => {
    const timeline = new Timeline().see(0, {
      "us-east": { seen: "up", colo: "IAD" },
      "sa-east": { seen: "connect_timeout", colo: "FRA" },
      "eu-central": { seen: "connect_timeout", colo: "FRA" },
      "ap-southeast": { seen: "up", colo: "SIN" },
    });
    expect(timeline.verdict.kind).toBe("operational");
    expect(timeline.verdict.votes.map(({ counted }) => counted)).toEqual([
      "counted",
      "counted",
      "same_colo",
      "counted",
    ]);
  });

  it("believes the region that reaches the target where two of one data centre disagree", () => {
    const seen = {
      "us-east": { seen: "connect_timeout", colo: "IAD" },
      "sa-east": { seen: "connect_timeout", colo: "FRA" },
      "eu-central": { seen: "up", colo: "FRA" },
    } as const;
    const timeline = new Timeline({ regions: Object.keys(seen) }).see(0, seen);
    expect(timeline.verdict.kind).toBe("operational");
    timeline.see(60, seen).see(120, seen).see(180, seen);
    expect(timeline.verdict.kind).toBe("partial");
    expect(timeline.verdict.message).toContain("(another region in FRA disagrees)");
  });

  it("counts a region whose data centre is not known as a place of its own", () => {
    const { verdict } = new Timeline().seeAll(0, { seen: "accept_mismatch", colo: null });
    expect(verdict.kind).toBe("down");
    expect(verdict.message).toContain("4 of 4");
  });

  it("ignores votes of regions that are no longer assigned", () => {
    const timeline = new Timeline({ monitor: { regions: ["us-east", "sa-east"] } });
    timeline.see(0, {
      "us-east": "up",
      "sa-east": "up",
      "eu-central": "connect_timeout",
      "ap-southeast": "connect_timeout",
    });
    expect(timeline.verdict.kind).toBe("operational");
    expect(timeline.verdict.votes).toHaveLength(2);
  });

  it("lets a single region decide alone where it is the only one", () => {
    const timeline = new Timeline({ monitor: { regions: ["sa-east"] } });
    expect(timeline.see(0, { "sa-east": "connect_failed" }).verdict.kind).toBe("down");
  });

  it("is unknown without any active region, while paused, and maintenance under maintenance", () => {
    const none = new Timeline({ monitor: { regions: ["oceania"] } }).pass(0);
    expect(none.verdict.message).toBe("No active region is assigned");
    const paused = new Timeline({ monitor: { paused: true } }).seeAll(0, "up");
    expect(paused.verdict).toMatchObject({ kind: "unknown", message: "Paused: not checked" });
    const maintained = new Timeline();
    maintained.maintenance = true;
    maintained.seeAll(0, "connect_failed");
    expect(maintained.verdict).toMatchObject({ kind: "maintenance", message: "Under maintenance" });
  });

  it("does not date an outage for all back to the failing of one region before it", () => {
    const timeline = new Timeline().seeAll(0, "up");
    for (let second = 60; second <= 600; second += 60) {
      timeline.seeAll(second, "up").see(second + 1, { "sa-east": "connect_timeout" });
    }
    for (let second = 60; second <= 600; second += 60) {
      timeline.see(600 + second, {
        "us-east": "up",
        "sa-east": "connect_timeout",
        "eu-central": "up",
        "ap-southeast": "up",
      });
    }
    expect(timeline.verdict).toMatchObject({ kind: "partial", sinceMs: at(601) });
    timeline.seeAll(1_260, "connect_timeout");
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(1_260) });
    expect(timeline.incident?.startedAtMs).toBe(at(601));
  });

  it("does not count in retrospect what a region saw while it was suspended", () => {
    const timeline = new Timeline({ monitor: { quorum: { raise: 1 } } }).seeAll(0, "up");
    timeline.suspended = new Set(["sa-east"]);
    for (let second = 60; second <= 600; second += 60) {
      timeline.seeAll(second, "up").see(second + 1, { "sa-east": "connect_timeout" });
    }
    expect(timeline.verdict.kind).toBe("operational");
    timeline.suspended = new Set();
    timeline.pass(610);
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs: at(610) });
    expect(timeline.incident?.startedAtMs).toBe(at(610));
  });

  it("dates nothing back by more than a day", () => {
    const timeline = new Timeline({ regions: ["us-east", "sa-east"] }).seeAll(0, "up");
    // The other is silent: what the one sees makes no verdict yet.
    for (let hour = 1; hour <= 30; hour += 1) {
      timeline.see(hour * 3_600, { "us-east": "connect_timeout" });
      const vote = timeline.votes.get("us-east");
      if (vote !== undefined) timeline.votes.set("us-east", { ...vote, failingSinceMs: at(3_600) });
    }
    expect(timeline.verdict.kind).toBe("unknown");
    const nowSecond = 30 * 3_600 + 1;
    timeline.see(nowSecond, { "sa-east": "connect_timeout" });
    const sinceMs = at(nowSecond) - DATED_BACK_MAX_MS;
    expect(timeline.verdict).toMatchObject({ kind: "down", sinceMs });
    expect(timeline.incident?.startedAtMs).toBe(sinceMs);
  });
});

describe("any votes", () => {
  const anySeen = fc.constantFrom(
    "up",
    "up",
    "accept_mismatch",
    "latency_over_budget",
    "probe_error",
    "silent",
  );
  const anyColo = fc.constantFrom(null, "FRA", "IAD", "SIN");
  const anyVotes = fc.array(fc.tuple(anySeen, anyColo), { minLength: 6, maxLength: 6 });
  const REGIONS = ["us-east", "us-west", "sa-east", "eu-west", "eu-central", "oceania"];

  it("make a first verdict down only by a quorum of failing places", () => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        const timeline = new Timeline({ regions: REGIONS });
        const places = new Map<string, string[]>();
        REGIONS.forEach((region, index) => {
          const [seen, colo] = votes[index] ?? ["silent", null];
          if (seen === "silent") return;
          timeline.see(index, { [region]: { seen: seen as "up", colo } });
          if (seen === "probe_error") return;
          const place = colo ?? region;
          places.set(place, [...(places.get(place) ?? []), seen]);
        });
        // Judged once more by somebody who saw nothing before.
        const once = new Timeline({ regions: REGIONS });
        for (const [region, vote] of timeline.votes) once.votes.set(region, vote);
        // Nobody else reports until waiting for them is over.
        once.pass(10).pass(90);
        const down = [...places.values()].filter((seen) =>
          seen.every((one) => one === "accept_mismatch"),
        ).length;
        const impaired = [...places.values()].filter((seen) => !seen.includes("up")).length;
        const needed = Math.min(4, places.size);
        const expected =
          places.size < 2
            ? "unknown"
            : down >= needed
              ? "down"
              : impaired >= needed
                ? "degraded"
                : "operational";
        expect(once.verdict.kind).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
