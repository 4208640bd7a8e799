/** UTF-8 against the platform's own decoder, and the byte at which each fault lies. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Utf8Validator } from "../../../shared/websocket/utf8-validator.ts";
import { cut, hex, utf8 } from "./bytes.ts";

/** Index of the offending byte; −1: none; −2: the text ends inside a character. */
function check(chunks: readonly Uint8Array[]): number {
  const validator = new Utf8Validator();
  let offset = 0;
  for (const chunk of chunks) {
    const offending = validator.push(chunk);
    if (offending !== -1) return offset + offending;
    offset += chunk.length;
  }
  return validator.complete ? -1 : -2;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Beginnings, ends and overlong forms of characters. */
const ALMOST = [
  ["c0 80", "c1 bf", "e0 9f", "e0 a0", "ed 9f bf", "ed a0 80", "f0 8f", "f0 90", "f4 8f bf bf"],
  ["f4 90", "f5", "ff", "80", "bf", "c2", "e2 82", "f0 9f 98"],
]
  .flat()
  .map((pairs) => [...hex(pairs)]);

/** Bytes that are often almost UTF-8. */
const almostText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme" }).map((text) => [...utf8(text)]),
      fc.constantFrom(...ALMOST),
      fc.array(fc.nat(255), { maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

describe("UTF-8 validation", () => {
  it.each<[string, string, number]>([
    ["plain text", "68 69", -1],
    ["a lone continuation byte", "61 80", 1],
    ["an overlong slash", "c0 af", 0],
    ["an overlong three-byte form", "e0 9f bf", 1],
    ["a surrogate", "ed a0 80", 1],
    ["beyond U+10FFFF", "f4 90 80 80", 1],
    ["a lead byte beyond that", "f5 80 80 80", 0],
    ["the last character", "f4 8f bf bf", -1],
    ["a missing continuation byte", "e2 82 28", 2],
    ["an unfinished character", "e2 82", -2],
    ["a bound that must not outlive its character", "e0 a0 80 c2 80", -1],
  ])("finds the fault of %s", (_what, pairs, expected) => {
    expect(check([hex(pairs)])).toBe(expected);
    expect(check([...hex(pairs)].map((byte) => Uint8Array.of(byte)))).toBe(expected);
  });

  it("agrees with the platform's decoder", () => {
    fc.assert(
      fc.property(almostText, (bytes) => {
        expect(check([bytes]) === -1).toBe(decodes(bytes));
      }),
      { numRuns: 3_000 },
    );
  });

  it("gives the same verdict in any split", () => {
    fc.assert(
      fc.property(almostText, fc.array(fc.nat(60), { maxLength: 6 }), (bytes, places) => {
        expect(check(cut(bytes, places))).toBe(check([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it("names the first byte that no continuation can make valid", () => {
    fc.assert(
      fc.property(almostText, (bytes) => {
        const offending = check([bytes]);
        if (offending < 0) return;
        // Up to it, the text is valid or could still become so.
        const before = check([bytes.subarray(0, offending)]);
        expect(before === -1 || before === -2).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
