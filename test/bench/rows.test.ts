import { expect, it } from "vitest";
import { FREE_PLAN, GOAL, keptLogBytes, objectRowsPerDay, rowsPerDay } from "./rows/figures.ts";
import { measureRows } from "./rows/measure.ts";

it("writes 40,000 rows a day at most for thirty monitors in four regions, a week in 400 MB", async () => {
  const figures = await measureRows(GOAL.monitors, GOAL.regions, 1);
  const { rowsWritten, rowsRead } = rowsPerDay(figures);
  const { parts } = figures;
  expect(figures.failures).toEqual([]);
  // A row for each region's round, two blocks a day and one an hour for each monitor, and deletes.
  expect(parts.probes.rowsWritten).toBeGreaterThanOrEqual(60 * GOAL.regions);
  expect(parts.history.rowsWritten).toBeGreaterThanOrEqual(60 + GOAL.monitors);
  expect(parts.retention.rowsWritten).toBeGreaterThanOrEqual(50 * GOAL.regions);
  expect(parts.daily.rowsWritten).toBe((2 + 24 + 1) * GOAL.monitors);
  expect(rowsWritten).toBeLessThanOrEqual(GOAL.rowsWritten);
  expect(rowsRead).toBeLessThanOrEqual(FREE_PLAN.rowsRead);
  expect(objectRowsPerDay(figures)).toBeLessThanOrEqual(FREE_PLAN.rowsWritten);
  // Rollups and history need room too.
  expect(keptLogBytes(figures)).toBeLessThanOrEqual(0.8 * FREE_PLAN.databaseBytes);
}, 240_000);
