/** Messages and control frames on an open connection (RFC 6455 §5, §6). */
import { describe, expect, it } from "vitest";
import { ByteServer } from "./byte-server.ts";
import { chop, concat, hex, utf8 } from "./bytes.ts";
import { binary, continuation, ping, pong, text } from "./frame-bytes.ts";

describe("received messages", () => {
  it("are text or binary, whole or in fragments", () => {
    const server = ByteServer.open().send(
      text("héllo"),
      binary(hex("00 ff")),
      concat([text("a", { fin: false }), continuation("b", { fin: false }), continuation("c")]),
      concat([binary(hex("01"), { fin: false }), continuation(hex("02"))]),
      text(""),
      binary(new Uint8Array(0)),
    );
    expect(server.story).toEqual([
      { type: "text", text: "héllo", bytes: 6 },
      { type: "binary", data: hex("00 ff") },
      { type: "text", text: "abc", bytes: 3 },
      { type: "binary", data: hex("01 02") },
      { type: "text", text: "", bytes: 0 },
      { type: "binary", data: new Uint8Array(0) },
    ]);
  });

  it("may have control frames between their fragments", () => {
    const server = ByteServer.open().send(
      concat([
        text("one ", { fin: false }),
        ping("ping"),
        continuation("two ", { fin: false }),
        pong("pong"),
        continuation("three"),
      ]),
    );
    expect(server.story).toEqual([
      { type: "ping", payload: utf8("ping") },
      { type: "pong", payload: utf8("pong") },
      { type: "text", text: "one two three", bytes: 13 },
    ]);
    expect(server.takeFrames()).toMatchObject([{ opcode: 10, payload: utf8("ping") }]);
  });

  it("may split a character between fragments", () => {
    const euro = hex("e2 82 ac");
    const frames = [
      text(euro.slice(0, 1), { fin: false }),
      continuation(euro.slice(1, 2), { fin: false }),
      continuation(euro.slice(2)),
    ];
    expect(ByteServer.open().send(...frames).story).toEqual([
      { type: "text", text: "€", bytes: 3 },
    ]);
  });

  it("keep a byte order mark, which is a character like any other", () => {
    const server = ByteServer.open().send(text(hex("ef bb bf 61")));
    expect(server.story).toEqual([{ type: "text", text: "\ufeffa", bytes: 4 }]);
  });

  it("may be as large as the limit", () => {
    const limits = { messageBytesMax: 5_000 };
    const payload = new Uint8Array(5_000).fill(0x61);
    const halves = [
      text(payload.subarray(0, 2_500), { fin: false }),
      continuation(payload.subarray(2_500)),
    ];
    const server = ByteServer.open({ limits }).send(text(payload), ...halves);
    expect(server.eventsOf("text").map(({ bytes }) => bytes)).toEqual([5_000, 5_000]);
  });

  it("do not refer to a Node buffer that the caller may have pooled", () => {
    const pooled = Buffer.from(binary(hex("01 02 03")));
    const server = ByteServer.open().send(pooled);
    expect(server.eventsOf("binary")[0]?.data.constructor).toBe(Uint8Array);
    const [frame] = server.eventsOf("frame");
    pooled.fill(0);
    expect(frame?.preview).toEqual(hex("01 02 03"));
  });
});

describe("text that is not UTF-8", () => {
  it("fails at its own byte, while the frame is still arriving", () => {
    const wire = text(concat([utf8("fine until "), hex("f4 90 80 80"), utf8(" here")]));
    const server = ByteServer.open();
    for (const [index, piece] of chop(wire, 1).entries()) {
      server.send(piece);
      // Two bytes of header, eleven of text, then f4, and 90, which cannot follow it.
      expect(server.eventsOf("violation")).toHaveLength(index < 14 ? 0 : 1);
    }
  });

  it("is shown up to the offending byte", () => {
    const wire = text(concat([utf8("abc"), hex("ff"), utf8("def")]));
    for (const chunks of [[wire], chop(wire, 1), chop(wire, 4)]) {
      const [frame] = ByteServer.open()
        .send(...chunks)
        .eventsOf("frame");
      expect(frame).toMatchObject({ payloadBytes: 7, wireBytes: 9 });
      expect(frame?.preview).toEqual(hex("61 62 63 ff"));
    }
  });
});

