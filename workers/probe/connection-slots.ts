/**
 * The connections that one invocation may have at a time. The platform queues the seventh without a
 * word, which would count as latency of a target; so the probe counts for itself.
 */

/** Connections of one invocation (Workers limit on simultaneous open connections). */
export const CONNECTIONS_MAX = 6;

/** Counts connections, first come first served. */
export class ConnectionSlots {
  #free: number;
  #abandoned = 0;
  readonly #waiting: Array<{ slots: number; end: (taken: boolean) => void }> = [];

  constructor(total: number = CONNECTIONS_MAX) {
    this.#free = total;
  }

  /** Connections that could not be given up; they end with the invocation. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /**
   * Takes slots, in turn, when so many are free at once. Waits no longer than other leases last.
   *
   * @param slots far less than there are in all
   * @returns null when it had to wait and a slot was abandoned, so that its turn may never come
   */
  async lease(slots = 1): Promise<SlotLease | null> {
    const taken =
      (this.#waiting.length === 0 && this.tryTake(slots)) ||
      (await new Promise<boolean>((end) => this.#waiting.push({ slots, end })));
    return taken ? new SlotLease(this, slots) : null;
  }

  /** Takes slots if so many are free; for {@link SlotLease}. */
  tryTake(slots = 1): boolean {
    if (this.#free < slots) return false;
    this.#free -= slots;
    return true;
  }

  /** Gives a slot back, to the one that has waited longest; for {@link SlotLease}. */
  giveBack(): void {
    this.#free += 1;
    for (let [next] = this.#waiting; next !== undefined && this.tryTake(next.slots);) {
      this.#waiting.shift();
      next.end(true);
      [next] = this.#waiting;
    }
  }

  /** Notes that a slot will not come back; for {@link SlotLease}. */
  giveUp(): void {
    this.#abandoned += 1;
    for (const { end } of this.#waiting.splice(0)) end(false);
  }
}

/** The slots that one check holds. */
export class SlotLease {
  readonly #slots: ConnectionSlots;
  #held: number;

  constructor(slots: ConnectionSlots, held: number) {
    this.#slots = slots;
    this.#held = held;
  }

  /** Slots that it holds now. */
  get held(): number {
    return this.#held;
  }

  /** Takes one more if it is free now. */
  tryExtend(): boolean {
    const taken = this.#slots.tryTake();
    if (taken) this.#held += 1;
    return taken;
  }

  /** Hands one over to a lease of its own. */
  split(): SlotLease {
    this.#held -= 1;
    return new SlotLease(this.#slots, 1);
  }

  /** Gives one back. */
  shrink(): void {
    this.#held -= 1;
    this.#slots.giveBack();
  }

  /** Leaves one to a connection that cannot be given up. */
  abandon(): void {
    this.#held -= 1;
    this.#slots.giveUp();
  }

  /** Gives back what is left. */
  end(): void {
    while (this.#held > 0) this.shrink();
  }
}
