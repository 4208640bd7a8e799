/**
 * Moments and ages. The server writes UTC; the live script puts `<time>` into the visitor's zone
 * and lets ages grow.
 */
import type { MomentStyle } from "../view-model/words.ts";
import { durationWords, momentWords } from "../view-model/words.ts";

/** A moment in the given style. */
export const Moment = ({ atMs, style }: { atMs: number; style: MomentStyle }) => (
  <time datetime={new Date(atMs).toISOString()} data-style={style}>
    {momentWords(atMs, style)}
  </time>
);

/** How long ago something was, e.g. `4 s ago`. */
export const Age = ({ atMs, nowMs }: { atMs: number; nowMs: number }) => (
  <time datetime={new Date(atMs).toISOString()} data-style="age">
    {durationWords(nowMs - atMs)} ago
  </time>
);
