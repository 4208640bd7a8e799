/**
 * The server's half of permessage-deflate on Node's own zlib: independent of the codec under test.
 * Each message is one call with the earlier messages as its dictionary, which is what context
 * takeover comes down to.
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat, hex } from "./bytes.ts";

const TAIL = hex("00 00 ff ff");

export class DeflatePeer {
  readonly #windowBits: number;
  readonly #takeover: boolean;
  #history: Uint8Array = new Uint8Array(0);

  /** One direction of a connection. */
  constructor(windowBits = 15, takeover = true) {
    this.#windowBits = windowBits;
    this.#takeover = takeover;
  }

  /** Compresses a message as it goes on the wire; window bits of 8 are not to be had from zlib. */
  deflate(message: Uint8Array): Uint8Array {
    if (message.length === 0) return hex("00");
    const wire = deflateRawSync(message, {
      ...this.#options(),
      flush: constants.Z_SYNC_FLUSH,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    this.#remember(message);
    return new Uint8Array(wire.subarray(0, -TAIL.length));
  }

  /** Decompresses a message from the wire; small chunks make zlib hold to its window. */
  inflate(wire: Uint8Array): Uint8Array {
    const message = inflateRawSync(concat([wire, TAIL]), {
      ...this.#options(),
      chunkSize: 64,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    this.#remember(message);
    return new Uint8Array(message);
  }

  #options() {
    const dictionary = this.#history;
    return { windowBits: this.#windowBits, ...(dictionary.length > 0 ? { dictionary } : {}) };
  }

  #remember(message: Uint8Array): void {
    if (!this.#takeover) return;
    const all = concat([this.#history, message]);
    this.#history = all.slice(-(2 ** this.#windowBits));
  }
}
