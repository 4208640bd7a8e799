/** The rules that `bench -- policies` compares, on traces small enough to judge by hand. */
import { describe, expect, it } from "vitest";
import { compare } from "./policies.ts";
import type { Rule, Watched } from "./policies/court.ts";
import { judge } from "./policies/court.ts";
import { ECHOQUORUM, ECHOQUORUM_PATIENT } from "./policies/echoquorum.ts";
import { notAhead, renderComparison } from "./policies/report.ts";
import {
  HALF_EVER,
  PEER_VETO,
  RECHECK,
  SECOND_OPINION,
  THREE_IN_A_ROW,
  THREE_OF_FOUR,
} from "./policies/rules.ts";
import { percentile, score } from "./policies/score.ts";
import { Timeline } from "./policies/timeline.ts";
import type { Sight, TargetFault } from "./policies/trace.ts";
import { drawFaults, REGIONS, Trace, TRACE_START_MS } from "./policies/trace.ts";

const [FIRST = "", SECOND = "", THIRD = "", FOURTH = ""] = REGIONS;

/** What a region's checks see from one second to another; null: nobody answers. */
interface Scene {
  from: number;
  to: number;
  regions: readonly string[];
  sees: "down" | "trouble" | null;
  colo?: string;
}

/** Regions look at seconds 0, 15, 30 and 45 of each minute; a check takes 100 ms. */
function watch(scenes: readonly Scene[], colos: Readonly<Record<string, string>> = {}): Watched {
  const look = (region: string, atMs: number): Sight | null => {
    const second = (atMs - TRACE_START_MS) / 1_000;
    const scene = scenes.find(
      ({ from, to, regions }) => second >= from && second < to && regions.includes(region),
    );
    if (scene?.sees === null) return null;
    const result = scene?.sees ?? "up";
    const colo = colos[region] ?? region;
    return { region, colo, startedAtMs: atMs, endedAtMs: atMs + 100, result };
  };
  const scheduled = (fromMs: number, toMs: number) => {
    const sights: Sight[] = [];
    for (let atMs = fromMs; atMs < toMs; atMs += 15_000) {
      const region = REGIONS[((atMs - TRACE_START_MS) / 15_000) % REGIONS.length] ?? "";
      const sight = look(region, atMs);
      if (sight !== null) sights.push(sight);
    }
    return sights;
  };
  return { look, scheduled };
}

/** Seconds, rounded, at which a rule alerts within half an hour. */
function alerts(rule: Rule, scenes: readonly Scene[], colos?: Record<string, string>): number[] {
  const window = { fromMs: TRACE_START_MS, toMs: TRACE_START_MS + 1_800_000 };
  const { alertsMs } = judge(rule, watch(scenes, colos), window);
  return alertsMs.map((atMs) => Math.round((atMs - TRACE_START_MS) / 1_000));
}

/** All regions fail; the first looks at 300, the second at 315, and so on. */
const OUTAGE: Scene = { from: 299, to: 900, regions: REGIONS, sees: "down" };
const FIRST_FAILS: Scene = { from: 299, to: 900, regions: [FIRST], sees: "down" };

describe("one place with three failures in a row", () => {
  it("alerts at the third failure, and again in the next outage", () => {
    const again = { ...OUTAGE, from: 1_199, to: 1_500 };
    expect(alerts(THREE_IN_A_ROW, [OUTAGE, again])).toEqual([420, 1_320]);
  });

  it("is reset by a success", () => {
    const twice = [OUTAGE, { ...OUTAGE, from: 479 }].map((s) => ({ ...s, to: s.from + 100 }));
    expect(alerts(THREE_IN_A_ROW, twice)).toEqual([]);
  });

  it("takes the trouble of its own place for the target's", () => {
    expect(alerts(THREE_IN_A_ROW, [{ ...FIRST_FAILS, sees: "trouble" }])).toEqual([420]);
  });

  it("sees nothing once its place is dead", () => {
    expect(alerts(THREE_IN_A_ROW, [{ ...FIRST_FAILS, from: 0, sees: null }, OUTAGE])).toEqual([]);
  });
});

