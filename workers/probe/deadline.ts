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
  // By hand: every read of a check waits here, and a race makes four promises where one will do.
  return await new Promise<Settled<T>>((resolve) => {
    const waitMs = Math.max(0, Math.ceil(deadlineMs - monotonicNowMs()));
    const timer = setTimeout(() => resolve({ type: "timeout" }), waitMs);
    const settle = (settled: Settled<T>) => {
      clearTimeout(timer);
      resolve(settled);
    };
    promise.then(
      (value) => settle({ type: "value", value }),
      (error: unknown) => settle({ type: "error", error }),
    );
  });
}

/** Resolves at a moment of the wall clock (UTC epoch milliseconds), at once when it has passed. */
export async function sleepUntil(momentMs: number): Promise<void> {
  const waitMs = momentMs - Date.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
