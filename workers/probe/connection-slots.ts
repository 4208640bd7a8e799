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
  readonly #waiting: Array<(taken: boolean) => void> = [];

  constructor(total: number = CONNECTIONS_MAX) {
    this.#free = total;
  }

  /** Connections that could not be given up; they end with the invocation. */
  get abandoned(): number {
    return this.#abandoned;
  }

  /**
   * Takes one slot, in turn, when it is free. Waits no longer than other leases last.
   *
   * @returns null when it had to wait and a slot was abandoned, so that its turn may never come
   */
  async lease(): Promise<SlotLease | null> {
    const taken =
      this.tryTake() || (await new Promise<boolean>((resolve) => this.#waiting.push(resolve)));
    return taken ? new SlotLease(this) : null;
  }

  /** Takes a slot if one is free; for {@link SlotLease}. */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Gives a slot back, to the one that has waited longest; for {@link SlotLease}. */
  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next(true);
  }

  /** Notes that a slot will not come back; for {@link SlotLease}. */
  giveUp(): void {
    this.#abandoned += 1;
    for (const waiting of this.#waiting.splice(0)) waiting(false);
  }
}

/** The slots that one check holds. */
export class SlotLease {
  readonly #slots: ConnectionSlots;
  #held = 1;

  constructor(slots: ConnectionSlots) {
    this.#slots = slots;
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
