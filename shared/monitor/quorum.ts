/**
 * From ballots to a verdict: how many of the fresh votes agree, and whether that is enough. Pure.
 *
 * - A majority is one of the assigned regions; with fewer votes left than that, all must agree.
 * - `down`: the raise threshold is met by `down` votes; `degraded`: by `degraded` and `down` votes
 *   together; `partial`: below both, but a region has kept failing (three checks or more over at
 *   least one and a half intervals), or fails in an open incident; else `operational`.
 * - A bad verdict holds until the clear threshold is met by good votes (`up` for `degraded`, `up`
 *   and `degraded` for `down`), so a split vote changes nothing. When nothing was known meanwhile,
 *   a split vote is not enough to call an open incident's monitor bad again: it stays `unknown`.
 * - Fewer fresh votes than the policy's minimum make it `unknown`. Votes expire only after
 *   `freshnessMs`, so silence has lasted long by then; when it is the probes' own trouble that
 *   leaves too few, the verdict stands for as long as their last usable observations are fresh.
 * - The first votes after nothing was known are not the whole: while regions have yet to report and
 *   could change what trouble or an open incident comes to, it stays `unknown`, for a while.
 * - When every region is silent, votes that expire one after another are no news: the verdict stands
 *   until too few are left.
 */
import type { Reason } from "../probe/reason.ts";
import type { Ballot } from "./ballot.ts";
import { collectBallots } from "./ballot.ts";
import type { Monitor, QuorumPolicy, Threshold } from "./monitor.ts";
import { monitorRegions } from "./monitor.ts";
import type { IncidentKind, Verdict, VerdictKind, Vote } from "./verdict.ts";
import type { VerdictFacts } from "./verdict-message.ts";
import { badSinceMs, describeVerdict } from "./verdict-message.ts";
import { freshnessMs, isFresh } from "./vote.ts";

/** Consecutive failing checks after which a region below quorum is named. */
export const PARTIAL_AFTER = 3;
/** …and the time they must span, in intervals: extra checks alone do not make it persistent. */
const PARTIAL_SPAN_INTERVALS = 1.5;

/** What a verdict depends on. */
export interface QuorumInput {
  monitor: Monitor;
  /** Active regions in the network's order. */
  regions: readonly string[];
  /** By region; those of regions that are not assigned are ignored. */
  votes: ReadonlyMap<string, Vote>;
  previous: Verdict;
  /** Kind of the open incident; null: none is open. */
  held: IncidentKind | null;
  intervalMs: number;
  suspended: ReadonlySet<string>;
  maintenance: boolean;
  nowMs: number;
}

/**
 * Votes that a threshold asks for.
 *
 * @param fresh fresh votes, 0 or more
 * @returns at least 1; more than `fresh` where a number asks for more than there are
 */
export function votesNeeded(threshold: Threshold, fresh: number): number {
  if (threshold === "majority") return Math.floor(fresh / 2) + 1;
  if (typeof threshold === "number") return threshold;
  const share = Number(threshold.slice(0, -1));
  return Math.max(1, Math.ceil((share * fresh) / 100));
}

/**
 * Failing votes that raise a verdict.
 *
 * A majority is one of the regions that are assigned, so that silence never makes it easier to call
 * a target down: with one of four regions silent two failing ones are still half. Where fewer votes
 * are left than that, all of them must agree.
 *
 * @param fresh fresh votes, 0 or more
 * @param assigned regions that are assigned
 */
export function raiseNeededOf(raise: Threshold, fresh: number, assigned: number): number {
  if (raise === "majority") return Math.max(1, Math.min(votesNeeded(raise, assigned), fresh));
  // A number above the regions there are could never be met: an outage would go unseen.
  return Math.min(votesNeeded(raise, fresh), Math.max(1, assigned));
}

/** Fresh votes without which nothing is concluded, never more than there are regions. */
export function minVotesOf(policy: QuorumPolicy, assigned: number): number {
  return Math.max(1, Math.min(policy.minVotes ?? 2, assigned));
}

