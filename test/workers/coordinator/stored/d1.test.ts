/** D1 with what earlier releases wrote into it, brought up to date and read by the present one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Env } from "../../../../workers/coordinator/env.ts";
import { apiRoutes } from "../../../../workers/coordinator/api/app.ts";
import { loadChannels } from "../../../../workers/coordinator/db/channel-store.ts";
import { loadPublishedConfig } from "../../../../workers/coordinator/db/config-store.ts";
import { loadRuns } from "../../../../workers/coordinator/log/run-log.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { StandInCoordinator, TOKEN } from "../../../support/api-client.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { eventually } from "../../../support/eventually.ts";
import { startHarnessNetwork } from "../../../support/harness-network.ts";
import {
  fixtureNames,
  fixtureStatements,
  migrationNames,
  migrationStatements,
  recordHint,
} from "./fixtures.ts";

async function run(db: D1Database, statements: readonly string[]): Promise<void> {
  await db.batch(statements.map((statement) => db.prepare(statement)));
}

/** A database as a release left it, whose newest migration is named. */
async function storeAsOf(db: D1Database, newest: string): Promise<void> {
  for (const name of migrationNames()) if (name <= newest) await run(db, migrationStatements(name));
  await run(db, fixtureStatements("d1", newest));
}

async function rows(db: D1Database, table: string, order: string) {
  return (await db.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all()).results;
}

function envOf(db: D1Database): Env {
  const coordinator = new StandInCoordinator();
  coordinator.failure = new Error("away");
  return {
    DB: db,
    COORDINATOR: { getByName: () => coordinator },
    CRON_PACE_MS: "60000",
    ECHOQUORUM_ADMIN_TOKEN: TOKEN,
  } as unknown as Env;
}

describe("every D1 migration", () => {
  it.each(migrationNames())("%s has data of its release recorded", (name) => {
    expect(fixtureNames("d1"), recordHint(`migrations/${name}`)).toContain(name);
  });
});

describe.each(fixtureNames("d1"))("D1 as of %s", { timeout: 60_000 }, (newest) => {
  let database: TestDatabase;
  let db: D1Database;
  beforeAll(async () => {
    database = await openTestDatabase("none");
    db = database.db;
    await storeAsOf(db, newest);
    for (const name of migrationNames())
      if (name > newest) await run(db, migrationStatements(name));
  });
  afterAll(() => database.close());

  it("gives the configuration and the channels", async () => {
    expect(await loadPublishedConfig(db)).toMatchObject({
      regions: ["us-east", "sa-east", "eu-central", "ap-southeast"],
      monitors: [{ id: "chat", headers: { "X-Key": "kept-secret" }, echo: {} }],
    });
    expect(await loadChannels(db)).toMatchObject([{ id: "ops", kind: "webhook" }]);
  });

  it("gives every run of the log", async () => {
    const page = await loadRuns(db, {
      fromMs: 0,
      known: [],
      runsMax: 1_000,
      charactersMax: 10_000_000,
    });
    expect(page).toMatchObject({ damaged: [], hasMore: false });
    expect(page.runs).toHaveLength(24);
    const reasons = page.runs.flatMap((each) => each.observations.map(({ reason }) => reason));
    expect(new Set(reasons)).toEqual(new Set([null, "connect_failed"]));
    const stored = await db.prepare("SELECT COUNT(controls) AS runs FROM runs").first();
    const looked = page.runs.filter(({ controls }) => controls !== undefined);
    expect(looked).toHaveLength(Number(stored?.["runs"]));
  });

  it("keeps incidents, transitions and deliveries", async () => {
    const incidents = await rows(db, "incidents", "started_at_ms");
    expect(incidents.map((row) => row["ended_at_ms"] === null)).toEqual([false, true]);
    expect(await rows(db, "transitions", "at_ms")).toHaveLength(4);
    const deliveries = await rows(db, "deliveries", "created_at_ms");
    expect(deliveries.map((row) => row["state"])).toEqual(["sent", "sent", "pending"]);
    const blocks = await rows(db, "rollup_blocks", "resolution, start_ms");
    expect(blocks.map((row) => row["monitor"])).toContain("chat");
  });

  it("answers the API", async () => {
    const env = envOf(db);
    const app = apiRoutes();
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await app.request(path, { headers }, env);
      expect(response.status, path).toBe(200);
      return response.json();
    };
    expect(await get("/api/v1/monitors")).toMatchObject([{ id: "chat", name: "Chat" }]);
    expect(await get("/api/v1/channels")).toMatchObject([{ id: "ops", name: "Operations" }]);
    const path = "/api/v1/monitors/chat/observations?since=2026-11-20T00:00:00Z";
    expect(await get(path)).toHaveLength(24);
  });

  it("still gives the status page its last snapshot", async () => {
    const env = envOf(db);
    const page = await pageRoutes().request("/", {}, env);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Chat");
  });
});

it("is brought up to date by wrangler, and the network goes on with it", async () => {
  const [oldest = ""] = fixtureNames("d1");
  await using network = await startHarnessNetwork(4_000, async (db) => {
    await storeAsOf(db, oldest);
    await db.exec(
      "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, " +
        "applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    );
    await db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(oldest).run();
  });
  await network.api("PATCH", "/api/v1/monitors/chat", { group: "Kept" });
  await eventually("the log is taken in", 60_000, async () => {
    const incidents = await network.api<Array<{ monitor: string; startedAt: string }>>(
      "GET",
      "/api/v1/incidents",
    );
    return incidents.some(({ monitor, startedAt }) => {
      return monitor === "chat" && startedAt.startsWith("2026-11-20T13:09");
    });
  });
}, 120_000);
