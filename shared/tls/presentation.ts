/**
 * Integers and vectors as TLS writes them (RFC 8446 §3): big-endian, vectors preceded by their
 * length in bytes. Pure; reading past an end is a {@link TlsViolation}, never an undefined byte.
 */
import { TlsViolation } from "./violation.ts";

/** Reads from the front of a byte sequence. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what named in violations, e.g. `server hello` */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Bytes that are not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Reads an integer of 1 to 3 bytes. */
  uint(length: 1 | 2 | 3): number {
    return this.bytes(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Reads a number of bytes, without copying them. */
  bytes(length: number): Uint8Array {
    if (length > this.left) {
      throw new TlsViolation("malformed", `the ${this.#what} is cut short`);
    }
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** Reads a vector whose length is written in so many bytes. */
  vector(lengthBytes: 1 | 2 | 3): ByteReader {
    return new ByteReader(this.bytes(this.uint(lengthBytes)), this.#what);
  }

  /** Reads all that is left. */
  rest(): Uint8Array {
    return this.bytes(this.left);
  }
}

/** Encodes an integer in so many bytes. */
export function encodeUint(length: 1 | 2 | 3, value: number): number[] {
  return [value >>> 16, value >>> 8, value].slice(3 - length).map((byte) => byte & 0xff);
}

/** Encodes a vector: the length of the parts together, then the parts. */
export function encodeVector(
  lengthBytes: 1 | 2 | 3,
  ...parts: ReadonlyArray<ArrayLike<number>>
): Uint8Array {
  const content = joinBytes(...parts);
  return joinBytes(encodeUint(lengthBytes, content.length), content);
}

/** Joins byte sequences. */
export function joinBytes(...parts: ReadonlyArray<ArrayLike<number>>): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
