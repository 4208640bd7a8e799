/** The backup benchmark, at a size that is no measurement. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { renderBackup } from "./backup/figures.ts";
import { measureBackup } from "./backup/measure.ts";

const folder = mkdtempSync(join(tmpdir(), "echoquorum-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("restores what was there when the backup was opened, and says it in a table", async () => {
  const figures = await measureBackup(3, 2, 2, folder);
  // Two regions and the verdicts, two days of hours and of five minutes.
  expect(figures.rows).toBeGreaterThan(3 * 2 * (24 + 288));
  expect(figures.fileBytes).toBeGreaterThan(100_000);
  expect(figures.keptBytes).toBeGreaterThan(0);
  expect(figures).toMatchObject({ isSame: true, failures: [] });
  expect(renderBackup([figures])).toMatch(/\| 3 \| [\d.]+ MB \|/);
  expect(renderBackup([figures])).not.toContain("failure");
  const wrong = { ...figures, isSame: false, failures: ["step: late"] };
  expect(renderBackup([wrong])).toContain("What was restored of 3 monitors is not");
  expect(renderBackup([wrong])).toContain("failure: step: late");
}, 120_000);
