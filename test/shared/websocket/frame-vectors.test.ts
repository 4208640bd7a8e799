/** Frames against bytes, both ways, and split at every byte (RFC 6455 §5). */
import { describe, expect, it } from "vitest";
import { FrameDecoder, type FrameHeader } from "../../../shared/websocket/frame-decoder.ts";
import { encodeFrame } from "../../../shared/websocket/frame-encoder.ts";
import { concat, cut, hex, utf8 } from "./bytes.ts";
import { frame, readClientFrames } from "./frame-bytes.ts";

interface Vector {
  name: string;
  wire: Uint8Array;
  header: FrameHeader;
  payload: Uint8Array;
}

const long = (bytes: number) => Uint8Array.from({ length: bytes }, (_, index) => index % 251);

function vector(
  name: string,
  start: string,
  payload: Uint8Array,
  header: Omit<FrameHeader, "payloadBytes">,
): Vector {
  const wire = concat([hex(start), payload]);
  return { name, wire, payload, header: { ...header, payloadBytes: payload.length } };
}

const plain = { fin: true, rsv1: false };

// The first five are the examples of RFC 6455 §5.7, the sixth is from RFC 7692 §7.2.3.1.
const RECEIVED: Vector[] = [
  vector("a text message", "81 05", utf8("Hello"), { ...plain, opcode: 1, headerBytes: 2 }),
  vector("a ping", "89 05", utf8("Hello"), { ...plain, opcode: 9, headerBytes: 2 }),
  vector("the first fragment", "01 03", utf8("Hel"), {
    ...plain,
    fin: false,
    opcode: 1,
    headerBytes: 2,
  }),
  vector("256 bytes", "82 7e 01 00", long(256), { ...plain, opcode: 2, headerBytes: 4 }),
  vector("64 KiB", "82 7f 00 00 00 00 00 01 00 00", long(65_536), {
    ...plain,
    opcode: 2,
    headerBytes: 10,
  }),
  vector("a compressed message", "c1 07", hex("f2 48 cd c9 c9 07 00"), {
    fin: true,
    rsv1: true,
    opcode: 1,
    headerBytes: 2,
  }),
  vector("an empty close frame", "88 00", utf8(""), { ...plain, opcode: 8, headerBytes: 2 }),
  vector("125 bytes", "82 7d", long(125), { ...plain, opcode: 2, headerBytes: 2 }),
  vector("126 bytes", "82 7e 00 7e", long(126), { ...plain, opcode: 2, headerBytes: 4 }),
  vector("65,535 bytes", "82 7e ff ff", long(65_535), { ...plain, opcode: 2, headerBytes: 4 }),
];

/** Decodes chunks; each frame with the pieces of its payload joined. */
function decode(
  chunks: readonly Uint8Array[],
): Array<{ header: FrameHeader; payload: Uint8Array }> {
  const frames: Array<{ header: FrameHeader; payload: Uint8Array }> = [];
  let pieces: Uint8Array[] = [];
  const decoder = new FrameDecoder(
    { deflate: true, messageBytesMax: 1_000_000 },
    {
      receivePayload(header, piece, offset) {
        expect(offset).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
        pieces.push(piece);
        if (offset + piece.length < header.payloadBytes) return;
        frames.push({ header, payload: concat(pieces) });
        pieces = [];
      },
    },
  );
  for (const chunk of chunks) for (let at = 0; at < chunk.length;) at = decoder.receive(chunk, at);
  return frames;
}

describe("received frames", () => {
  it.each(RECEIVED)("decodes $name", ({ wire, header, payload }) => {
    expect(decode([wire])).toEqual([{ header, payload }]);
  });

  it.each(RECEIVED)("decodes $name split at every byte", ({ wire, header, payload }) => {
    // Every place in the header and around the ends, and a sample of those in a long payload.
    const step = Math.max(1, Math.floor(wire.length / 40));
    for (let at = 1; at < wire.length; at += at < 16 || wire.length - at < 16 ? 1 : step) {
      expect(decode(cut(wire, [at]))).toEqual([{ header, payload }]);
    }
  });

  it("decodes all of them one byte at a time", () => {
    const small = RECEIVED.filter(({ wire }) => wire.length < 1_000);
    // The fragment comes last, and a continuation frame ends its message.
    small.sort((one, other) => Number(other.header.fin) - Number(one.header.fin));
    const stream = concat([...small.map(({ wire }) => wire), hex("80 02 6c 6f")]);
    const frames = decode([...stream].map((byte) => Uint8Array.of(byte)));
    expect(frames).toEqual(decode([stream]));
    expect(frames).toHaveLength(small.length + 1);
  });

  it("decodes several frames from one chunk", () => {
    const wire = concat([hex("89 00"), hex("81 02 68 69"), hex("8a 01 78")]);
    expect(decode([wire]).map(({ header }) => header.opcode)).toEqual([9, 1, 10]);
  });
});

describe("sent frames", () => {
  it("encodes the masked example of RFC 6455", () => {
    const bytes = encodeFrame({
      opcode: 1,
      rsv1: false,
      payload: utf8("Hello"),
      maskKey: hex("37 fa 21 3d"),
    });
    expect(bytes).toEqual(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  });

  it.each([0, 1, 2, 3, 4, 47, 48, 49, 50, 51, 125, 126, 127, 4_099, 65_535, 65_536, 70_001])(
    "encodes %i bytes in the shortest form, masked and intact",
    (length) => {
      const payload = long(length);
      const maskKey = hex("01 80 ff 3c");
      const bytes = encodeFrame({ opcode: 2, rsv1: true, payload, maskKey });
      expect(readClientFrames(bytes)).toEqual([{ fin: true, rsv: 4, opcode: 2, payload }]);
      expect(bytes).toEqual(frame({ opcode: 2, rsv: 4, payload, mask: [0x01, 0x80, 0xff, 0x3c] }));
    },
  );

  it("leaves the caller's payload and mask as they were", () => {
    const payload = long(300);
    const maskKey = hex("01 02 03 04");
    encodeFrame({ opcode: 2, rsv1: false, payload, maskKey });
    expect(payload).toEqual(long(300));
    expect(maskKey).toEqual(hex("01 02 03 04"));
  });

  it("encodes a payload that begins anywhere in its buffer", () => {
    const buffer = long(400);
    for (let from = 0; from < 8; from += 1) {
      const payload = buffer.subarray(from, from + 300);
      const bytes = encodeFrame({ opcode: 2, rsv1: false, payload, maskKey: hex("0a 0b 0c 0d") });
      expect(readClientFrames(bytes)[0]?.payload).toEqual(new Uint8Array(payload));
    }
  });
});
