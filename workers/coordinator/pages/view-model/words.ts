/**
 * The words of the public pages: verdicts, statuses, durations, numbers and moments in English.
 *
 * Free text of probes never reaches a page; everything here is rendered from closed lists and
 * numbers. Pure: no clock, no markup.
 */
import type { VerdictKind } from "../../../../shared/monitor/verdict.ts";
import type { Reason, Status } from "../../../../shared/probe/reason.ts";
import { reasonFacts } from "../../../../shared/probe/reason.ts";

/** What colours and icons a page distinguishes. */
export type Tone = VerdictKind | "paused";

/** Verdict as a label. */
export const TONE_WORDS: Readonly<Record<Tone, string>> = {
  operational: "Operational",
  degraded: "Degraded",
  partial: "Partial outage",
  down: "Down",
  unknown: "Not known",
  maintenance: "Maintenance",
  paused: "Paused",
};

/** Tone in which one region's status is shown. */
export const STATUS_TONES: Readonly<Record<Status, Tone>> = {
  up: "operational",
  degraded: "degraded",
  down: "down",
  unknown: "unknown",
};

/** One region's status as a label. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  up: "Up",
  degraded: "Degraded",
  down: "Failing",
  unknown: "Not known",
};

/** What a reason means, for people; null when there is none. */
export function reasonWords(reason: Reason | null): string | null {
  return reason === null ? null : reasonFacts(reason).meaning;
}

/** `1 region`, `4 regions`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${numberWords(count)} ${count === 1 ? one : many}`;
}

/** A whole number with its thousands apart: `1,440`. Pages write thousands of them: no `Intl`. */
export function numberWords(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}

/** Characters that steer the direction of what follows, and control characters. */
const STEERING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A name that someone typed, made safe to stand in a sentence: without characters that turn the
 * text around it, and isolated (Unicode UAX #9, FSI … PDI) when it runs from right to left.
 */
export function nameWords(name: string): string {
  const plain = name.replaceAll(STEERING, "").trim();
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Milliseconds of a UTC day. */
export const DAY_MS = 86_400_000;

/** A duration in at most two units: `4 s`, `3 min`, `1 h 12 min`, `2 days 3 h`. */
export function durationWords(durationMs: number): string {
  const spanMs = Math.max(0, durationMs);
  if (spanMs < MINUTE_MS) return `${Math.floor(spanMs / SECOND_MS)} s`;
  if (spanMs < HOUR_MS) return `${Math.floor(spanMs / MINUTE_MS)} min`;
  if (spanMs < DAY_MS) return twoUnits(spanMs, HOUR_MS, "h", MINUTE_MS, "min");
  const days = Math.floor(spanMs / DAY_MS);
  return twoUnits(spanMs, DAY_MS, days === 1 ? "day" : "days", HOUR_MS, "h");
}

function twoUnits(spanMs: number, bigMs: number, big: string, smallMs: number, small: string) {
  const bigs = Math.floor(spanMs / bigMs);
  const smalls = Math.floor((spanMs % bigMs) / smallMs);
  return smalls === 0 ? `${bigs} ${big}` : `${bigs} ${big} ${smalls} ${small}`;
}

/** A latency: `4.2 ms`, `142 ms`, `1.24 s`. */
export function latencyWords(latencyMs: number): string {
  if (latencyMs < 9.95) return `${latencyMs.toFixed(1)} ms`;
  if (latencyMs < 999.5) return `${Math.round(latencyMs)} ms`;
  return `${(latencyMs / SECOND_MS).toFixed(2)} s`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const twoDigits = (value: number) => String(value).padStart(2, "0");

/** How exactly a moment is written. */
export type MomentStyle = "clock" | "moment" | "instant" | "day";

/** A moment in UTC: `20:31:04 UTC`, `20 Nov, 20:31 UTC`, `20 Nov, 20:31:04 UTC`, `20 Nov 2026`. */
export function momentWords(atMs: number, style: MomentStyle): string {
  const at = new Date(atMs);
  const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ""}`;
  if (style === "day") return `${day} ${at.getUTCFullYear()}`;
  const minute = `${twoDigits(at.getUTCHours())}:${twoDigits(at.getUTCMinutes())}`;
  const second = `${minute}:${twoDigits(at.getUTCSeconds())}`;
  if (style === "clock") return `${second} UTC`;
  if (style === "instant") return `${day}, ${second} UTC`;
  return `${day}, ${minute} UTC`;
}

const LONG_MONTHS =
  "January February March April May June July August September October November December".split(
    " ",
  );

/** The month of the UTC calendar in which a moment lies: `November 2026`. */
export function monthWords(atMs: number): string {
  const at = new Date(atMs);
  return `${LONG_MONTHS[at.getUTCMonth()] ?? ""} ${at.getUTCFullYear()}`;
}
