/** The bounds of a transcript. */
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../../shared/probe/redaction.ts";
import { TranscriptRecorder, printable, textOrHex } from "../../../shared/probe/transcript.ts";

function record(count: number, text: (index: number) => string = String) {
  const recorder = new TranscriptRecorder(
    createRedactor({ url: "ws://a/?key=secret", headers: [] }),
  );
  for (let index = 0; index < count; index += 1) {
    recorder.add({
      atMs: index,
      direction: "received",
      kind: "text",
      bytes: 1,
      text: () => text(index),
    });
  }
  return recorder.render();
}

describe("a transcript", () => {
  it("keeps everything of a short exchange", () => {
    const { entries, omitted } = record(40);
    expect(entries.map(({ text }) => text)).toEqual(Array.from({ length: 40 }, (_, at) => `${at}`));
    expect(omitted).toBe(0);
  });

  it.each([41, 75, 100, 1_000])("keeps the beginning and the end of %i entries", (count) => {
    const { entries, omitted } = record(count);
    expect(entries).toHaveLength(40);
    expect(entries.slice(0, 6).map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(entries.at(-1)?.text).toBe(String(count - 1));
    expect(omitted).toBe(count - 40);
  });

  it("bounds each entry and the whole, giving up the middle", () => {
    const { entries, omitted } = record(100, (index) => `${index} ${"x".repeat(1_000)}`);
    expect(Math.max(...entries.map(({ text }) => text.length))).toBe(257);
    expect(entries.reduce((total, { text }) => total + text.length, 0)).toBeLessThan(6_500);
    expect(entries.at(-1)?.text).toMatch(/^99 /);
    expect(entries.length + omitted).toBe(100);
  });

  it("redacts before it cuts", () => {
    const [entry] = record(1, () => `${"x".repeat(250)}secret`).entries;
    expect(entry?.text).not.toContain("secre");
  });

  it("makes control characters visible", () => {
    expect(printable("a\u0000b\u001bc\n")).toBe("a\u2400b\u241bc\n");
  });

  it("shows bytes as text where they are text", () => {
    expect(textOrHex(new TextEncoder().encode("héllo"))).toBe("héllo");
    expect(textOrHex(Uint8Array.of(0, 255, 16))).toBe("00 ff 10");
  });
});