/** Votes by what they say. */
interface Tally {
  fresh: number;
  /** Counted `down` votes. */
  down: Ballot[];
  /** Counted `degraded` and `down` votes. */
  impaired: Ballot[];
  /** Regions that keep failing, whether or not they speak for their place. */
  persistent: Ballot[];
  raiseNeeded: number;
  clearNeeded: number;
}

function isPersistent({ vote, evidence }: Ballot, intervalMs: number): boolean {
  if (vote === null || evidence.status !== "down" || vote.failingSinceMs === null) return false;
  // Up to the last failing observation: the probe's own trouble since then proves nothing.
  const spanMs = (vote.usableAtMs ?? vote.atMs) - vote.failingSinceMs;
  return vote.failures >= PARTIAL_AFTER && spanMs >= PARTIAL_SPAN_INTERVALS * intervalMs;
}

function tallyOf(ballots: readonly Ballot[], input: QuorumInput): Tally {
  const { quorum } = input.monitor;
  const counted = ballots.filter(({ evidence }) => evidence.counted === "counted");
  const fresh = counted.length;
  return {
    fresh,
    down: counted.filter(({ evidence }) => evidence.status === "down"),
    impaired: counted.filter(({ evidence }) => evidence.status !== "up"),
    persistent: ballots.filter((ballot) => {
      // Whoever fails in an open incident keeps it open, by what is known now and not by what was.
      const failsInIncident = input.held !== null && ballot.evidence.status === "down";
      return failsInIncident || isPersistent(ballot, input.intervalMs);
    }),
    raiseNeeded: raiseNeededOf(quorum.raise, fresh, ballots.length),
    // All fresh votes good always clears, however many regions are silent.
    clearNeeded: Math.min(votesNeeded(quorum.clear, fresh), fresh),
  };
}

interface Conclusion {
  kind: VerdictKind;
  /** Ballots that made a bad verdict. */
  made: readonly Ballot[];
  held: VerdictFacts["held"];
  /** Since when nothing has been known for sure with enough votes, where others were awaited. */
  awaitingSinceMs?: number | undefined;
}

/** Whether a verdict says anything about the target. */
function isKnown(kind: VerdictKind): boolean {
  return kind !== "unknown" && kind !== "maintenance";
}

/** What enough fresh votes say, given the incident that may be open and what was known before. */
function conclude(tally: Tally, held: IncidentKind | null, previous: VerdictKind): Conclusion {
  const { fresh, down, impaired, persistent, raiseNeeded, clearNeeded } = tally;
  const holding = (kind: VerdictKind): VerdictKind => (isKnown(previous) ? kind : "unknown");
  if (down.length >= raiseNeeded) return { kind: "down", made: down, held: null };
  const notDown = fresh - down.length;
  if (held === "down" && notDown < clearNeeded) {
    return { kind: holding("down"), made: down, held: { good: notDown, needed: clearNeeded } };
  }
  if (impaired.length >= raiseNeeded) return { kind: "degraded", made: impaired, held: null };
  const up = fresh - impaired.length;
  if ((held === "down" || held === "degraded") && up < clearNeeded) {
    return { kind: holding("degraded"), made: impaired, held: { good: up, needed: clearNeeded } };
  }
  if (persistent.length > 0) return { kind: "partial", made: persistent, held: null };
  return { kind: "operational", made: [], held: null };
}

/** Whether probes' own trouble, for a short while yet, is all that the minimum lacks. */
function onlyProbesFail(ballots: readonly Ballot[], needed: number, input: QuorumInput): boolean {
  if (!isKnown(input.previous.kind)) return false;
  const usable = ballots.filter(({ vote, evidence }) => {
    if (evidence.counted === "counted") return true;
    const usableAtMs = vote?.usableAtMs ?? null;
    return (
      evidence.counted === "probe_blamed" &&
      usableAtMs !== null &&
      isFresh({ atMs: usableAtMs }, input.intervalMs, input.nowMs)
    );
  });
  return usable.length >= needed;
}