describe("one place with a re-check", () => {
  it("alerts when the re-check 30 s later fails too", () => {
    expect(alerts(RECHECK, [OUTAGE])).toEqual([330]);
  });

  it("lets a failure pass that the re-check does not see", () => {
    expect(alerts(RECHECK, [{ ...OUTAGE, to: 325 }])).toEqual([]);
  });
});

describe("a second opinion", () => {
  it("alerts as soon as another place fails too", () => {
    expect(alerts(SECOND_OPINION, [OUTAGE])).toEqual([300]);
  });

  it("is not had from the place that failed", () => {
    expect(alerts(SECOND_OPINION, [FIRST_FAILS])).toEqual([]);
  });

  it("is had from the next place when the first asked is dead", () => {
    const dead: Scene = { from: 0, to: 1_800, regions: [SECOND], sees: null };
    expect(alerts(SECOND_OPINION, [dead, OUTAGE])).toEqual([310]);
  });
});

describe("two places with a veto", () => {
  it("alerts after three failures that both see, 30 s apart", () => {
    expect(alerts(PEER_VETO, [OUTAGE])).toEqual([360]);
  });

  it("is silenced by a peer that reaches the target", () => {
    expect(alerts(PEER_VETO, [FIRST_FAILS])).toEqual([]);
  });

  it("goes by the primary alone while the peer cannot be reached", () => {
    const dead: Scene = { from: 0, to: 1_800, regions: [SECOND], sees: null };
    expect(alerts(PEER_VETO, [dead, FIRST_FAILS])).toHaveLength(1);
  });
});

describe("half of the regions by last known status", () => {
  it("alerts when the second region fails", () => {
    expect(alerts(HALF_EVER, [OUTAGE])).toEqual([315]);
  });

  it("lets a dead region vote for ever with what it said last", () => {
    const fails: Scene = { from: 299, to: 310, regions: [FIRST], sees: "down" };
    const dead: Scene = { from: 310, to: 1_800, regions: [FIRST], sees: null };
    const other: Scene = { from: 1_500, to: 1_520, regions: [SECOND], sees: "down" };
    expect(alerts(HALF_EVER, [fails, dead, other])).toEqual([1_515]);
    expect(alerts(ECHOQUORUM, [fails, dead, other])).toEqual([]);
  });
});

describe("three of four regions", () => {
  it("alerts when the third region fails", () => {
    expect(alerts(THREE_OF_FOUR, [OUTAGE])).toEqual([330]);
  });

  it("sees no outage with two regions dead", () => {
    const dead: Scene = { from: 0, to: 1_800, regions: [THIRD, FOURTH], sees: null };
    expect(alerts(THREE_OF_FOUR, [dead, OUTAGE])).toEqual([]);
    expect(alerts(ECHOQUORUM, [dead, OUTAGE])).toHaveLength(1);
  });
});

describe("Echoquorum's rule", () => {
  it("asks all regions at the first failure, and alerts within seconds", () => {
    const [atS = 0, ...more] = alerts(ECHOQUORUM, [OUTAGE]);
    expect(more).toEqual([]);
    expect(atS).toBeGreaterThanOrEqual(300);
    expect(atS).toBeLessThanOrEqual(303);
  });

  it("looks twice before it alerts where two failures are asked for", () => {
    const [atS = 0] = alerts(ECHOQUORUM_PATIENT, [OUTAGE]);
    expect(atS).toBeGreaterThan(303);
    expect(atS).toBeLessThan(330);
  });

  it("does not alert for one region, nor for a probe's own trouble in all", () => {
    expect(alerts(ECHOQUORUM, [FIRST_FAILS])).toEqual([]);
    expect(alerts(ECHOQUORUM, [{ ...OUTAGE, sees: "trouble" }])).toEqual([]);
  });

  it("takes regions of one place for one", () => {
    const three: Scene = { ...OUTAGE, regions: [FIRST, SECOND, THIRD] };
    const shared = { [FIRST]: "here", [SECOND]: "here", [THIRD]: "here" };
    expect(alerts(ECHOQUORUM, [three], shared)).toEqual([]);
    expect(alerts(THREE_OF_FOUR, [three], shared)).toEqual([330]);
  });
});

