/** Payloads in transcripts: whatever the bytes, what is stored leads back to them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameDraft } from "../../../shared/probe/frame-draft.ts";
import { createRedactor } from "../../../shared/probe/redaction.ts";
import {
  CAPTURE_BOUNDS,
  LOG_BOUNDS,
  TranscriptRecorder,
} from "../../../shared/probe/transcript.ts";
import { entryPayload } from "../../../shared/probe/transcript-payload.ts";
import type { FrameEvent } from "../../../shared/websocket/connection-event.ts";

const redactor = createRedactor({ url: "ws://a/?key=sesame", headers: [] });

function frameEvent(payload: Buffer, previewBytes: number, fields: Partial<FrameEvent> = {}) {
  const preview = new Uint8Array(payload.subarray(0, previewBytes));
  const [payloadBytes, wireBytes] = [payload.length, payload.length + 2];
  const rest = { opcode: 1, fin: true, rsv1: false, payloadBytes, wireBytes, preview };
  return { type: "frame", direction: "received", ...rest, ...fields } satisfies FrameEvent;
}

function record(payload: Buffer, bounds = LOG_BOUNDS, fields: Partial<FrameEvent> = {}) {
  const recorder = new TranscriptRecorder(redactor, bounds);
  recorder.add(frameDraft(frameEvent(payload, bounds.previewBytesMax, fields), 0));
  const [entry] = recorder.render(bounds).entries;
  if (entry === undefined) throw new Error("nothing was recorded");
  const kept = entryPayload(entry);
  if (kept === null) throw new Error("a frame has a payload");
  return { entry, kept: Buffer.from(kept.bytes), totalBytes: kept.totalBytes };
}

const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "grapheme", maxLength: 400 }).map((text) => Buffer.from(text)),
  fc.integer({ min: 0, max: 300 }).map((length) => Buffer.from(`${"x".repeat(length)}…`)),
  fc.integer({ min: 90, max: 300 }).map((length) => Buffer.from("é…x".repeat(length))),
);
const flags = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
  fin: fc.boolean(),
  rsv1: fc.boolean(),
});

describe("a payload in a transcript", () => {
  it("is kept in full for a capture, whatever it is", () => {
    fc.assert(
      fc.property(payloads, flags, (payload, fields) => {
        const { kept, totalBytes } = record(payload, CAPTURE_BOUNDS, fields);
        expect(kept).toEqual(payload);
        expect(totalBytes).toBe(payload.length);
      }),
    );
  });

  it("is kept in its beginning for the log, whatever it is", () => {
    fc.assert(
      fc.property(payloads, flags, (payload, fields) => {
        const { kept, totalBytes } = record(payload, LOG_BOUNDS, fields);
        expect(kept).toEqual(payload.subarray(0, kept.length));
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(payload.length, 90));
        expect(totalBytes).toBe(payload.length);
      }),
    );
  });

  it("is stored once where the text shows it, and cut at a whole character", () => {
    expect(record(Buffer.from('{"a":"ü"}')).entry).toEqual({
      atMs: 0,
      direction: "received",
      kind: "text",
      bytes: 12,
      text: '{"a":"ü"}',
      frame: { opcode: 1, fin: true, rsv1: false, payloadBytes: 10 },
    });
    const long = record(Buffer.from(`a${"ü".repeat(500)}`));
    expect(long.entry.payload).toBeUndefined();
    expect(long.entry.text).toBe(`a${"ü".repeat(127)}…`);
  });

  it("is stored as bytes too where the text is hexadecimal", () => {
    const { entry } = record(Buffer.from("00ff", "hex"), LOG_BOUNDS, { opcode: 2 });
    expect(entry).toMatchObject({ text: "00 ff", payload: "AP8=" });
  });

  it.each([
    ["as text", "open sesame!", "open [redacted]!", "open ******!"],
    ["in hexadecimal", "\0sesame", "00 2a 2a 2a 2a 2a 2a", "\0******"],
    ["that is cut off", "say sesa", "say [redacted]", "say ****"],
  ])("holds no secret, shown %s", (_how, said, text, kept) => {
    const recorded = record(Buffer.from(said));
    expect(recorded.entry.text).toBe(text);
    expect(recorded.kept.toString()).toBe(kept);
  });
});

describe("the record for a capture", () => {
  it("stays bounded however much is said, and keeps the beginning and the end", () => {
    const bounds = { ...CAPTURE_BOUNDS, totalMax: 100_000 };
    const recorder = new TranscriptRecorder(redactor, bounds);
    for (let index = 0; index < 300; index += 1) {
      const payload = Buffer.alloc(1_000, 0xff);
      payload.writeUInt32BE(index);
      recorder.add(frameDraft(frameEvent(payload, 1_000, { opcode: 2 }), index));
    }
    const { entries, omitted } = recorder.render(bounds);
    expect(JSON.stringify(entries).length).toBeLessThan(150_000);
    expect(entries.length + omitted).toBe(300);
    expect(entries[0]?.atMs).toBe(0);
    expect(entries.at(-1)?.atMs).toBe(299);
    const shorter = recorder.render();
    expect(shorter.entries.length + shorter.omitted).toBe(300);
    expect(JSON.stringify(shorter).length).toBeLessThan(12_000);
  });
});
