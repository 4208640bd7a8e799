/**
 * Whether two judgements differ in what must be stored. Pure.
 *
 * What is recomputed from the regions' votes at any time is left out: the verdict's words, and when
 * and where each vote was observed. How each vote counted stays, because confirmations start there.
 */
import type { CountedVote, Judgement } from "../../../shared/monitor/verdict.ts";

/** Whether two values of plain data are equal; an absent field equals an undefined one. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return sameFields(a, b, NONE);
}

const NONE: ReadonlySet<string> = new Set<string>();
const VERDICT: ReadonlySet<string> = new Set(["verdict"]);
const RECOMPUTED: ReadonlySet<string> = new Set(["votes", "message"]);

function sameFields(a: object, b: object, except: ReadonlySet<string>): boolean {
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [first, second] = [a, b] as Array<Record<string, unknown>>;
  for (const key in first) {
    if (!except.has(key) && !sameData(first[key], second?.[key])) return false;
  }
  for (const key in second) {
    if (!except.has(key) && first?.[key] === undefined && second[key] !== undefined) return false;
  }
  return true;
}

function sameCount(a: CountedVote, b: CountedVote): boolean {
  return (
    a.region === b.region &&
    a.status === b.status &&
    a.counted === b.counted &&
    a.reason === b.reason &&
    a.failingSinceMs === b.failingSinceMs &&
    a.impairedSinceMs === b.impairedSinceMs
  );
}

/** Whether two judgements are the same in all that is stored for its own sake. */
export function sameEssence(a: Judgement, b: Judgement): boolean {
  const [votes, others] = [a.verdict.votes, b.verdict.votes];
  return (
    votes.length === others.length &&
    votes.every((vote, index) => {
      const other = others[index];
      return other !== undefined && sameCount(vote, other);
    }) &&
    sameFields(a.verdict, b.verdict, RECOMPUTED) &&
    sameFields(a, b, VERDICT)
  );
}
