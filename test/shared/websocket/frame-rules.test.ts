/** Every rule that a server's frame can break: reason, section, close code, sentence. */
import { describe, expect, it } from "vitest";
import { REASONS } from "../../../shared/probe/reason.ts";
import { VIOLATION_REASONS } from "../../../shared/websocket/violation.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";
import { DEFAULT_DEFLATE_OFFER } from "../../../shared/websocket/deflate-negotiation.ts";
import { ByteServer } from "./byte-server.ts";
import { chop, concat, hex, utf8 } from "./bytes.ts";
import { binary, close, continuation, frame, ping, text } from "./frame-bytes.ts";

interface BrokenRule {
  what: string;
  bytes: Uint8Array;
  reason: string;
  section: string;
  closeCode: number;
  message: RegExp;
  deflate?: boolean;
}

const INVALID_TEXT = hex("48 69 ed a0 80 21");

const RULES: BrokenRule[] = [
  {
    what: "a masked frame",
    bytes: text("Hello", { mask: [1, 2, 3, 4] }),
    reason: "frame_masked",
    section: "RFC 6455 §5.1",
    closeCode: 1002,
    message: /masked text frame \(header bytes 81 85\)/,
  },
  {
    what: "RSV1 without compression",
    bytes: text("Hello", { rsv: 4 }),
    reason: "frame_reserved_bits",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /RSV1 set, but no compression was agreed/,
  },
  {
    what: "RSV2",
    bytes: text("Hello", { rsv: 2 }),
    reason: "frame_reserved_bits",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /RSV2 or RSV3/,
    deflate: true,
  },
  {
    what: "RSV3 on a control frame",
    bytes: ping("", { rsv: 1 }),
    reason: "frame_reserved_bits",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /ping frame with RSV2 or RSV3/,
  },
  {
    what: "RSV1 on a ping, with compression",
    bytes: ping("", { rsv: 4 }),
    reason: "frame_reserved_bits",
    section: "RFC 7692 §6.1",
    closeCode: 1002,
    message: /ping frame with RSV1/,
    deflate: true,
  },
  {
    what: "RSV1 on a continuation, with compression",
    bytes: concat([text("a", { fin: false }), continuation("b", { rsv: 4 })]),
    reason: "frame_reserved_bits",
    section: "RFC 7692 §6.1",
    closeCode: 1002,
    message: /only a message's first frame/,
    deflate: true,
  },
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    what: `opcode ${opcode}`,
    bytes: frame({ opcode, payload: "x" }),
    reason: "frame_opcode_unknown",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: new RegExp(`reserved opcode 0x${opcode.toString(16)}`),
  })),
  {
    what: "RSV1 on a reserved opcode, with compression",
    bytes: frame({ opcode: 3, rsv: 4 }),
    reason: "frame_opcode_unknown",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /reserved opcode 0x3/,
    deflate: true,
  },
  {
    what: "a fragmented ping",
    bytes: ping("x", { fin: false }),
    reason: "frame_control_fragmented",
    section: "RFC 6455 §5.5",
    closeCode: 1002,
    message: /fragmented ping frame/,
  },
  {
    what: "a pong of 126 bytes",
    bytes: frame({ opcode: 10, payload: "x".repeat(126) }),
    reason: "frame_control_too_long",
    section: "RFC 6455 §5.5",
    closeCode: 1002,
    message: /pong frame of more than 125 bytes/,
  },
  {
    what: "a length of 125 in 16 bits",
    bytes: binary(new Uint8Array(125), { lengthBits: 16 }),
    reason: "frame_length_invalid",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /length of 125 in 16 bits, which is not minimal/,
  },
  {
    what: "a length of 65,535 in 64 bits",
    bytes: binary(new Uint8Array(65_535), { lengthBits: 64 }),
    reason: "frame_length_invalid",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /length of 65535 in 64 bits/,
  },
  {
    what: "a length with its highest bit set",
    bytes: hex("82 7f 80 00 00 00 00 00 00 01"),
    reason: "frame_length_invalid",
    section: "RFC 6455 §5.2",
    closeCode: 1002,
    message: /highest bit set/,
  },
  {
    what: "a continuation of nothing",
    bytes: continuation("x"),
    reason: "continuation_unexpected",
    section: "RFC 6455 §5.4",
    closeCode: 1002,
    message: /without a message to continue/,
  },
  {
    what: "a new message inside another",
    bytes: concat([text("a", { fin: false }), binary(utf8("b"))]),
    reason: "continuation_unexpected",
    section: "RFC 6455 §5.4",
    closeCode: 1002,
    message: /binary frame before the fragmented message was finished/,
  },
  {
    what: "text that is not UTF-8",
    bytes: text(INVALID_TEXT),
    reason: "utf8_invalid",
    section: "RFC 6455 §8.1",
    closeCode: 1007,
    message: /at byte 4 of a message/,
  },
  {
    what: "text that ends inside a character",
    bytes: text(hex("48 e2 82")),
    reason: "utf8_invalid",
    section: "RFC 6455 §8.1",
    closeCode: 1007,
    message: /at the end of a message, in the middle of a character/,
  },
  {
    what: "invalid text in the second fragment",
    bytes: concat([text("Hi", { fin: false }), continuation(hex("c3 28"))]),
    reason: "utf8_invalid",
    section: "RFC 6455 §8.1",
    closeCode: 1007,
    message: /at byte 4 of a message/,
  },
  {
    what: "a close frame of one byte",
    bytes: frame({ opcode: 8, payload: "x" }),
    reason: "close_code_invalid",
    section: "RFC 6455 §5.5.1",
    closeCode: 1002,
    message: /half a close code/,
  },
  {
    what: "close code 1006",
    bytes: close(1006),
    reason: "close_code_invalid",
    section: "RFC 6455 §7.4",
    closeCode: 1002,
    message: /code 1006 \(abnormal closure\), which may not be sent/,
  },
  {
    what: "close code 5000",
    bytes: close(5000),
    reason: "close_code_invalid",
    section: "RFC 6455 §7.4",
    closeCode: 1002,
    message: /code 5000, which/,
  },
  {
    what: "a close reason that is not UTF-8",
    bytes: close(1000, INVALID_TEXT),
    reason: "utf8_invalid",
    section: "RFC 6455 §5.5.1",
    closeCode: 1007,
    message: /reason that is not valid UTF-8/,
  },
  {
    what: "a frame larger than the limit, by its header alone",
    bytes: binary(new Uint8Array(0), { claimedBytes: 10_001, lengthBits: 16 }),
    reason: "message_too_big",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
    message: /at least 10001 bytes; the limit is 10000/,
  },
  {
    what: "the largest length that a frame can claim",
    bytes: hex("82 7f 7f ff ff ff ff ff ff ff"),
    reason: "message_too_big",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
    message: /the limit is 10000/,
  },
  {
    what: "fragments that exceed the limit together",
    bytes: concat([
      binary(new Uint8Array(9_000), { fin: false }),
      continuation(new Uint8Array(1_001)),
    ]),
    reason: "message_too_big",
    section: "RFC 6455 §10.4",
    closeCode: 1009,
    message: /at least 10001 bytes/,
  },
  {
    what: "data that is not DEFLATE",
    bytes: text(hex("ff ff ff ff"), { rsv: 4 }),
    reason: "inflate_failed",
    section: "RFC 7692 §7.2.2",
    closeCode: 1007,
    message: /cannot be decompressed: invalid block type/,
    deflate: true,
  },
];

