/** Sections 1 to 5: framing, pings and pongs, reserved bits, opcodes, fragmentation. */
import { describe, it } from "vitest";
import { hex, utf8 } from "../bytes.ts";
import { binary, continuation, frame, ping, pong, text } from "../frame-bytes.ts";
import { EchoCase, type Delivery } from "./echo-case.ts";

const HELLO = "Hello, world!";
const echo = (payload: string) => ({ kind: "text", payload }) as const;

describe("1 framing", () => {
  const sizes: Array<[number, Delivery]> = [
    [0, "at once"],
    [125, "at once"],
    [126, "at once"],
    [127, "at once"],
    [128, "at once"],
    [65_535, "at once"],
    [65_536, "at once"],
    [65_536, 997],
  ];
  it.each(sizes.map(([bytes, delivery], index) => ({ number: index + 1, bytes, delivery })))(
    "1.1.$number echoes text of $bytes bytes, delivered: $delivery",
    ({ bytes, delivery }) => {
      const payload = "*".repeat(bytes);
      new EchoCase()
        .send([text(payload)], delivery)
        .expectReplies(echo(payload))
        .expectCleanClose();
    },
  );

  it.each(sizes.map(([bytes, delivery], index) => ({ number: index + 1, bytes, delivery })))(
    "1.2.$number echoes binary data of $bytes bytes, delivered: $delivery",
    ({ bytes, delivery }) => {
      const payload = new Uint8Array(bytes).fill(0xfe);
      new EchoCase()
        .send([binary(payload)], delivery)
        .expectReplies({ kind: "binary", payload })
        .expectCleanClose();
    },
  );
});

describe("2 pings and pongs", () => {
  it.each<[string, string | Uint8Array, Delivery]>([
    ["2.1 without payload", "", "at once"],
    ["2.2 with text", "Hello, world!", "at once"],
    ["2.3 with bytes that are no text", hex("00 ff fe fd fc fb 00 ff"), "at once"],
    ["2.4 with 125 bytes", new Uint8Array(125).fill(0xfe), "at once"],
    ["2.6 with 125 bytes, one by one", new Uint8Array(125).fill(0xfe), 1],
  ])("%s: a ping is answered with the same payload", (_case, payload, delivery) => {
    new EchoCase()
      .send([ping(payload)], delivery)
      .expectReplies({ kind: "pong", payload })
      .expectCleanClose();
  });

  it("2.5 a ping of 126 bytes fails the connection", () => {
    new EchoCase().send([ping(new Uint8Array(126).fill(0xfe))]).expectFailed(1002);
  });

  it.each([
    ["2.7 without payload", ""],
    ["2.8 with payload", "unsolicited"],
  ])("%s: a pong that nobody asked for is ignored", (_case, payload) => {
    new EchoCase()
      .send([pong(payload)])
      .expectSilence()
      .expectCleanClose();
  });

  it("2.9 a ping after an unsolicited pong is answered", () => {
    new EchoCase()
      .send([pong("unsolicited"), ping("ping")])
      .expectReplies({ kind: "pong", payload: "ping" })
      .expectCleanClose();
  });

  it.each<[string, Delivery]>([
    ["2.10", "at once"],
    ["2.11", 1],
  ])("%s ten pings are answered, each, delivered: %s", (_case, delivery) => {
    const payloads = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
    new EchoCase()
      .send(
        payloads.map((payload) => ping(payload)),
        delivery,
      )
      .expectReplies(...payloads.map((payload) => ({ kind: "pong", payload }) as const))
      .expectCleanClose();
  });
});

describe("3 reserved bits", () => {
  it("3.1 text with RSV 1 fails the connection", () => {
    new EchoCase().send([text(HELLO, { rsv: 1 })]).expectFailed(1002);
  });

  it.each<[string, number, Delivery]>([
    ["3.2", 2, "at once"],
    ["3.3", 3, "by frame"],
    ["3.4", 4, 1],
  ])(
    "%s text is echoed, text with RSV %i then fails the connection, delivered: %s",
    (_case, rsv, delivery) => {
      new EchoCase()
        .send([text(HELLO), text(HELLO, { rsv }), ping()], delivery)
        .expectFailed(1002, echo(HELLO));
    },
  );

  it("3.5 binary data with RSV 5 fails the connection", () => {
    new EchoCase().send([binary(hex("00 ff fe"), { rsv: 5 })]).expectFailed(1002);
  });

  it("3.6 a ping with RSV 6 fails the connection", () => {
    new EchoCase().send([ping(HELLO, { rsv: 6 })]).expectFailed(1002);
  });

  it("3.7 a close frame with RSV 7 fails the connection", () => {
    new EchoCase().send([frame({ opcode: 8, rsv: 7 })]).expectFailed(1002);
  });
});