/**
 * Whether all regions have fallen silent: the newest vote is old enough for others to expire. A
 * region that another speaks for is heard too.
 */
function isSilent(ballots: readonly Ballot[], { intervalMs, nowMs }: QuorumInput): boolean {
  const limitMs = freshnessMs(intervalMs) - intervalMs;
  return ballots.every(({ vote, evidence: { counted } }) => {
    const isHeard = counted === "counted" || counted === "same_colo";
    return vote === null || !isHeard || nowMs - vote.atMs > limitMs;
  });
}

/** The ballots as they would be if every region that has not reported lately said the same. */
function assume(ballots: readonly Ballot[], status: "up" | "down"): Ballot[] {
  return ballots.map(({ vote, evidence }) => {
    const awaited = evidence.counted === "silent" || evidence.counted === "stale";
    return { vote, evidence: awaited ? { ...evidence, status, counted: "counted" } : evidence };
  });
}

/** First moment at which votes that were awaited since another are awaited no longer. */
export function awaitingOverMs(sinceMs: number, intervalMs: number): number {
  return sinceMs + Math.floor(freshnessMs(intervalMs) / 2) + 1;
}

/** Whether votes that are still to come, but not for too long, may change what is concluded. */
function isAwaiting(ballots: readonly Ballot[], tally: Tally, input: QuorumInput): boolean {
  const { held, previous, intervalMs, nowMs } = input;
  if (tally.impaired.length === 0 && held === null) return false;
  const sinceMs = previous.awaitingSinceMs ?? nowMs;
  if (nowMs >= awaitingOverMs(sinceMs, intervalMs)) return false;
  const [best, worst] = (["up", "down"] as const).map(
    (status) => conclude(tallyOf(assume(ballots, status), input), held, previous.kind).kind,
  );
  return best !== worst;
}

function concludeFromEnough(
  ballots: readonly Ballot[],
  tally: Tally,
  input: QuorumInput,
): Conclusion {
  const { held, previous } = input;
  const conclusion = conclude(tally, held, previous.kind);
  if (!isKnown(previous.kind)) {
    const { awaitingSinceMs } = previous;
    if (isAwaiting(ballots, tally, input)) {
      const sinceMs = awaitingSinceMs ?? input.nowMs;
      return { kind: "unknown", made: [], held: "awaiting", awaitingSinceMs: sinceMs };
    }
    // While it stays unknown the wait that is over is remembered, so that none begins again.
    return conclusion.kind === "unknown" ? { ...conclusion, awaitingSinceMs } : conclusion;
  }
  return conclusion.kind !== previous.kind && isSilent(ballots, input)
    ? { kind: previous.kind, made: [], held: "silent" }
    : conclusion;
}

const RANK: Readonly<Record<VerdictKind, number>> = {
  operational: 0,
  unknown: 0,
  maintenance: 0,
  partial: 1,
  degraded: 2,
  down: 3,
};

/** When maintenance last ended; undefined: it never began. */
function maintainedUntilMs(kind: VerdictKind, { previous, nowMs }: QuorumInput) {
  const ends = previous.kind === "maintenance" && kind !== "maintenance";
  return ends ? nowMs : previous.maintainedUntilMs;
}

/**
 * Longest that a verdict is dated back, in milliseconds. What was said of the time before that stays
 * said: rollups of five minutes are folded and forgotten, and reports need look no further.
 */
export const DATED_BACK_MAX_MS = 86_400_000;

/**
 * Since when a verdict holds.
 *
 * What gets worse began with the first failing observation of the votes that made it. Where the
 * verdict was bad already, regions that had kept failing alone do not date the wider outage back to
 * their own; nothing is dated back across a time in which an open incident was not confirmed, nor
 * into maintenance: what began inside announced work is an outage only from the end of that work. A
 * region that was suspended until now did not count, and does not in retrospect.
 */
