import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  listMonitors,
  loadPublishedConfig,
} from "../../../../workers/coordinator/db/config-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";

const MONITORS = "/api/v1/monitors";
const CHAT = { name: "Chat", url: "wss://chat.example.com/socket" };
const COMPLETE_CHAT = {
  id: "chat",
  ...CHAT,
  interval: null,
  timeout: "10s",
  headers: {},
  subprotocols: [],
  origin: null,
  echo: false,
  ping: false,
  dialogue: [],
  expect: { latency: {} },
  transport: null,
  compression: false,
  redirects: 0,
  http: false,
  regions: null,
  quorum: { raise: "majority", clear: "majority", raiseAfter: 1, clearAfter: 1 },
  severity: "critical",
  group: null,
  public: true,
  labels: {},
  notify: null,
  paused: false,
};

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

const create = (json: object) => api.send("POST", MONITORS, { json });
const published = async () => (await loadPublishedConfig(api.database.db))?.monitors;

describe("creating a monitor", () => {
  it("needs a name and a URL, and answers with the whole monitor and its place", async () => {
    const answer = await create(CHAT);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe("/api/v1/monitors/chat");
    expect(answer.json).toEqual(COMPLETE_CHAT);
  });

  it("publishes it to the probes and tells the coordinator", async () => {
    await create(CHAT);
    expect(await published()).toEqual([COMPLETE_CHAT]);
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
  });

  it("succeeds although the coordinator does not answer", async () => {
    api.coordinator.failure = new Error("The object is being moved");
    expect((await create(CHAT)).status).toBe(201);
    expect(await published()).toEqual([COMPLETE_CHAT]);
  });

  it("makes an id from the name, and another when that is taken", async () => {
    const ids = [];
    for (const name of ["Café Zürich (EU)", "Cafe Zurich EU", "café zürich eu", "☎", "☎"]) {
      const { json } = await create({ ...CHAT, name });
      ids.push((json as { id: string }).id);
    }
    expect(ids).toEqual([
      "cafe-zurich-eu",
      "cafe-zurich-eu-2",
      "cafe-zurich-eu-3",
      "monitor",
      "monitor-2",
    ]);
  });

  it("gives every one of many made at once an id of its own", async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => create(CHAT)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await published())?.map(({ id }) => id).sort()).toEqual([
      "chat",
      "chat-2",
      "chat-3",
      "chat-4",
    ]);
  });

  it("refuses an id that is taken", async () => {
    await create({ ...CHAT, id: "chat" });
    const answer = await create({ ...CHAT, id: "chat", name: "Other" });
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({
      type: "urn:problem-type:echoquorum:conflict",
      detail: expect.stringContaining('There is a monitor with the id "chat" already'),
    });
    expect(await published()).toEqual([COMPLETE_CHAT]);
  });

  it("takes every field and normalises durations", async () => {
    await api.send("POST", "/api/v1/channels", {
      json: { name: "Ops", kind: "slack", settings: { url: "https://hooks.slack.com/a/b" } },
    });
    const whole = {
      id: "whole",
      name: "Whole",
      url: "ws://example.com:8080/a?room=1",
      interval: 90,
      timeout: "2500ms",
      headers: { "X-Plan": "gold" },
      subprotocols: ["chat.v2", "chat.v1"],
      origin: "https://example.com",
      echo: { count: 3, bytes: 64 },
      ping: true,
      dialogue: [{ send: "hi" }, { expect: { contains: "hello" } }],
      expect: { latency: { upgradeMs: 500 } },
      transport: "socket",
      compression: true,
      redirects: 2,
      http: { url: "https://chat.example.com/health", status: 200, body: "ok" },
      regions: ["us-east", "eu-central"],
      quorum: { raise: 2, clear: "50%", minVotes: 2, raiseAfter: 2, clearAfter: 3 },
      severity: "warning",
      group: "Realtime",
      public: false,
      labels: { team: "core" },
      notify: ["ops"],
      paused: true,
    };
    const answer = await create(whole);
    expect(answer.json).toEqual({
      ...whole,
      interval: "1m30s",
      timeout: "2s500ms",
      headers: { "X-Plan": "[redacted]" },
    });
    expect((await published())?.[0]?.headers).toEqual({ "X-Plan": "gold" });
  });
});

