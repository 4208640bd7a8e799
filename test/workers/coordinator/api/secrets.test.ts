/** Secrets go in, and never come out. */
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Monitor } from "../../../../shared/monitor/monitor.ts";
import {
  renderMonitor,
  renderUrl,
  restoreSecrets,
} from "../../../../workers/coordinator/api/monitor-secrets.ts";
import { loadMonitor } from "../../../../workers/coordinator/db/config-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { makeMonitor } from "../../../support/observation.ts";

describe("a URL as it is shown", () => {
  it.each([
    ["wss://a.example/socket", "wss://a.example/socket"],
    ["wss://a.example/?room=42&lang=en", "wss://a.example/?room=42&lang=en"],
    ["wss://a.example/?token=abc&room=1", "wss://a.example/?token=[redacted]&room=1"],
    ["wss://a.example/?ACCESS_TOKEN=abc", "wss://a.example/?ACCESS_TOKEN=[redacted]"],
    ["wss://a.example/?apiKey=k&sig=s", "wss://a.example/?apiKey=[redacted]&sig=[redacted]"],
    ["wss://a.example/?user_password=p", "wss://a.example/?user_password=[redacted]"],
    ["wss://a.example/?authorization=Bearer+x", "wss://a.example/?authorization=[redacted]"],
    ["wss://a.example/?%74oken=abc", "wss://a.example/?%74oken=[redacted]"],
    ["wss://a.example/?t=eyJhbGciOiJIUzI1NiJ9", "wss://a.example/?t=[redacted]"],
    ["wss://a.example/?token=", "wss://a.example/?token="],
    ["wss://a.example/?token", "wss://a.example/?token"],
  ])("%s → %s", (url, shown) => {
    expect(renderUrl(url)).toBe(shown);
  });
});

describe("secrets that are sent back as they were shown", () => {
  const secret = fc.string({ minLength: 1, maxLength: 40 }).map(encodeURIComponent);
  const name = fc.constantFrom("token", "api_key", "room", "Signature", "q");
  const monitor: fc.Arbitrary<Monitor> = fc
    .record({
      query: fc.array(fc.tuple(name, secret), { maxLength: 6 }),
      headers: fc.dictionary(fc.constantFrom("Authorization", "X-Key", "Cookie"), secret),
    })
    .map(({ query, headers }) =>
      makeMonitor({
        url: `wss://a.example/s?${query.map((pair) => pair.join("=")).join("&")}`,
        headers,
        http: { url: `https://a.example/s?${query.map((pair) => pair.join("=")).join("&")}` },
      }),
    );

  it("are kept, whatever they are", () => {
    fc.assert(
      fc.property(monitor, (stored) => {
        expect(restoreSecrets(renderMonitor(stored), stored)).toEqual({
          monitor: stored,
          errors: [],
        });
      }),
    );
  });

  it("are told apart when one name occurs twice, and found when the order changes", () => {
    const stored = makeMonitor({ url: "wss://a.example/?token=one&room=1&token=two" });
    const url = "wss://b.example/?token=[redacted]&token=%5Bredacted%5D&x=1";
    expect(restoreSecrets({ ...stored, url }, stored).monitor.url).toBe(
      "wss://b.example/?token=one&token=two&x=1",
    );
  });

  it("are found under a header name of another case", () => {
    const stored = makeMonitor({ headers: { Authorization: "s" } });
    const declared = { ...stored, headers: { authorization: "[redacted]" } };
    expect(restoreSecrets(declared, stored).monitor.headers).toEqual({ authorization: "s" });
  });
});