const LIMITS = { messageBytesMax: 10_000 };

function serverFor(rule: BrokenRule): ByteServer {
  if (rule.deflate !== true) return ByteServer.open({ limits: LIMITS });
  return ByteServer.open(
    { limits: LIMITS, deflate: { offer: DEFAULT_DEFLATE_OFFER, codec: PAKO_CODEC } },
    { "Sec-WebSocket-Extensions": "permessage-deflate" },
  );
}

describe("a server that breaks a rule", () => {
  it.each(RULES)("is told so: $what", (rule) => {
    const server = serverFor(rule).send(rule.bytes);
    const [violation] = server.eventsOf("violation");
    expect(violation).toMatchObject({
      reason: rule.reason,
      section: rule.section,
      closeCode: rule.closeCode,
      message: expect.stringMatching(rule.message),
    });
    expect(server.client.state).toBe("closed");
    const frames = server.takeFrames();
    expect(frames.at(-1)).toMatchObject({
      opcode: 8,
      payload: Uint8Array.of(rule.closeCode >> 8, rule.closeCode & 0xff),
    });
    expect(frames).toHaveLength(1);
  });

  it.each(RULES)("causes the same events byte by byte: $what", (rule) => {
    const whole = serverFor(rule).send(rule.bytes).end();
    const dripped = serverFor(rule)
      .send(...chop(rule.bytes, 1))
      .end();
    expect(dripped.events).toEqual(whole.events);
  });

  it.each(RULES)("is not listened to afterwards: $what", (rule) => {
    const server = serverFor(rule).send(rule.bytes, text("more"), ping("more"), close());
    expect(server.events.at(-1)).toMatchObject({ type: "frame", direction: "sent", opcode: 8 });
    expect(server.eventsOf("violation")).toHaveLength(1);
    server.end();
    expect(server.events.at(-1)).toEqual({ type: "ended", clean: false });
  });

  // Byte of the stream, counted from one, that shows the fault: nothing after it is waited for.
  it.each<[string, number]>([
    ["a masked frame", 2],
    ["RSV1 without compression", 1],
    ["RSV3 on a control frame", 1],
    ["opcode 3", 1],
    ["a fragmented ping", 1],
    ["a pong of 126 bytes", 2],
    ["a length of 125 in 16 bits", 4],
    ["a length of 65,535 in 64 bits", 10],
    ["a length with its highest bit set", 3],
    ["a continuation of nothing", 1],
    ["a new message inside another", 4],
    ["text that is not UTF-8", 6],
    ["a frame larger than the limit, by its header alone", 4],
    ["fragments that exceed the limit together", 9_008],
  ])("is told at the first byte that shows it: %s", (what, place) => {
    const rule = RULES.find((candidate) => candidate.what === what);
    if (rule === undefined) throw new Error(`no rule called ${what}`);
    const server = serverFor(rule).send(rule.bytes.subarray(0, place - 1));
    expect(server.eventsOf("violation")).toEqual([]);
    server.send(rule.bytes.subarray(place - 1, place));
    expect(server.eventsOf("violation")).toMatchObject([{ reason: rule.reason }]);
  });

  it("is not told twice when the client has already closed", () => {
    const server = ByteServer.open();
    server.client.close(1001, "done");
    expect(server.takeFrames()).toHaveLength(1);
    server.send(ping("x", { fin: false }));
    expect(server.eventsOf("violation")).toMatchObject([
      { reason: "frame_control_fragmented", closeCode: null },
    ]);
    expect(server.takeFrames()).toEqual([]);
  });
});

describe("the reasons of violations", () => {
  it("are spelled as in the list of reasons, and are the target's fault", () => {
    for (const reason of VIOLATION_REASONS) {
      expect(REASONS).toHaveProperty(reason);
      expect(REASONS[reason].blame).toBe("target");
    }
  });

  it("cover every reason of the protocol phase", () => {
    const protocol = Object.entries(REASONS).filter(([, facts]) => facts.phase === "protocol");
    expect(VIOLATION_REASONS).toEqual(expect.arrayContaining(protocol.map(([reason]) => reason)));
  });

  it("are each broken by some test of this file or of the handshake", () => {
    const broken = new Set(RULES.map(({ reason }) => reason));
    const frames = VIOLATION_REASONS.filter((reason) => REASONS[reason].phase === "protocol");
    expect(frames.filter((reason) => !broken.has(reason))).toEqual([]);
  });
});
