/** permessage-deflate: offers, agreements, and compressed messages both ways (RFC 7692). */
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  DEFAULT_DEFLATE_OFFER,
  type DeflateOffer,
} from "../../../shared/websocket/deflate-negotiation.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";
import { answer, ByteServer } from "./byte-server.ts";
import { chop, concat, hex, utf8 } from "./bytes.ts";
import { DeflatePeer } from "./deflate-peer.ts";
import { binary, close, continuation, fragments, ping, text } from "./frame-bytes.ts";

const RSV1 = { rsv: 4 };

function offering(offer: Partial<DeflateOffer> = {}) {
  return { deflate: { offer: { ...DEFAULT_DEFLATE_OFFER, ...offer }, codec: PAKO_CODEC } };
}

function agreed(extensions = "permessage-deflate", offer: Partial<DeflateOffer> = {}, limits = {}) {
  const options = { ...offering(offer), limits };
  return ByteServer.open(options, { "Sec-WebSocket-Extensions": extensions });
}

describe("the offer", () => {
  it.each<[Partial<DeflateOffer>, string]>([
    [{}, "permessage-deflate; client_max_window_bits"],
    [{ clientMaxWindowBits: null }, "permessage-deflate"],
    [{ clientMaxWindowBits: 9 }, "permessage-deflate; client_max_window_bits=9"],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10 },
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
        "server_max_window_bits=10; client_max_window_bits",
    ],
  ])("%j is written %j", (offer, header) => {
    expect(new ByteServer(offering(offer)).request).toContain(
      `Sec-WebSocket-Extensions: ${header}\r\n`,
    );
  });

  it.each([{ serverMaxWindowBits: 7 }, { clientMaxWindowBits: 16 }])("%j is refused", (offer) => {
    expect(() => new ByteServer(offering(offer))).toThrow(RangeError);
  });
});

