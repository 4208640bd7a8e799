/** Secrets of channels through the API: replaced, and nowhere to be read once they are stored. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { saveChannel } from "../../../../workers/coordinator/db/channel-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { CHANNELS, HOOK, SECRET, SLACK, storedChannel } from "../../../support/api-channels.ts";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

const create = (json: object) => api.send("POST", CHANNELS, { json });
const stored = (id: string) => storedChannel(api, id);

describe("replacing a signing secret", () => {
  it("shows the new one once, and keeps the former one for a while", async () => {
    await create({ ...HOOK, settings: { ...HOOK.settings, secret: SECRET } });
    api.coordinator.calls = [];
    const answer = await api.send("POST", `${CHANNELS}/on-call/secret`, {
      json: { keepFor: "2h" },
    });
    expect(answer.status).toBe(200);
    const { secret, formerUntil } = answer.json as { secret: string; formerUntil: string };
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await stored("on-call"))?.settings).toEqual({
      ...HOOK.settings,
      secret,
      formerSecrets: [{ secret: SECRET, untilMs: Date.parse(formerUntil) }],
    });
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
    expect((await api.send("GET", `${CHANNELS}/on-call`)).json).toEqual({ id: "on-call", ...HOOK });
    await api.send("PATCH", `${CHANNELS}/on-call`, { json: { name: "Renamed" } });
    expect((await stored("on-call"))?.settings).toMatchObject({ secret, formerSecrets: [{}] });
  });

  it("takes a secret of one's own, and drops the former one at once on demand", async () => {
    await create(HOOK);
    const json = { secret: SECRET, keepFor: "0s" };
    const answer = await api.send("POST", `${CHANNELS}/on-call/secret`, { json });
    expect(answer.json).toMatchObject({ secret: SECRET });
    expect((await stored("on-call"))?.settings).toEqual({ ...HOOK.settings, secret: SECRET });
  });

  it.each([
    [{ keepFor: "31d" }, "keepFor", "expected a duration from 0s to 30d"],
    [{ keepFor: "soon" }, "keepFor", "expected a duration from 0s to 30d"],
    [
      { secret: "short" },
      "secret",
      'expected a signing secret: "whsec_" and 24 to 64 bytes in base64',
    ],
  ])("refuses %o", async (json, field, message) => {
    await create({ ...HOOK, settings: { ...HOOK.settings, secret: SECRET } });
    const answer = await api.send("POST", `${CHANNELS}/on-call/secret`, { json });
    expect(answer.json).toMatchObject({ errors: [{ field, message }] });
    expect((await stored("on-call"))?.settings).toEqual({ ...HOOK.settings, secret: SECRET });
  });

  it("is for webhooks that are there", async () => {
    await create(SLACK);
    const json = {};
    expect((await api.send("POST", `${CHANNELS}/team/secret`, { json })).status).toBe(409);
    expect((await api.send("POST", `${CHANNELS}/none/secret`, { json })).status).toBe(404);
  });
});

/** Every value in every table. */
async function everything(): Promise<string> {
  const { db } = api.database;
  const tables = await db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    .all<{ name: string }>();
  const rows = await Promise.all(
    tables.results.map(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all()),
  );
  expect(tables.results.map(({ name }) => name)).toContain("channels");
  return JSON.stringify(rows.map(({ results }) => results));
}

describe("secrets at rest", () => {
  const network = { regions: ["us-east"], defaultIntervalMs: 60_000, coordinators: 1 };
  const TOKEN = "xoxb-1111-2222-abcdef";
  const everyKind = [
    { ...HOOK, settings: { url: "https://a.example/?key=k3y-of-the-url", secret: SECRET } },
    { ...SLACK, settings: { url: "https://hooks.slack.com/services/T0/B0/t0ken-of-slack" } },
    { name: "Bot", kind: "slack", settings: { token: TOKEN, channel: "alerts" } },
    {
      name: "AM",
      kind: "alertmanager",
      settings: { url: "https://am.example/", authorization: "Bearer s3cret-of-am" },
    },
  ];
  const secrets = ["k3y-of-the-url", SECRET.slice(6), "t0ken-of-slack", TOKEN, "s3cret-of-am"];

  it("are in no table of the database, whatever was done to the channel", async () => {
    for (const channel of everyKind) expect((await create(channel)).status).toBe(201);
    await api.send("PATCH", `${CHANNELS}/on-call`, { json: { name: "Renamed" } });
    await api.send("POST", `${CHANNELS}/on-call/secret`, { json: {} });
    const text = await everything();
    expect(text).toContain("Renamed");
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    const listed = await api.send("GET", CHANNELS);
    expect(secrets.filter((secret) => listed.text.includes(secret))).toEqual([]);
  });

  it("of an earlier release are sealed when their channel is next written", async () => {
    const open = { id: "old", ...SLACK } as Parameters<typeof saveChannel>[2];
    await saveChannel(api.database.db, network, open, 1);
    expect(await everything()).toContain("XXXX");
    expect((await api.send("GET", `${CHANNELS}/old`)).json).toMatchObject({ name: "Team" });
    await api.send("PATCH", `${CHANNELS}/old`, { json: { name: "Renamed" } });
    expect(await everything()).not.toContain("XXXX");
    expect((await stored("old"))?.settings).toEqual(SLACK.settings);
  });

  it("are not stored at all without a key, or with one that is none", async () => {
    for (const key of [undefined, "hunter2"]) {
      api.env.ECHOQUORUM_SEALING_KEY = key;
      const answer = await create(HOOK);
      expect(answer.status).toBe(503);
      expect(answer.json).toMatchObject({
        type: "urn:problem-type:echoquorum:not-configured",
        detail: expect.stringContaining("wrangler secret put ECHOQUORUM_SEALING_KEY"),
      });
      expect(answer.text).not.toContain("hunter2");
      expect((await api.send("GET", CHANNELS)).json).toEqual([]);
    }
  });

  it("that no key opens do not hide the other channels, and can be replaced", async () => {
    await create(SLACK);
    api.env.ECHOQUORUM_SEALING_KEY = Buffer.alloc(32, 8).toString("base64");
    await create(HOOK);
    expect((await api.send("GET", CHANNELS)).json).toMatchObject([
      { id: "team", settings: {}, unreadable: true },
      { id: "on-call", settings: HOOK.settings },
    ]);
    const patched = await api.send("PATCH", `${CHANNELS}/team`, { json: { name: "x" } });
    expect(patched.status).toBe(409);
    expect((await api.send("PUT", `${CHANNELS}/team`, { json: SLACK })).status).toBe(200);
    expect((await api.send("GET", `${CHANNELS}/team`)).json).not.toHaveProperty("unreadable");
  });
});