describe("reading monitors", () => {
  it("lists them oldest first, as a plain array", async () => {
    expect((await api.send("GET", MONITORS)).json).toEqual([]);
    await create({ ...CHAT, name: "Beta" });
    await create({ ...CHAT, name: "Alpha" });
    const { json } = await api.send("GET", MONITORS);
    expect((json as Array<{ id: string }>).map(({ id }) => id)).toEqual(["beta", "alpha"]);
  });

  it("reads one, and says 404 of one that is not there", async () => {
    await create(CHAT);
    expect((await api.send("GET", `${MONITORS}/chat`)).json).toEqual(COMPLETE_CHAT);
    const missing = await api.send("GET", `${MONITORS}/none`);
    expect(missing.status).toBe(404);
    expect(missing.json).toMatchObject({ detail: 'There is no monitor with the id "none".' });
  });

  it("answers HEAD without a body", async () => {
    const answer = await api.send("HEAD", MONITORS);
    expect([answer.status, answer.text]).toEqual([200, ""]);
  });
});

describe("replacing a monitor", () => {
  it("sets fields that are left out to their defaults", async () => {
    await create({ ...CHAT, interval: "30s", paused: true });
    const answer = await api.send("PUT", `${MONITORS}/chat`, { json: { ...CHAT, name: "Talk" } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ ...COMPLETE_CHAT, name: "Talk" });
    expect(await published()).toEqual([{ ...COMPLETE_CHAT, name: "Talk" }]);
  });

  it("takes back what was read", async () => {
    await create({ ...CHAT, url: "wss://a.example/?token=s3cret", headers: { "X-Key": "k" } });
    const stored = await listMonitors(api.database.db);
    const { json } = await api.send("GET", `${MONITORS}/chat`);
    expect((await api.send("PUT", `${MONITORS}/chat`, { json })).status).toBe(200);
    expect(await listMonitors(api.database.db)).toEqual(stored);
  });

  it("creates one under an unknown id", async () => {
    const answer = await api.send("PUT", `${MONITORS}/new-one`, { json: CHAT });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe("/api/v1/monitors/new-one");
    expect(await published()).toEqual([{ ...COMPLETE_CHAT, id: "new-one" }]);
  });

  it("refuses an id that differs from the path, or is none", async () => {
    const other = await api.send("PUT", `${MONITORS}/chat`, { json: { ...CHAT, id: "talk" } });
    expect(other.status).toBe(422);
    expect(other.json).toMatchObject({
      errors: [{ field: "id", message: 'expected "chat", as in the path' }],
    });
    const odd = await api.send("PUT", `${MONITORS}/Chat!`, { json: CHAT });
    expect(odd.json).toMatchObject({
      errors: [{ field: "id", message: "expected lower-case letters, digits and hyphens" }],
    });
    expect(await published()).toBeUndefined();
  });
});

describe("changing a monitor", () => {
  it("merges the fields that are sent (RFC 7396) and leaves the others", async () => {
    await create({ ...CHAT, interval: "30s", labels: { a: "1", b: "2" }, group: "G" });
    const answer = await api.send("PATCH", `${MONITORS}/chat`, {
      json: { interval: null, labels: { a: null, c: "3" }, quorum: { raise: 2 } },
    });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      ...COMPLETE_CHAT,
      group: "G",
      labels: { b: "2", c: "3" },
      quorum: { ...COMPLETE_CHAT.quorum, raise: 2 },
    });
  });

  it("accepts application/merge-patch+json", async () => {
    await create(CHAT);
    const answer = await api.send("PATCH", `${MONITORS}/chat`, {
      body: '{"paused":true}',
      headers: { "content-type": "application/merge-patch+json" },
    });
    expect(answer.json).toEqual({ ...COMPLETE_CHAT, paused: true });
  });

  it("loses none of several changes made at once", async () => {
    await create(CHAT);
    const changes = [{ paused: true }, { group: "G" }, { interval: "1m" }];
    const answers = await Promise.all(
      changes.map((json) => api.send("PATCH", `${MONITORS}/chat`, { json })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await published()).toEqual([Object.assign({}, COMPLETE_CHAT, ...changes)]);
  });

  it("changes nothing when a field is wrong, or the monitor is not there", async () => {
    await create(CHAT);
    const wrong = await api.send("PATCH", `${MONITORS}/chat`, { json: { name: null } });
    expect(wrong.status).toBe(422);
    expect(wrong.json).toMatchObject({
      detail: "name: required: expected string. Nothing was changed.",
      errors: [{ field: "name", message: "required: expected string" }],
    });
    expect((await api.send("PATCH", `${MONITORS}/none`, { json: {} })).status).toBe(404);
    expect((await api.send("PATCH", `${MONITORS}/chat`, { json: [] })).status).toBe(422);
    expect(await published()).toEqual([COMPLETE_CHAT]);
  });
});

describe("deleting a monitor", () => {
  it("takes it out of what the probes work by", async () => {
    await create(CHAT);
    const answer = await api.send("DELETE", `${MONITORS}/chat`);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(await published()).toEqual([]);
    expect((await api.send("DELETE", `${MONITORS}/chat`)).status).toBe(404);
  });
});
