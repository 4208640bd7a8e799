/**
 * What colours and icons a page distinguishes, and how a name that someone typed is made safe; the
 * words for it all are in `../language/`. Pure.
 */
import type { VerdictKind } from "../../../../shared/monitor/verdict.ts";
import type { Status } from "../../../../shared/probe/reason.ts";

/** What colours and icons a page distinguishes. */
export type Tone = VerdictKind | "paused";

/** Tone in which one region's status is shown. */
export const STATUS_TONES: Readonly<Record<Status, Tone>> = {
  up: "operational",
  degraded: "degraded",
  down: "down",
  unknown: "unknown",
};

/** Characters that steer the direction of what follows, and control characters. */
const STEERING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A name that someone typed, made safe to stand in a sentence: without characters that turn the
 * text around it, and isolated (Unicode UAX #9, FSI … PDI) when it runs from right to left.
 *
 * @param isolated also when it does not: the sentence itself runs from right to left
 */
export function nameWords(name: string, isolated = false): string {
  const plain = name.replaceAll(STEERING, "").trim();
  return isolated || RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}
