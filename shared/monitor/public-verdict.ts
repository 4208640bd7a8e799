/** The public JSON form of a verdict: what the API answers, times in ISO 8601. Pure. */
import type { PublicVerdict, Verdict } from "./verdict.ts";

/** Renders the public JSON form, in the documented order of fields. */
export function renderVerdict(verdict: Verdict): PublicVerdict {
  return {
    monitor: verdict.monitor,
    verdict: verdict.kind,
    reason: verdict.reason,
    message: verdict.message,
    since: new Date(verdict.sinceMs).toISOString(),
    votes: verdict.votes.map((vote) => ({
      region: vote.region,
      colo: vote.colo,
      status: vote.status,
      reason: vote.reason,
      at: vote.atMs === null ? null : new Date(vote.atMs).toISOString(),
      counted: vote.counted === "counted",
    })),
  };
}