describe("the API", () => {
  const SECRETS = {
    header: "Bearer hEader-s3cret",
    query: "qUery-s3cret",
    path: "T0k3nInAPathOfSlack99",
    signing: `whsec_${btoa("0123456789abcdef0123456789abcdef")}`,
    newHeader: "nEw-s3cret",
  };
  let api: TestApi;
  beforeAll(async () => void (api = await openTestApi()));
  afterAll(() => api.close());
  beforeEach(() => api.reset());

  it("shows none in any answer, whatever is asked", async () => {
    const texts: string[] = [];
    const send = async (method: string, path: string, json?: object) => {
      const answer = await api.send(method, path, json === undefined ? {} : { json });
      texts.push(answer.text, JSON.stringify([...answer.headers]));
      return answer;
    };
    const monitor = {
      name: "Chat",
      url: `wss://chat.example.com/?token=${SECRETS.query}`,
      headers: { Authorization: SECRETS.header },
    };
    await send("POST", "/api/v1/monitors", monitor);
    await send("POST", "/api/v1/monitors", { ...monitor, id: "chat" });
    await send("POST", "/api/v1/monitors", { ...monitor, severity: SECRETS.header });
    await send("GET", "/api/v1/monitors");
    await send("GET", "/api/v1/monitors/chat");
    await send("PATCH", "/api/v1/monitors/chat", { paused: true });
    await send("PATCH", "/api/v1/monitors/chat", { headers: { "X-New": SECRETS.newHeader } });
    await send("PUT", "/api/v1/monitors/chat", monitor);
    await send("PUT", "/api/v1/monitors/other", { ...monitor, url: `no-url-${SECRETS.query}` });
    await send("POST", "/api/v1/channels", {
      name: "Slack",
      kind: "slack",
      settings: { url: `https://hooks.slack.com/services/T0/B0/${SECRETS.path}` },
    });
    await send("POST", "/api/v1/channels", {
      name: "Hook",
      kind: "webhook",
      settings: { url: `https://a.example/?k=${SECRETS.query}`, secret: SECRETS.signing },
    });
    await send("GET", "/api/v1/channels");
    await send("GET", "/api/v1/channels/hook");
    await send("PATCH", "/api/v1/channels/hook", { name: "Renamed" });
    await send("PATCH", "/api/v1/channels/slack", { settings: { url: SECRETS.path } });
    await send("GET", "/api/v2/summary.json");
    await send("GET", "/metrics");
    await send("DELETE", "/api/v1/channels/hook");
    const all = texts.join("\n");
    for (const value of Object.values(SECRETS)) expect(all).not.toContain(value);
  });

  it("keeps a header that is patched beside others, and removes one by null", async () => {
    const headers = { Authorization: SECRETS.header, "X-Old": "old" };
    const json = { name: "Chat", url: "wss://chat.example.com", headers };
    await api.send("POST", "/api/v1/monitors", { json });
    await api.send("PATCH", "/api/v1/monitors/chat", {
      json: { headers: { "X-Old": null, "X-New": SECRETS.newHeader } },
    });
    const stored = await loadMonitor(api.database.db, "chat");
    expect(stored?.monitor.headers).toEqual({
      Authorization: SECRETS.header,
      "X-New": SECRETS.newHeader,
    });
  });

  const create = (headers: Record<string, string>) =>
    api.send("POST", "/api/v1/monitors", {
      json: { name: "Chat", url: "wss://a.example/", headers },
    });
  const everything = async () => {
    const tables = ["monitors", "published_config"];
    const rows = await Promise.all(
      tables.map((table) => api.database.db.prepare(`SELECT * FROM ${table}`).all()),
    );
    return JSON.stringify(rows.map(({ results }) => results));
  };

  describe("header values at rest", () => {
    it("are in no table where they are sealed, whatever is done to the monitor", async () => {
      api.env.SEAL_MONITORS = "1";
      expect((await create({ Authorization: "Bearer s3cret" })).json).toMatchObject({
        headers: { Authorization: "[redacted]" },
      });
      const sealed = (await loadMonitor(api.database.db, "chat"))?.monitor.headers;
      await api.send("PATCH", "/api/v1/monitors/chat", { json: { name: "Renamed" } });
      const { json } = await api.send("GET", "/api/v1/monitors/chat");
      expect((await api.send("PUT", "/api/v1/monitors/chat", { json })).status).toBe(200);
      expect((await loadMonitor(api.database.db, "chat"))?.monitor.headers).toEqual(sealed);
      const headers = { "X-New": "n3w-value" };
      await api.send("PATCH", "/api/v1/monitors/chat", { json: { headers } });
      const text = await everything();
      expect(text).toContain("Renamed");
      expect(text).not.toMatch(/s3cret|n3w-value/);
    });

    it("that lie open are sealed when their monitor is next written", async () => {
      await create({ Authorization: "Bearer s3cret" });
      expect(await everything()).toContain("s3cret");
      api.env.SEAL_MONITORS = "1";
      await api.send("PATCH", "/api/v1/monitors/chat", { json: { name: "Renamed" } });
      expect(await everything()).not.toContain("s3cret");
    });

    it("are not written without a key, and nobody can bring a seal along", async () => {
      api.env.SEAL_MONITORS = "1";
      const answer = await create({ Authorization: "sealed:v1:a:b:c" });
      expect(answer.status).toBe(422);
      expect(answer.text).toContain("expected a value, not a seal");
      api.env.ECHOQUORUM_SEALING_KEY = undefined;
      expect((await create({ Authorization: "Bearer s3cret" })).status).toBe(503);
      expect((await create({})).status).toBe(201);
      expect(await everything()).not.toContain("s3cret");
    });
  });
});
