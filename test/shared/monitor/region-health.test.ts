import { beforeEach, describe, expect, it } from "vitest";
import type { RegionHealth, RegionRun, Subject } from "../../../shared/monitor/region-health.ts";
import {
  advanceRegionHealth,
  countDisagreement,
  initialRegionHealth,
  monitoringState,
  suspendedRegions,
} from "../../../shared/monitor/region-health.ts";
import type { Vote } from "../../../shared/monitor/verdict.ts";
import { castVote } from "../../../shared/monitor/vote.ts";
import { makeObservation } from "../../support/observation.ts";
import { START_MS, at } from "../../support/timeline.ts";

const INTERVAL_MS = 60_000;
const COLOS: Record<string, string> = { "us-east": "IAD", "sa-east": "GRU", "eu-central": "FRA" };

let health: RegionHealth;
let states: string[];
let made = 0;

/** A subject with the votes about it, by region. */
interface Seen extends Subject {
  votes: ReadonlyMap<string, Vote>;
}

function voteAbout(subjects: readonly Seen[]) {
  return (id: string, region: string) =>
    subjects.find((candidate) => candidate.id === id)?.votes.get(region);
}

function disagreement(subjects: readonly Seen[], nowMs: number) {
  return countDisagreement("sa-east", subjects, voteAbout(subjects), nowMs);
}

function advance(second: number, run: Partial<RegionRun> | null, subjects: Seen[] = []) {
  const step = advanceRegionHealth({
    health,
    run: run === null ? null : { startedAtMs: at(second), colo: "GRU", controls: null, ...run },
    expectedColos: ["GRU", "GIG"],
    subjects,
    voteOf: voteAbout(subjects),
    silentAfterMs: 150_000,
    nowMs: at(second),
  });
  health = step.health;
  if (step.transition !== null) states.push(`${step.transition.from} → ${step.transition.to}`);
}

/** A target as three regions see it at a second; `d` down, `u` up, `-` silent, in their order. */
function subject(host: string, seen: string, second: number): Seen {
  const votes = new Map<string, Vote>();
  Object.entries(COLOS).forEach(([region, colo], index) => {
    const what = seen[index];
    if (what === "-" || what === undefined) return;
    const reason = what === "d" ? ("connect_timeout" as const) : null;
    const observation = makeObservation({ region, colo, startedAtMs: at(second), reason });
    votes.set(region, castVote(undefined, observation));
  });
  made += 1;
  const id = `subject-${made}`;
  return { id, host, intervalMs: INTERVAL_MS, regions: Object.keys(COLOS), votes };
}

/** Four targets, three of which `sa-east` alone calls down. */
function aloneAbout(second: number): Seen[] {
  return ["a", "b", "c", "d"].map((host) => subject(host, host === "d" ? "uuu" : "udu", second));
}

/** Three targets that all call good. */
function agreed(second: number): Seen[] {
  return ["a", "b", "c"].map((host) => subject(host, "uuu", second));
}

/** A region in some state. */
function as(state: RegionHealth["state"]): RegionHealth {
  return { ...initialRegionHealth("sa-east", START_MS), state };
}

beforeEach(() => {
  health = initialRegionHealth("sa-east", START_MS);
  states = [];
});