describe("4 opcodes", () => {
  it.each([
    ["4.1.1", 3, ""],
    ["4.1.2", 4, "reserved"],
    ["4.2.1", 11, ""],
    ["4.2.2", 12, "reserved"],
  ])("%s reserved opcode %i fails the connection", (_case, opcode, payload) => {
    new EchoCase().send([frame({ opcode, payload })]).expectFailed(1002);
  });

  it.each<[string, number, string, Delivery]>([
    ["4.1.3", 5, "", "at once"],
    ["4.1.4", 6, HELLO, "at once"],
    ["4.1.5", 7, HELLO, 1],
    ["4.2.3", 13, "", "at once"],
    ["4.2.4", 14, HELLO, "at once"],
    ["4.2.5", 15, HELLO, 1],
  ])(
    "%s text is echoed, reserved opcode %i then fails the connection",
    (_case, opcode, payload, delivery) => {
      new EchoCase()
        .send([text(HELLO), frame({ opcode, payload }), ping()], delivery)
        .expectFailed(1002, echo(HELLO));
    },
  );
});

describe("5 fragmentation", () => {
  const halves = [text("fragment1", { fin: false }), continuation("fragment2")];
  const joined = echo("fragment1fragment2");
  const deliveries: Delivery[] = ["at once", "by frame", 1];

  it.each([
    ["5.1 ping", 9],
    ["5.2 pong", 10],
  ])("%s: a fragmented control frame fails the connection", (_case, opcode) => {
    new EchoCase()
      .send([frame({ opcode, fin: false, payload: "fragment1" }), continuation("fragment2")])
      .expectFailed(1002);
  });

  it.each(deliveries.map((delivery, index) => [`5.${3 + index}`, delivery] as const))(
    "%s two fragments are echoed as one message, delivered: %s",
    (_case, delivery) => {
      new EchoCase().send(halves, delivery).expectReplies(joined).expectCleanClose();
    },
  );

  it.each(deliveries.map((delivery, index) => [`5.${6 + index}`, delivery] as const))(
    "%s a ping between two fragments is answered first, delivered: %s",
    (_case, delivery) => {
      const [first, second] = halves;
      new EchoCase()
        .send([...(first ? [first] : []), ping("ping"), ...(second ? [second] : [])], delivery)
        .expectReplies({ kind: "pong", payload: "ping" }, joined)
        .expectCleanClose();
    },
  );

  it.each(
    [true, false].flatMap((fin, row) =>
      deliveries.map((delivery, index) => [`5.${9 + row * 3 + index}`, fin, delivery] as const),
    ),
  )(
    "%s a continuation of nothing (FIN %s) fails the connection, delivered: %s",
    (_case, fin, delivery) => {
      new EchoCase()
        .send([continuation("nothing", { fin }), text(HELLO)], delivery)
        .expectFailed(1002);
    },
  );

  it("5.15 a continuation after a finished message fails the connection", () => {
    new EchoCase()
      .send([...halves, continuation("fragment3", { fin: false }), text("fragment4")], "at once")
      .expectFailed(1002, joined);
  });

  it.each([
    ["5.16", false],
    ["5.17", true],
  ])("%s a continuation (FIN %s) before any message fails the connection", (_case, fin) => {
    const round = [continuation("fragment1", { fin }), ...halves];
    new EchoCase().send([...round, ...round]).expectFailed(1002);
  });

  it("5.18 a second text frame inside a fragmented message fails the connection", () => {
    new EchoCase()
      .send([text("fragment1", { fin: false }), text("fragment2")], "at once")
      .expectFailed(1002);
  });

  it.each<[string, Delivery]>([
    ["5.19", "at once"],
    ["5.20", "by frame"],
  ])("%s pings are answered before the message around them ends", (_case, delivery) => {
    const test = new EchoCase();
    test.send(
      [text("fragment1", { fin: false }), continuation("fragment2", { fin: false }), ping("first")],
      delivery,
    );
    test.expectReplies({ kind: "pong", payload: "first" });
    test.send(
      [
        continuation("fragment3", { fin: false }),
        continuation("fragment4", { fin: false }),
        ping("second"),
        continuation("fragment5"),
      ],
      delivery,
    );
    test
      .expectReplies(
        { kind: "pong", payload: "second" },
        { kind: "text", payload: utf8("fragment1fragment2fragment3fragment4fragment5") },
      )
      .expectCleanClose();
  });
});
