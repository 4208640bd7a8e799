/**
 * Time that only moves when a test says so. Timers fire in order, and between two of them
 * everything that is ready to go on goes on.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

interface Timer {
  atMs: number;
  order: number;
  fire: () => void;
}

/** A clock for one test. */
export class VirtualClock {
  #nowMs: number;
  #order = 0;
  #timers: Timer[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Calls `action` at a moment, at once when that has passed. */
  at(atMs: number, action: () => void): void {
    this.#add(Math.max(atMs, this.#nowMs), action);
  }

  /** Resolves after a while, at once when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#add(this.#nowMs + durationMs, resolve);
      signal?.addEventListener("abort", () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        resolve();
      });
    });
  }

  /** Lets time pass up to a moment. */
  async runUntil(untilMs: number): Promise<void> {
    await settle();
    for (;;) {
      const next = this.#timers
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fire();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #add(atMs: number, fire: () => void): Timer {
    this.#order += 1;
    const timer = { atMs, order: this.#order, fire };
    this.#timers.push(timer);
    return timer;
  }
}

/** Lets everything go on that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
}