describe("a region", () => {
  it("waits for its first run, then is active, then silent, then active again", () => {
    advance(0, null);
    advance(10, {});
    advance(160, null);
    advance(161, null);
    advance(170, {});
    expect(states).toEqual(["waiting → active", "active → silent", "silent → active"]);
  });

  it("is suspended at once when all of several controls fail, until one passes twice", () => {
    advance(0, { controls: { passed: 2, failed: 0 } });
    advance(60, { controls: { passed: 0, failed: 2 } });
    expect(health).toMatchObject({ state: "suspended", why: "its control targets fail" });
    advance(120, { controls: { passed: 1, failed: 1 } });
    expect(health.state).toBe("suspended");
    advance(180, { controls: { passed: 2, failed: 0 } });
    expect(health.state).toBe("active");
  });

  it("is suspended by a single control only when it fails twice", () => {
    advance(0, { controls: { passed: 0, failed: 1 } });
    expect(health.state).toBe("active");
    advance(60, { controls: { passed: 0, failed: 1 } });
    expect(health.state).toBe("suspended");
  });

  it("is suspended when it alone calls most targets down, twice", () => {
    advance(0, {}, aloneAbout(0));
    expect(health.state).toBe("active");
    advance(60, {}, aloneAbout(60));
    expect(health).toMatchObject({
      state: "suspended",
      why: "alone in calling 3 of 4 targets down",
    });
    advance(120, {}, agreed(120));
    expect(health.state).toBe("suspended");
    advance(180, {}, agreed(180));
    expect(health.state).toBe("active");
  });

  it("takes the shards that make one round for one look", () => {
    advance(0, { roundMs: at(0) }, aloneAbout(0));
    advance(1, { roundMs: at(0) }, aloneAbout(1));
    expect(health.state).toBe("active");
    advance(60, { roundMs: at(60) }, aloneAbout(60));
    expect(health.state).toBe("suspended");
  });

  it("is not suspended for a few of many targets", () => {
    for (const second of [0, 60]) {
      const seen = [..."abcdefghij"].map((host) =>
        subject(host, host < "d" ? "udu" : "uuu", second),
      );
      expect(disagreement(seen, at(second))).toEqual({ alone: 3, targets: 10 });
      advance(second, {}, seen);
    }
    expect(health.state).toBe("active");
  });

  it("does not count a look twice when only time passes", () => {
    const seen = ["a", "b", "c"].map((host) => subject(host, "udu", 0));
    advance(0, {}, seen);
    advance(1, null, seen);
    advance(2, null, seen);
    expect(health.state).toBe("active");
  });

  it("is misplaced when it runs elsewhere twice, and still votes", () => {
    advance(0, { colo: "IAD" });
    expect(health.state).toBe("active");
    advance(60, { colo: "IAD" });
    expect(health).toMatchObject({ state: "misplaced", why: "runs in IAD" });
    expect(suspendedRegions([health]).size).toBe(0);
    advance(120, { colo: null });
    expect(health.state).toBe("misplaced");
    advance(180, { colo: "GIG" });
    expect(health.state).toBe("active");
  });

  it("is not moved by a run that is older than the last", () => {
    advance(60, { controls: { passed: 1, failed: 0 } });
    const before = health;
    advance(60, { controls: { passed: 0, failed: 2 } });
    expect(health).toEqual(before);
  });
});

describe("disagreement", () => {
  it("is not seen where others call the target down too, or too few others look", () => {
    const subjects = [
      subject("shared", "ddu", 0),
      subject("lonely", "-du", 0),
      subject("real", "udu", 0),
    ];
    expect(disagreement(subjects, at(0))).toEqual({ alone: 1, targets: 2 });
  });

  it("takes the monitors of one host for one target", () => {
    const subjects = [subject("a", "udu", 0), subject("a", "udu", 0), subject("b", "uuu", 0)];
    expect(disagreement(subjects, at(0))).toEqual({ alone: 1, targets: 2 });
  });

  it("does not count those who have not looked since the region began to fail", () => {
    const early = subject("a", "u-u", 0);
    const failed = subject("a", "-d-", 10);
    const votes = new Map([...early.votes, ...failed.votes]);
    const seen = { alone: 0, targets: 0 };
    expect(disagreement([{ ...early, votes }], at(10))).toEqual(seen);
  });

  it("leaves out what is stale", () => {
    expect(disagreement([subject("a", "udu", 0)], at(200))).toEqual({
      alone: 0,
      targets: 0,
    });
  });
});

describe("a run that was asked for out of turn", () => {
  it("is no look at disagreement: the others have not had their turn", () => {
    advance(0, {}, agreed(0));
    advance(60, {}, aloneAbout(60));
    advance(61, { asked: true }, aloneAbout(61));
    expect(health.state).toBe("active");
    advance(120, {}, aloneAbout(120));
    expect(health.state).toBe("suspended");
  });
});

describe("the network", () => {
  it("is impaired when no region can vote", () => {
    expect(monitoringState([as("silent"), as("suspended")])).toBe("impaired");
    expect(monitoringState([as("silent"), as("waiting")])).toBe("impaired");
    expect(monitoringState([as("silent"), as("misplaced")])).toBe("working");
    expect(monitoringState([as("waiting"), as("waiting")])).toBe("waiting");
  });

  it("believes a suspended region no more for its having fallen silent", () => {
    const silent: RegionHealth = { ...as("silent"), cause: "controls" };
    expect([...suspendedRegions([silent, as("silent")])]).toEqual(["sa-east"]);
  });

  it("names the suspended regions", () => {
    expect([...suspendedRegions([as("suspended")])]).toEqual(["sa-east"]);
  });
});
