/**
 * The short cut of the judgement: most votes only repeat what is known, and what follows from one
 * that does is known too. What comes out is what `advanceJudgement` would make of it, for a fraction
 * of the work; whatever is not plainly a repetition is left to that. Pure.
 */
import { quietMs } from "./confirmation.ts";
import type { JudgementInput } from "./judgement.ts";
import type { QuorumPolicy } from "./monitor.ts";
import type { Counted, CountedVote, Judgement, Verdict, Vote } from "./verdict.ts";
import { isFresh } from "./vote.ts";

/** How a good vote that is heard may count. */
const HEARD: ReadonlySet<Counted> = new Set(["counted", "same_colo"]);

/** Whether a vote was good when it was last counted, alone or through another of its place. */
function isGood({ status, counted }: CountedVote): boolean {
  return status === "up" && HEARD.has(counted);
}

/**
 * Whether all is well with a monitor: no incident is open, every region is heard and sees it up.
 *
 * Where a policy wants failures repeated, one that it holds back counts as good: never well.
 */
function isWell({ verdict, incident }: Judgement, { raiseAfter }: QuorumPolicy): boolean {
  return (
    raiseAfter === 1 &&
    verdict.kind === "operational" &&
    (incident === null || incident.endedAtMs !== null) &&
    verdict.votes.every(isGood)
  );
}

/**
 * Whether all is well with a monitor and nothing is waited for: nothing was asked lately either. Judged
 * again without news, nothing would differ.
 */
export function isSteady(judgement: Judgement, policy: QuorumPolicy): boolean {
  return judgement.asks === 0 && isWell(judgement, policy);
}

/**
 * Whether all is well with a monitor and only the quiet after its last ask is waited for, which is not
 * over yet. Judged again without news, nothing would differ before it is.
 */
export function isQuietening(
  judgement: Judgement,
  policy: QuorumPolicy,
  { intervalMs, nowMs }: Pick<JudgementInput, "intervalMs" | "nowMs">,
): boolean {
  const { asks, askedAtMs } = judgement;
  if (asks === 0 || askedAtMs === null) return false;
  return nowMs - askedAtMs <= quietMs(asks, intervalMs) && isWell(judgement, policy);
}

/** What a repetition is taken into. */
export type RepetitionInput = Pick<
  JudgementInput,
  "judgement" | "monitor" | "intervalMs" | "nowMs"
>;

/**
 * Whether a vote only repeats what a steady judgement says: judged again, nothing would differ but
 * the words and the moment of the vote. False: it may be news, and must be judged.
 *
 * Nothing else that the judgement depends on may have changed since it was made: no other vote, none
 * that expired, neither suspensions, maintenance nor the configuration.
 */
export function isRepetition(
  { judgement, monitor, intervalMs, nowMs }: RepetitionInput,
  vote: Vote,
): boolean {
  if (vote.status !== "up" || !isSteady(judgement, monitor.quorum)) return false;
  const before = judgement.verdict.votes.find(({ region }) => region === vote.region);
  return before?.colo === vote.colo && isFresh(vote, intervalMs, nowMs);
}

/** Lists of votes that are the same for many monitors, each kept once. */
export class SharedEvidence {
  readonly #lists = new Map<string, CountedVote[]>();

  /**
   * The judgement without the words and moments of its votes where all of them are good, as with most
   * monitors most of the time: what is left is the same for all that are seen from the same places.
   * {@link renewEvidence} puts them back.
   */
  share(judgement: Judgement): Judgement {
    const { verdict } = judgement;
    if (verdict.kind !== "operational" || !verdict.votes.every(isGood)) return judgement;
    const bare = verdict.votes.map(({ region, colo, status, counted }): CountedVote => {
      const rest = { reason: null, message: "", atMs: null, failingSinceMs: null };
      return { region, colo, status, ...rest, counted };
    });
    const key = JSON.stringify(bare);
    const votes = this.#lists.get(key) ?? bare;
    if (this.#lists.size >= LISTS_MAX) this.#lists.clear();
    this.#lists.set(key, votes);
    return { ...judgement, verdict: { ...verdict, votes } };
  }
}

/** Lists that are kept: more than there are combinations of places at a time. */
const LISTS_MAX = 1_000;

/** A verdict whose good votes say what their regions have said last, which only repeats them. */
export function renewEvidence(
  verdict: Verdict,
  lastOf: (region: string) => Vote | undefined,
): Verdict {
  const votes = verdict.votes.map((counted) => {
    const last = isGood(counted) ? lastOf(counted.region) : undefined;
    if (last?.status !== "up") return counted;
    const { colo, message, atMs, http } = last;
    const { http: _before, ...rest } = counted;
    return { ...rest, colo, message, atMs, ...(http === undefined ? {} : { http }) };
  });
  return { ...verdict, votes };
}
