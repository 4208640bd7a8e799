/** Bytes in any split give the same events: any frames, allowed or not, compressed or not. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_DEFLATE_OFFER } from "../../../shared/websocket/deflate-negotiation.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";
import { answer, ByteServer } from "./byte-server.ts";
import { chop, concat, cut, utf8 } from "./bytes.ts";
import { DeflatePeer } from "./deflate-peer.ts";
import { close, fragments, frame, ping, pong } from "./frame-bytes.ts";

interface Message {
  opcode: 1 | 2;
  payload: Uint8Array;
  fragmentBytes: number;
  compressed: boolean;
  /** Control frame after the first fragment. */
  between: "ping" | "pong" | null;
}

const message: fc.Arbitrary<Message> = fc
  .record({
    content: fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(70_000).map((bytes) => new Uint8Array(bytes).fill(0x2a)),
    ),
    fragmentBytes: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(100_000)),
    compressed: fc.boolean(),
    between: fc.constantFrom("ping", "pong", null),
  })
  .map(({ content, ...rest }) => ({
    ...rest,
    opcode: typeof content === "string" ? 1 : 2,
    payload: typeof content === "string" ? utf8(content) : content,
    // Many fragments of a large message would only be slow.
    fragmentBytes: Math.max(rest.fragmentBytes, content.length >> 6, 1),
  }));

/** Frames of a conversation that obeys every rule. */
function encode(messages: readonly Message[], deflate: boolean): Uint8Array {
  const peer = new DeflatePeer();
  return concat(
    messages.flatMap(({ opcode, payload, fragmentBytes, compressed, between }) => {
      const squeezed = deflate && compressed;
      const wire = squeezed ? peer.deflate(payload) : payload;
      const frames = fragments(opcode, wire, fragmentBytes, squeezed ? 4 : 0);
      if (between !== null) frames.splice(1, 0, between === "ping" ? ping("i") : pong("o"));
      return frames;
    }),
  );
}

const anyFrame = fc
  .record({
    opcode: fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 10), fc.nat(15)),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 140 }),
      fc.string({ maxLength: 40 }).map(utf8),
      fc.integer({ min: 990, max: 1_100 }).map((code) => Uint8Array.of(code >> 8, code & 0xff)),
    ),
    fin: fc.boolean(),
    rsv: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat(7)),
    mask: fc.oneof(
      { weight: 12, arbitrary: fc.constant(undefined) },
      fc.constant([1, 2, 3, 4] as const),
    ),
    lengthBits: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.constantFrom(16, 64)),
  })
  .map((spec) => frame(spec));

const places = fc.array(fc.nat(200_000), { maxLength: 12 });

function server(deflate: boolean): ByteServer {
  return new ByteServer({
    limits: { messageBytesMax: 80_000 },
    deflate: deflate ? { offer: DEFAULT_DEFLATE_OFFER, codec: PAKO_CODEC } : null,
    onEvent: (event, client) => {
      if (client.state !== "open") return;
      if (event.type === "text") client.sendText(event.text);
      if (event.type === "binary") client.sendBinary(event.data);
    },
  });
}

/** Everything that a client reports and writes when it gets these chunks. */
function outcome(deflate: boolean, chunks: readonly Uint8Array[]) {
  const peer = server(deflate)
    .send(...chunks)
    .end();
  return { events: peer.events, frames: peer.takeFrames() };
}

const opening = (deflate: boolean) =>
  answer(deflate ? { "Sec-WebSocket-Extensions": "permessage-deflate" } : {});

describe.each([
  ["without compression", false],
  ["with compression", true],
])("any split, %s", (_name, deflate) => {
  it("gives the messages that were sent", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), places, (messages, cuts) => {
        const bytes = concat([opening(deflate), encode(messages, deflate), close(1000)]);
        const { events } = outcome(deflate, cut(bytes, cuts));
        const received = events.flatMap((event) => {
          if (event.type === "text") return [utf8(event.text)];
          return event.type === "binary" ? [event.data] : [];
        });
        expect(received).toHaveLength(messages.length);
        for (const [index, { payload }] of messages.entries()) {
          expect(Buffer.compare(received[index] ?? new Uint8Array(0), payload)).toBe(0);
        }
        expect(events.at(-1)).toEqual({ type: "ended", clean: true });
      }),
      { numRuns: 150 },
    );
  });

  it("gives the same events and the same answers for frames of any kind", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), places, (frames, cuts) => {
        const bytes = concat([opening(deflate), ...frames]);
        const whole = outcome(deflate, [bytes]);
        expect(outcome(deflate, cut(bytes, cuts))).toEqual(whole);
        expect(outcome(deflate, chop(bytes, 1))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});

const FIRST_LINES = [
  ["HTTP/1.1 101 Yes", "HTTP/1.1 404 No", "HTTP/1.1 100 Go on", "HTTP/1.0 200 OK"],
  ["HTTP/2 200", "SSH-2.0", "HTTP/1.1 20", ""],
].flat();

describe("any split of an answer", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "Upgrade: websocket",
      "Connection: Upgrade",
      " folded",
      "",
      "A : b",
      "Content-Length: 3",
      "Transfer-Encoding: chunked",
      "3",
      "abc",
      "0",
    ),
    fc.string({ maxLength: 30 }),
  );
  const response = fc
    .tuple(
      fc.oneof(fc.constantFrom(...FIRST_LINES), fc.string({ maxLength: 50 })),
      fc.array(line, { maxLength: 6 }),
      fc.constantFrom("\r\n", "\r\n", "\r\n", "\n"),
    )
    .map(([first, lines, newline]) => utf8([first, ...lines, "", ""].join(newline)));

  it("gives the same events", () => {
    fc.assert(
      fc.property(fc.array(response, { minLength: 1, maxLength: 3 }), places, (parts, cuts) => {
        const bytes = concat(parts);
        const whole = outcome(false, [bytes]);
        expect(outcome(false, cut(bytes, cuts))).toEqual(whole);
        expect(outcome(false, chop(bytes, 1))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});
