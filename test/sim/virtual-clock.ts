/**
 * Time that passes only when everything that can happen at a moment has happened.
 *
 * Events run in order of time, then of creation. After each one all promises are given the chance
 * to go on before the next is looked at, so asynchronous code behaves the same in every run.
 */

interface Event {
  atMs: number;
  order: number;
  /** Null: called off. */
  action: (() => void) | null;
}

/** Lets every promise that can go on do so: Node's ticks come when no microtask is left. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

/** A clock and its agenda. */
export class VirtualClock {
  #nowMs: number;
  #order = 0;
  /** A binary heap, earliest first. */
  readonly #agenda: Event[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Has something done at a moment; at once if that has passed. */
  at(atMs: number, action: () => void): void {
    this.#schedule(atMs, action);
  }

  #schedule(atMs: number, action: () => void): Event {
    this.#order += 1;
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#order, action };
    this.#push(event);
    return event;
  }

  /** Resolves after a while, at once when aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const event = this.#schedule(this.#nowMs + Math.max(0, durationMs), resolve);
      signal?.addEventListener("abort", () => {
        event.action = null;
        resolve();
      });
    });
  }

  /** Lets time pass to a moment, and everything happen that is due until then. */
  async runTo(untilMs: number): Promise<void> {
    await settlePromises();
    for (let next = this.#agenda[0]; next !== undefined && next.atMs <= untilMs;) {
      this.#pop();
      if (next.action !== null) {
        this.#nowMs = next.atMs;
        next.action();
        await settlePromises();
      }
      next = this.#agenda[0];
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #before(a: number, b: number): boolean {
    const [first, second] = [this.#agenda[a], this.#agenda[b]];
    if (first === undefined || second === undefined) return false;
    return first.atMs === second.atMs ? first.order < second.order : first.atMs < second.atMs;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#agenda[a], this.#agenda[b]];
    if (first === undefined || second === undefined) return;
    this.#agenda[a] = second;
    this.#agenda[b] = first;
  }

  #push(event: Event): void {
    let index = this.#agenda.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const last = this.#agenda.length - 1;
    this.#swap(0, last);
    this.#agenda.pop();
    for (let index = 0; ;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2])
        if (this.#before(child, least)) least = child;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }
}
