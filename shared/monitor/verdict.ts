/**
 * The words of the judgement: votes, verdicts, incidents, transitions. Types only; the functions
 * beside this file (`vote.ts`, `quorum.ts`, `incident.ts`, `judgement.ts`) produce them.
 */
import type { HttpResult } from "../probe/observation.ts";
import type { Blame, Phase, Reason, Status } from "../probe/reason.ts";

/** What the quorum concludes about a monitor. */
export type VerdictKind =
  "operational" | "degraded" | "partial" | "down" | "unknown" | "maintenance";

/** What a vote keeps of the HTTP request beside its check. */
export type VoteHttp = Pick<HttpResult, "status" | "reason" | "code">;

/** The freshest usable observation of a region, with what led up to it. */
export interface Vote {
  region: string;
  /** Observed colo of the run; null: not known. */
  colo: string | null;
  status: Status;
  phase: Phase | null;
  reason: Reason | null;
  blame: Blame | null;
  message: string;
  /** When the observation began. */
  atMs: number;
  /** First observation of the present unbroken series of `down`; null: not failing. */
  failingSinceMs: number | null;
  /** First observation of the present unbroken series of `degraded` or `down`. */
  impairedSinceMs: number | null;
  /** Consecutive `down` observations, up to this one. */
  failures: number;
  /** Consecutive `degraded` observations, up to this one. */
  slowdowns: number;
  /** Consecutive `up` or `degraded` observations, up to this one. */
  successes: number;
  /** Consecutive `up` observations, up to this one. */
  recoveries: number;
  /** When the last observation began that was not the probe's own trouble; null: none yet. */
  usableAtMs: number | null;
  /** Latency of the check, for the page: `timings.totalMs`. */
  totalMs: number | null;
  /** What came of the HTTP request beside it; absent: none was made. */
  http?: VoteHttp | undefined;
}

/**
 * Why a vote counted or did not. `silent`: never heard of; `stale`: not heard of for too long;
 * `same_colo`: another region of the same data centre speaks for the place; `unconfirmed`: a first
 * failure that the policy wants repeated, from a region about which nothing else is known.
 */
export type Counted =
  | "counted"
  | "stale"
  | "silent"
  | "probe_blamed"
  | "same_colo"
  | "unconfirmed"
  | "suspended"
  | "maintenance";

/** A region's vote as the quorum treated it: the evidence of a verdict. */
export interface CountedVote {
  region: string;
  colo: string | null;
  /**
   * As the quorum took it, after the policy's confirmations; `unknown` where it was left out, but
   * for `same_colo`, which keeps what the region saw.
   */
  status: Status;
  reason: Reason | null;
  message: string;
  /** When it was observed; null: never. */
  atMs: number | null;
  failingSinceMs: number | null;
  /** While it counts as `degraded`: since when the region has been impaired; else absent. */
  impairedSinceMs?: number | null | undefined;
  /** What came of the HTTP request beside it; absent: none was made, or the vote is left out. */
  http?: VoteHttp | undefined;
  counted: Counted;
}

/** What the quorum concludes about a monitor, in words and with its evidence. */
export interface Verdict {
  monitor: string;
  kind: VerdictKind;
  /** Commonest reason among the votes that made it; null when operational or unknown. */
  reason: Reason | null;
  /** E.g. `3 of 4 fresh regions: accept_mismatch since 14:02:11; ap-southeast silent for 4 min`. */
  message: string;
  /** Since when it holds: for a bad verdict the first failing observation of its votes. */
  sinceMs: number;
  votes: CountedVote[];
  /** While it is `unknown` and votes are, or have been, awaited for it: since when; else absent. */
  awaitingSinceMs?: number | undefined;
  /** End of the last maintenance, before which nothing is dated back; absent: there was none. */
  maintainedUntilMs?: number | undefined;
}

/** Verdicts that open an incident, mildest first. */
export const INCIDENT_KINDS = ["partial", "degraded", "down"] as const;
/** See {@link INCIDENT_KINDS}. */
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** A verdict that stays bad, from first failing observation to recovery. */
export interface Incident {
  /** `<monitor>-<startedAtMs>`: the same after a replay. */
  id: string;
  monitor: string;
  /** Present kind; the worst is kept in `worst`. */
  kind: IncidentKind;
  worst: IncidentKind;
  reason: Reason | null;
  message: string;
  /** First failing observation of the votes that made the quorum. */
  startedAtMs: number;
  /** When the quorum was reached. */
  confirmedAtMs: number;
  /** When the quorum had cleared; null: open. */
  endedAtMs: number | null;
  acknowledgedAtMs: number | null;
  /** Regions that have failed in it, in order of appearance. */
  regions: string[];
  /** Whether it is one of so many that it stays open through recoveries (see `flapping.ts`). */
  flapping?: boolean | undefined;
  /** While it stays open although the verdict is operational: since when; else null or absent. */
  calmSinceMs?: number | null | undefined;
}

/** One change of an incident's or a monitor's state. */
export interface Transition {
  /**
   * `<incident>.<sequence>`, without an incident `<monitor>.<atMs>.<sequence>`: stable under replay.
   * An older release left the moment out.
   */
  id: string;
  monitor: string;
  incident: string | null;
  atMs: number;
  kind:
    | "verdict_changed"
    | "incident_opened"
    | "incident_changed"
    | "incident_resolved"
    | "incident_acknowledged";
  from: VerdictKind;
  to: VerdictKind;
  reason: Reason | null;
  message: string;
  /** Since when the new verdict holds, dated back; absent from what an older release wrote. */
  sinceMs?: number | undefined;
  /** Votes at that moment. */
  votes: CountedVote[];
  /** The monitor was removed: from then on nothing is thought of it; else absent. */
  removed?: true | undefined;
}

/** All that the coordinator remembers of a monitor besides its regions' votes. */
export interface Judgement {
  monitor: string;
  verdict: Verdict;
  /** The open incident, or the last one that ended (`endedAtMs` set); null: none yet. */
  incident: Incident | null;
  /** Transitions made so far; numbers the next. */
  sequence: number;
  /** When all regions were last asked at once; null: never. */
  askedAtMs: number | null;
  /** Asks since the verdict last changed; spaces them out. */
  asks: number;
  /** Tokens left after the last ask (see `confirmation.ts`); absent: all of them. */
  askTokens?: number | undefined;
  /** When the last few incidents were opened, oldest first (see `flapping.ts`); absent: none. */
  openingsMs?: readonly number[] | undefined;
}

/** Public JSON form of a verdict. */
export interface PublicVerdict {
  monitor: string;
  verdict: VerdictKind;
  reason: Reason | null;
  message: string;
  /** ISO 8601. */
  since: string;
  votes: Array<{
    region: string;
    colo: string | null;
    status: Status;
    reason: Reason | null;
    /** ISO 8601; null: never observed. */
    at: string | null;
    counted: boolean;
  }>;
}
