/**
 * How many confirmations the whole network may ask for: a bucket of tokens, one per monitor asked.
 * Pure.
 *
 * Each monitor spaces its own asks (see `confirmation.ts`); this bounds what happens when a shared
 * cause turns hundreds of them bad at once. What exceeds the budget is not lost: it waits its turn,
 * oldest first, and is dropped when a newer wish for the same monitor replaces it or when it is so
 * old that the schedule has looked again anyway.
 */

/** Monitors that may be asked about in one burst. */
export const ASKS_BURST_MAX = 30;
/** Time in which one more becomes possible, in milliseconds. */
export const ASK_REFILL_MS = 500;
/** Age at which a waiting wish is dropped, in milliseconds. */
export const ASK_WAIT_MAX_MS = 60_000;

/** Tokens left, and wishes that wait for one. */
export interface AskBudget {
  /** 0 … {@link ASKS_BURST_MAX}, with fractions. */
  tokens: number;
  refilledAtMs: number;
  /** Monitor → when it was first wished for; oldest first. */
  waiting: ReadonlyMap<string, number>;
}

/** A full budget. */
export function fullAskBudget(nowMs: number): AskBudget {
  return { tokens: ASKS_BURST_MAX, refilledAtMs: nowMs, waiting: new Map() };
}

/**
 * Spends the budget on what waits and on new wishes, oldest first.
 *
 * @returns monitors to ask now, and the budget that is left
 */
export function spendAsks(
  budget: AskBudget,
  wishes: Iterable<string>,
  nowMs: number,
): { budget: AskBudget; granted: string[] } {
  const elapsedMs = Math.max(0, nowMs - budget.refilledAtMs);
  let tokens = Math.min(ASKS_BURST_MAX, budget.tokens + elapsedMs / ASK_REFILL_MS);
  const queue = new Map<string, number>();
  for (const [monitor, sinceMs] of budget.waiting) {
    if (nowMs - sinceMs < ASK_WAIT_MAX_MS) queue.set(monitor, sinceMs);
  }
  for (const monitor of wishes) if (!queue.has(monitor)) queue.set(monitor, nowMs);
  const granted: string[] = [];
  for (const monitor of queue.keys()) {
    if (tokens < 1) break;
    tokens -= 1;
    granted.push(monitor);
  }
  for (const monitor of granted) queue.delete(monitor);
  const refilledAtMs = Math.max(nowMs, budget.refilledAtMs);
  return { budget: { tokens, refilledAtMs, waiting: queue }, granted };
}
