import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadPublishedConfig } from "../../../../workers/coordinator/db/config-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";

const WINDOWS = "/api/v1/maintenances";
const DAY_MS = 86_400_000;

/** ISO 8601 of a moment some days from now. */
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

const UPGRADE = { name: "Database upgrade", startsAt: inDays(1), endsAt: inDays(1.1) };
const COMPLETE_UPGRADE = {
  id: "database-upgrade",
  ...UPGRADE,
  description: "",
  monitors: null,
  groups: [],
};

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

const announce = (json: object) => api.send("POST", WINDOWS, { json });
const published = () => loadPublishedConfig(api.database.db);

async function addChat(): Promise<void> {
  const json = { name: "Chat", url: "wss://chat.example.com/socket", group: "Messaging" };
  await api.send("POST", "/api/v1/monitors", { json });
  api.coordinator.calls = [];
}

describe("announcing maintenance", () => {
  it("needs a name and its moments, and answers with the whole window and its place", async () => {
    const answer = await announce(UPGRADE);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`${WINDOWS}/database-upgrade`);
    expect(answer.json).toEqual(COMPLETE_UPGRADE);
    expect((await api.send("GET", WINDOWS)).json).toEqual([COMPLETE_UPGRADE]);
  });

  it("publishes it with the configuration and tells the coordinator", async () => {
    await announce(UPGRADE);
    const { startsAt, endsAt, ...rest } = COMPLETE_UPGRADE;
    expect((await published())?.maintenances).toEqual([
      { ...rest, startsAtMs: Date.parse(startsAt), endsAtMs: Date.parse(endsAt) },
    ]);
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
  });

  it("keeps what is long over, without publishing it", async () => {
    const old = { ...UPGRADE, startsAt: inDays(-32), endsAt: inDays(-31) };
    expect((await announce(old)).status).toBe(201);
    const config = await published();
    expect(config?.version).toBe(1);
    expect(config).not.toHaveProperty("maintenances");
    expect((await api.send("GET", WINDOWS)).json).toHaveLength(1);
    await announce({ ...UPGRADE, name: "Recent", startsAt: inDays(-30), endsAt: inDays(-29) });
    expect((await published())?.maintenances?.map(({ id }) => id)).toEqual(["recent"]);
  });

  it("publishes windows by their start", async () => {
    await announce({ ...UPGRADE, name: "Second", startsAt: inDays(2), endsAt: inDays(3) });
    await announce({ ...UPGRADE, name: "First", endsAt: inDays(4) });
    expect((await published())?.maintenances?.map(({ id }) => id)).toEqual(["first", "second"]);
  });

  it("makes another id for another window of the same name, and refuses one that is taken", async () => {
    await announce(UPGRADE);
    expect((await announce(UPGRADE)).json).toMatchObject({ id: "database-upgrade-2" });
    expect((await announce({ ...UPGRADE, id: "database-upgrade" })).status).toBe(409);
  });

  it("takes a moment in any time zone", async () => {
    const json = {
      ...UPGRADE,
      startsAt: "2026-12-01T23:30:00+02:00",
      endsAt: "2026-12-02T00:00:00Z",
    };
    expect((await announce(json)).json).toMatchObject({
      startsAt: "2026-12-01T21:30:00.000Z",
      endsAt: "2026-12-02T00:00:00.000Z",
    });
  });
});

