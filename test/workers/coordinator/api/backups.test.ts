/** The file that `/api/v1/backup` answers with, made as it is read. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeBackupRow, readBackup } from "../../../../shared/backup-file.ts";
import { apiRoutes } from "../../../../workers/coordinator/api/app.ts";
import {
  BackupCut,
  OPEN_MAX_MS,
  UNREAD_MAX_MS,
} from "../../../../workers/coordinator/object/backup-cut.ts";
import { migrateStorage } from "../../../../workers/coordinator/object/storage-schema.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { StandInCoordinator, TOKEN, openTestApi } from "../../../support/api-client.ts";
import { TestObjectDatabase } from "../../../support/object-database.ts";

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
  const { db } = api.database;
  await db.prepare("CREATE TABLE IF NOT EXISTS d1_migrations (name TEXT)").run();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.reset();
  api.coordinator.backupPages = new Map([
    [null, { lines: [line("a"), line("b")], next: "b" }],
    ["b", { lines: [line("c")], next: null }],
  ]);
});

function line(key: string): string {
  return encodeBackupRow({ in: "object", table: "seen_runs", row: { key, scheduled_at_ms: 1 } });
}

/** Names of the object's methods that were called, in their order. */
const called = () => api.coordinator.calls.map(([name]) => name);

/** Has something in D1's part of the file. */
async function addMonitor(): Promise<void> {
  await api.send("PUT", "/api/v1/monitors/chat", {
    json: { name: "Chat", url: "wss://chat.example.com/" },
  });
  api.coordinator.calls.length = 0;
}

async function open(): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await apiRoutes().request("/api/v1/backup", { headers }, api.env);
  expect(response.status).toBe(200);
  if (response.body === null) throw new Error("there is no body");
  return response.body.getReader();
}

describe("a backup's file", () => {
  it("has each page of the object's part, which is ended then", async () => {
    await addMonitor();
    const { text } = await api.send("GET", "/api/v1/backup");
    const rows = [...readBackup(text.trimEnd().split("\n"))];
    expect(rows.filter(({ in: place }) => place === "object").map(({ row }) => row["key"])).toEqual(
      ["a", "b", "c"],
    );
    expect(rows.filter(({ table }) => table === "monitors")).toHaveLength(1);
    expect(called()).toEqual(["cutBackup", "backupPage", "backupPage", "endBackup"]);
  });

  it("is made no faster than it is read, and ended when nobody wants the rest", async () => {
    await addMonitor();
    const reader = await open();
    expect((await reader.read()).done).toBe(false);
    expect(called()).not.toContain("backupPage");
    await reader.cancel();
    expect(called()).toEqual(["cutBackup", "endBackup"]);
  });

  it("breaks off when the object's part is over before it was read", async () => {
    api.coordinator.backupPages.delete("b");
    const reader = await open();
    const reading = async () => {
      while (!(await reader.read()).done);
    };
    await expect(reading()).rejects.toThrow();
    expect(called().at(-1)).toBe("endBackup");
  });

  it("is not opened to say what is known of it without it", async () => {
    const { status, headers, text } = await api.send("HEAD", "/api/v1/backup");
    expect([status, text]).toEqual([200, ""]);
    expect(headers.get("content-type")).toBe("application/vnd.echoquorum.backup");
    expect(called()).toEqual([]);
    expect((await api.send("HEAD", "/api/v1/backup", { token: null })).status).toBe(401);
  });

  it("is refused while a restore is being carried out", async () => {
    api.coordinator.backup = null;
    expect(await api.send("GET", "/api/v1/backup")).toMatchObject({ status: 503 });
  });
});

/** A coordinator with a storage of its own, whose rows fill some pages. */
class Stored extends StandInCoordinator {
  readonly database = new TestObjectDatabase();
  readonly cut: BackupCut;

  constructor(coordinator: number, pages: number) {
    super();
    migrateStorage(this.database);
    this.cut = new BackupCut(this.database, coordinator);
    for (let page = 0; page < pages; page += 1) {
      const sql = "INSERT INTO buckets VALUES ('5min', 'r', ?, 0, ?, 1)";
      this.database.query(sql, page, "x".repeat(900_000));
    }
  }

  /** As its alarm does. */
  tick = () => this.cut.closeStale(Date.now());
  override cutBackup = async () => {
    this.cut.open("cut", Date.now());
    return { cut: "cut", storage: 1 };
  };
  override backupPage = async (cut: string, after: string | null) =>
    this.cut.page(cut, after, Date.now());
  override holdBackup = async (cut: string) => this.cut.hold(cut, Date.now());
  override endBackup = async (cut: string) => this.cut.close(cut);
}

describe("a backup of several coordinators", () => {
  let all: Stored[];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
    all = [new Stored(0, 9), new Stored(1, 1)];
    api.env.COORDINATOR_SHARDS = "2";
    api.env.COORDINATOR = {
      getByName: (name: string) => all[name.endsWith("-2") ? 1 : 0],
    } as unknown as typeof api.env.COORDINATOR;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Reads the file by someone who needs so much time for each piece of it. */
  const read = async (eachMs: number): Promise<string> => {
    const reader = await open();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value);
      vi.setSystemTime(Date.now() + eachMs);
      for (const coordinator of all) coordinator.tick();
    }
  };

  it("is whole although the part of the first takes longer than an unread one is kept", async () => {
    const eachMs = 30_000;
    expect(9 * eachMs).toBeGreaterThan(UNREAD_MAX_MS);
    const rows = [...readBackup((await read(eachMs)).trimEnd().split("\n"))];
    const of = (coordinator: number | undefined) =>
      rows.filter((row) => row.table === "buckets" && row.coordinator === coordinator);
    expect([of(undefined).length, of(1).length]).toEqual([9, 1]);
  });

  it("is over after an hour for all parts together", async () => {
    await expect(read(OPEN_MAX_MS / 12)).rejects.toThrow();
  });
});
