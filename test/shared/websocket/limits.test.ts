/** Caps: their relations, and that contradictions are refused. */
import { describe, expect, it } from "vitest";
import {
  CLOSE_REASON_BYTES_MAX,
  compressedBytesMax,
  CONTROL_PAYLOAD_BYTES_MAX,
  DEFAULT_LIMITS,
  FRAME_PREVIEW_BYTES_MAX,
  resolveLimits,
} from "../../../shared/websocket/limits.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";

/** Memory of a Worker, and connections that share it. */
const WORKER_BYTES = 128 * 1_000_000;
const CONNECTIONS = 6;

describe("the caps", () => {
  it("hold together by default", () => {
    expect(resolveLimits({})).toEqual(DEFAULT_LIMITS);
  });

  it("leave room in a Worker for the largest message on every connection at once", () => {
    // The bytes, the text at two bytes per character, and the buffer that they outgrew.
    const each = DEFAULT_LIMITS.messageBytesMax * (1 + 2 + 0.5);
    expect(CONNECTIONS * each).toBeLessThan(WORKER_BYTES);
  });

  it("follow from the protocol where it sets them", () => {
    expect(CONTROL_PAYLOAD_BYTES_MAX).toBe(125);
    expect(CLOSE_REASON_BYTES_MAX).toBe(123);
    expect(FRAME_PREVIEW_BYTES_MAX).toBeGreaterThanOrEqual(CONTROL_PAYLOAD_BYTES_MAX);
  });

  it("allow every compressed form of a message that they allow", () => {
    for (const bytes of [125, 5_000, 200_000]) {
      let state = 1;
      const noise = Uint8Array.from({ length: bytes }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return state & 0xff;
      });
      const deflater = PAKO_CODEC.createDeflater({ windowBits: 15, contextTakeover: false });
      expect(deflater.deflate(noise).length).toBeLessThanOrEqual(compressedBytesMax(bytes));
    }
  });

  it.each([
    { headBytesMax: 255 },
    { headBytesMax: 1_000, interimResponsesMax: 100 },
    { messageBytesMax: 124 },
    { messageBytesMax: Number.MAX_SAFE_INTEGER },
    { headerCountMax: 0 },
    { rejectionBodyBytesMax: 1.5 },
    { messageBytesMax: Number.NaN },
  ])("refuse %j", (limits) => {
    expect(() => resolveLimits(limits)).toThrow(RangeError);
  });
});
