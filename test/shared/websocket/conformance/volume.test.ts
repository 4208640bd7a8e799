/** Sections 9 and 10: large messages, many fragments, small pieces, many messages. */
import { describe, it } from "vitest";
import { utf8 } from "../bytes.ts";
import { fragments, frame } from "../frame-bytes.ts";
import { EchoCase, type Delivery } from "./echo-case.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const KINDS = [
  { kind: "text", opcode: 1, pattern: utf8("BAsd7&jh23") },
  { kind: "binary", opcode: 2, pattern: Uint8Array.of(0x00, 0xfe, 0x23, 0xfa, 0xf0) },
] as const;

/** A pattern, repeated up to a size. */
function repeat(pattern: Uint8Array, bytes: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(bytes, pattern));
}

describe.each(KINDS)("9 $kind", ({ kind, opcode, pattern }) => {
  const section = opcode - 1;

  it.each([64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB].map((bytes, n) => [n + 1, bytes]))(
    `9.${1 + section}.%i a message of %i bytes is echoed`,
    (_number, bytes = 0) => {
      const payload = repeat(pattern, bytes);
      // As a socket delivers it: in pieces of 64 KiB.
      new EchoCase()
        .send([frame({ opcode, payload })], 64 * KIB)
        .expectReplies({ kind, payload })
        .expectCleanClose();
    },
  );

  it.each(
    [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB].map((b, n) => [n + 1, b]),
  )(`9.${3 + section}.%i 4 MiB in fragments of %i bytes are echoed`, (_number, bytes = 1) => {
    const payload = repeat(pattern, 4 * MIB);
    new EchoCase()
      .send(fragments(opcode, payload, bytes), 64 * KIB)
      .expectReplies({ kind, payload })
      .expectCleanClose();
  });

  it.each([64, 128, 256, 512, KIB, 2 * KIB].map((b, n) => [n + 1, b]))(
    `9.${5 + section}.%i 1 MiB in pieces of %i bytes is echoed`,
    (_number, bytes = 1) => {
      const payload = repeat(pattern, MIB);
      new EchoCase()
        .send([frame({ opcode, payload })], bytes)
        .expectReplies({ kind, payload })
        .expectCleanClose();
    },
  );

  it.each([0, 16, 64, 256, KIB, 4 * KIB].map((b, n) => [n + 1, b]))(
    `9.${7 + section}.%i a thousand messages of %i bytes are echoed one after another`,
    (_number, bytes = 0) => {
      const payload = repeat(pattern, bytes);
      const wire = frame({ opcode, payload });
      const test = new EchoCase();
      for (let count = 0; count < 1_000; count += 1) {
        test.send([wire]).expectReplies({ kind, payload });
      }
      test.expectCleanClose();
    },
  );
});

describe("10 automatic fragmentation", () => {
  it.each<Delivery>(["at once", "by frame", 997])(
    "10.1.1 64 KiB of text in fragments of 1,300 bytes are echoed, delivered: %s",
    (delivery) => {
      const payload = repeat(utf8("*"), 64 * KIB);
      new EchoCase()
        .send(fragments(1, payload, 1_300), delivery)
        .expectReplies({ kind: "text", payload })
        .expectCleanClose();
    },
  );
});
