/**
 * When to stop waiting for the schedule and ask all regions of a monitor at once. Pure.
 *
 * A vote that has just turned bad while the verdict is not as bad yet, or just turned good while it
 * is bad, is worth confirming at once. "Just" means a series shorter than {@link YOUNG_CHECKS}
 * checks (or than the policy's confirmations): a region that keeps failing alone, and a target that
 * stays down, ask for nothing more.
 *
 * Asks are spaced so that no target and no region can cause a storm, with T the interval:
 * - the first follows at once, but never within max(T/8, 2 s) of the one before;
 * - while the verdict does not change, the next follow no sooner than 1, 2, 4, 8 × max(T/2, 5 s);
 *   a second region that turns bad shortens that to 1 ×, since it is new evidence;
 * - a verdict that changes starts over, and so does quiet: nothing to ask about at a moment that
 *   lies more than twice T and twice the present wait after the last ask.
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

/** Least time between two asks for one monitor, in milliseconds. */
export function leastGapMs(intervalMs: number): number {
  return Math.max(intervalMs / 8, 2_000);
}

/** Time to wait after the last ask, in milliseconds, after `asks` of them changed nothing. */
export function askWaitMs(asks: number, intervalMs: number, fresh: boolean): number {
  const gapMs = leastGapMs(intervalMs);
  if (asks === 0) return gapMs;
  const baseMs = Math.max(intervalMs / 2, 5_000);
  const waitMs = baseMs * 2 ** Math.min(asks - 1, 3);
  return Math.max(gapMs, fresh ? baseMs : waitMs);
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

/** Votes worth confirming under a verdict, in the network's order. */
function findNews(input: QuorumInput, verdict: Verdict) {
  const level = LEVEL[input.held ?? verdict.kind];
  return verdict.votes.flatMap(({ region, counted }) => {
    const vote = HEARD.has(counted) ? input.votes.get(region) : undefined;
    const news = vote === undefined ? null : newsOf(vote, level, input);
    return vote === undefined || news === null ? [] : [{ vote, news }];
  });
}

/** What came of looking for something to confirm. */
export interface Confirmation {
  ask: { why: string } | null;
  askedAtMs: number | null;
  asks: number;
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
  judgement: Pick<Judgement, "askedAtMs" | "asks">,
): Confirmation {
  const { nowMs, intervalMs, monitor } = input;
  const { askedAtMs } = judgement;
  const changed = verdict.kind !== input.previous.kind;
  const askable = !monitor.paused && verdict.kind !== "maintenance";
  const news = askable ? findNews(input, verdict) : [];
  const quietMs = 2 * Math.max(intervalMs, askWaitMs(judgement.asks, intervalMs, false));
  const quiet = news.length === 0 && askedAtMs !== null && nowMs - askedAtMs > quietMs;
  const asks = changed || quiet ? 0 : judgement.asks;
  const [first] = news;
  if (first === undefined) return { ask: null, askedAtMs, asks };
  const later = news.filter(({ vote }) => askedAtMs === null || vote.atMs > askedAtMs);
  const fresh = news.length > 1 && later.length > 0;
  if (askedAtMs !== null && nowMs - askedAtMs < askWaitMs(asks, intervalMs, fresh)) {
    return { ask: null, askedAtMs, asks };
  }
  const { vote } = first;
  const seen = vote.status === "up" ? "up again" : (vote.reason ?? vote.status);
  const why = `${vote.region}: ${seen}, while the verdict is ${verdict.kind}`;
  return { ask: { why }, askedAtMs: nowMs, asks: asks + 1 };
}