describe("the server's answer", () => {
  it.each<[string, Partial<DeflateOffer>]>([
    ["permessage-deflate", {}],
    ["permessage-deflate; client_max_window_bits=8", {}],
    ["permessage-deflate; server_no_context_takeover; client_no_context_takeover", {}],
    ['permessage-deflate; server_max_window_bits="12"', {}],
    ["permessage-deflate;server_max_window_bits = 9 ;client_max_window_bits=15", {}],
    ["permessage-deflate; server_max_window_bits=10", { serverMaxWindowBits: 10 }],
    ["permessage-deflate; server_max_window_bits=9", { serverMaxWindowBits: 10 }],
    ["permessage-deflate; client_max_window_bits=10", { clientMaxWindowBits: 10 }],
    ["permessage-deflate", { clientMaxWindowBits: 10, clientNoContextTakeover: true }],
  ])("%j is accepted", (extensions, offer) => {
    const server = new ByteServer(offering(offer));
    server.send(answer({ "Sec-WebSocket-Extensions": extensions }));
    expect(server.eventsOf("open")).toEqual([{ type: "open", subprotocol: null, extensions }]);
  });

  it("may leave compression out, and messages then travel as they are", () => {
    const server = ByteServer.open(offering());
    server.client.sendText("plain");
    expect(server.takeFrames()).toMatchObject([{ rsv: 0, payload: utf8("plain") }]);
  });

  it.each<[string, RegExp, string, Partial<DeflateOffer>]>([
    ["permessage-deflate; x=1", /unknown parameter "x"/, "§7.1", {}],
    ["permessage-deflate; server_max_window_bits", /without a value/, "§7.1.2.1", {}],
    ["permessage-deflate; server_max_window_bits=7", /as "7"/, "§7.1.2.1", {}],
    ["permessage-deflate; server_max_window_bits=16", /as "16"/, "§7.1.2.1", {}],
    ["permessage-deflate; server_max_window_bits=08", /as "08"/, "§7.1.2.1", {}],
    ["permessage-deflate; client_max_window_bits", /without a value/, "§7.1.2.2", {}],
    ["permessage-deflate; server_no_context_takeover=1", /takes none/, "§7.1.1.1", {}],
    ["permessage-deflate; client_no_context_takeover=1", /takes none/, "§7.1.1.2", {}],
    [
      "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
      /given twice/,
      "§7.1",
      {},
    ],
    ["permessage-deflate, permessage-deflate", /accepted permessage-deflate twice/, "§5", {}],
    [
      "permessage-deflate; client_max_window_bits=12",
      /which was not offered/,
      "§7.1.2.2",
      { clientMaxWindowBits: null },
    ],
    [
      "permessage-deflate; client_max_window_bits=12",
      /=12, more than the 11 that were offered/,
      "§7.1.2.2",
      { clientMaxWindowBits: 11 },
    ],
    [
      "permessage-deflate; server_max_window_bits=12",
      /=12, more than the 11/,
      "§7.1.2.1",
      { serverMaxWindowBits: 11 },
    ],
    [
      "permessage-deflate",
      /without server_max_window_bits, which was demanded/,
      "§7.1.2.1",
      { serverMaxWindowBits: 11 },
    ],
    [
      "permessage-deflate",
      /without server_no_context_takeover/,
      "§7.1.1.1",
      { serverNoContextTakeover: true },
    ],
  ])("%j is refused", (extensions, message, section, offer) => {
    const server = new ByteServer(offering(offer));
    server.send(answer({ "Sec-WebSocket-Extensions": extensions }));
    expect(server.eventsOf("violation")).toMatchObject([
      {
        reason: "extension_unrequested",
        section: `RFC 7692 ${section}`,
        closeCode: null,
        message: expect.stringMatching(message),
      },
    ]);
  });

  it.each(["permessage-bzip2", "permessage-deflate, x-webkit-deflate-frame"])(
    "%j names an extension that was not offered",
    (extensions) => {
      const server = new ByteServer(offering());
      server.send(answer({ "Sec-WebSocket-Extensions": extensions }));
      expect(server.eventsOf("violation")).toMatchObject([{ reason: "extension_unrequested" }]);
    },
  );

  it.each([
    "",
    ",",
    "a;",
    "a;;b",
    "a;b=",
    'a;b="c',
    'a;b="c d"',
    "a=b",
    "a b",
    "a;b=c=d",
    "é",
    "a,;b",
  ])("%j is malformed", (extensions) => {
    const server = new ByteServer(offering());
    server.send(answer({ "Sec-WebSocket-Extensions": extensions }));
    expect(server.eventsOf("violation")).toMatchObject([
      { reason: "extension_unrequested", section: "RFC 6455 §9.1" },
    ]);
  });
});

