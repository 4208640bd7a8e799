/**
 * Whether a region's votes may be believed: a judgement about Echoquorum's own vantage, never about
 * a target. Pure.
 *
 * A region is *suspended* from voting
 * - when all control targets of a run failed (two at least; a single one must fail in two runs in a
 *   row): a vantage that reaches nothing says nothing about anything;
 * - when it alone disagrees: in two looks in a row it calls more than half of its targets down,
 *   three at least and counted by host, each of which two or more other places, and all of them,
 *   call good. Monitors of one host are one target: a host that refuses one region is that
 *   target's trouble and shown as `partial`.
 * It is lifted by two runs in a row with a passing control, or two looks in a row in which it
 * disagrees about at most a quarter of its targets. A region that has not reported for as long as
 * a vote stays fresh is *silent*, whatever it was. One that was observed in a data centre that is
 * not among the expected ones in two runs in a row is *misplaced*: it still votes, by where it is.
 */
import type { Vote } from "./verdict.ts";
import { isFresh } from "./vote.ts";

/** How a region is doing. */
export type RegionState = "waiting" | "active" | "misplaced" | "silent" | "suspended";

/** Looks or runs in a row that change a region's state. */
const IN_A_ROW = 2;
/** Targets without which disagreement says nothing. */
const TARGETS_MIN = 3;
/** For each target about which a region is alone there are so many in all, or more, if it agrees. */
const AGREEING_TARGETS = 4;
/** Other places that must agree with each other about a target. */
const OTHER_PLACES_MIN = 2;

/** Why a region is suspended. */
export type SuspensionCause = "controls" | "disagreement";

/** What is remembered of a region. */
export interface RegionHealth {
  region: string;
  state: RegionState;
  /** Since when it is in this state. */
  sinceMs: number;
  /** Why, for people; empty while active. */
  why: string;
  /** What it is suspended for, kept through a silence; null: nothing. */
  cause: SuspensionCause | null;
  /** Start of the newest run; null: none yet. */
  lastRunAtMs: number | null;
  /** Runs in a row in which every control failed, and in which one passed. */
  controlFailures: number;
  controlPasses: number;
  /** Looks in a row at which it alone disagreed, and at which it did not. */
  disagreements: number;
  agreements: number;
  /**
   * Round at which disagreement was last looked at: shards of a region that make the same round are
   * one look. Absent: none yet, or written by an older release.
   */
  lookedRoundMs?: number | undefined;
  /** Runs in a row from an unexpected data centre. */
  misplacements: number;
  /** Observed data centre of the newest run; null: not known. */
  colo: string | null;
}

/** A change of a region's state: a fact about Echoquorum. */
export interface RegionTransition {
  region: string;
  atMs: number;
  from: RegionState;
  to: RegionState;
  why: string;
  /** Start of the run that showed it; null: only time has passed. */
  runAtMs: number | null;
}

/** What a new run of the region shows. */
export interface RegionRun {
  startedAtMs: number;
  colo: string | null;
  /** Results of its control targets; null: it has none. */
  controls: { passed: number; failed: number } | null;
  /** Whether the coordinator asked for it out of turn; default false. Such a run is no look. */
  asked?: boolean | undefined;
  /** Scheduled time of its round; absent: one that no other run shares. */
  roundMs?: number | undefined;
}

/** One monitor as far as agreement about it is concerned. */
export interface Subject {
  id: string;
  /** Host of the target: monitors of one host are one target. */
  host: string;
  intervalMs: number;
  /** Regions that check it. */
  regions: readonly string[];
}

/** A region's vote about a subject; undefined: it has not cast any. */
export type VoteOf = (subject: string, region: string) => Vote | undefined;

/** What is known of a region that has not reported yet. */
export function initialRegionHealth(region: string, nowMs: number): RegionHealth {
  return {
    region,
    state: "waiting",
    sinceMs: nowMs,
    why: "no run yet",
    cause: null,
    lastRunAtMs: null,
    controlFailures: 0,
    controlPasses: 0,
    disagreements: 0,
    agreements: 0,
    misplacements: 0,
    colo: null,
  };
}

/** About how many of its targets a region alone disagrees. */
export interface Disagreement {
  /** Targets that it calls down and all others good. */
  alone: number;
  /** Targets about which it and enough others have fresh votes. */
  targets: number;
}

