/**
 * What the HTTP companions of the regions that were counted say together: which of the four cases a
 * verdict is. Pure.
 */
import type { CompanionCase } from "../probe/companion.ts";
import { companionCase } from "../probe/companion.ts";
import type { CountedVote } from "./verdict.ts";

/** Which case it is, and how many regions say so. */
export interface Diagnosis {
  case: CompanionCase;
  /** Regions that say so. */
  agreeing: number;
  /** Regions whose companion was asked, of those that the case is about. */
  asked: number;
}

/**
 * Diagnoses a verdict. Where WebSocket fails in some regions, it is about those alone: that HTTP
 * works from elsewhere says nothing about them. Where they do not agree the majority counts, and a
 * tie is the milder case, in which something still works.
 *
 * @returns null when no companion was asked
 */
export function diagnose(votes: readonly CountedVote[]): Diagnosis | null {
  const asked = votes.filter(({ counted, http }) => counted === "counted" && http !== undefined);
  const failing = asked.filter(({ status }) => status === "down");
  const about = failing.length > 0 ? failing : asked;
  if (about.length === 0) return null;
  const up = about.filter(({ http }) => http?.status === "up").length;
  const httpUp = up * 2 >= about.length;
  return {
    case: companionCase(failing.length === 0, httpUp),
    agreeing: httpUp ? up : about.length - up,
    asked: about.length,
  };
}
