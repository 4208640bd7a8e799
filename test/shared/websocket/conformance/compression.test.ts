/**
 * Sections 12 and 13: compressed messages of many sizes and contents, under every agreement that
 * the published cases make.
 *
 * The published cases send a thousand messages each; a few are enough to exercise the window. Set
 * CONFORMANCE_MESSAGES=1000 for all of them.
 */
import { describe, expect, it } from "vitest";
import { utf8 } from "../bytes.ts";
import { DeflatePeer } from "../deflate-peer.ts";
import { fragments } from "../frame-bytes.ts";
import { EchoCase, expectSameBytes } from "./echo-case.ts";

const MESSAGES = Number(process.env["CONFORMANCE_MESSAGES"] ?? 3);
/** Sizes in bytes, each with the size of fragments (0: one frame). */
const SIZES: Array<[bytes: number, fragmentBytes: number]> = [
  ...[16, 64, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072].map(
    (bytes) => [bytes, 0] as [number, number],
  ),
  ...[8_192, 16_384, 32_768, 65_536, 131_072].map((bytes) => [bytes, 256] as [number, number]),
  [131_072, 1_024],
  [131_072, 4_096],
  [131_072, 32_768],
];

/** A reproducible stream of numbers below 2^31. */
function* noise(): Generator<number, never> {
  for (let state = 20_061; ; state = (state * 48_271) % 2_147_483_647) yield state;
}

const WORDS = "the quick brown fox jumps over a lazy dog while rain falls on the roof".split(" ");
const random = noise();
const word = () => WORDS[random.next().value % WORDS.length] ?? "";
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

/** Contents of different redundancy, each longer than the largest message. */
const CONTENTS: Array<[name: string, opcode: 1 | 2, data: Uint8Array]> = [
  [
    "JSON",
    1,
    utf8(JSON.stringify(many(4_000, (id) => ({ id, name: word(), tags: [word(), word()] })))),
  ],
  [
    "a picture",
    2,
    Uint8Array.from(many(263_000, (at) => (at % 512) / 2 + (random.next().value & 3))),
  ],
  ["prose", 2, utf8(many(40_000, word).join(" "))],
  ["HTML", 1, utf8(many(6_000, (at) => `<li id="n${at}">${word()} ${word()}</li>`).join("\n"))],
  ["noise", 2, Uint8Array.from(many(200_000, () => random.next().value & 0xff))],
];

interface Agreement {
  extensions: string;
  serverBits: number;
  serverTakeover: boolean;
  clientBits: number;
  clientTakeover: boolean;
}

/** Sends messages, expects each back, intact and compressed. */
function exchange(
  agreement: Agreement,
  [, opcode, data]: (typeof CONTENTS)[number],
  [bytes, fragmentBytes]: (typeof SIZES)[number],
): void {
  const out = new DeflatePeer(agreement.serverBits, agreement.serverTakeover);
  const back = new DeflatePeer(agreement.clientBits, agreement.clientTakeover);
  const test = new EchoCase(agreement.extensions);
  for (let count = 0, at = 0; count < MESSAGES; count += 1, at = (at + bytes) % 60_000) {
    const message = data.subarray(at, at + bytes);
    const wire = out.deflate(message);
    test.send(fragments(opcode, wire, fragmentBytes === 0 ? wire.length : fragmentBytes, 4));
    const [echoed, ...more] = test.takeFrames();
    expect(more).toEqual([]);
    expect(echoed).toMatchObject({ fin: true, rsv: 4, opcode });
    expectSameBytes(back.inflate(echoed?.payload ?? new Uint8Array(0)), message);
  }
  test.expectCleanClose();
}

const plain: Agreement = {
  extensions: "permessage-deflate",
  serverBits: 15,
  serverTakeover: true,
  clientBits: 15,
  clientTakeover: true,
};

describe.each(CONTENTS.map((content, index) => ({ number: index + 1, name: content[0], content })))(
  "12.$number $name",
  ({ content }) => {
    it.each(SIZES)("messages of %i bytes, fragments of %i", (...size) => {
      exchange(plain, content, size);
    });
  },
);

/** What the server answers in each part of section 13 to the client's offer. */
const AGREEMENTS: Agreement[] = [
  plain,
  {
    ...plain,
    extensions: "permessage-deflate; client_no_context_takeover",
    clientTakeover: false,
  },
  { ...plain, extensions: "permessage-deflate; client_max_window_bits=9", clientBits: 9 },
  { ...plain, extensions: "permessage-deflate; client_max_window_bits=15" },
  {
    ...plain,
    extensions: "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
    clientTakeover: false,
    clientBits: 9,
  },
  {
    ...plain,
    extensions: "permessage-deflate; client_no_context_takeover; client_max_window_bits=15",
    clientTakeover: false,
  },
  {
    extensions:
      "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; " +
      "client_no_context_takeover; client_max_window_bits=9",
    serverBits: 9,
    serverTakeover: false,
    clientBits: 9,
    clientTakeover: false,
  },
  {
    ...plain,
    extensions: "permessage-deflate; server_max_window_bits=10; client_max_window_bits=8",
    serverBits: 10,
    clientBits: 8,
  },
];

describe.each(AGREEMENTS.map((agreement, index) => ({ number: index + 1, agreement })))(
  "13.$number $agreement.extensions",
  ({ agreement }) => {
    const [json] = CONTENTS;
    it.each(SIZES)("messages of %i bytes, fragments of %i", (...size) => {
      if (json !== undefined) exchange(agreement, json, size);
    });
  },
);
