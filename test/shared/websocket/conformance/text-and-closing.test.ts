/** Sections 6 and 7: UTF-8, and the closing handshake. */
import { describe, it } from "vitest";
import { chop, concat, hex, utf8 } from "../bytes.ts";
import { close, continuation, fragments, frame, ping, text } from "../frame-bytes.ts";
import { EchoCase } from "./echo-case.ts";

const KOSME = hex("ce ba e1 bd b9 cf 83 ce bc ce b5");
const GERMAN = "Hello-µ@ßöäüàá-UTF-8!!";

describe("6.1, 6.2 valid text", () => {
  it.each<[string, Uint8Array[], string]>([
    ["6.1.1 an empty message", [text("")], ""],
    [
      "6.1.2 three empty fragments",
      [text("", { fin: false }), continuation("", { fin: false }), continuation("")],
      "",
    ],
    [
      "6.1.3 text between two empty fragments",
      [text("", { fin: false }), continuation("middle", { fin: false }), continuation("")],
      "middle",
    ],
    ["6.2.1 text in one frame", [text(GERMAN)], GERMAN],
    [
      "6.2.2 text cut between characters",
      [text("Hello-µ@ßöä", { fin: false }), continuation("üàá-UTF-8!!")],
      GERMAN,
    ],
    ["6.2.3 text cut at every byte", fragments(1, utf8(GERMAN), 1), GERMAN],
    ["6.2.4 Greek cut at every byte", fragments(1, KOSME, 1), "κόσμε"],
  ])("%s is echoed", (_case, frames, payload) => {
    // The Greek accented omicron of the list is U+1F79, which is not the precomposed U+03CC.
    const expected = payload === "κόσμε" ? KOSME : payload;
    new EchoCase()
      .send(frames)
      .expectReplies({ kind: "text", payload: expected })
      .expectCleanClose();
  });
});

describe("6.3, 6.4 invalid text, found early", () => {
  const surrogate = concat([KOSME, hex("ed a0 80"), utf8("edited")]);
  const beyond = concat([KOSME, hex("f4 90 80 80"), utf8("edited")]);

  it("6.3.1 fails the connection in one frame", () => {
    new EchoCase().send([text(surrogate)]).expectFailed(1007);
  });

  it("6.3.2 fails the connection in frames of one byte", () => {
    new EchoCase().send(fragments(1, surrogate, 1)).expectFailed(1007);
  });

  it("6.4.1 fails the connection in the frame that makes it invalid", () => {
    const test = new EchoCase().send([text(KOSME, { fin: false })]).expectSilence();
    test.send([continuation(hex("f4 90 80 80"), { fin: false })]).expectFailed(1007);
  });

  it("6.4.2 fails the connection at the frame of the one byte that makes it invalid", () => {
    const test = new EchoCase()
      .send([text(beyond.subarray(0, 12), { fin: false })])
      .expectSilence();
    test.send([continuation(beyond.subarray(12, 13), { fin: false })]).expectFailed(1007);
  });

  it("6.4.3 fails the connection in the piece of a frame that makes it invalid", () => {
    const wire = text(beyond);
    const test = new EchoCase().send([wire.subarray(0, 2 + 11)]).expectSilence();
    test.send([wire.subarray(13, 17)]).expectFailed(1007);
  });

  it("6.4.4 fails the connection at the one byte of a frame that makes it invalid", () => {
    const wire = text(beyond);
    const test = new EchoCase().send([wire.subarray(0, 2 + 12)]).expectSilence();
    test.send([wire.subarray(14, 15)]).expectFailed(1007);
  });
});

/** The sequences of the well-known UTF-8 stress test, as [number, name, valid, invalid]. */
const SEQUENCES: Array<[string, string, string[], string[]]> = [
  [
    "6.5",
    "some valid sequences",
    ["68 65 6c 6c 6f 24", "68 c2 a2", "68 e2 82 ac", "68 f0 a4 ad a2", "ce ba e1 bd b9 cf 83"],
    [],
  ],
  [
    "6.6",
    "prefixes of valid text",
    ["ce ba", "ce ba e1 bd b9", "ce ba e1 bd b9 cf 83", "ce ba e1 bd b9 cf 83 ce bc ce b5"],
    ["ce", "ce ba e1", "ce ba e1 bd", "ce ba e1 bd b9 cf", "ce ba e1 bd b9 cf 83 ce"],
  ],
  ["6.7", "first sequences of a length", ["00", "c2 80", "e0 a0 80", "f0 90 80 80"], []],
  ["6.8", "first sequences of five and six", [], ["f8 88 80 80 80", "fc 84 80 80 80 80"]],
  ["6.9", "last sequences of a length", ["7f", "df bf", "ef bf bf", "f4 8f bf bf"], []],
  [
    "6.10",
    "last sequences of four to six",
    [],
    ["f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"],
  ],
  [
    "6.11",
    "other boundaries",
    ["ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf"],
    ["f4 90 80 80"],
  ],
  [
    "6.12",
    "unexpected continuation bytes",
    [],
    [...Array.from({ length: 6 }, (_, n) => "80 bf ".repeat(4).slice(0, 3 * (n + 1))), "bf"],
  ],
  [
    "6.13",
    "lonely start bytes",
    [],
    [
      [0xc0, 0xdf],
      [0xe0, 0xef],
      [0xf0, 0xf7],
      [0xf8, 0xfb],
      [0xfc, 0xfd],
    ].map(([from = 0, to = 0]) =>
      Array.from({ length: to - from + 1 }, (_, n) => `${(from + n).toString(16)} 20`).join(" "),
    ),
  ],
  [
    "6.14",
    "sequences without their last byte",
    [],
    [
      ["c0", "e0 80", "f0 80 80", "f8 80 80 80", "fc 80 80 80 80"],
      ["df", "ef bf", "f7 bf bf", "fb bf bf bf", "fd bf bf bf bf"],
    ].flat(),
  ],
  ["6.15", "unfinished sequences in a row", [], ["c0 e0 80 f0 80 80 df ef bf f7 bf bf"]],
  ["6.16", "impossible bytes", [], ["fe", "ff", "fe fe ff ff"]],
  ["6.17", "overlong slashes", [], ["c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af"]],
  ["6.18", "longest overlong forms", [], ["c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf"]],
  ["6.19", "overlong NUL", [], ["c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80"]],
  [
    "6.20",
    "single surrogates",
    [],
    ["ed a0 80", "ed ad bf", "ed ae 80", "ed af bf", "ed b0 80", "ed be 80", "ed bf bf"],
  ],
  [
    "6.21",
    "paired surrogates",
    [],
    ["ed a0 80 ed b0 80", "ed a0 80 ed bf bf", "ed ad bf ed b0 80", "ed af bf ed bf bf"],
  ],
  ["6.22", "non-characters, which are valid", ["ef bf be", "ef bf bf", ...planes()].flat(), []],
  ["6.23", "specials", ["ef bf b9", "ef bf ba", "ef bf bb", "ef bf bc", "ef bf bd"], []],
];