function sinceOf(conclusion: Conclusion, input: QuorumInput): number {
  const { previous, held, nowMs } = input;
  if (conclusion.kind === previous.kind) return previous.sinceMs;
  if (RANK[conclusion.kind] <= RANK[previous.kind]) return nowMs;
  const wasDown = new Set(
    previous.votes.filter((vote) => vote.status === "down").map((vote) => vote.region),
  );
  const wasSuspended = new Set(
    previous.votes.filter((vote) => vote.counted === "suspended").map((vote) => vote.region),
  );
  const moments = conclusion.made
    .filter((ballot) => {
      const alone = wasDown.has(ballot.evidence.region) && isPersistent(ballot, input.intervalMs);
      return RANK[previous.kind] === 0 || !alone;
    })
    .map((ballot) => (wasSuspended.has(ballot.evidence.region) ? nowMs : badSinceMs(ballot)))
    .filter((atMs) => atMs !== null);
  const firstMs = Math.max(nowMs - DATED_BACK_MAX_MS, Math.min(nowMs, ...moments));
  const earliestMs = Math.max(firstMs, maintainedUntilMs(conclusion.kind, input) ?? firstMs);
  return held === null ? earliestMs : Math.max(earliestMs, Math.min(previous.sinceMs, nowMs));
}

/** Commonest reason; the earlier region's where two are equally common. */
function reasonOf({ kind, made }: Conclusion): Reason | null {
  if (!isKnown(kind)) return null;
  const counts = new Map<Reason, number>();
  for (const { evidence } of made) {
    if (evidence.reason !== null) {
      counts.set(evidence.reason, (counts.get(evidence.reason) ?? 0) + 1);
    }
  }
  let commonest: Reason | null = null;
  for (const [reason, count] of counts) {
    if (commonest === null || count > (counts.get(commonest) ?? 0)) commonest = reason;
  }
  return commonest;
}

function concludeFrom(ballots: readonly Ballot[], tally: Tally, input: QuorumInput): Conclusion {
  const minVotes = minVotesOf(input.monitor.quorum, ballots.length);
  if (input.maintenance) return { kind: "maintenance", made: [], held: null };
  if (input.monitor.paused) return { kind: "unknown", made: [], held: null };
  if (tally.fresh >= minVotes) return concludeFromEnough(ballots, tally, input);
  if (onlyProbesFail(ballots, minVotes, input)) {
    return { kind: input.previous.kind, made: [], held: "too_few" };
  }
  // Where a region comes and goes, a wait that began anew each time would never end.
  const { awaitingSinceMs } = input.previous;
  return { kind: "unknown", made: [], held: null, awaitingSinceMs };
}

/** Decides what the quorum concludes about a monitor, and says why. */
export function decideVerdict(input: QuorumInput): Verdict {
  const { monitor, nowMs } = input;
  const ballots = collectBallots({
    ...input,
    policy: monitor.quorum,
    regions: monitorRegions(monitor, input.regions),
    previous: input.previous.votes,
  });
  const tally = tallyOf(ballots, input);
  const conclusion = concludeFrom(ballots, tally, input);
  const { awaitingSinceMs } = conclusion;
  const kept = conclusion.held === "too_few" || conclusion.held === "silent";
  const maintainedMs = maintainedUntilMs(conclusion.kind, input);
  return {
    monitor: monitor.id,
    kind: conclusion.kind,
    reason: kept ? input.previous.reason : reasonOf(conclusion),
    message:
      monitor.paused && conclusion.kind === "unknown"
        ? "Paused: not checked"
        : describeVerdict({
            ...conclusion,
            ballots,
            fresh: tally.fresh,
            minVotes: minVotesOf(monitor.quorum, ballots.length),
            nowMs,
          }),
    sinceMs: sinceOf(conclusion, input),
    votes: ballots.map(({ evidence }) => evidence),
    ...(awaitingSinceMs === undefined ? {} : { awaitingSinceMs }),
    ...(maintainedMs === undefined ? {} : { maintainedUntilMs: maintainedMs }),
  };
}