/** Places, other than a region's own, that have a fresh opinion: colo → whether it is good. */
function otherPlaces(
  subject: Subject,
  own: Vote,
  voteOf: VoteOf,
  nowMs: number,
): Map<string, boolean> {
  const places = new Map<string, boolean>();
  for (const region of subject.regions) {
    const vote = region === own.region ? undefined : voteOf(subject.id, region);
    if (vote === undefined || vote.status === "unknown") continue;
    if (vote.colo !== null && vote.colo === own.colo) continue;
    if (!isFresh(vote, subject.intervalMs, nowMs)) continue;
    // Whoever has not looked since the region began to fail does not disagree with it yet.
    if (vote.status !== "down" && vote.atMs < (own.failingSinceMs ?? -Infinity)) continue;
    const place = vote.colo ?? region;
    places.set(place, (places.get(place) ?? true) && vote.status !== "down");
  }
  return places;
}

/** A region's own vote about a subject, if it may be believed. */
function ownVote(region: string, subject: Subject, voteOf: VoteOf, nowMs: number): Vote | null {
  const own = voteOf(subject.id, region);
  if (own === undefined || own.status === "unknown") return null;
  return isFresh(own, subject.intervalMs, nowMs) ? own : null;
}

/**
 * Counts where a region stands alone.
 *
 * @param targetsMax where counting ends; of how many targets it would be is not known then
 */
export function countDisagreement(
  region: string,
  subjects: readonly Subject[],
  voteOf: VoteOf,
  nowMs: number,
  targetsMax = Infinity,
): Disagreement {
  const aloneByHost = new Map<string, boolean>();
  for (const subject of subjects) {
    if (aloneByHost.size >= targetsMax) break;
    const own = ownVote(region, subject, voteOf, nowMs);
    if (own === null) continue;
    const places = otherPlaces(subject, own, voteOf, nowMs);
    if (places.size < OTHER_PLACES_MIN) continue;
    const alone = own.status === "down" && [...places.values()].every((good) => good);
    aloneByHost.set(subject.host, (aloneByHost.get(subject.host) ?? true) && alone);
  }
  const alone = [...aloneByHost.values()].filter((value) => value).length;
  return { alone, targets: aloneByHost.size };
}

/** Whether a count is reason to suspend, reason to lift, or neither. */
function weigh({ alone, targets }: Disagreement): "alone" | "agrees" | "neither" {
  if (targets >= TARGETS_MIN && alone * 2 > targets) return "alone";
  return alone * AGREEING_TARGETS <= targets ? "agrees" : "neither";
}

/**
 * Counts only as far as it matters for the weight: with so many targets for each that the region
 * calls down at all it agrees, whatever the others say.
 */
function look({ health, subjects, voteOf, nowMs }: RegionHealthInput): Disagreement {
  const { region } = health;
  const suspects = subjects.filter(
    (subject) => ownVote(region, subject, voteOf, nowMs)?.status === "down",
  );
  return countDisagreement(region, subjects, voteOf, nowMs, AGREEING_TARGETS * suspects.length);
}

/** Takes a run into what is remembered; an older one changes nothing. */
function countRun(
  health: RegionHealth,
  run: RegionRun,
  expectedColos: readonly string[],
): RegionHealth {
  if (health.lastRunAtMs !== null && run.startedAtMs <= health.lastRunAtMs) return health;
  const { controls, colo } = run;
  const failed = controls !== null && controls.passed === 0 && controls.failed > 0;
  const passed = controls !== null && controls.passed > 0;
  const elsewhere = colo !== null && expectedColos.length > 0 && !expectedColos.includes(colo);
  return {
    ...health,
    lastRunAtMs: run.startedAtMs,
    // Several controls failing at once are as good as one failing twice.
    controlFailures: failed
      ? health.controlFailures + ((controls?.failed ?? 0) > 1 ? IN_A_ROW : 1)
      : passed
        ? 0
        : health.controlFailures,
    controlPasses: passed ? health.controlPasses + 1 : failed ? 0 : health.controlPasses,
    misplacements: colo === null ? health.misplacements : elsewhere ? health.misplacements + 1 : 0,
    colo: colo ?? health.colo,
  };
}

interface Standing {
  state: RegionState;
  cause: SuspensionCause | null;
  why: string;
}

