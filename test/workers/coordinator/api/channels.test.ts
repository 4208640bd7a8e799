/** Channels through the API: made, changed, tested and deleted. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { CHANNELS, HOOK, SECRET, SLACK, storedChannel } from "../../../support/api-channels.ts";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

const create = (json: object) => api.send("POST", CHANNELS, { json });
const stored = (id: string) => storedChannel(api, id);

describe("creating a channel", () => {
  it("makes a signing secret for a webhook, shows it once and tells the coordinator", async () => {
    const answer = await create(HOOK);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe("/api/v1/channels/on-call");
    const { settings } = answer.json as { settings: { secret: string } };
    expect(settings.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await stored("on-call"))?.settings).toEqual({ ...HOOK.settings, ...settings });
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
    expect((await api.send("GET", `${CHANNELS}/on-call`)).json).toEqual({ id: "on-call", ...HOOK });
  });

  it("does not show a secret that was given", async () => {
    const answer = await create({ ...HOOK, settings: { ...HOOK.settings, secret: SECRET } });
    expect(answer.json).toEqual({ id: "on-call", ...HOOK });
    expect((await stored("on-call"))?.settings).toEqual({ ...HOOK.settings, secret: SECRET });
  });

  it("hides the token in a Slack URL", async () => {
    const answer = await create({ ...SLACK, id: "slack-team" });
    expect(answer.json).toEqual({
      ...SLACK,
      id: "slack-team",
      settings: { url: "https://hooks.slack.com/services/T0/B0/***" },
    });
  });

  it("makes ids from names, and refuses one that is taken", async () => {
    await create(HOOK);
    expect((await create(HOOK)).json).toMatchObject({ id: "on-call-2" });
    const answer = await create({ ...HOOK, id: "on-call" });
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({
      detail: expect.stringContaining('There is a channel with the id "on-call" already'),
    });
  });

  it.each([
    ["kind", "expected one of webhook, slack, alertmanager", { name: "A" }],
    ["kind", "expected one of webhook, slack, alertmanager", { ...HOOK, kind: "pigeon" }],
    ["name", "expected at least 1 character", { ...HOOK, name: "" }],
    ["settings", "required: expected object", { name: "A", kind: "slack" }],
    ["settings.url", "expected an https:// or http:// URL", withUrl("ftp://a.example")],
    ["settings.url", "expected no user name or password in the URL", withUrl("https://a:b@c.de")],
    [
      "settings.url",
      "expected a public host; alerts are not sent to private addresses",
      withUrl("http://127.0.0.1:9000/"),
    ],
    [
      "settings.url",
      "expected the whole URL: *** stands for what is stored",
      withUrl("https://hooks.slack.com/services/T0/B0/***"),
    ],
    [
      "settings.secret",
      'expected a signing secret: "whsec_" and 24 to 64 bytes in base64',
      { ...HOOK, settings: { ...HOOK.settings, secret: "hunter2" } },
    ],
    [
      "settings.secret",
      "unknown field",
      { ...SLACK, settings: { ...SLACK.settings, secret: "x" } },
    ],
    ["colour", "unknown field", { ...HOOK, colour: "red" }],
  ])("says of %s: %s", async (field, message, body) => {
    const answer = await create(body);
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ field, message }] });
    expect((await api.send("GET", CHANNELS)).json).toEqual([]);
  });

  it("allows private addresses where the deployment does", async () => {
    api.env.ALLOW_PRIVATE_ADDRESSES = "1";
    expect((await create(withUrl("http://127.0.0.1:9000/"))).status).toBe(201);
  });
});

describe("changing a channel", () => {
  it("keeps its secrets when it is sent back as it was shown", async () => {
    await create({ ...HOOK, settings: { url: "https://a.example/?k=v", secret: SECRET } });
    await create(SLACK);
    for (const id of ["on-call", "team"]) {
      const before = await stored(id);
      const { json } = await api.send("GET", `${CHANNELS}/${id}`);
      expect((await api.send("PUT", `${CHANNELS}/${id}`, { json })).status).toBe(200);
      expect(await stored(id)).toEqual(before);
    }
  });

  it("sets, shows and takes back the language of its messages", async () => {
    for (const channel of [HOOK, SLACK]) {
      const settings = { ...channel.settings, language: "de" };
      const { json } = await create({ ...channel, settings });
      const { id } = json as { id: string };
      expect(json).toMatchObject({ settings: { language: "de" } });
      expect((await stored(id))?.settings.language).toBe("de");
      const patch = { settings: { language: null } };
      const patched = await api.send("PATCH", `${CHANNELS}/${id}`, { json: patch });
      expect(patched.json).not.toMatchObject({ settings: { language: expect.anything() } });
      expect((await stored(id))?.settings.language).toBeUndefined();
    }
    const wrong = { ...HOOK, settings: { ...HOOK.settings, language: "xx" } };
    const answer = await create(wrong);
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ field: "settings.language" }] });
  });

  it("merges what is patched", async () => {
    await create({ ...HOOK, settings: { ...HOOK.settings, secret: SECRET } });
    const answer = await api.send("PATCH", `${CHANNELS}/on-call`, {
      json: { settings: { url: "https://b.example/other" } },
    });
    expect(answer.json).toEqual({
      id: "on-call",
      ...HOOK,
      settings: { url: "https://b.example/other" },
    });
    expect((await stored("on-call"))?.settings).toEqual({
      url: "https://b.example/other",
      secret: SECRET,
    });
  });

  it("creates one under an unknown id by PUT, not by PATCH", async () => {
    expect((await api.send("PATCH", `${CHANNELS}/new`, { json: {} })).status).toBe(404);
    const answer = await api.send("PUT", `${CHANNELS}/new`, { json: SLACK });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe("/api/v1/channels/new");
  });

  it("refuses an id that differs from the path, or is none", async () => {
    const other = await api.send("PUT", `${CHANNELS}/a`, { json: { ...SLACK, id: "b" } });
    expect(other.json).toMatchObject({
      errors: [{ field: "id", message: 'expected "a", as in the path' }],
    });
    const odd = await api.send("PUT", `${CHANNELS}/A%20b`, { json: SLACK });
    expect(odd.status).toBe(422);
    expect((await api.send("GET", CHANNELS)).json).toEqual([]);
  });
});

describe("kinds of channels", () => {
  it("are a Slack bot and Alertmanager too, of which no secret is shown", async () => {
    const bot = {
      id: "bot",
      name: "Bot",
      kind: "slack",
      settings: { token: "xoxb-1-2-3", channel: "#alerts" },
    };
    const am = {
      id: "am",
      name: "AM",
      kind: "alertmanager",
      settings: { url: "https://am.example.com/", authorization: "Bearer abcdef" },
    };
    expect((await create(bot)).json).toEqual({
      ...bot,
      settings: { token: "***", channel: "#alerts" },
    });
    expect((await create(am)).json).toEqual({
      ...am,
      settings: { url: "https://am.example.com/", authorization: "***" },
    });
    for (const channel of [bot, am]) {
      const { json } = await api.send("GET", `${CHANNELS}/${channel.id}`);
      await api.send("PUT", `${CHANNELS}/${channel.id}`, { json });
      expect(await stored(channel.id)).toEqual(channel);
    }
  });

  it("refuse what stands for a secret where none is stored", async () => {
    const answer = await create({
      name: "Bot",
      kind: "slack",
      settings: { token: "***", channel: "#alerts" },
    });
    expect(answer.json).toMatchObject({
      errors: [
        {
          field: "settings.token",
          message: "expected the secret: *** stands for what is stored, and nothing is",
        },
      ],
    });
  });

  it("refuse private addresses wherever they are named", async () => {
    const settings = { token: "xoxb-1", channel: "a", apiUrl: "http://10.0.0.1/api/" };
    expect((await create({ name: "Bot", kind: "slack", settings })).json).toMatchObject({
      errors: [{ field: "settings.apiUrl" }],
    });
  });

  it("refuse a template that does not work, naming the mistake", async () => {
    const template = { body: "{{titel}}" };
    const answer = await create({ ...HOOK, settings: { ...HOOK.settings, template } });
    expect(answer.json).toMatchObject({
      errors: [
        {
          field: "settings.template.body",
          message: "expected the name of a field of the payload, not {{titel}}",
        },
      ],
    });
  });
});

it("publishes the schema of the payload, without a token", async () => {
  const answer = await api.send("GET", "/api/v1/schemas/alert.v1.json", { token: null });
  expect(answer.headers.get("content-type")).toBe("application/schema+json");
  expect(answer.json).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    required: ["id", "type", "version", "timestamp", "data"],
    properties: { version: { const: 1 } },
  });
  expect(answer.text).not.toContain('additionalProperties":false');
});

describe("deleting a channel", () => {
  it("is refused while a monitor names it, which would fall silent", async () => {
    await create(HOOK);
    const json = { name: "Chat", url: "wss://chat.example.com", notify: ["on-call"] };
    await api.send("POST", "/api/v1/monitors", { json });
    const refused = await api.send("DELETE", `${CHANNELS}/on-call`);
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({ detail: expect.stringContaining("silent: chat.") });
    await api.send("PATCH", "/api/v1/monitors/chat", { json: { notify: null } });
    expect((await api.send("DELETE", `${CHANNELS}/on-call`)).status).toBe(204);
    expect((await api.send("DELETE", `${CHANNELS}/on-call`)).status).toBe(404);
  });
});

describe("testing a channel", () => {
  it("tells what came of it", async () => {
    await create(HOOK);
    const result = { delivered: false, status: 500, error: "The receiver answered 500." };
    api.coordinator.testResults.set("on-call", result);
    const answer = await api.send("POST", `${CHANNELS}/on-call/test`);
    expect([answer.status, answer.json]).toEqual([200, result]);
  });

  it("has the coordinator read its channels again when it does not know one yet", async () => {
    await create(HOOK);
    api.coordinator.calls = [];
    api.coordinator.configChanged = async () => {
      api.coordinator.testResults.set("on-call", { delivered: true, status: 200, error: null });
    };
    const answer = await api.send("POST", `${CHANNELS}/on-call/test`);
    expect(answer.json).toMatchObject({ delivered: true });
    expect(api.coordinator.calls).toEqual([
      ["testChannel", "on-call"],
      ["testChannel", "on-call"],
    ]);
  });

  it("says 404 of one that is not there", async () => {
    expect((await api.send("POST", `${CHANNELS}/none/test`)).status).toBe(404);
    expect(api.coordinator.calls).toEqual([]);
  });
});

function withUrl(url: string): object {
  return { ...SLACK, settings: { url } };
}