/** A fault from one second to another. */
function fault(from: number, to: number, regions: readonly string[] = REGIONS): TargetFault {
  return { fromMs: from * 1_000, toMs: to * 1_000, failMs: 50, regions };
}

describe("the score", () => {
  const truth = {
    outages: new Timeline([fault(1_000, 1_400), fault(2_000, 2_060), fault(3_000, 3_600)]),
    blips: new Timeline([fault(5_000, 5_010)]),
    regional: new Timeline([fault(6_000, 7_000, [FIRST, SECOND]), fault(8_000, 9_000, [FIRST])]),
  };
  const scoreOf = (seconds: number[]) =>
    score(truth, { alertsMs: seconds.map((s) => s * 1_000), extraChecks: 0 });

  it("takes time to detect from the first alert in each long outage", () => {
    expect(scoreOf([1_010, 1_200, 3_030])).toMatchObject({ medianMs: 10_000, p95Ms: 30_000 });
    expect(scoreOf([1_010])).toMatchObject({ p95Ms: Infinity });
  });

  it("counts every outage without an alert as missed, also the short ones", () => {
    expect(scoreOf([1_010])).toMatchObject({ missed: 2, falseAlerts: 0 });
    expect(scoreOf([])).toMatchObject({ missed: 3 });
  });

  it("counts alerts while the target is up, or fails for one region, as false", () => {
    expect(scoreOf([500, 8_500])).toMatchObject({ falseAlerts: 2, contested: 0 });
  });

  it("keeps apart what is told of blips and of two regions' trouble", () => {
    expect(scoreOf([5_012, 6_500])).toMatchObject({ blips: 1, contested: 1, falseAlerts: 0 });
  });

  it("takes percentiles by nearest rank", () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([1, 2, 3, 4], 0.95)).toBe(4);
    expect(percentile([], 0.5)).toBe(Infinity);
  });
});

/** What the schedule sees in the first ten hours of a trace. */
function firstHours(seed: number): Sight[] {
  const trace = new Trace(seed, drawFaults(seed, 200));
  return trace.scheduled(TRACE_START_MS, TRACE_START_MS + 36_000_000);
}

describe("the trace", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(firstHours(7)).toEqual(firstHours(7));
    expect(firstHours(7)).not.toEqual(firstHours(8));
  });

  it("gives each region one check a minute when nothing is wrong", () => {
    const trace = new Trace(1, drawFaults(1, 1));
    const seen = trace.scheduled(TRACE_START_MS, TRACE_START_MS + 600_000);
    expect(seen.filter(({ region }) => region === FIRST)).toHaveLength(10);
    expect(seen).toHaveLength(40);
  });
});

describe("the comparison", () => {
  it("prints the same table for the same seed and hours", () => {
    const text = renderComparison(compare(3, 60));
    expect(text).toBe(renderComparison(compare(3, 60)));
    expect(text).toContain("Seed 3, 60 hours");
  });

  it("says where Echoquorum is not ahead", () => {
    const comparison = compare(3, 60);
    const [own, patient] = comparison.own;
    const [other] = comparison.others;
    if (own === undefined || patient === undefined || other === undefined) throw new Error("none");
    const figures = { ...own.score, medianMs: 9_000, p95Ms: 9_000, falseAlerts: 2, missed: 0 };
    const lines = notAhead({
      ...comparison,
      own: [
        { ...own, score: figures },
        { ...patient, score: { ...figures, falseAlerts: 0 } },
      ],
      others: [{ ...other, score: { ...figures, medianMs: 9_500, falseAlerts: 0 } }],
    });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^Echoquorum is not ahead in false alerts/);
    expect(lines[1]).toMatch(/^Echoquorum, raiseAfter 2 is second to no rule/);
  });
});
