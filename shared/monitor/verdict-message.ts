/**
 * A verdict's reason in words, from the ballots that made it. Pure and deterministic: the same
 * votes at the same moment give the same sentence. Times are UTC, as everywhere.
 */
import type { Ballot } from "./ballot.ts";
import type { VerdictKind } from "./verdict.ts";

/** What the sentence is about. */
export interface VerdictFacts {
  kind: VerdictKind;
  ballots: readonly Ballot[];
  /** Ballots that made a bad verdict, or are too few to make it again; empty otherwise. */
  made: readonly Ballot[];
  /** Counted votes. */
  fresh: number;
  /** Fresh votes without which nothing is concluded. */
  minVotes: number;
  /**
   * Why the verdict stands although the votes alone would not raise it: too few good ones to clear,
   * too few at all, none lately, or the rest of them are awaited; null: they do.
   */
  held: { good: number; needed: number } | "too_few" | "silent" | "awaiting" | null;
  nowMs: number;
}

/** Time of day such as `14:02:11`, with the date where it is not today's. */
export function clockTime(atMs: number, nowMs: number): string {
  const [date, time] = new Date(atMs).toISOString().split(/[T.]/);
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return date === today ? `${time}` : `${date} ${time}`;
}

/** A length of time in its largest unit, rounded down: `40 s`, `4 min`, `3 h`, `5 d`. */
export function roughDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Since when a ballot has been bad; null: it is not, or it is not known. */
export function badSinceMs({ evidence }: Ballot): number | null {
  if (evidence.status === "down") return evidence.failingSinceMs;
  return evidence.status === "degraded" ? (evidence.impairedSinceMs ?? null) : null;
}

function earliestMs(ballots: readonly Ballot[]): number | null {
  const moments = ballots.map(badSinceMs).filter((atMs) => atMs !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** `accept_mismatch`, or `accept_mismatch (2), connect_timeout (1)`: commonest first. */
function reasonsOf(ballots: readonly Ballot[]): string {
  const counts = new Map<string, number>();
  for (const { evidence } of ballots) {
    const reason = evidence.reason ?? evidence.status;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const ordered = [...counts].sort(([, a], [, b]) => b - a);
  if (ordered.length === 1) return ordered.map(([reason]) => reason).join("");
  return ordered.map(([reason, count]) => `${reason} (${count})`).join(", ");
}

function sinceClause(ballots: readonly Ballot[], nowMs: number): string {
  const sinceMs = earliestMs(ballots);
  return sinceMs === null ? "" : ` since ${clockTime(sinceMs, nowMs)}`;
}

/** One region that is failing or slow without having made the verdict. */
function minorityClause(ballot: Ballot, nowMs: number): string {
  const { region, counted, colo } = ballot.evidence;
  const shared = counted === "same_colo" ? ` (another region in ${colo} disagrees)` : "";
  return `${region}: ${reasonsOf([ballot])}${sinceClause([ballot], nowMs)}${shared}`;
}

/** Why a region's vote was left out. */
function leftOutClause({ vote, evidence }: Ballot, nowMs: number): string | null {
  const { region, counted } = evidence;
  switch (counted) {
    case "silent":
      return `${region} has not reported yet`;
    case "stale":
      return vote !== null && vote.atMs > nowMs
        ? `${region} has a clock ${roughDuration(vote.atMs - nowMs)} ahead`
        : `${region} silent for ${roughDuration(nowMs - (vote?.atMs ?? nowMs))}`;
    case "probe_blamed":
      return `${region} not counted: ${evidence.reason ?? "probe_error"}`;
    case "suspended":
      return `${region} suspended`;
    case "unconfirmed":
      return `${region} to be confirmed: ${evidence.reason ?? "failing"}`;
    case "counted":
    case "same_colo":
    case "maintenance":
      return null;
  }
}

/** A failure that the policy's confirmations hold back for now. */
function pendingClause({ vote, evidence }: Ballot): string | null {
  if (vote === null || evidence.counted !== "counted" || vote.status === evidence.status) {
    return null;
  }
  const seen = vote.status === "up" ? "up" : (vote.reason ?? vote.status);
  return `${evidence.region} to be confirmed: ${seen}`;
}

function fresh(count: number): string {
  return `${count} fresh ${count === 1 ? "region" : "regions"}`;
}

function goodClause(facts: VerdictFacts): string {
  const good = facts.ballots.filter(
    ({ evidence }) => evidence.counted === "counted" && evidence.status === "up",
  ).length;
  if (good < facts.fresh) return `${good} of ${fresh(facts.fresh)} up`;
  return facts.fresh > 1 ? `all ${fresh(facts.fresh)} up` : `${fresh(facts.fresh)} up`;
}

function badClause({ made, fresh: count, nowMs }: VerdictFacts): string {
  return `${made.length} of ${fresh(count)}: ${reasonsOf(made)}${sinceClause(made, nowMs)}`;
}

function headline(facts: VerdictFacts): string {
  const { kind, made, nowMs } = facts;
  switch (kind) {
    case "operational":
      return goodClause(facts);
    case "degraded":
    case "down":
      return made.length === 0 ? `last known to be ${kind}` : badClause(facts);
    case "partial":
      return made.length === 0
        ? "last known to be partial"
        : `${made.map((ballot) => minorityClause(ballot, nowMs)).join("; ")}; ${goodClause(facts)}`;
    case "unknown":
      if (facts.held === "awaiting") return `too early to say: ${goodClause(facts)}`;
      if (made.length > 0) return badClause(facts);
      if (facts.ballots.length === 0) return "no active region is assigned";
      return `${facts.fresh} fresh ${facts.fresh === 1 ? "vote" : "votes"} of ${facts.minVotes} needed`;
    case "maintenance":
      return "under maintenance";
  }
}

/** Says why a verdict is what it is. */
export function describeVerdict(facts: VerdictFacts): string {
  const { kind, ballots, made, held, nowMs } = facts;
  const clauses: Array<string | null> = [headline(facts)];
  if (kind === "maintenance") return sentence(clauses);
  if (held === "too_few") {
    clauses.push(`kept for now: ${facts.fresh} of ${facts.minVotes} votes needed`);
  } else if (held === "silent") {
    clauses.push("kept for now: no region has reported lately");
  } else if (held !== null && held !== "awaiting") {
    clauses.push(`${held.good} good, ${held.needed} needed to clear`);
  }
  const minority = ballots.filter(
    (ballot) =>
      !made.includes(ballot) &&
      (ballot.evidence.status === "down" || ballot.evidence.status === "degraded"),
  );
  clauses.push(...minority.map((ballot) => minorityClause(ballot, nowMs)));
  clauses.push(...ballots.map(pendingClause));
  clauses.push(...ballots.map((ballot) => leftOutClause(ballot, nowMs)));
  return sentence(clauses);
}

function sentence(clauses: ReadonlyArray<string | null>): string {
  const text = clauses.filter((clause) => clause !== null).join("; ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
