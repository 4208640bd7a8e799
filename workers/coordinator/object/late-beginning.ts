/**
 * Where a further coordinator of a network begins: one that gets its first monitors, or gets some again
 * after a time without any, leaves what the others have read to them. Else it would tell again, and
 * count a second time, what they have told and counted. Pure.
 */
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";
import { NEWCOMER_LOOK_BACK_MS } from "./limits.ts";

/** Goes on at the present, as if there had been nothing before, unless it has read that far. */
export function beginLate(draft: Draft, { wallMs, coordinator }: Court): void {
  const readFromMs = wallMs - NEWCOMER_LOOK_BACK_MS;
  if (coordinator.index === 0 || draft.tail.cursorMs >= readFromMs) return;
  draft.moveTail({ cursorMs: readFromMs, readFromMs });
  // Its first judgement is that of the first run that it reads.
  draft.judgedAtMs = 0;
}