describe("pings", () => {
  it("are answered at once, each with its own payload", () => {
    const server = ByteServer.open().send(concat([ping("1"), ping(""), ping("3".repeat(125))]));
    expect(server.takeFrames().map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [10, 1],
      [10, 0],
      [10, 125],
    ]);
  });

  it("of the client are frames like any other, at most 125 bytes", () => {
    const server = ByteServer.open();
    server.client.ping(utf8("x"));
    expect(server.takeFrames()).toMatchObject([{ opcode: 9, payload: utf8("x") }]);
    expect(() => server.client.ping(new Uint8Array(126))).toThrow(RangeError);
  });
});

describe("pongs", () => {
  it("that nobody asked for are reported and not answered", () => {
    const server = ByteServer.open().send(pong("hello"));
    expect(server.story).toEqual([{ type: "pong", payload: utf8("hello") }]);
    expect(server.takeFrames()).toEqual([]);
  });
});

describe("sent messages", () => {
  it("are single masked frames", () => {
    const server = ByteServer.open();
    server.client.sendText("grüße");
    server.client.sendBinary(hex("00 01"));
    server.client.sendText("");
    expect(server.takeFrames()).toEqual([
      { fin: true, rsv: 0, opcode: 1, payload: utf8("grüße") },
      { fin: true, rsv: 0, opcode: 2, payload: hex("00 01") },
      { fin: true, rsv: 0, opcode: 1, payload: new Uint8Array(0) },
    ]);
  });

  it("use a fresh mask each", () => {
    const masks: number[] = [];
    let next = 0;
    const server = ByteServer.open({
      nextMask: () => {
        next += 1;
        masks.push(next);
        return Uint8Array.of(next, 0, 0, 0);
      },
    });
    server.client.sendText("a");
    server.client.ping(utf8("b"));
    expect(masks).toEqual([1, 2]);
  });

  it("replace what is not Unicode", () => {
    const server = ByteServer.open();
    server.client.sendText("a\ud800b");
    expect(server.takeFrames()[0]?.payload).toEqual(utf8("a\ufffdb"));
  });

  it("need an open connection", () => {
    const server = new ByteServer();
    expect(() => server.client.sendText("x")).toThrow("the connection is connecting, not open");
  });
});

describe("the record of frames", () => {
  it("has both directions, sizes and the beginning of the payload", () => {
    const server = ByteServer.open();
    server.client.sendText("x".repeat(300));
    server.send(binary(new Uint8Array(70_000).fill(7), { fin: false }));
    server.send(continuation(""));
    expect(server.eventsOf("frame")).toEqual([
      {
        type: "frame",
        direction: "sent",
        opcode: 1,
        fin: true,
        rsv1: false,
        payloadBytes: 300,
        wireBytes: 308,
        preview: new Uint8Array(256).fill(0x78),
      },
      {
        type: "frame",
        direction: "received",
        opcode: 2,
        fin: false,
        rsv1: false,
        payloadBytes: 70_000,
        wireBytes: 70_010,
        preview: new Uint8Array(256).fill(7),
      },
      {
        type: "frame",
        direction: "received",
        opcode: 0,
        fin: true,
        rsv1: false,
        payloadBytes: 0,
        wireBytes: 2,
        preview: new Uint8Array(0),
      },
    ]);
  });

  it("lists a frame before the message that it completes, and a pong after its ping", () => {
    const server = ByteServer.open().send(concat([text("a"), ping("b")]));
    expect(
      server.events.map((event) =>
        event.type === "frame" ? `${event.direction} ${event.opcode}` : event.type,
      ),
    ).toEqual(["received 1", "text", "received 9", "ping", "sent 10"]);
  });

  it("keeps no large buffer alive for a small preview", () => {
    const server = ByteServer.open().send(binary(new Uint8Array(100_000)));
    const [frame] = server.eventsOf("frame");
    expect(frame?.preview.buffer.byteLength).toBe(256);
  });
});

describe("starting", () => {
  it("happens once, and not by itself", () => {
    const server = new ByteServer();
    expect(server.eventsOf("request_sent")).toHaveLength(1);
    server.client.start();
    expect(server.client.takeEvents()).toEqual([]);
    expect(server.client.takeOutput()).toEqual([]);
  });
});
