/**
 * Incremental validation of UTF-8 that names the first offending byte, as the decoder of the WHATWG
 * Encoding Standard would: overlong forms, surrogates and code points beyond U+10FFFF are refused
 * at the earliest byte that shows them (RFC 3629 §4; RFC 6455 §8.1 demands it of text).
 *
 * Pure; imports nothing.
 */

/** State between the pieces of one text. */
export class Utf8Validator {
  /** Continuation bytes that are still due. */
  #due = 0;
  #lower = 0x80;
  #upper = 0xbf;

  /** Whether the bytes so far end with a whole character. */
  get complete(): boolean {
    return this.#due === 0;
  }

  /** Forgets all, for the next message. */
  reset(): void {
    this.#due = 0;
    this.#lower = 0x80;
    this.#upper = 0xbf;
  }

  /** Takes the next bytes; returns the index of the first that cannot be UTF-8, or −1. */
  push(bytes: Uint8Array): number {
    const end = bytes.length;
    let index = 0;
    while (index < end) {
      if (this.#due === 0) {
        // Most text is ASCII for long stretches.
        while (index < end && (bytes[index] ?? 0) < 0x80) index += 1;
        if (index === end) return -1;
        if (!this.#lead(bytes[index] ?? 0)) return index;
      } else {
        const byte = bytes[index] ?? 0;
        if (byte < this.#lower || byte > this.#upper) return index;
        this.#lower = 0x80;
        this.#upper = 0xbf;
        this.#due -= 1;
      }
      index += 1;
    }
    return -1;
  }

  /** Takes a lead byte of a longer sequence; false for one that never begins a character. */
  #lead(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    if (byte < 0xe0) {
      this.#due = 1;
    } else if (byte < 0xf0) {
      this.#due = 2;
      if (byte === 0xe0) this.#lower = 0xa0;
      else if (byte === 0xed) this.#upper = 0x9f;
    } else {
      this.#due = 3;
      if (byte === 0xf0) this.#lower = 0x90;
      else if (byte === 0xf4) this.#upper = 0x8f;
    }
    return true;
  }
}
