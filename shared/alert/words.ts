/**
 * The words of messages in English: all that Echoquorum itself says in an alert, but for the
 * quorum's sentence, the list of reasons and the four cases of HTTP beside WebSocket. Messages are
 * stored in English; a channel that speaks another language says them anew from the same facts when
 * it sends (`workers/coordinator/channels/language`). Order of words and plurals are each language's
 * own business, so no renderer joins parts of a sentence. Pure.
 */
import { formatDuration } from "../duration.ts";
import { companionSentence } from "../probe/companion.ts";
import type { Severity } from "./alert-message.ts";
import type { Diagnosis } from "../monitor/diagnosis.ts";
import type { IncidentKind } from "../monitor/verdict.ts";

const STATES: Readonly<Record<IncidentKind, string>> = {
  partial: "failing",
  degraded: "degraded",
  down: "down",
};

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** The words in English. Durations are in whole seconds. */
export const ENGLISH = {
  "title.bad": (facts: {
    name: string;
    kind: IncidentKind;
    /** Whether the incident was told of before: not at all, as another kind, or as this one. */
    known: "new" | "otherwise" | "still";
    /** Regions that see it, and those that counted; null: no vote shows it. */
    seen: { bad: number; counted: number } | null;
  }) => {
    const verb = { new: "is", otherwise: "is now", still: "is still" }[facts.known];
    const state = `${facts.name} ${verb} ${STATES[facts.kind]}`;
    if (facts.seen === null) return state;
    return `${state} in ${facts.seen.bad} of ${count(facts.seen.counted, "region")}`;
  },
  "title.recovered": (facts: { name: string; seconds: number }) =>
    `${facts.name} has recovered after ${formatDuration(facts.seconds * 1_000)}`,
  "title.unheard": (facts: { name: string; kind: IncidentKind; seconds: number }) =>
    `${facts.name} was ${STATES[facts.kind]} for ${formatDuration(facts.seconds * 1_000)} ` +
    "and has recovered",
  "title.test": (facts: { title: string }) => `[Test] ${facts.title}`,
  "title.group": (facts: { bad: number; recovered: number }) => {
    if (facts.bad === 0) return `${count(facts.recovered, "alert")} resolved`;
    const bad = count(facts.bad, "alert");
    return facts.recovered === 0 ? bad : `${bad}, ${facts.recovered} resolved`;
  },
  "text.recovered": (facts: {
    quorum: string;
    kind: IncidentKind;
    seconds: number;
    from: string;
    to: string;
  }) =>
    `${facts.quorum.replace(/\.$/, "")}. It was ${STATES[facts.kind]} for ` +
    `${formatDuration(facts.seconds * 1_000)}, ${facts.from} to ${facts.to}.`,
  "text.test": (facts: { channel: string; quorum: string }) =>
    `This is a test of the channel ${facts.channel}: nothing is wrong. ` +
    `A real alert looks like this: ${facts.quorum}.`,
  "text.group": (facts: { down: number; titles: string[]; more: number }) => {
    const down = facts.down === 0 ? "" : `${count(facts.down, "monitor")} down. `;
    const others = facts.more === 0 ? "" : `; and ${facts.more} more`;
    return `${down}${facts.titles.join("; ")}${others}.`;
  },
  diagnosis: ({ case: which, agreeing, asked }: Diagnosis) => {
    const said = companionSentence(which);
    return agreeing === asked ? said : `${said} So say ${agreeing} of ${count(asked, "region")}.`;
  },
} as const;

/** The words of one language. */
export type Words = typeof ENGLISH;

/** What stands beside the facts of a message where a channel shows them one by one, in English. */
export const ENGLISH_LABELS = {
  "label.monitor": () => "Monitor",
  "label.severity": () => "Severity",
  "label.since": () => "Since",
  "label.until": () => "Until",
  "label.duration": () => "Duration",
  "label.reason": () => "Reason",
  "label.meaning": () => "What was seen",
  "label.cause": () => "Usual cause",
  "label.certificate": () => "Certificate",
  "label.timeline": () => "Timeline",
  certificate: (facts: { subject: string; issuer: string; until: string; daysLeft: number }) =>
    facts.daysLeft < 0
      ? `${facts.subject}, issued by ${facts.issuer}, expired on ${facts.until}`
      : `${facts.subject}, issued by ${facts.issuer}, valid until ${facts.until} ` +
        `(${count(facts.daysLeft, "day")})`,
  "label.diagnosis": () => "HTTP beside it",
  "link.incident": () => "Open the incident",
  "link.page": () => "Open the status page",
  "link.evidence": () => "packet capture",
  "list.more": (facts: { more: number }) => `… and ${facts.more} more`,
  "region.uncounted": () => "not counted",
  sentBy: (facts: { time: string }) => `Echoquorum, ${facts.time}`,
  severity: (facts: { severity: Severity }): string => facts.severity,
  status: (facts: { status: string }) => facts.status,
  duration: (facts: { seconds: number }) => formatDuration(facts.seconds * 1_000),
} as const;

/** The same in one language. */
export type Labels = typeof ENGLISH_LABELS;
