/** The copy of the object's history on a real D1: whole, current, and harmless to repeat. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { inEveryResolution } from "../../../../shared/monitor/recount.ts";
import { rollUpObservation } from "../../../../shared/monitor/rollup.ts";
import { decodeBlock, packRollups } from "../../../../shared/monitor/rollup-block.ts";
import { writeHistory } from "../../../../workers/coordinator/log/history-mirror.ts";
import type { MirrorBatch } from "../../../../workers/coordinator/object/ports.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";
import { makeObservation } from "../../../support/observation.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => database.clear());
afterAll(() => database.close());

const NOTHING: MirrorBatch = {
  incidents: [],
  transitions: [],
  deliveries: [],
  blocks: [],
  snapshot: null,
};

async function rows(table: string): Promise<Array<Record<string, unknown>>> {
  const { results } = await database.db.prepare(`SELECT * FROM ${table}`).all();
  return results;
}

/** What the engine hands over in the course of an outage that ends. */
async function outageBatches(): Promise<MirrorBatch[]> {
  const network = new SmallNetwork();
  network.start();
  await network.run(120_000);
  network.sees = () => "connect_failed";
  await network.run(120_000);
  network.sees = () => null;
  await network.run(120_000);
  return network.mirrored;
}

it("ends with the same rows when everything is written twice", async () => {
  const batches = await outageBatches();
  for (const batch of batches) await writeHistory(database.db, batch);
  const once = await Promise.all(["incidents", "transitions", "deliveries", "snapshots"].map(rows));
  for (const batch of batches.slice(-1)) await writeHistory(database.db, batch);
  const twice = await Promise.all(
    ["incidents", "transitions", "deliveries", "snapshots"].map(rows),
  );
  expect(twice).toEqual(once);
  const [incidents, transitions, deliveries, snapshots] = once;
  expect(incidents).toHaveLength(1);
  expect(incidents?.[0]?.["ended_at_ms"]).toBeTypeOf("number");
  expect(JSON.parse(String(incidents?.[0]?.["body"]))).toMatchObject({ worst: "down" });
  expect(transitions?.length).toBeGreaterThanOrEqual(2);
  expect(deliveries?.map((row) => row["state"])).toEqual(["sent", "sent"]);
  expect(JSON.parse(String(snapshots?.[0]?.["body"]))).toMatchObject({
    monitors: [{ id: "chat" }],
  });
});

it("replaces a rollup by its newer whole", async () => {
  const observation = makeObservation({ region: "eu-central", startedAtMs: NOON_MS, totalMs: 7.5 });
  const rollups = inEveryResolution([rollUpObservation(observation)]);
  await writeHistory(database.db, { ...NOTHING, blocks: packRollups(rollups) });
  const later = rollups.map((row) => ({ ...row, observations: 2, up: 2 }));
  await writeHistory(database.db, { ...NOTHING, blocks: packRollups(later) });
  const stored = await rows("rollup_blocks");
  expect(stored.map(({ resolution, start_ms }) => [resolution, start_ms])).toEqual([
    ["5min", NOON_MS],
    ["day", NOON_MS - 12 * 3_600_000],
    ["hour", NOON_MS - 12 * 3_600_000],
  ]);
  const hours = stored.find(({ resolution }) => resolution === "hour");
  const [row] = decodeBlock({
    monitor: "chat",
    resolution: "hour",
    startMs: Number(hours?.["start_ms"]),
    body: String(hours?.["body"]),
  });
  expect(row).toEqual(later.find(({ resolution }) => resolution === "hour"));
});

it("takes more blocks than fit into one parameter", async () => {
  const blocks = Array.from({ length: 5 }, (_, index) => ({
    monitor: `monitor-${index}`,
    resolution: "hour" as const,
    startMs: 0,
    body: JSON.stringify([["us-east", 0, "1".repeat(450_000)]]),
  }));
  await writeHistory(database.db, { ...NOTHING, blocks });
  const stored = await rows("rollup_blocks");
  expect(stored.map(({ monitor, body }) => [monitor, body])).toEqual(
    blocks.map(({ monitor, body }) => [monitor, body]),
  );
});

it("writes nothing when there is nothing", async () => {
  await writeHistory(database.db, NOTHING);
  expect(await rows("snapshots")).toEqual([]);
});

it("takes messages that are too long together for one parameter", async () => {
  const deliveries = (await outageBatches()).flatMap((batch) => batch.deliveries).slice(0, 1);
  const [delivery] = deliveries;
  if (delivery === undefined) throw new Error("an outage must be told");
  const text = "x".repeat(900_000);
  const long = ["a", "b", "c", "d"].map((id) => ({
    ...delivery,
    id,
    message: { ...delivery.message, text },
  }));
  await writeHistory(database.db, { ...NOTHING, deliveries: long });
  expect((await rows("deliveries")).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
});
