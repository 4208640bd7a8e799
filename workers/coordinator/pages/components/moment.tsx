/**
 * Moments and ages. The server writes UTC; the live script puts `<time>` into the visitor's zone
 * and lets ages grow.
 */
import type { MomentStyle } from "../language/words.ts";
import { useWords } from "./page-language.tsx";

/** A moment in the given style. */
export const Moment = ({ atMs, style }: { atMs: number; style: MomentStyle }) => (
  <time datetime={new Date(atMs).toISOString()} data-style={style}>
    {useWords().moment(atMs, style)}
  </time>
);

/** How long ago something was, e.g. `4 s ago`. */
export const Age = ({ atMs, nowMs }: { atMs: number; nowMs: number }) => (
  <time datetime={new Date(atMs).toISOString()} data-style="age">
    {useWords().age(nowMs - atMs)}
  </time>
);

/** A UTC day. */
export const Day = ({ dayMs }: { dayMs: number }) => (
  <time datetime={new Date(dayMs).toISOString().slice(0, 10)}>
    {useWords().moment(dayMs, "day")}
  </time>
);
