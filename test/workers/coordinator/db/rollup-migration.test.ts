/** The migration from one row per monitor, region and period to blocks, with data in it. */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Resolution } from "../../../../shared/monitor/rollup.ts";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";

const migrations = fileURLToPath(new URL("../../../../migrations/", import.meta.url));
const DAY_MS = Date.UTC(2026, 10, 20);
const HOUR_MS = 3_600_000;

it("packs what an older release has counted, and keeps its table", () => {
  const database = new DatabaseSync(":memory:");
  const apply = (name: string) => database.exec(readFileSync(`${migrations}${name}.sql`, "utf8"));
  apply("0000_network");
  const insert = database.prepare(`INSERT INTO rollups VALUES (${"?, ".repeat(16)}?)`);
  for (const hour of [0, 23]) {
    const startMs = DAY_MS + hour * HOUR_MS;
    insert.run("chat", "hour", "us-east", startMs, 60, 57, 1, 2, 0, 0, 0, 0, 0, 0, 0, 4_812.5, 58);
    insert.run("chat", "hour", "*", startMs, 0, 0, 0, 0, 0, 3_480_000, 0, 0, 120_000, 0, 0, 0, 0);
  }
  insert.run("chat", "day", "us-east", DAY_MS, 120, 114, 2, 4, 0, 0, 0, 0, 0, 0, 0, 9_625, 116);
  insert.run("game", "day", "us-east", DAY_MS, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  apply("0002_rollup_blocks");
  const blocks = database.prepare("SELECT * FROM rollup_blocks ORDER BY resolution, monitor").all();
  const rows = blocks.map(({ monitor, resolution, start_ms, body }) =>
    decodeBlock({
      monitor: String(monitor),
      resolution: resolution as Resolution,
      startMs: Number(start_ms),
      body: String(body),
    }),
  );
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatchObject([{ region: "us-east", observations: 120, latencySumMs: 9_625 }]);
  expect(rows[1]).toMatchObject([{ monitor: "game", observations: 0, latencyCount: 0 }]);
  expect(rows[2]).toMatchObject([
    { region: "*", bucketStartMs: DAY_MS, operationalMs: 3_480_000, downMs: 120_000 },
    { region: "*", bucketStartMs: DAY_MS + 23 * HOUR_MS },
    { region: "us-east", bucketStartMs: DAY_MS, up: 57, degraded: 1, down: 2, latency: "" },
    { region: "us-east", bucketStartMs: DAY_MS + 23 * HOUR_MS, latencySumMs: 4_812.5 },
  ]);
  expect(database.prepare("SELECT COUNT(*) AS n FROM rollups").get()?.["n"]).toBe(6);
});
