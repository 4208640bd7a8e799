/** What is left over of a stream when heads and frames are taken out. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnframedTail } from "../../../shared/probe/unframed-bytes.ts";

describe("the unframed tail of a stream", () => {
  it("is what follows the last whole frame, in any split", () => {
    const frames = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 10 });
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 0, max: 100 }), cuts, (sizes, left, chunks) => {
        const framed = sizes.reduce((total, size) => total + size, 0);
        const stream = Uint8Array.from({ length: framed + left }, (_, at) => at & 255);
        const tail = new UnframedTail();
        const ends = sizes.map((_, index) =>
          sizes.slice(0, index + 1).reduce((total, size) => total + size, 0),
        );
        let at = 0;
        for (const size of [...chunks, stream.length]) {
          const chunk = stream.subarray(at, at + size);
          if (chunk.length === 0) continue;
          tail.receive(chunk);
          at += chunk.length;
          while (ends[0] !== undefined && ends[0] <= at) {
            ends.shift();
            tail.consume(sizes[sizes.length - ends.length - 1] ?? 0);
          }
        }
        const expected = { bytes: stream.slice(framed), totalBytes: left };
        expect(tail.take()).toEqual(left === 0 ? null : expected);
        expect(tail.take()).toBeNull();
      }),
    );
  });

  it("keeps only the beginning of what never ends", () => {
    const tail = new UnframedTail();
    for (let round = 0; round < 1_000; round += 1) tail.receive(new Uint8Array(1_000).fill(round));
    const taken = tail.take();
    expect(taken?.totalBytes).toBe(1_000_000);
    expect(taken?.bytes).toHaveLength(4_096);
    expect(taken?.bytes.at(-1)).toBe(4);
  });
});