const MOMENT = 'expected date and time with an offset such as "2026-11-20T22:00:00Z"';
const BAD: ReadonlyArray<readonly [field: string, message: string, body: unknown]> = [
  ["name", "required: expected string", { ...UPGRADE, name: undefined }],
  ["name", "expected at least 1 character", { ...UPGRADE, name: " " }],
  ["startsAt", MOMENT, { ...UPGRADE, startsAt: "tomorrow" }],
  ["startsAt", MOMENT, { ...UPGRADE, startsAt: "2026-12-01T10:00:00" }],
  ["startsAt", MOMENT, { ...UPGRADE, startsAt: "2026-02-30T10:00:00Z" }],
  ["endsAt", MOMENT, { ...UPGRADE, endsAt: 1_795_000_000_000 }],
  ["endsAt", MOMENT, { ...UPGRADE, endsAt: undefined }],
  ["endsAt", "expected a moment after startsAt", { ...UPGRADE, endsAt: UPGRADE.startsAt }],
  ["endsAt", "expected at most 30 days after startsAt", { ...UPGRADE, endsAt: inDays(32) }],
  [
    "description",
    "expected at most 2000 characters",
    { ...UPGRADE, description: "x".repeat(2_001) },
  ],
  ["monitors", "expected at least 1 item", { ...UPGRADE, monitors: [] }],
  ["monitors[0]", 'there is no monitor "chta"', { ...UPGRADE, monitors: ["chta"] }],
  ["monitors[1]", "expected each only once", { ...UPGRADE, monitors: ["chat", "chat"] }],
  ["groups[0]", 'no monitor is in the group "Mesaging"', { ...UPGRADE, groups: ["Mesaging"] }],
  ["startsAtMs", "unknown field", { ...UPGRADE, startsAtMs: 0 }],
];

describe("a bad window", () => {
  it.each(BAD)("is told about %s: %s", async (field, message, body) => {
    await addChat();
    const answer = await api.send("POST", WINDOWS, { json: body });
    expect(answer.json).toMatchObject({ errors: [{ field, message }] });
    expect(answer.status).toBe(422);
    expect((await published())?.version).toBe(1);
    expect((await api.send("GET", WINDOWS)).json).toEqual([]);
    expect(api.coordinator.calls).toEqual([]);
  });
});

describe("a window that is announced", () => {
  beforeEach(() => announce(UPGRADE));
  const place = `${WINDOWS}/database-upgrade`;

  it("is read by its id", async () => {
    expect((await api.send("GET", place)).json).toEqual(COMPLETE_UPGRADE);
    expect((await api.send("GET", `${WINDOWS}/other`)).status).toBe(404);
  });

  it("is replaced as a whole, or announced under the id", async () => {
    const later = { ...UPGRADE, name: "Later", endsAt: inDays(2) };
    const answer = await api.send("PUT", place, { json: later });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ ...COMPLETE_UPGRADE, ...later });
    const other = await api.send("PUT", `${WINDOWS}/other`, { json: UPGRADE });
    expect([other.status, other.headers.get("location")]).toEqual([201, `${WINDOWS}/other`]);
    const wrong = await api.send("PUT", place, { json: { ...UPGRADE, id: "another" } });
    expect(wrong.json).toMatchObject({ errors: [{ field: "id" }] });
    expect((await published())?.version).toBe(3);
  });

  it("is changed by a merge patch, which must leave it valid", async () => {
    await addChat();
    const patch = (json: object) => api.send("PATCH", place, { json });
    expect((await patch({ groups: ["Messaging"] })).json).toEqual({
      ...COMPLETE_UPGRADE,
      groups: ["Messaging"],
    });
    expect((await patch({ groups: null })).json).toEqual(COMPLETE_UPGRADE);
    expect((await patch({ endsAt: inDays(0.5) })).json).toMatchObject({
      errors: [{ field: "endsAt", message: "expected a moment after startsAt" }],
    });
    expect((await api.send("PATCH", `${WINDOWS}/other`, { json: {} })).status).toBe(404);
  });

  it("may still be changed when a monitor that it names is gone", async () => {
    await addChat();
    await api.send("PATCH", place, { json: { monitors: ["chat"] } });
    await api.send("DELETE", "/api/v1/monitors/chat");
    expect((await api.send("PATCH", place, { json: { name: "Shorter" } })).status).toBe(200);
  });

  it("is withdrawn once", async () => {
    expect((await api.send("DELETE", place)).status).toBe(204);
    expect(await published()).toMatchObject({ version: 2 });
    expect(await published()).not.toHaveProperty("maintenances");
    expect((await api.send("DELETE", place)).status).toBe(404);
  });

  it("stays in the configuration when a monitor changes", async () => {
    await addChat();
    expect(await published()).toMatchObject({
      version: 2,
      monitors: [{ id: "chat" }],
      maintenances: [{ id: "database-upgrade" }],
    });
  });

  it("is shown and changed with the token only", async () => {
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
      expect((await api.send(method, place, { token: null })).status).toBe(401);
    }
  });
});
