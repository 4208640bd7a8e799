/**
 * Follows a server's bytes and remembers those that are not yet part of a whole head or frame, so
 * that what broke a rule, or came to no end, can be shown. Keeps no more than a beginning. Pure.
 */
import type { UnframedBytes } from "./frame-draft.ts";

/** How much of it is kept, in bytes: an error page, or far into a frame. */
const KEPT_BYTES_MAX = 4_096;

/** Tells the bytes of the stream that were made sense of from the rest. */
export class UnframedTail {
  /** Where in the stream the first byte is that was not made sense of, and where the stream ends. */
  #from = 0;
  #to = 0;
  /** Beginning of what had come before the last chunk and was not made sense of. */
  #kept: Uint8Array = new Uint8Array(0);
  #last: Uint8Array = new Uint8Array(0);

  /** Takes the next chunk; what came before was looked at by then. */
  receive(chunk: Uint8Array): void {
    this.#kept = this.#beginning();
    this.#last = chunk;
    this.#to += chunk.length;
  }

  /** So many bytes have turned out to be a whole head or frame. */
  consume(bytes: number): void {
    this.#from += bytes;
  }

  /** What is left over, once; null: nothing. */
  take(): UnframedBytes | null {
    const totalBytes = this.#to - this.#from;
    if (totalBytes <= 0) return null;
    const bytes = this.#beginning();
    this.#from = this.#to;
    return { bytes, totalBytes };
  }

  #beginning(): Uint8Array {
    const before = this.#to - this.#last.length;
    if (this.#from >= before) {
      const skipped = this.#from - before;
      return this.#last.slice(skipped, skipped + KEPT_BYTES_MAX);
    }
    const room = KEPT_BYTES_MAX - this.#kept.length;
    if (room <= 0) return this.#kept;
    const joined = new Uint8Array(this.#kept.length + Math.min(room, this.#last.length));
    joined.set(this.#kept);
    joined.set(this.#last.subarray(0, room), this.#kept.length);
    return joined;
  }
}
