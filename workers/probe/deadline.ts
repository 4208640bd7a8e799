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

/** How often a {@link DeadlineTimer} looks at the clock while something is awaited. */
const LOOK_EVERY_MS = 1_000;

/**
 * Waits that follow one another, each with a deadline of its own, under one timer: to set one for
 * each would take a tenth of a quick check's CPU time. One wait at a time.
 */
export class DeadlineTimer {
  /** Null: none is set. */
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** When the timer fires. */
  #dueMs = 0;
  #deadlineMs = 0;
  /** Ends the present wait; null: nothing is awaited. */
  #expire: (() => void) | null = null;

  /** See {@link settleBy}. */
  async settleBy<T>(promise: Promise<T>, deadlineMs: number): Promise<Settled<T>> {
    return await new Promise<Settled<T>>((resolve) => {
      const expire = () => settle({ type: "timeout" });
      const settle = (settled: Settled<T>) => {
        if (this.#expire === expire) this.#expire = null;
        resolve(settled);
      };
      this.#expire = expire;
      this.#deadlineMs = deadlineMs;
      this.#arm();
      promise.then(
        (value) => settle({ type: "value", value }),
        (error: unknown) => settle({ type: "error", error }),
      );
    });
  }

  /** To be called after the last wait. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    if (this.#timer !== null) {
      if (this.#dueMs <= this.#deadlineMs) return;
      clearTimeout(this.#timer);
    }
    const nowMs = monotonicNowMs();
    this.#dueMs = Math.min(this.#deadlineMs, nowMs + LOOK_EVERY_MS);
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(this.#dueMs - nowMs)));
  }

  #fire(): void {
    this.#timer = null;
    if (this.#expire === null) return;
    if (monotonicNowMs() >= this.#deadlineMs) this.#expire();
    else this.#arm();
  }
}

/** Resolves at a moment of the wall clock (UTC epoch milliseconds), at once when it has passed. */
export async function sleepUntil(momentMs: number): Promise<void> {
  const waitMs = momentMs - Date.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
}