/** U+nFFFE and U+nFFFF of the planes 1 to 16. */
function planes(): string[] {
  return Array.from({ length: 16 }, (_, index) => index + 1).flatMap((plane) =>
    [0xfffe, 0xffff].map((low) =>
      Buffer.from(String.fromCodePoint(plane * 0x1_0000 + low)).toString("hex"),
    ),
  );
}

describe("6.5–6.23 sequences", () => {
  const cases = SEQUENCES.flatMap(([number, name, valid, invalid]) => [
    ...valid.map((pairs) => ({ number, name, pairs, accepted: true })),
    ...invalid.map((pairs) => ({ number, name, pairs, accepted: false })),
  ]);

  it.each(cases)("$number $name: $pairs", ({ pairs, accepted }) => {
    const payload = hex(pairs);
    for (const frames of [[text(payload)], fragments(1, payload, 1)]) {
      for (const delivery of ["at once", 1] as const) {
        const test = new EchoCase().send(frames, delivery);
        if (accepted) test.expectReplies({ kind: "text", payload }).expectCleanClose();
        else test.expectFailed(1007);
      }
    }
  });
});

describe("7.1 closing", () => {
  const hello = { kind: "text", payload: "Hello World!" } as const;

  it("7.1.1 a message and a close frame are both answered", () => {
    const test = new EchoCase().send([text(hello.payload)]).expectReplies(hello);
    test.expectCleanClose();
  });

  it("7.1.1 a message and a close frame in the same bytes are both answered, in order", () => {
    const test = new EchoCase().send([text(hello.payload), close()], "at once");
    const frames = test.takeFrames();
    if (frames.map(({ opcode }) => opcode).join() !== "1,8") throw new Error("wrong answers");
  });

  it.each<[string, Uint8Array[]]>([
    ["7.1.2 a second close frame", [close(), frame({ opcode: 8 })]],
    ["7.1.3 a ping", [close(), ping()]],
    ["7.1.4 a message", [close(), text("late")]],
    [
      "7.1.5 the rest of a message",
      [text("fragment1", { fin: false }), close(), continuation("fragment2")],
    ],
  ])("%s after a close frame is ignored", (_case, frames) => {
    for (const delivery of ["at once", "by frame", 1] as const) {
      new EchoCase().send(frames, delivery).expectClosed(1000);
    }
  });

  it("7.1.6 large and small messages before a close frame are echoed", () => {
    const large = "BAsd7&jh23".repeat(26_215).slice(0, 262_144);
    const test = new EchoCase().send([text(large), text(hello.payload)]);
    test.expectReplies({ kind: "text", payload: large }, hello);
    test.send([close(), ping()], "at once").expectClosed(1000);
  });
});

describe("7.3–7.13 close frames", () => {
  it("7.3.1 without a code is answered without one", () => {
    new EchoCase().send([close(null)]).expectClosed(null);
  });

  it("7.3.2 with one byte fails the connection", () => {
    new EchoCase().send([frame({ opcode: 8, payload: "a" })]).expectFailed(1002);
  });

  it.each([
    ["7.3.3 with a code", ""],
    ["7.3.4 with a reason", "Hello World!"],
    ["7.3.5 with the longest reason", "*".repeat(123)],
  ])("%s is answered", (_case, reason) => {
    new EchoCase().send([close(1000, reason)]).expectClosed(1000);
  });

  it("7.3.6 with a reason that is too long fails the connection", () => {
    new EchoCase().send([close(1000, "*".repeat(124))]).expectFailed(1002);
  });

  it("7.5.1 with a reason that is not UTF-8 fails the connection", () => {
    const reason = concat([KOSME, hex("ed a0 80"), utf8("edited")]);
    new EchoCase().send([close(1000, reason)]).expectFailed(1007);
  });

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])(
    "7.7 with the code %i is answered with it",
    (code) => {
      for (const delivery of ["at once", 1] as const) {
        new EchoCase().send([close(code)], delivery).expectClosed(code);
      }
    },
  );

  it.each([0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999])(
    "7.9 with the code %i fails the connection",
    (code) => {
      new EchoCase().send([close(code)]).expectFailed(1002);
    },
  );

  it.each([5000, 65_535])("7.13 with the code %i fails the connection", (code) => {
    new EchoCase().send(chop(close(code), 1)).expectFailed(1002);
  });
});
