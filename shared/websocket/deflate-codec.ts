/**
 * The port through which the connection compresses and decompresses messages (RFC 7692 §7.2).
 *
 * A codec works on whole messages and is synchronous: bytes in any split then give the same events,
 * and one limit bounds what a message may inflate to. Pure types; `pako-codec.ts` implements them.
 */

/** How one direction of a connection compresses. */
export interface DeflateWindow {
  /** Base-two logarithm of the LZ77 window, 8 … 15. */
  windowBits: number;
  /** Whether a message may refer back to the messages before it. */
  contextTakeover: boolean;
}

/** What became of a compressed message. */
export type InflateResult =
  | { ok: true; data: Uint8Array }
  /** `too_big`: more than allowed; `corrupt`: not a DEFLATE stream, `detail` says why. */
  | { ok: false; failure: "too_big" | "corrupt"; detail: string };

/** Decompresses the messages of one connection, in order. Not used again after a failure. */
export interface MessageInflater {
  /**
   * Decompresses a message as it was on the wire (without the trailing `00 00 ff ff`).
   *
   * @param bytesMax most bytes that the message may have after decompression
   */
  inflate(payload: Uint8Array, bytesMax: number): InflateResult;
}

/** Compresses the messages of one connection, in order. */
export interface MessageDeflater {
  /** Compresses a message to what goes on the wire (without the trailing `00 00 ff ff`). */
  deflate(message: Uint8Array): Uint8Array;
}

/** Makes both halves for one connection. */
export interface DeflateCodec {
  createInflater(window: DeflateWindow): MessageInflater;
  createDeflater(window: DeflateWindow): MessageDeflater;
}
