/**
 * Collects bytes that arrive in pieces into one array, in time linear in their number: the buffer
 * doubles, and never grows beyond the limit that its owner enforces.
 *
 * Copies what it is given, so that many small pieces cost no more than their bytes. Pure.
 */
const FIRST_BYTES = 256;
/** Memory that a mere announcement of bytes can claim. */
const EXPECTED_BYTES_MAX = 262_144;

/** A growing array of bytes with an upper bound. */
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
   * @param expectedBytes how long the whole is said to become; believed up to 256 KiB
   * @throws RangeError beyond the limit given to the constructor, which is a bug of the owner
   */
  append(bytes: Uint8Array, expectedBytes = 0): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytesMax) throw new RangeError(`more than ${this.#bytesMax} bytes`);
    if (needed > this.#buffer.length) this.#grow(needed, expectedBytes);
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

  /** Starts anew in the same buffer: views of it are no longer valid. */
  clear(): void {
    this.#length = 0;
  }

  #grow(needed: number, expectedBytes: number): void {
    const expected = Math.min(expectedBytes, EXPECTED_BYTES_MAX);
    const capacity = Math.max(needed, this.#buffer.length * 2, expected, FIRST_BYTES);
    const grown = new Uint8Array(Math.min(capacity, this.#bytesMax));
    grown.set(this.view());
    this.#buffer = grown;
  }
}
