/**
 * Collects bytes that arrive in pieces into one array, in time linear in their number: the buffer
 * doubles, and never grows beyond the limit that its owner enforces.
 *
 * Copies what it is given, so that many small pieces cost no more than their bytes. Pure.
 */
const FIRST_BYTES = 1_024;

export class ByteAccumulator {
  readonly #bytesMax: number;
  #buffer = new Uint8Array(0);
  #length = 0;

  /** @param bytesMax most that will ever be appended between two calls of {@link take} */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes collected so far. */
  get length(): number {
    return this.#length;
  }

  /** What was collected so far, as a view that the next append may invalidate. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Appends a copy of `bytes`.
   *
   * @throws RangeError beyond the limit given to the constructor, which is a bug of the owner
   */
  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytesMax) throw new RangeError(`more than ${this.#bytesMax} bytes`);
    if (needed > this.#buffer.length) this.#grow(needed);
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  }

  /** Hands over what was collected and starts anew. */
  take(): Uint8Array {
    const taken = this.view();
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    return taken;
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.#buffer.length * 2, FIRST_BYTES);
    const grown = new Uint8Array(Math.min(capacity, this.#bytesMax));
    grown.set(this.view());
    this.#buffer = grown;
  }
}
