/** What a rebuild reads of a real D1: changes around a day, and its rollups. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { emptyRollup } from "../../../../shared/monitor/rollup.ts";
import { packRollups } from "../../../../shared/monitor/rollup-block.ts";
import type { Transition } from "../../../../shared/monitor/verdict.ts";
import {
  loadBlocks,
  loadVerdictChanges,
} from "../../../../workers/coordinator/db/history-store.ts";
import { writeHistory } from "../../../../workers/coordinator/log/history-mirror.ts";
import type { MirrorBatch } from "../../../../workers/coordinator/object/ports.ts";
import { countCosts } from "../../../support/counted-database.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

const NOTHING: MirrorBatch = {
  incidents: [],
  transitions: [],
  deliveries: [],
  blocks: [],
  snapshot: null,
};

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => database.clear());
afterAll(() => database.close());

function change(monitor: string, atMs: number, more: Partial<Transition> = {}): Transition {
  return {
    id: `${monitor}.${atMs}.0`,
    monitor,
    incident: null,
    atMs,
    kind: "verdict_changed",
    from: "unknown",
    to: "operational",
    reason: null,
    message: "",
    sinceMs: atMs - 5,
    votes: [],
    ...more,
  };
}

describe("changes between verdicts", () => {
  it("are those of a time, the last before it and the first after it, of some monitors", async () => {
    const transitions = [
      ...[10, 90, 100, 150, 199, 200, 300].map((atMs) => change("chat", atMs)),
      ...[95, 250].map((atMs) =>
        change("chat", atMs, { id: `ack.${atMs}`, kind: "incident_acknowledged" }),
      ),
      change("feed", 20),
      change("feed", 260, { removed: true }),
      change("other", 150),
    ];
    await writeHistory(database.db, { ...NOTHING, transitions });
    const found = await loadVerdictChanges(database.db, ["chat", "feed", "nobody"], 100, 200);
    const timesOf = (monitor: string) =>
      found.filter((each) => each.monitor === monitor).map(({ atMs }) => atMs);
    expect(timesOf("chat")).toEqual([90, 100, 150, 199, 200]);
    expect(timesOf("feed")).toEqual([20, 260]);
    expect(timesOf("other")).toEqual([]);
    expect(found.at(-1)).toEqual({
      id: "feed.260.0",
      monitor: "feed",
      atMs: 260,
      from: "unknown",
      to: "operational",
      sinceMs: 255,
      removed: true,
    });
  });

  it("are found without reading those of other times", async () => {
    const transitions = Array.from({ length: 600 }, (_, index) => change("chat", index));
    await writeHistory(database.db, { ...NOTHING, transitions });
    const counted = countCosts(database.db);
    await loadVerdictChanges(counted.db, ["chat"], 300, 310);
    expect(counted.costs.rowsRead).toBeLessThan(60);
  });
});

it("reads monitors' blocks of all resolutions that begin in a time", async () => {
  const rows = ["chat", "feed"].flatMap((monitor) =>
    [0, 86_400_000].flatMap((bucketStartMs) =>
      (["5min", "hour", "day"] as const).map((resolution) => ({
        ...emptyRollup({ monitor, resolution, region: "*", bucketStartMs }),
        downMs: 1,
      })),
    ),
  );
  const blocks = packRollups(rows);
  await writeHistory(database.db, { ...NOTHING, blocks });
  const found = await loadBlocks(database.db, ["feed"], 86_400_000, 2 * 86_400_000);
  expect(found).toHaveLength(3);
  expect(blocks).toEqual(expect.arrayContaining(found));
  expect(found.every(({ monitor, startMs }) => monitor === "feed" && startMs > 0)).toBe(true);
});
