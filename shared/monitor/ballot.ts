/**
 * Which regions' votes count, and as what: the step before the quorum. Pure.
 *
 * A region's vote is left out when there is none, when it is stale, when the probe itself was in
 * trouble, and while the region is suspended or the monitor under maintenance. What remains is
 * counted by place: regions observed in one colo are one vote. When they disagree the mildest
 * counts, since it shows that the place does reach the target; the others keep what they saw as
 * evidence, so that a region that fails there is still named. A region whose colo is not known
 * counts as a place of its own.
 */
import type { Status } from "../probe/reason.ts";
import type { QuorumPolicy } from "./monitor.ts";
import type { Counted, CountedVote, Vote } from "./verdict.ts";
import { isFresh } from "./vote.ts";

/** A region's vote beside the way the quorum takes it. */
export interface Ballot {
  /** What the region said; null: it never said anything. */
  vote: Vote | null;
  /** How that counts. */
  evidence: CountedVote;
}

/** What the counting of votes depends on. */
export interface BallotInput {
  policy: QuorumPolicy;
  /** Regions of the monitor, in the network's order. */
  regions: readonly string[];
  votes: ReadonlyMap<string, Vote>;
  /** How the votes counted last time: confirmations start from there. */
  previous: readonly CountedVote[];
  intervalMs: number;
  suspended: ReadonlySet<string>;
  maintenance: boolean;
  nowMs: number;
}

/** Mildest first. */
const SEVERITY: Readonly<Record<Status, number>> = { up: 0, degraded: 1, down: 2, unknown: 3 };

/** Why a vote is left out before anything is counted; null: it is not. */
function exclusion(vote: Vote | undefined, region: string, input: BallotInput): Counted | null {
  if (input.maintenance) return "maintenance";
  if (input.suspended.has(region)) return "suspended";
  if (vote === undefined) return "silent";
  if (!isFresh(vote, input.intervalMs, input.nowMs)) return "stale";
  return vote.status === "unknown" ? "probe_blamed" : null;
}

/**
 * Status of a vote after the policy's confirmations; null while it is a first failure that must be
 * repeated and nothing earlier is known to stand in for it.
 */
function settledStatus(vote: Vote, before: Status, policy: QuorumPolicy): Status | null {
  const { raiseAfter, clearAfter } = policy;
  const known = before === "unknown" ? null : before;
  if (vote.status === "down") return vote.failures >= raiseAfter ? "down" : known;
  if (known === "down" && vote.successes < clearAfter) return "down";
  if (vote.status === "degraded") {
    if (known === "down" || known === "degraded") return "degraded";
    return vote.slowdowns >= raiseAfter ? "degraded" : known;
  }
  return known === "degraded" && vote.recoveries < clearAfter ? "degraded" : "up";
}

function leftOut(region: string, vote: Vote | undefined, counted: Counted): CountedVote {
  return {
    region,
    colo: vote?.colo ?? null,
    status: "unknown",
    reason: vote?.reason ?? null,
    message: vote?.message ?? "",
    atMs: vote?.atMs ?? null,
    failingSinceMs: vote?.failingSinceMs ?? null,
    counted,
  };
}

function settle(vote: Vote, before: CountedVote | undefined, policy: QuorumPolicy): CountedVote {
  const { region, colo, atMs, message, reason, failingSinceMs, http } = vote;
  const status = settledStatus(vote, before?.status ?? "unknown", policy);
  if (status === null) return leftOut(region, vote, "unconfirmed");
  const held = status !== vote.status && before !== undefined && before.status === status;
  return {
    region,
    colo,
    status,
    reason: held ? before.reason : reason,
    message: held ? before.message : message,
    atMs,
    failingSinceMs: held ? before.failingSinceMs : failingSinceMs,
    ...(status === "degraded"
      ? { impairedSinceMs: (held ? before.impairedSinceMs : vote.impairedSinceMs) ?? null }
      : {}),
    ...(http === undefined ? {} : { http }),
    counted: "counted",
  };
}

/** Lets one region speak for each place. */
function mergePlaces(ballots: Ballot[]): Ballot[] {
  const speakers = new Map<string, CountedVote>();
  for (const { evidence } of ballots) {
    if (evidence.counted !== "counted" || evidence.colo === null) continue;
    const speaker = speakers.get(evidence.colo);
    if (speaker === undefined || SEVERITY[evidence.status] < SEVERITY[speaker.status]) {
      speakers.set(evidence.colo, evidence);
    }
  }
  return ballots.map(({ vote, evidence }) => {
    const { colo, counted } = evidence;
    const spokenFor =
      counted === "counted" && colo !== null && speakers.get(colo)?.region !== evidence.region;
    return { vote, evidence: spokenFor ? { ...evidence, counted: "same_colo" } : evidence };
  });
}

/** Takes every region's vote, in the network's order. */
export function collectBallots(input: BallotInput): Ballot[] {
  const before = new Map(input.previous.map((counted) => [counted.region, counted]));
  const ballots = input.regions.map((region): Ballot => {
    const vote = input.votes.get(region);
    const excluded = exclusion(vote, region, input);
    const evidence =
      excluded !== null || vote === undefined
        ? leftOut(region, vote, excluded ?? "silent")
        : settle(vote, before.get(region), input.policy);
    return { vote: vote ?? null, evidence };
  });
  return mergePlaces(ballots);
}
