/** A backup file, read in one go and by one reader after the other. */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BackupReader, BackupWriter, encodeBackupRow } from "../../shared/backup-file.ts";
import { ResumableDigest } from "../../shared/resumable-digest.ts";

const FACTS = { release: "1", createdAt: "2026-11-20", migration: "0000_network.sql", storage: 7 };

function fileLines(rows: number): string[] {
  const writer = new BackupWriter();
  const lines = Array.from({ length: rows }, (_, id) =>
    encodeBackupRow({ in: "object", table: "decisions", row: { id, body: `é ${"x".repeat(id)}` } }),
  );
  return [writer.header(FACTS), writer.rows(lines), writer.end()].join("").trimEnd().split("\n");
}

describe("a digest that is put away between its pieces", () => {
  it("is SHA-256 of all of them, wherever it was put away", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200, unit: "grapheme" })), (texts) => {
        let digest = new ResumableDigest();
        for (const text of texts) {
          const saved: unknown = JSON.parse(JSON.stringify(digest.add(text).save()));
          digest = ResumableDigest.resume(saved as ReturnType<ResumableDigest["save"]>);
        }
        const expected = createHash("sha256").update(texts.join("").toWellFormed()).digest("hex");
        expect(digest.hex()).toBe(expected);
      }),
    );
  });
});

describe("a backup that is read by one reader after the other", () => {
  it("is as sound as read by one", () => {
    let state = new BackupReader().state;
    const rows = fileLines(100).map((line) => {
      const reader = new BackupReader(JSON.parse(JSON.stringify(state)) as typeof state);
      const row = reader.take(line);
      state = reader.state;
      return row?.row["id"] ?? null;
    });
    expect(rows).toEqual([null, ...Array.from({ length: 100 }, (_, id) => id), null]);
    expect(() => new BackupReader(state).finish()).not.toThrow();
    expect(() => new BackupReader(state).take("{}")).toThrow("behind its end");
  });

  it("is refused when a line is missing, changed or doubled", () => {
    const lines = fileLines(3);
    const changes = [
      lines.toSpliced(2, 1),
      lines.with(2, lines[3] ?? ""),
      lines.toSpliced(2, 0, lines[2] ?? ""),
    ];
    for (const changed of changes) {
      const reader = new BackupReader();
      expect(() => changed.forEach((line) => reader.take(line))).toThrow("checksum");
    }
    const reader = new BackupReader();
    for (const line of lines.slice(0, -1)) reader.take(line);
    expect(() => reader.finish()).toThrow("cut short");
  });
});
