/** Waits with an end: nothing in a probe awaits the network without one of these. */

/** How a wait ended. */
export type Settled<T> =
  { type: "value"; value: T } | { type: "error"; error: unknown } | { type: "timeout" };

/** The clock of all deadlines, in milliseconds; starts anywhere, never goes back. */
export function monotonicNowMs(): number {
  return performance.now();
}

/**
 * Waits for a promise until a moment of {@link monotonicNowMs}. Never rejects; a promise that is
 * given up on may reject later without effect.
 */
export async function settleBy<T>(promise: Promise<T>, deadlineMs: number): Promise<Settled<T>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<Settled<T>>((resolve) => {
    timer = setTimeout(
      () => resolve({ type: "timeout" }),
      Math.max(0, Math.ceil(deadlineMs - monotonicNowMs())),
    );
  });
  const settled = promise.then(
    (value): Settled<T> => ({ type: "value", value }),
    (error: unknown): Settled<T> => ({ type: "error", error }),
  );
  try {
    return await Promise.race([settled, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves at a moment of the wall clock (UTC epoch milliseconds), at once when it has passed. */
export async function sleepUntil(momentMs: number): Promise<void> {
  const waitMs = momentMs - Date.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
