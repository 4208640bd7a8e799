import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileLines } from "../../../workers/local/eq/file-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "echoquorum-lines-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(text: string): string[] {
  const path = join(folder, "file");
  writeFileSync(path, text);
  return [...fileLines(path)];
}

describe("the lines of a file", () => {
  it("are those between its line ends, with or without a last one", () => {
    expect(linesOf("a\n\nb\n")).toEqual(["a", "", "b"]);
    expect(linesOf("a\nb")).toEqual(["a", "b"]);
    expect(linesOf("")).toEqual([]);
  });

  it("are whole where a line or a character lies in several pieces", () => {
    const long = `${"x".repeat(1_048_575)}é${"🙂".repeat(700_000)}`;
    expect(linesOf(`${long}\n${long}\nend\n`)).toEqual([long, long, "end"]);
  });

  it("are not read from a file that is not there", () => {
    expect(() => [...fileLines(join(folder, "none"))]).toThrow("ENOENT");
  });
});