describe("compressed messages from the server", () => {
  // The examples of RFC 7692 §7.2.3, which all say "Hello".
  it.each<[string, Uint8Array]>([
    ["in one frame", text(hex("f2 48 cd c9 c9 07 00"), RSV1)],
    [
      "in two frames",
      concat([text(hex("f2 48 cd"), { ...RSV1, fin: false }), continuation(hex("c9 c9 07 00"))]),
    ],
    ["without compression", text(hex("00 05 00 fa ff 48 65 6c 6c 6f 00"), RSV1)],
    ["with BFINAL set", text(hex("f3 48 cd c9 c9 07 00 00"), RSV1)],
    ["with BFINAL set and nothing after it", text(hex("f3 48 cd c9 c9 07 00"), RSV1)],
    ["in two blocks", text(hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), RSV1)],
  ])("are inflated: %s", (_what, bytes) => {
    const expected = [{ type: "text", text: "Hello", bytes: 5 }];
    expect(agreed().send(bytes).story).toEqual(expected);
    expect(agreed().send(...chop(bytes, 1)).story).toEqual(expected);
  });

  it("may refer to the messages before them", () => {
    const server = agreed().send(
      text(hex("f2 48 cd c9 c9 07 00"), RSV1),
      text(hex("f2 00 11 00 00"), RSV1),
    );
    expect(server.eventsOf("text").map((event) => event.text)).toEqual(["Hello", "Hello"]);
  });

  it("may not refer to them when the server gave up context takeover", () => {
    const server = agreed("permessage-deflate; server_no_context_takeover").send(
      text(hex("f2 48 cd c9 c9 07 00"), RSV1),
      text(hex("f2 00 11 00 00"), RSV1),
    );
    expect(server.eventsOf("violation")).toMatchObject([{ reason: "inflate_failed" }]);
  });

  it("may refer back past messages that were sent uncompressed", () => {
    const server = agreed().send(
      text(hex("f2 48 cd c9 c9 07 00"), RSV1),
      text("not in the window"),
      text(hex("f2 00 11 00 00"), RSV1),
    );
    expect(server.eventsOf("text").map((event) => event.text)).toEqual([
      "Hello",
      "not in the window",
      "Hello",
    ]);
  });

  it("keep their context after a stream that ended with its message", () => {
    const peer = new DeflatePeer();
    const [first, second] = [utf8("the same words again"), utf8("the same words again")];
    const ended = deflateRawSync(first);
    const server = agreed().send(text(ended, RSV1));
    peer.deflate(first);
    const referring = peer.deflate(second);
    expect(referring.length).toBeLessThan(12);
    server.send(text(referring, RSV1));
    expect(server.eventsOf("text")).toHaveLength(2);
  });

  it("may be empty", () => {
    expect(agreed().send(text(hex("00"), RSV1)).story).toEqual([
      { type: "text", text: "", bytes: 0 },
    ]);
  });

  it("have control frames between their fragments", () => {
    const wire = new DeflatePeer().deflate(utf8("compressed and cut"));
    const [first, ...rest] = fragments(2, wire, 5, 4);
    const server = agreed().send(concat([first ?? wire, ping("p"), ...rest]));
    expect(server.story.map(({ type }) => type)).toEqual(["ping", "binary"]);
    expect(server.eventsOf("binary")[0]?.data).toEqual(utf8("compressed and cut"));
  });

  it("must be UTF-8 once they are inflated", () => {
    const wire = new DeflatePeer().deflate(hex("61 62 ff"));
    expect(agreed().send(text(wire, RSV1)).eventsOf("violation")).toMatchObject([
      { reason: "utf8_invalid", closeCode: 1007, message: expect.stringContaining("byte 3") },
    ]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["a reserved block type", hex("07"), /invalid block type/],
    ["a reference to before the beginning", hex("f2 00 11 00 00"), /too far back/],
    ["a message that stops inside a block", hex("f2 48 cd c9"), /stored block lengths|middle/],
    ["a tail that was not removed", hex("f2 48 cd c9 c9 07 00 00 00 ff ff"), /middle of a block/],
    ["nothing at all", new Uint8Array(0), /middle of a block/],
  ])("fail with %s", (_what, payload, message) => {
    const server = agreed().send(binary(payload, RSV1));
    expect(server.eventsOf("violation")).toMatchObject([
      {
        reason: "inflate_failed",
        section: "RFC 7692 §7.2.2",
        closeCode: 1007,
        message: expect.stringMatching(message),
      },
    ]);
  });

  it("fail when their references leave the window that was agreed", () => {
    const noise = Uint8Array.from({ length: 300 }, (_, index) => (index * 7_919) % 256);
    const wide = new DeflatePeer(15);
    const messages = [noise, new Uint8Array(2_000).fill(1), noise];
    const server = agreed("permessage-deflate; server_max_window_bits=9");
    for (const message of messages) server.send(binary(wide.deflate(message), RSV1));
    expect(server.eventsOf("violation")).toMatchObject([
      { reason: "inflate_failed", message: expect.stringContaining("too far back") },
    ]);
  });
});