/** Whether a region is to be, or to stay, suspended; null: neither. */
function suspensionOf(health: RegionHealth, input: RegionHealthInput): Standing | null {
  const state = "suspended";
  const { cause } = health;
  if (
    health.controlFailures >= IN_A_ROW ||
    (cause === "controls" && health.controlPasses < IN_A_ROW)
  ) {
    return { state, cause: "controls", why: "its control targets fail" };
  }
  if (health.disagreements >= IN_A_ROW) {
    const { subjects, voteOf, nowMs } = input;
    const { alone, targets } = countDisagreement(health.region, subjects, voteOf, nowMs);
    const why = `alone in calling ${alone} of ${targets} targets down`;
    return { state, cause: "disagreement", why };
  }
  const stays = cause === "disagreement" && health.agreements < IN_A_ROW;
  return stays ? { state, cause, why: health.why } : null;
}

function standingOf(health: RegionHealth, input: RegionHealthInput, silent: boolean): Standing {
  const { lastRunAtMs, cause } = health;
  if (lastRunAtMs === null) return { state: "waiting", cause, why: "no run yet" };
  if (silent) return { state: "silent", cause, why: "its probe does not report" };
  const suspension = suspensionOf(health, input);
  if (suspension !== null) return suspension;
  return health.misplacements >= IN_A_ROW
    ? { state: "misplaced", cause: null, why: `runs in ${health.colo ?? "an unknown place"}` }
    : { state: "active", cause: null, why: "" };
}

/** What a step of a region's health looks at. */
export interface RegionHealthInput {
  health: RegionHealth;
  /** A run that has just been taken in; null: only time has passed. */
  run: RegionRun | null;
  /** Data centres in which the region is expected; empty: anywhere. */
  expectedColos: readonly string[];
  /** Monitors that the region checks. */
  subjects: readonly Subject[];
  voteOf: VoteOf;
  /** Time without a run after which the region is silent, in milliseconds. */
  silentAfterMs: number;
  nowMs: number;
}

/**
 * Takes a run, or the passing of time, into a region's health. Disagreement is looked at with each
 * scheduled run, so that the two looks that it takes rest on two sets of observations, and the others
 * have had their turn in between: the first region to see an outage is alone for a moment.
 */
export function advanceRegionHealth(input: RegionHealthInput): {
  health: RegionHealth;
  transition: RegionTransition | null;
} {
  const { run, nowMs } = input;
  const before = input.health;
  let health = run === null ? before : countRun(before, run, input.expectedColos);
  const roundMs = run?.roundMs;
  const looksAgain = roundMs === undefined || roundMs > (before.lookedRoundMs ?? -Infinity);
  if (health !== before && run?.asked !== true && looksAgain) {
    const weight = weigh(look(input));
    health = {
      ...health,
      lookedRoundMs: roundMs ?? before.lookedRoundMs,
      disagreements: weight === "alone" ? health.disagreements + 1 : 0,
      agreements: weight === "agrees" ? health.agreements + 1 : 0,
    };
  }
  const silent = health.lastRunAtMs !== null && nowMs - health.lastRunAtMs > input.silentAfterMs;
  const standing = standingOf(health, input, silent);
  const { state, why } = standing;
  if (state === before.state) return { health: { ...health, ...standing }, transition: null };
  const transition = {
    region: before.region,
    atMs: nowMs,
    from: before.state,
    to: state,
    why,
    runAtMs: run?.startedAtMs ?? null,
  };
  return { health: { ...health, ...standing, sinceMs: nowMs }, transition };
}

/** Regions whose votes do not count at present; silence does not make them believable. */
export function suspendedRegions(healths: Iterable<RegionHealth>): Set<string> {
  const suspended = new Set<string>();
  for (const { region, state, cause } of healths) {
    if (state === "suspended" || (state === "silent" && cause !== null)) suspended.add(region);
  }
  return suspended;
}

/**
 * What the regions together allow to say: `impaired` when none of those that should report can
 * vote, so that nothing at all is known about any target; `waiting` before the first run.
 */
export function monitoringState(
  healths: readonly RegionHealth[],
): "working" | "impaired" | "waiting" {
  if (healths.some(({ state }) => state === "active" || state === "misplaced")) return "working";
  return healths.every(({ state }) => state === "waiting") ? "waiting" : "impaired";
}
