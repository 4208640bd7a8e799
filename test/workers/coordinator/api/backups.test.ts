/** The file that `/api/v1/backup` answers with, made as it is read. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeBackupRow, readBackup } from "../../../../shared/backup-file.ts";
import { apiRoutes } from "../../../../workers/coordinator/api/app.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { TOKEN, openTestApi } from "../../../support/api-client.ts";

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

async function open(): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await apiRoutes().request("/api/v1/backup", { headers }, api.env);
  expect(response.status).toBe(200);
  if (response.body === null) throw new Error("there is no body");
  return response.body.getReader();
}

describe("a backup's file", () => {
  it("has each page of the object's part, which is ended then", async () => {
    await api.send("PUT", "/api/v1/monitors/chat", {
      json: { name: "Chat", url: "wss://chat.example.com/" },
    });
    api.coordinator.calls.length = 0;
    const { text } = await api.send("GET", "/api/v1/backup");
    const rows = [...readBackup(text.trimEnd().split("\n"))];
    expect(rows.filter(({ in: place }) => place === "object").map(({ row }) => row["key"])).toEqual(
      ["a", "b", "c"],
    );
    expect(rows.filter(({ table }) => table === "monitors")).toHaveLength(1);
    expect(called()).toEqual(["cutBackup", "backupPage", "backupPage", "endBackup"]);
  });

  it("is made no faster than it is read, and ended when nobody wants the rest", async () => {
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

  it("is refused while a restore is being carried out", async () => {
    api.coordinator.backup = null;
    expect(await api.send("GET", "/api/v1/backup")).toMatchObject({ status: 503 });
  });
});
