/** Where `npm start` keeps its data: made when it is missing, refused in words when it cannot be. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDataFolder } from "../../../workers/local/start/data-folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "echoquorum-data-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

it("is made with the folders above it, and found again", () => {
  const path = join(parent, "a", "b");
  openDataFolder(path).unlock();
  expect(existsSync(join(path, "README.txt"))).toBe(true);
  openDataFolder(path).unlock();
});

it("is used by one process at a time", () => {
  const folder = openDataFolder(parent);
  expect(() => openDataFolder(parent)).toThrow("is used by another `npm start`");
  folder.unlock();
});

it("is refused below a file", () => {
  const file = join(parent, "file");
  writeFileSync(file, "");
  expect(() => openDataFolder(join(file, "data"))).toThrow("cannot be written (ENOTDIR");
});

it("is refused where the system makes no folders", () => {
  expect(() => openDataFolder("/proc/echoquorum/data")).toThrow("cannot be written (E");
});
