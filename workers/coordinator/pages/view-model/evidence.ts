/**
 * What a verdict rests on, in words made from its votes: how many regions agree, why, and which
 * ones were left out. The probes' own sentences are not used: they are not meant for the public.
 *
 * Pure.
 */
import type { Counted, CountedVote, VerdictKind } from "../../../../shared/monitor/verdict.ts";
import type { Reason, Status } from "../../../../shared/probe/reason.ts";
import { regionLabel } from "../../../../shared/regions.ts";
import type { Tone } from "./words.ts";
import { countWords, listWords, reasonWords, STATUS_TONES, STATUS_WORDS } from "./words.ts";

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
}

/** Why a vote did not count; null for one that did. */
export const LEFT_OUT_WORDS: Readonly<Record<Counted, string | null>> = {
  counted: null,
  unconfirmed: "Failed once; not yet confirmed by a second check",
  stale: "Its last answer is too old to count",
  silent: "Has not answered",
  probe_blamed: "Our own probe had trouble, so it does not count",
  same_colo: "Ran in the same data centre as another region, so it counts once",
  suspended: "Suspended: its probe fails its own controls",
  maintenance: "Maintenance",
};

const COLO = /^[A-Z]{3}$/;

/** Data centre as a page may show it: three letters or nothing. */
export function coloWords(colo: string | null): string | null {
  return colo !== null && COLO.test(colo) ? colo : null;
}

/** What one region's observation says, for people. */
export function statusWords(status: Status, reason: Reason | null): string {
  if (status === "up") return STATUS_WORDS.up;
  const meaning = reasonWords(reason);
  return meaning === null ? STATUS_WORDS[status] : meaning.replace(/\.$/, "");
}

/** Renders votes, those that say the same together, in order of first appearance. */
export function renderVotes(votes: readonly CountedVote[]): VoteView[] {
  const together = new Map<string, VoteView>();
  for (const vote of votes) {
    const view = renderVote(vote);
    const key = [view.tone, view.words, view.reason].join();
    const same = together.get(key);
    if (same === undefined) together.set(key, view);
    else same.places.push(...view.places);
  }
  return [...together.values()];
}

function renderVote(vote: CountedVote): VoteView {
  const leftOut = LEFT_OUT_WORDS[vote.counted];
  return {
    places: [{ label: regionLabel(vote.region), colo: coloWords(vote.colo) }],
    tone: leftOut === null ? STATUS_TONES[vote.status] : "unknown",
    words: leftOut ?? statusWords(vote.status, vote.reason),
    reason: leftOut === null ? vote.reason : null,
  };
}

/** Renders the reasons of a verdict of this kind. */
export function renderEvidence(
  kind: VerdictKind,
  reason: Reason | null,
  votes: readonly CountedVote[],
): EvidenceView {
  return { sentence: sentence(kind, reason, votes), reason, votes: renderVotes(votes) };
}

function sentence(kind: VerdictKind, reason: Reason | null, votes: readonly CountedVote[]): string {
  const counted = votes.filter((vote) => vote.counted === "counted");
  const total = counted.length;
  const having = (status: Status) => counted.filter((vote) => vote.status === status);
  const because = reasonWords(reason);
  const explained = (fact: string) => (because === null ? `${fact}.` : `${fact}: ${because}`);
  switch (kind) {
    case "down":
      return explained(`${ofRegions(having("down").length, total)} cannot use it`);
    case "partial": {
      const failing = having("down").map((vote) => regionLabel(vote.region));
      return failing.length === 0
        ? explained("Some regions cannot use it")
        : explained(`${listWords(failing)} cannot use it; ${others(total - failing.length)} can`);
    }
    case "degraded":
      return explained(
        `${ofRegions(having("degraded").length + having("down").length, total)} see it degraded`,
      );
    case "operational":
      return `${ofRegions(total - having("down").length, total)} can use it.`;
    case "unknown":
      return total === 0
        ? "No region has given an answer that counts."
        : `Only ${ofRegions(total, votes.length)} gave an answer that counts.`;
    case "maintenance":
      return "Announced maintenance: checks do not count.";
  }
}

function ofRegions(some: number, total: number): string {
  return `${some} of ${countWords(total, "region")}`;
}

function others(count: number): string {
  return count === 1 ? "1 other" : `${count} others`;
}
