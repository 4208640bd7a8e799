/**
 * When to stop waiting for the schedule and ask all regions of a monitor at once. Pure.
 *
 * *News* is worth confirming at once: a vote that has just turned bad while the verdict is not as bad
 * yet, or just turned good while it is bad. "Just" means a series shorter than {@link YOUNG_CHECKS}
 * checks (or than the policy's confirmations). A region that keeps failing below quorum is no news,
 * but it is *watched*: each further scheduled failure of it, at most one per interval, is reason to
 * ask too, because the others may have begun to fail since they last looked. A target that stays
 * down asks for nothing more.
 *
 * No target and no region can cause a storm, with T the interval (5 s at least):
 * - two asks are never closer than max(T/8, 2 s);
 * - each takes a token of {@link ASK_BURST}, of which one comes back per T: over any time that is
 *   much longer than T the asks at most double the load of the schedule;
 * - what is watched leaves a token for news, so a second region that turns bad is always confirmed;
 * - after every {@link PATIENT_ASKS} asks that left the verdict as it was tokens come back half as
 *   fast, down to one in eight T. A verdict that changes ends that, and so does quiet: nothing to ask
 *   about at a moment that lies more than two such times after the last ask.
 */
import type { QuorumInput } from "./quorum.ts";
import type { Counted, Judgement, Verdict, VerdictKind, Vote } from "./verdict.ts";

/** A series of checks is news while it is shorter than this. */
export const YOUNG_CHECKS = 3;

/** How bad a verdict is, as far as asking is concerned. */
const LEVEL: Readonly<Record<VerdictKind, number>> = {
  operational: 0,
  unknown: 0,
  maintenance: 0,
  partial: 0,
  degraded: 1,
  down: 2,
};

/** Votes that a region has cast and that are believed, whether or not they count. */
const HEARD: ReadonlySet<Counted> = new Set(["counted", "same_colo", "unconfirmed"]);

/** Asks that may follow each other as fast as the least gap allows. */
export const ASK_BURST = 3;
/** Asks without a change of the verdict after which they become half as frequent. */
export const PATIENT_ASKS = 12;
/** Part of an interval after which the next scheduled failure of a watched region may ask. */
const WATCH_INTERVALS = 0.9;
/** An observation this part of an interval younger than an ask is not an answer to it. */
const ANSWER_INTERVALS = 0.5;
/** Shortest interval as far as asking is concerned, in milliseconds. */
const INTERVAL_FLOOR_MS = 5_000;

/** Least time between two asks for one monitor, in milliseconds. */
export function leastGapMs(intervalMs: number): number {
  return Math.max(intervalMs / 8, 2_000);
}

/** Time in which one token comes back after `asks` asks changed nothing, in milliseconds. */
export function refillMs(asks: number, intervalMs: number): number {
  const halvings = Math.min(3, Math.floor(asks / PATIENT_ASKS));
  return Math.max(intervalMs, INTERVAL_FLOOR_MS) * 2 ** halvings;
}

/** Time without anything to ask about after which `asks` asks are forgotten, in milliseconds. */
export function quietMs(asks: number, intervalMs: number): number {
  return 2 * refillMs(asks, intervalMs);
}

/** Tokens that there are at a moment, 0 … {@link ASK_BURST}, with fractions. */
function tokensAt(judgement: Asking, asks: number, intervalMs: number, nowMs: number): number {
  const { askedAtMs, askTokens = ASK_BURST } = judgement;
  if (askedAtMs === null) return ASK_BURST;
  const elapsedMs = Math.max(0, nowMs - askedAtMs);
  return Math.min(ASK_BURST, askTokens + elapsedMs / refillMs(asks, intervalMs));
}

/** What a vote gives reason to ask about; null: nothing. */
function newsOf(vote: Vote, level: number, input: QuorumInput): "bad" | "good" | null {
  const { raiseAfter, clearAfter } = input.monitor.quorum;
  const youngBad = Math.max(YOUNG_CHECKS, raiseAfter);
  const youngGood = Math.max(YOUNG_CHECKS, clearAfter);
  if (vote.status === "down") return level < 2 && vote.failures < youngBad ? "bad" : null;
  if (level === 2 && vote.successes < youngGood) return "good";
  if (vote.status === "degraded") return level < 1 && vote.slowdowns < youngBad ? "bad" : null;
  return level === 1 && vote.recoveries < youngGood ? "good" : null;
}

/** Votes that are heard, in the network's order. */
function heardVotes(input: QuorumInput, verdict: Verdict): Vote[] {
  return verdict.votes.flatMap(({ region, counted }) => {
    const vote = HEARD.has(counted) ? input.votes.get(region) : undefined;
    return vote === undefined ? [] : [vote];
  });
}

/** Votes worth confirming under a verdict. */
function findNews(input: QuorumInput, verdict: Verdict): Vote[] {
  const level = LEVEL[input.held ?? verdict.kind];
  return heardVotes(input, verdict).filter((vote) => newsOf(vote, level, input) !== null);
}

/** Votes that fail on below quorum, and were seen to by the schedule since the last ask. */
function findWatched(input: QuorumInput, verdict: Verdict, askedAtMs: number | null): Vote[] {
  const { intervalMs, nowMs } = input;
  if (LEVEL[input.held ?? verdict.kind] === 2) return [];
  if (askedAtMs !== null && nowMs - askedAtMs < WATCH_INTERVALS * intervalMs) return [];
  const sinceMs = askedAtMs === null ? -Infinity : askedAtMs + ANSWER_INTERVALS * intervalMs;
  return heardVotes(input, verdict).filter(
    ({ status, atMs }) => status === "down" && atMs >= sinceMs,
  );
}

/** What is remembered of earlier asks. */
type Asking = Pick<Judgement, "askedAtMs" | "asks" | "askTokens">;

/** What came of looking for something to confirm. */
export interface Confirmation extends Asking {
  ask: { why: string } | null;
}

/**
 * Decides whether to ask all regions now.
 *
 * @param verdict the verdict that the same votes have just given; `input.held` must be the kind of
 *   the incident that is open after it
 */
export function decideConfirmation(
  input: QuorumInput,
  verdict: Verdict,
  judgement: Asking,
): Confirmation {
  const { nowMs, intervalMs, monitor } = input;
  const { askedAtMs, askTokens } = judgement;
  const changed = verdict.kind !== input.previous.kind;
  const askable = !monitor.paused && verdict.kind !== "maintenance";
  const news = askable ? findNews(input, verdict) : [];
  const watched = askable ? findWatched(input, verdict, askedAtMs) : [];
  const calm = news.length + watched.length === 0;
  const quietAfterMs = quietMs(judgement.asks, intervalMs);
  const quiet = calm && askedAtMs !== null && nowMs - askedAtMs > quietAfterMs;
  const asks = changed || quiet ? 0 : judgement.asks;
  const tokens = tokensAt(judgement, judgement.asks, intervalMs, nowMs);
  const waiting: Confirmation = { ask: null, askedAtMs, asks, askTokens };
  const vote = news[0] ?? watched[0];
  if (vote === undefined) return waiting;
  if (askedAtMs !== null && nowMs - askedAtMs < leastGapMs(intervalMs)) return waiting;
  if (tokens < (news.length > 0 ? 1 : 2)) return waiting;
  const seen = vote.status === "up" ? "up again" : (vote.reason ?? vote.status);
  const why = `${vote.region}: ${seen}, while the verdict is ${verdict.kind}`;
  return { ask: { why }, askedAtMs: nowMs, asks: asks + 1, askTokens: tokens - 1 };
}
