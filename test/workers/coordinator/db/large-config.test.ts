/** A configuration that one row of D1 cannot hold. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { monitorSchema } from "../../../../shared/monitor/monitor.ts";
import {
  PublishedReader,
  deleteMonitor,
  loadPublishedConfig,
  publishConfig,
  saveMonitor,
} from "../../../../workers/coordinator/db/config-store.ts";
import { loadConfig } from "../../../../workers/probe/config.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

const network = { regions: ["us-east", "eu-central"], defaultIntervalMs: 60_000, coordinators: 1 };
const MONITORS = 10_000;
/** Bytes of a row of D1. */
const ROW_BYTES_MAX = 2_000_000;

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(() => database.clear());

function monitor(index: number, name = `Sérvice ${index}`) {
  const url = `wss://service-${index}.example.com/socket`;
  return monitorSchema.parse({ id: `service-${index}`, name, url, echo: true });
}

/** Stores monitors as if they had been created one after another, and publishes them. */
async function publishMany(): Promise<void> {
  const all = Array.from({ length: MONITORS }, (_, index) => monitor(index));
  const insert = `INSERT INTO monitors (id, name, definition, created_at_ms, updated_at_ms)
    SELECT value ->> 'id', value ->> 'name', value, ? + key, 0 FROM json_each(?)`;
  for (let from = 0; from < MONITORS; from += 1_000) {
    const portion = JSON.stringify(all.slice(from, from + 1_000));
    await database.db.prepare(insert).bind(from, portion).run();
  }
  await publishConfig(database.db, network, 1);
}

async function rows(): Promise<Array<{ version: number; bytes: number }>> {
  const sql = "SELECT version, octet_length(body) AS bytes FROM published_config ORDER BY id";
  return (await database.db.prepare(sql).all<{ version: number; bytes: number }>()).results;
}

describe("a configuration of 10,000 monitors", () => {
  it("is published whole and in order, in rows of one version that D1 can hold", async () => {
    await publishMany();
    const config = await loadPublishedConfig(database.db);
    expect(config?.monitors.map(({ id }) => id)).toEqual(
      Array.from({ length: MONITORS }, (_, index) => `service-${index}`),
    );
    const parts = await rows();
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.map(({ version }) => version)).toEqual(parts.map(() => 1));
    expect(Math.max(...parts.map(({ bytes }) => bytes))).toBeLessThan(ROW_BYTES_MAX);
    expect(await loadConfig(database.db)).toEqual(config);
  });

  it("is read as a whole only when it has changed", async () => {
    await publishMany();
    const reader = new PublishedReader(database.db);
    const first = await reader.load();
    expect(await reader.load()).toBe(first);
    await saveMonitor(database.db, network, monitor(9_999, "Renamed"), 2);
    const second = await reader.load();
    expect(second?.version).toBe(2);
    expect(second?.monitors.at(-1)?.name).toBe("Renamed");
    expect((await loadConfig(database.db))?.monitors.at(-1)?.name).toBe("Renamed");
    expect((await rows()).map(({ version }) => version)).toEqual((await rows()).map(() => 2));
  });

  it("is one row again once most of them are gone", async () => {
    await publishMany();
    await database.db.prepare("DELETE FROM monitors WHERE created_at_ms >= 100").run();
    await deleteMonitor(database.db, network, "service-3", 3);
    expect(await rows()).toHaveLength(1);
    expect((await loadPublishedConfig(database.db))?.monitors).toHaveLength(99);
  });
});
