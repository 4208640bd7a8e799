/**
 * Compression of messages with pako, a zlib in JavaScript: raw DEFLATE with sync flush, any window,
 * context takeover both ways, and a bound on what a message may inflate to.
 *
 * Import this file dynamically, and only when compression is offered: nothing else in this
 * directory needs pako (46 KB). Follows RFC 7692 §7.2 and zlib's manual. Pure.
 */
import {
  Z_BUF_ERROR,
  Z_DEFAULT_STRATEGY,
  Z_OK,
  Z_STREAM_END,
  Z_SYNC_FLUSH,
  zlibDeflate,
  zlibDeflateInit2,
  zlibDeflateReset,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
  zlibInflateResetKeep,
  ZStream,
} from "pako";
import type {
  DeflateCodec,
  DeflateWindow,
  InflateResult,
  MessageDeflater,
  MessageInflater,
} from "./deflate-codec.ts";

/** An empty stored block, which ends every message and does not travel (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** What stands for an empty message (RFC 7692 §7.2.3.6). */
const EMPTY_MESSAGE = Uint8Array.of(0x00);
/** zlib's balance of speed and ratio. */
const LEVEL = 6;
/** The only method that zlib has. */
const METHOD_DEFLATED = 8;
/** zlib's default: a hash table of 64 KiB. */
const MEMORY_LEVEL = 8;
/** zlib writes no raw stream with a window of 2^8; with 2^9 its distances stay below 2^8 too. */
const DEFLATE_WINDOW_BITS_MIN = 9;
/** First output buffer in bytes; it doubles. Room for a flush marker is always left. */
const OUTPUT_BYTES_MIN = 1_024;
/** Flag and mask of `data_type` after inflating: between two blocks; bits left of the last byte. */
const BETWEEN_BLOCKS = 128;
const UNUSED_BITS = 63;

/** Compresses and decompresses with pako. */
export const PAKO_CODEC: DeflateCodec = {
  createInflater: (window) => new PakoInflater(window),
  createDeflater: (window) => new PakoDeflater(window),
};

class PakoInflater implements MessageInflater {
  readonly #window: DeflateWindow;
  #stream: ZStream | null = null;

  constructor(window: DeflateWindow) {
    this.#window = window;
  }

  inflate(payload: Uint8Array, bytesMax: number): InflateResult {
    const stream = this.#open();
    // One byte more than allowed shows that a message is too big.
    const outputBytesMax = bytesMax + 1;
    setOutput(stream, Math.min(Math.max(OUTPUT_BYTES_MIN, payload.length * 4), outputBytesMax));
    let end = inflateInput(stream, payload, outputBytesMax);
    // Without the tail's first block at the end of its stream, a sender needs no tail at all.
    if (end === "input_used") {
      end = inflateInput(stream, TAIL, outputBytesMax);
      const whole = (stream.data_type & (BETWEEN_BLOCKS | UNUSED_BITS)) === BETWEEN_BLOCKS;
      if (end === "input_used" && !whole) return corrupt("it stops in the middle of a block");
    }
    if (end === "too_big") return { ok: false, failure: "too_big", detail: "too big" };
    if (end === "corrupt") return corrupt(stream.msg);
    const data = stream.output.subarray(0, stream.next_out);
    release(stream);
    return { ok: true, data };
  }

  /** The stream, ready for the next message. */
  #open(): ZStream {
    if (this.#stream === null) {
      this.#stream = new ZStream();
      assertOk(zlibInflateInit2(this.#stream, -this.#window.windowBits));
    } else if (!this.#window.contextTakeover) {
      assertOk(zlibInflateReset(this.#stream));
    }
    return this.#stream;
  }
}

class PakoDeflater implements MessageDeflater {
  readonly #window: DeflateWindow;
  #stream: ZStream | null = null;

  constructor(window: DeflateWindow) {
    this.#window = window;
  }

  deflate(message: Uint8Array): Uint8Array {
    if (message.length === 0) return EMPTY_MESSAGE.slice();
    const stream = this.#open();
    setInput(stream, message);
    setOutput(stream, OUTPUT_BYTES_MIN + message.length);
    for (;;) {
      const status = zlibDeflate(stream, Z_SYNC_FLUSH);
      // No progress is no fault: the flush happened to be complete when the buffer was full.
      if (status !== Z_BUF_ERROR) assertOk(status);
      if (stream.avail_out > 0) break;
      growOutput(stream, stream.output.length * 2);
    }
    const data = stream.output.subarray(0, stream.next_out - TAIL.length);
    release(stream);
    return data;
  }

  /** The stream, ready for the next message. */
  #open(): ZStream {
    if (this.#stream === null) {
      const windowBits = Math.max(this.#window.windowBits, DEFLATE_WINDOW_BITS_MIN);
      this.#stream = new ZStream();
      assertOk(
        zlibDeflateInit2(
          this.#stream,
          LEVEL,
          METHOD_DEFLATED,
          -windowBits,
          MEMORY_LEVEL,
          Z_DEFAULT_STRATEGY,
        ),
      );
    } else if (!this.#window.contextTakeover) {
      assertOk(zlibDeflateReset(this.#stream));
    }
    return this.#stream;
  }
}

/** Why inflating stopped; `stream_ended`: with the input, at the end of a DEFLATE stream. */
type InflateEnd = "input_used" | "stream_ended" | "too_big" | "corrupt";

/** Inflates all of an input; a sender may begin new DEFLATE streams in it (RFC 7692 §7.2.3.4). */
function inflateInput(stream: ZStream, input: Uint8Array, outputBytesMax: number): InflateEnd {
  setInput(stream, input);
  for (;;) {
    const status = zlibInflate(stream, Z_SYNC_FLUSH);
    if (status === Z_STREAM_END) {
      // The window outlives the stream.
      assertOk(zlibInflateResetKeep(stream));
      if (stream.avail_in === 0) return "stream_ended";
    } else if (status !== Z_OK && status !== Z_BUF_ERROR) {
      return "corrupt";
    } else if (stream.avail_out === 0) {
      if (stream.output.length === outputBytesMax) return "too_big";
      growOutput(stream, Math.min(stream.output.length * 2, outputBytesMax));
    } else if (stream.avail_in === 0) {
      return "input_used";
    }
  }
}

function setInput(stream: ZStream, input: Uint8Array): void {
  stream.input = input;
  stream.next_in = 0;
  stream.avail_in = input.length;
}

function setOutput(stream: ZStream, bytes: number): void {
  stream.output = new Uint8Array(bytes);
  stream.next_out = 0;
  stream.avail_out = bytes;
}

function growOutput(stream: ZStream, bytes: number): void {
  const grown = new Uint8Array(bytes);
  grown.set(stream.output.subarray(0, stream.next_out));
  stream.output = grown;
  stream.avail_out = bytes - stream.next_out;
}

const NOTHING = new Uint8Array(0);

/** Lets go of the buffers of a message: a stream lives as long as its connection. */
function release(stream: ZStream): void {
  setInput(stream, NOTHING);
  stream.output = NOTHING;
  stream.next_out = 0;
  stream.avail_out = 0;
}

function corrupt(detail: string): InflateResult {
  return { ok: false, failure: "corrupt", detail };
}

function assertOk(status: number): void {
  if (status !== Z_OK) throw new Error(`zlib answered ${status}`);
}
