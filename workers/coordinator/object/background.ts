/**
 * Work that is under way: started without being awaited, never lost sight of, its failures printed.
 *
 * A slow region or channel must hold up neither the others nor the next look at the log, so a step
 * waits for what it started only until its time is up; the rest goes on.
 */
import type { ClockPort, LogLine } from "./ports.ts";

/** What an error says. Of damaged JSON nothing is quoted: it may hold a secret. */
export function describeError(error: unknown): string {
  if (error instanceof SyntaxError) return "SyntaxError: damaged JSON";
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Why a wait is called off. Without a reason each would be given an error with a stack trace. */
const NO_LONGER_NEEDED = "no longer needed";

/** Work under way. */
export class Background {
  readonly #clock: ClockPort;
  readonly #print: (line: LogLine) => void;
  readonly #tasks = new Set<Promise<void>>();

  constructor(clock: ClockPort, print: (line: LogLine) => void) {
    this.#clock = clock;
    this.#print = print;
  }

  /** Starts work; `what` names it in the log if it fails. */
  start(what: string, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => {
        this.#print({ event: "failure", what, error: describeError(error) });
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  /** Waits until nothing is under way, work started meanwhile included, or the time is up. */
  async settle(withinMs: number): Promise<void> {
    const abort = new AbortController();
    const timeUp = this.#clock.sleep(withinMs, abort.signal).then(() => true);
    try {
      while (this.#tasks.size > 0) {
        if ((await Promise.race([timeUp, Promise.all(this.#tasks)])) === true) return;
      }
    } finally {
      abort.abort(NO_LONGER_NEEDED);
    }
  }
}

/** Failure of something that did not answer in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Waits for a promise, but not for longer than a deadline.
 *
 * @throws DeadlineError when the time is up first; the promise's own end is then of no interest
 */
export async function withDeadline<T>(
  clock: ClockPort,
  deadlineMs: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const late = Symbol("late");
  // The loser of the race may still fail: that failure has been answered for already.
  promise.catch(() => undefined);
  try {
    const timeUp = clock.sleep(deadlineMs, abort.signal).then(() => late);
    const first = await Promise.race([promise, timeUp]);
    if (first === late) throw new DeadlineError(`${what}: no answer within ${deadlineMs} ms`);
    return first as T;
  } finally {
    abort.abort(NO_LONGER_NEEDED);
  }
}
