/** Growth of the buffer behind messages: linear, bounded, and unimpressed by announcements. */
import { describe, expect, it } from "vitest";
import { ByteAccumulator } from "../../../shared/websocket/byte-accumulator.ts";
import { hex } from "./bytes.ts";

describe("collected bytes", () => {
  it("come back in order, once", () => {
    const bytes = new ByteAccumulator(10);
    bytes.append(hex("01 02"));
    bytes.append(hex(""));
    bytes.append(hex("03"));
    expect(bytes.length).toBe(3);
    expect(bytes.take()).toEqual(hex("01 02 03"));
    expect(bytes.take()).toEqual(hex(""));
  });

  it("are copies of what was given", () => {
    const bytes = new ByteAccumulator(10);
    const given = hex("01 02");
    bytes.append(given);
    given.fill(9);
    expect(bytes.view()).toEqual(hex("01 02"));
  });

  it("are not touched by what is collected after they were taken", () => {
    const bytes = new ByteAccumulator(10);
    bytes.append(hex("01"));
    const taken = bytes.take();
    bytes.append(hex("02"));
    expect(taken).toEqual(hex("01"));
  });

  it("may fill the limit and not exceed it", () => {
    const bytes = new ByteAccumulator(3);
    bytes.append(hex("01 02 03"));
    expect(() => bytes.append(hex("04"))).toThrow(RangeError);
    expect(bytes.view()).toEqual(hex("01 02 03"));
  });
});

describe("the buffer", () => {
  it("is as large as announced at once, so that it need not grow", () => {
    const bytes = new ByteAccumulator(1_000_000);
    bytes.append(hex("01"), 100_000);
    const { buffer } = bytes.view();
    bytes.append(new Uint8Array(99_999), 100_000);
    expect(bytes.view().buffer).toBe(buffer);
  });

  it("believes no announcement of more than 256 KiB", () => {
    const bytes = new ByteAccumulator(100_000_000);
    bytes.append(hex("01"), 50_000_000);
    expect(bytes.view().buffer.byteLength).toBe(262_144);
  });

  it("never grows beyond the limit", () => {
    const bytes = new ByteAccumulator(1_500);
    bytes.append(new Uint8Array(1_000), 9_000);
    expect(bytes.view().buffer.byteLength).toBe(1_500);
  });
});
