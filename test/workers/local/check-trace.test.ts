/** A transcript as a packet trace. */
import { describe, expect, it } from "vitest";
import type { TranscriptEntry } from "../../../shared/probe/observation.ts";
import { renderTrace } from "../../../workers/local/eq/check-trace.ts";

function trace(entry: Partial<TranscriptEntry>): string[] {
  const line = { atMs: 12.34, direction: "received", kind: "text", bytes: 7, text: "" } as const;
  return renderTrace({ entries: [{ ...line, ...entry }], omitted: 0 });
}
const frame = (opcode: number, payloadBytes: number, fin = true, rsv1 = false) => ({
  opcode,
  fin,
  rsv1,
  payloadBytes,
});

describe("a packet trace", () => {
  it("shows time, direction, kind, flags, sizes and content of a frame in one line", () => {
    expect(trace({ text: "hello", frame: frame(1, 5) })).toEqual([
      "    +12.3 ms ← text 0x1 [fin] 7 B, payload 5 B  hello",
    ]);
    expect(trace({ direction: "sent", kind: "close", text: "1000", frame: frame(8, 2) })).toEqual([
      "    +12.3 ms → close 0x8 [fin mask] 7 B, payload 2 B  1000",
    ]);
  });

  it("shows a fragment by its flags, not twice", () => {
    const text = "(more fragments follow) hel";
    const payload = btoa("hel");
    expect(trace({ text, payload, frame: frame(1, 3, false) })).toEqual([
      "    +12.3 ms ← text 0x1 [] 7 B, payload 3 B  hel",
    ]);
  });

  it("dumps what is not text, and says how much is missing", () => {
    const payload = btoa("\0\x01ABCDEFGHIJKLMNOP\xff");
    const lines = trace({ kind: "binary", text: "…", payload, frame: frame(2, 100) });
    expect(lines).toEqual([
      "    +12.3 ms ← binary 0x2 [fin] 7 B, payload 100 B",
      "               0000  00 01 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e  ..ABCDEFGHIJKLMN",
      "               0010  4f 50 ff                                         OP.",
      "               … 81 more bytes",
    ]);
    const compressed = {
      text: "(compressed) 4a",
      payload: btoa("J"),
      frame: frame(1, 1, true, true),
    };
    expect(trace(compressed)).toEqual([
      "    +12.3 ms ← text 0x1 [fin rsv1] 7 B, payload 1 B",
      "               0000  4a                                               J",
    ]);
  });

  it("shows heads line by line, and wraps what is long without losing any of it", () => {
    const text = `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(200)}`;
    const lines = trace({ kind: "head", bytes: 229, text });
    expect(lines.slice(0, 2)).toEqual([
      "    +12.3 ms ← head 229 B",
      "               HTTP/1.1 200 OK",
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBe(96);
    expect(lines.join("").replaceAll(/[^x]/g, "")).toHaveLength(200);
  });

  it("shows what the probe remarks, and how the connection ended", () => {
    const note = {
      direction: "note",
      kind: "note",
      bytes: null,
      text: "TCP connection open.",
    } as const;
    expect(trace(note)).toEqual(["    +12.3 ms · TCP connection open."]);
    expect(trace({ kind: "reset", bytes: 0, text: "The connection was reset." })).toEqual([
      "    +12.3 ms ← The connection was reset.",
    ]);
  });
});
