import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Monitor } from "../../../../shared/monitor/monitor.ts";
import { monitorSchema } from "../../../../shared/monitor/monitor.ts";
import {
  createMonitor,
  deleteMonitor,
  ensurePublished,
  listMonitorIds,
  listMonitors,
  loadMonitor,
  loadPublishedConfig,
  publishConfig,
  replaceMonitor,
  saveMonitor,
} from "../../../../workers/coordinator/db/config-store.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

const declared = { regions: ["us-east", "eu-central"], defaultIntervalMs: 60_000 };
const network = { ...declared, coordinators: 1 };

function monitor(id: string, name = id): Monitor {
  return monitorSchema.parse({ id, name, url: `wss://${id}.example.com/socket` });
}

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(() => database.clear());

const published = () => loadPublishedConfig(database.db);
const names = async () => (await published())?.monitors.map(({ name }) => name);

describe("the published configuration", () => {
  it("is null before anything was published", async () => {
    expect(await published()).toBeNull();
  });

  it("is published once for a deployment, and again when regions or pace change", async () => {
    expect(await ensurePublished(database.db, network, 1)).toBe(true);
    expect(await published()).toEqual({ version: 1, ...declared, monitors: [] });
    expect(await ensurePublished(database.db, network, 2)).toBe(false);

    const wider = { ...declared, regions: [...declared.regions, "oceania"] };
    expect(await ensurePublished(database.db, { ...wider, coordinators: 1 }, 3)).toBe(true);
    expect(await published()).toEqual({ version: 2, ...wider, monitors: [] });

    const faster = { ...wider, defaultIntervalMs: 10_000 };
    const shape = { ...faster, coordinators: 1 };
    expect(await ensurePublished(database.db, shape, 4)).toBe(true);
    expect(await published()).toEqual({ version: 3, ...faster, monitors: [] });
    expect(await ensurePublished(database.db, shape, 5)).toBe(false);
  });

  it("is published again by a release that reads another form of the log, and says so", async () => {
    const { db } = database;
    await ensurePublished(db, network, 1);
    const forms = () => db.prepare("SELECT log_form FROM published_config").first("log_form");
    expect(await forms()).toBe(1);
    await db.prepare("UPDATE published_config SET log_form = NULL").run();
    expect(await ensurePublished(db, network, 2)).toBe(true);
    expect(await forms()).toBe(1);
    expect(await published()).toMatchObject({ version: 2 });
    expect(await ensurePublished(db, network, 3)).toBe(false);
  });

  it("is published once when a fresh deployment is asked many times at once", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => ensurePublished(database.db, network, 1)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect((await published())?.version).toBe(1);
  });

  it("grows by one version with each change and holds all monitors, oldest first", async () => {
    await createMonitor(database.db, network, monitor("b"), 1);
    await createMonitor(database.db, network, monitor("a"), 2);
    expect(await published()).toEqual({
      version: 2,
      ...declared,
      monitors: [monitor("b"), monitor("a")],
    });
    await deleteMonitor(database.db, network, "b", 3);
    await publishConfig(database.db, network, 4);
    expect(await published()).toEqual({ version: 4, ...declared, monitors: [monitor("a")] });
  });

  it("loses none of many changes made at once", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `m${String(index).padStart(2, "0")}`);
    await Promise.all(ids.map((id) => createMonitor(database.db, network, monitor(id), 1)));
    const config = await published();
    expect(config?.monitors.map(({ id }) => id)).toEqual(ids);
    expect(config?.version).toBe(20);
  });

  it("keeps text of any kind as it is", async () => {
    const odd = { ...monitor("odd", 'Zoë\'s "Chat" ☎\\ \u202e'), labels: { "a.b": "c'd" } };
    await createMonitor(database.db, network, odd, 1);
    expect((await published())?.monitors).toEqual([odd]);
    expect(await listMonitors(database.db)).toEqual([odd]);
  });
});

describe("a monitor", () => {
  it("is not created over another", async () => {
    expect(await createMonitor(database.db, network, monitor("a", "First"), 1)).toBe("written");
    expect(await createMonitor(database.db, network, monitor("a", "Second"), 2)).toBe("conflict");
    expect(await names()).toEqual(["First"]);
  });

  it("is replaced only as it was read", async () => {
    await createMonitor(database.db, network, monitor("a", "First"), 1);
    const read = await loadMonitor(database.db, "a");
    expect(read?.monitor).toEqual(monitor("a", "First"));
    if (read === null) return;
    expect(await replaceMonitor(database.db, network, read, monitor("a", "Second"), 2)).toBe(
      "written",
    );
    expect(await replaceMonitor(database.db, network, read, monitor("a", "Third"), 3)).toBe(
      "conflict",
    );
    expect(await names()).toEqual(["Second"]);
  });

  it("keeps its place when it is saved again", async () => {
    await saveMonitor(database.db, network, monitor("a"), 1);
    await saveMonitor(database.db, network, monitor("b"), 2);
    await saveMonitor(database.db, network, monitor("a", "Renamed"), 3);
    expect(await names()).toEqual(["Renamed", "b"]);
  });

  it("is null when unknown, and deleting it says so", async () => {
    expect(await loadMonitor(database.db, "none")).toBeNull();
    expect(await deleteMonitor(database.db, network, "none", 1)).toBe(false);
  });

  it("finds the ids that a new one must differ from", async () => {
    for (const id of ["chat", "chat-2", "chatter", "other"]) {
      await saveMonitor(database.db, network, monitor(id), 1);
    }
    expect((await listMonitorIds(database.db, "chat")).sort()).toEqual(["chat", "chat-2"]);
  });
});