describe("a compressed message that grows beyond the limit", () => {
  const limits = { messageBytesMax: 100_000 };
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  const squeeze = (bytes: number) =>
    new Uint8Array(deflateRawSync(new Uint8Array(bytes), options).subarray(0, -4));

  it("is stopped there, and the server told 1009", () => {
    const bomb = squeeze(20_000_000);
    expect(bomb.length).toBeLessThan(limits.messageBytesMax / 4);
    const server = agreed("permessage-deflate", {}, limits).send(binary(bomb, RSV1));
    expect(server.eventsOf("violation")).toMatchObject([
      {
        reason: "message_too_big",
        section: "RFC 6455 §10.4",
        closeCode: 1009,
        message: expect.stringMatching(/inflates to more than the limit of 100000/),
      },
    ]);
    expect(server.takeFrames()).toMatchObject([{ opcode: 8, payload: hex("03 f1") }]);
  });

  it("is not stopped at exactly the limit", () => {
    const server = agreed("permessage-deflate", {}, limits);
    server.send(binary(squeeze(100_000), RSV1));
    expect(server.eventsOf("binary")[0]?.data).toHaveLength(100_000);
    server.send(binary(squeeze(100_001), RSV1));
    expect(server.eventsOf("violation")).toMatchObject([{ reason: "message_too_big" }]);
  });

  it("is stopped before it inflates when it is too big already", () => {
    const server = agreed("permessage-deflate", {}, limits);
    server.send(binary(new Uint8Array(0), { ...RSV1, claimedBytes: 110_000 }));
    expect(server.eventsOf("violation")).toMatchObject([
      { reason: "message_too_big", message: expect.stringContaining("110000 compressed bytes") },
    ]);
  });
});

describe("compressed messages from the client", () => {
  const words = utf8("It is twenty past two and all is well. ".repeat(20));

  it.each([
    ["permessage-deflate", 15, true],
    ["permessage-deflate; client_max_window_bits=15", 15, true],
    ["permessage-deflate; client_no_context_takeover", 15, false],
    ["permessage-deflate; client_max_window_bits=9", 9, true],
    ["permessage-deflate; client_max_window_bits=8", 8, true],
    ["permessage-deflate; client_max_window_bits=8; client_no_context_takeover", 8, false],
  ])("can be read by a server that answered %j", (extensions, bits, takeover) => {
    const server = agreed(extensions);
    const peer = new DeflatePeer(bits, takeover);
    let state = 7;
    const noise = (bytes: number) =>
      Uint8Array.from({ length: bytes }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return state % 37;
      });
    const messages = [words, new Uint8Array(0), words, noise(3_000), words, noise(70_000), words];
    for (const message of messages) server.client.sendBinary(message);
    const frames = server.takeFrames();
    expect(frames.every(({ rsv, opcode }) => rsv === 4 && opcode === 2)).toBe(true);
    for (const [index, { payload }] of frames.entries()) {
      expect(Buffer.compare(peer.inflate(payload), messages[index] ?? words)).toBe(0);
    }
    const [first, , second] = frames;
    if (takeover && bits === 15) {
      expect(second?.payload.length).toBeLessThan((first?.payload.length ?? 0) / 2);
    }
    if (!takeover) expect(second?.payload).toEqual(first?.payload);
  });

  it("are marked with RSV1, and control frames are not", () => {
    const server = agreed();
    server.client.sendText("a");
    server.client.ping(utf8("b"));
    server.client.close();
    expect(server.takeFrames().map(({ opcode, rsv }) => [opcode, rsv])).toEqual([
      [1, 4],
      [9, 0],
      [8, 0],
    ]);
  });

  it("are uncompressed once the close frame of the server is answered", () => {
    const server = agreed().send(close(1000));
    expect(server.takeFrames()).toMatchObject([{ opcode: 8, rsv: 0 }]);
  });
});
