/**
 * What a verdict rests on, in words made from its votes: how many regions agree, why, and which
 * ones were left out. The probes' own sentences are not used: they are not meant for the public.
 *
 * Pure.
 */
import type { Counted, CountedVote, VerdictKind } from "../../../../shared/monitor/verdict.ts";
import { diagnose } from "../../../../shared/monitor/diagnosis.ts";
import type { Reason, Status } from "../../../../shared/probe/reason.ts";
import { ENGLISH } from "../language/languages.ts";
import type { Words } from "../language/words.ts";
import { fill } from "../language/words.ts";
import type { Tone } from "./words.ts";
import { STATUS_TONES } from "./words.ts";

/** Regions that saw the same, for people. */
export interface VoteView {
  places: Array<{ label: string; colo: string | null }>;
  tone: Tone;
  /** `Up`, or what is wrong. */
  words: string;
  reason: Reason | null;
}

/** A verdict's reasons, for people. */
export interface EvidenceView {
  /** E.g. `3 of 4 regions cannot use it: the certificate has expired.` */
  sentence: string;
  /** Commonest reason, spelled as everywhere; null: none. */
  reason: Reason | null;
  votes: VoteView[];
  /** What HTTP beside WebSocket tells; null: nobody asked. */
  companion: string | null;
}

/** Why a vote did not count; null for one that did. */
export function leftOutWords(counted: Counted, words: Words): string | null {
  return counted === "counted" ? null : words.t.leftOut[counted];
}

const COLO = /^[A-Z]{3}$/;

/** Data centre as a page may show it: three letters or nothing. */
export function coloWords(colo: string | null): string | null {
  return colo !== null && COLO.test(colo) ? colo : null;
}

/** What one region's observation says, for people. */
export function statusWords(status: Status, reason: Reason | null, words: Words): string {
  const meaning = status === "up" ? null : words.reason(reason);
  return meaning === null ? words.t.statuses[status] : meaning.replace(/[.。]$/, "");
}

/** Renders votes, those that say the same together, in order of first appearance. */
export function renderVotes(votes: readonly CountedVote[], words: Words): VoteView[] {
  const together = new Map<string, VoteView>();
  for (const vote of votes) {
    const view = renderVote(vote, words);
    const key = [view.tone, view.words, view.reason].join();
    const same = together.get(key);
    if (same === undefined) together.set(key, view);
    else same.places.push(...view.places);
  }
  return [...together.values()];
}

function renderVote(vote: CountedVote, words: Words): VoteView {
  const leftOut = leftOutWords(vote.counted, words);
  return {
    places: [{ label: words.place(vote.region), colo: coloWords(vote.colo) }],
    tone: leftOut === null ? STATUS_TONES[vote.status] : "unknown",
    words: leftOut ?? statusWords(vote.status, vote.reason, words),
    reason: leftOut === null ? vote.reason : null,
  };
}

/** Renders the reasons of a verdict of this kind. */
export function renderEvidence(
  kind: VerdictKind,
  reason: Reason | null,
  votes: readonly CountedVote[],
  words: Words = ENGLISH,
): EvidenceView {
  const diagnosis = diagnose(votes);
  return {
    sentence: sentence(kind, reason, votes, words),
    reason,
    votes: renderVotes(votes, words),
    companion: diagnosis === null ? null : words.t.companion[diagnosis.case],
  };
}

function sentence(
  kind: VerdictKind,
  reason: Reason | null,
  votes: readonly CountedVote[],
  words: Words,
): string {
  const t = words.t.evidence;
  const counted = votes.filter((vote) => vote.counted === "counted");
  const total = counted.length;
  const having = (status: Status) => counted.filter((vote) => vote.status === status);
  const because = words.reason(reason);
  const explained = (fact: string) =>
    because === null ? fill(t.fact, { fact }) : fill(t.because, { fact, reason: because });
  const some = (number: number) => ({ some: words.number(number) });
  // Nobody may know what each region said, or nobody does any more.
  const isBare = votes.length === 0 && (kind === "down" || kind === "degraded");
  if (isBare) return because ?? fill(t.fact, { fact: words.t.tones[kind] });
  switch (kind) {
    case "down":
      return explained(words.count(total, t.cannotUse, some(having("down").length)));
    case "partial": {
      const failing = having("down").map((vote) => words.place(vote.region));
      if (failing.length === 0) return explained(t.someCannotUse);
      const places = words.list(failing);
      return explained(words.count(total - failing.length, t.namedCannotUse, { places }));
    }
    case "degraded": {
      const seen = having("degraded").length + having("down").length;
      return explained(words.count(total, t.seeDegraded, some(seen)));
    }
    case "operational":
      return total === 0
        ? fill(t.fact, { fact: words.t.tones.operational })
        : words.count(total, t.canUse, some(total - having("down").length));
    case "unknown":
      if (votes.length === 0) return fill(t.fact, { fact: words.t.tones.unknown });
      return total === 0 ? t.nobodyCounts : words.count(votes.length, t.onlyCount, some(total));
    case "maintenance":
      return t.maintenance;
  }
}
