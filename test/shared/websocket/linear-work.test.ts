/**
 * However small the pieces in which bytes come, the work grows with the bytes and no faster. Work
 * is counted, not timed: every byte that is copied, searched or decoded.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_DEFLATE_OFFER } from "../../../shared/websocket/deflate-negotiation.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";
import { ByteServer, type ByteServerOptions } from "./byte-server.ts";
import { chop, concat, utf8 } from "./bytes.ts";
import { DeflatePeer } from "./deflate-peer.ts";
import { binary, continuation, fragments, ping, text } from "./frame-bytes.ts";

let workBytes = 0;
const { set, slice, indexOf } = Uint8Array.prototype;
const { decode } = TextDecoder.prototype;

/** The few calls with which the client handles many bytes at once, each counting its bytes. */
const COUNTING = {
  set(this: Uint8Array, source: ArrayLike<number>, offset?: number) {
    workBytes += source.length;
    set.call(this, source, offset);
  },
  slice(this: Uint8Array, start?: number, end?: number) {
    const copy = slice.call(this, start, end);
    workBytes += copy.length;
    return copy;
  },
  indexOf(this: Uint8Array, byte: number, from?: number) {
    const index = indexOf.call(this, byte, from);
    workBytes += index === -1 ? this.length : index + 1;
    return index;
  },
};

function countingDecode(this: TextDecoder, input?: ArrayBufferView, options?: TextDecodeOptions) {
  workBytes += input?.byteLength ?? 0;
  return decode.call(this, input, options);
}

beforeEach(() => {
  for (const [name, count] of Object.entries(COUNTING)) {
    Reflect.set(Uint8Array.prototype, name, count);
  }
  Reflect.set(TextDecoder.prototype, "decode", countingDecode);
});

afterEach(() => {
  for (const [name, original] of Object.entries({ set, slice, indexOf })) {
    Reflect.set(Uint8Array.prototype, name, original);
  }
  Reflect.set(TextDecoder.prototype, "decode", decode);
});

/** Work of a client that receives these chunks, after the handshake unless `raw`. */
function work(chunks: readonly Uint8Array[], options: ByteServerOptions = {}, raw = false): number {
  const extensions = options.deflate ? "permessage-deflate" : null;
  const server = raw
    ? new ByteServer(options)
    : ByteServer.open(options, { "Sec-WebSocket-Extensions": extensions });
  let violations = 0;
  workBytes = 0;
  for (const chunk of chunks) {
    server.client.receive(chunk);
    let events = server.client.takeEvents();
    while (events.length > 0) {
      if (events.some(({ type }) => type === "violation")) violations += 1;
      events = server.client.takeEvents();
    }
    server.client.takeOutput();
  }
  expect(violations).toBe(0);
  return workBytes;
}

const words = (bytes: number) => utf8("wörds ".repeat(Math.ceil(bytes / 7))).slice(0, bytes - 1);

/** Bytes that do not compress. */
function noise(bytes: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: bytes }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state & 0xff;
  });
}

interface Scenario {
  what: string;
  /** Chunks of about so many bytes in all. */
  chunks: (bytes: number) => Uint8Array[];
  options?: ByteServerOptions;
  raw?: boolean;
}

const SCENARIOS: Scenario[] = [
  { what: "one text frame, byte by byte", chunks: (n) => chop(text("x".repeat(n)), 1) },
  { what: "one text frame in pieces of 7", chunks: (n) => chop(text("ä".repeat(n / 2)), 7) },
  { what: "fragments of one byte", chunks: (n) => [concat(fragments(2, words(n / 3), 1))] },
  {
    what: "fragments of one byte, byte by byte",
    chunks: (n) => chop(concat(fragments(2, words(n / 3), 1)), 1),
  },
  {
    what: "empty fragments without end",
    chunks: (n) => {
      const empty = Array.from({ length: n / 2 }, () => continuation("", { fin: false }));
      return [concat([text("", { fin: false }), ...empty])];
    },
  },
  {
    what: "pings without end",
    chunks: (n) => [concat(Array.from({ length: n / 4 }, () => ping("hi")))],
  },
  {
    what: "small messages without end",
    chunks: (n) => [concat(Array.from({ length: n / 4 }, () => text("hi")))],
  },
  {
    what: "a compressed message, byte by byte",
    chunks: (n) => chop(binary(new DeflatePeer().deflate(noise(n)), { rsv: 4 }), 1),
    options: { deflate: { offer: DEFAULT_DEFLATE_OFFER, codec: PAKO_CODEC } },
  },
  {
    what: "a head, byte by byte",
    chunks: (n) => chop(utf8(`HTTP/1.1 200 OK\r\nX: ${"y".repeat(n)}\r\n\r\n`), 1),
    options: { limits: { headBytesMax: 1_000_000 } },
    raw: true,
  },
  {
    what: "a head of many headers, byte by byte",
    chunks: (n) => chop(utf8(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(n / 6)}\r\n`), 1),
    options: { limits: { headBytesMax: 1_000_000, headerCountMax: 1_000_000 } },
    raw: true,
  },
  {
    what: "a folded header, byte by byte",
    chunks: (n) => chop(utf8(`HTTP/1.1 200 OK\r\nX: y\r\n${" z\r\n".repeat(n / 4)}\r\n`), 1),
    options: { limits: { headBytesMax: 1_000_000 } },
    raw: true,
  },
  {
    what: "a refusal in chunks of one byte, byte by byte",
    chunks: (n) =>
      chop(
        utf8(`HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n${"1\r\nx\r\n".repeat(n / 6)}`),
        1,
      ),
    options: { limits: { rejectionBodyBytesMax: 1_000_000 } },
    raw: true,
  },
];

const BYTES = 12_000;

describe("the work for a server's bytes", () => {
  it.each(SCENARIOS)("grows no faster than they do: $what", ({ chunks, options, raw }) => {
    const small = work(chunks(BYTES), options, raw);
    const large = work(chunks(BYTES * 8), options, raw);
    // Buffers double, so that the factor wavers between steps; a square would be 64.
    expect(large).toBeLessThan(small * 8 * 2 + 10_000);
    expect(large).toBeLessThan(BYTES * 8 * 12);
  });

  it("does not include waiting: chunks that nobody takes are only kept", () => {
    const { client } = ByteServer.open();
    client.receive(text("first"));
    workBytes = 0;
    for (let count = 0; count < 50_000; count += 1) client.receive(ping());
    expect(workBytes).toBe(0);
    let pings = 0;
    for (let events = client.takeEvents(); events.length > 0; events = client.takeEvents()) {
      pings += events.filter(({ type }) => type === "ping").length;
    }
    expect(pings).toBe(50_000);
  });
});
