/**
 * Silences: what somebody does not want to hear of for a while, and why not.
 *
 * A silence mutes what all its matchers match, from its start until before its end. What is still so
 * when it ends is told then. It never mutes the end of what a channel has heard of. Pure.
 */
import { z } from "zod";
import type { Attributes } from "./matcher.ts";
import { firstUnmet, matcherSchema } from "./matcher.ts";

/** Longest silence, in milliseconds. */
export const SILENCE_MAX_MS = 366 * 86_400_000;

/** A silence as it is stored. */
export const silenceSchema = z.strictObject({
  id: z.string(),
  matchers: z.array(matcherSchema).min(1).max(20),
  author: z.string().trim().min(1).max(200),
  comment: z.string().trim().min(1).max(1_000),
  /** UTC epoch milliseconds. */
  startsAtMs: z.int(),
  /** UTC epoch milliseconds; from then on it mutes nothing. */
  endsAtMs: z.int(),
  createdAtMs: z.int(),
});

/** A silence. */
export type Silence = z.output<typeof silenceSchema>;

/** Where a silence is in its life. */
export function silenceState(
  { startsAtMs, endsAtMs }: Pick<Silence, "startsAtMs" | "endsAtMs">,
  nowMs: number,
): "pending" | "active" | "expired" {
  if (nowMs >= endsAtMs) return "expired";
  return nowMs < startsAtMs ? "pending" : "active";
}

/** Decides whether an alert is silenced at a moment. */
export function decideSilence(
  attributes: Attributes,
  silences: readonly Silence[],
  nowMs: number,
): { muted: boolean; why: string } {
  const silence = silences.find(
    (each) =>
      silenceState(each, nowMs) === "active" && firstUnmet(each.matchers, attributes) === null,
  );
  if (silence === undefined) return { muted: false, why: "no silence matches" };
  const { id, author, comment, endsAtMs } = silence;
  const until = new Date(endsAtMs).toISOString();
  return { muted: true, why: `silence ${id} of ${author} until ${until}: ${comment}` };
}
