/** The copy of the object's history on a real D1: whole, current, and harmless to repeat. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { rollUpObservation } from "../../../../shared/monitor/rollup.ts";
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
  rollups: [],
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
  const rollups = rollUpObservation(observation);
  await writeHistory(database.db, { ...NOTHING, rollups });
  const later = rollups.map((row) => ({ ...row, observations: 2, up: 2 }));
  await writeHistory(database.db, { ...NOTHING, rollups: later });
  const stored = await rows("rollups");
  expect(stored).toHaveLength(2);
  expect(stored[0]).toMatchObject({ monitor: "chat", region: "eu-central", up: 2, down: 0 });
  expect(stored[0]?.["latency_sum_ms"]).toBe(7.5);
});

it("writes nothing when there is nothing", async () => {
  await writeHistory(database.db, NOTHING);
  expect(await rows("snapshots")).toEqual([]);
});
