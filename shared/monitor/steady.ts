/**
 * The short cut of the judgement: most votes only repeat what is known, and what follows from one
 * that does is known too. What comes out is what `advanceJudgement` would make of it, for a fraction
 * of the work; whatever is not plainly a repetition is left to that. Pure.
 */
import type { JudgementInput } from "./judgement.ts";
import type { QuorumPolicy } from "./monitor.ts";
import type { Counted, CountedVote, Judgement, Vote } from "./verdict.ts";
import { isFresh } from "./vote.ts";

/** How a good vote that is heard may count. */
const HEARD: ReadonlySet<Counted> = new Set(["counted", "same_colo"]);

/** Whether a vote was good when it was last counted, alone or through another of its place. */
function isGood({ status, counted }: CountedVote): boolean {
  return status === "up" && HEARD.has(counted);
}

/**
 * Whether all is well with a monitor and nothing is waited for: no incident is open, nothing was asked
 * lately, every region is heard and sees it up. Judged again without news, nothing would differ.
 *
 * Where a policy wants failures repeated, one that it holds back counts as good: never steady.
 */
export function isSteady(
  { verdict, incident, asks }: Judgement,
  { raiseAfter }: QuorumPolicy,
): boolean {
  return (
    raiseAfter === 1 &&
    verdict.kind === "operational" &&
    (incident === null || incident.endedAtMs !== null) &&
    asks === 0 &&
    verdict.votes.every(isGood)
  );
}

/** What a repetition is taken into. */
export type RepetitionInput = Pick<
  JudgementInput,
  "judgement" | "monitor" | "intervalMs" | "nowMs"
>;

/**
 * Takes a vote into a steady judgement that it repeats; null: it may be news, and must be judged.
 *
 * Nothing else that the judgement depends on may have changed since it was made: no other vote, none
 * that expired, neither suspensions, maintenance nor the configuration.
 */
export function repeatVote(
  { judgement, monitor, intervalMs, nowMs }: RepetitionInput,
  vote: Vote,
): Judgement | null {
  if (vote.status !== "up" || !isSteady(judgement, monitor.quorum)) return null;
  const { verdict } = judgement;
  const index = verdict.votes.findIndex(({ region }) => region === vote.region);
  const before = verdict.votes[index];
  if (before === undefined || before.colo !== vote.colo) return null;
  if (!isFresh(vote, intervalMs, nowMs)) return null;
  const { region, colo, status, reason, message, atMs, failingSinceMs, http } = vote;
  const { counted } = before;
  const votes = verdict.votes.slice();
  const seen = { region, colo, status, reason, message, atMs, failingSinceMs, counted };
  votes[index] = http === undefined ? seen : { ...seen, http };
  return { ...judgement, verdict: { ...verdict, votes } };
}
