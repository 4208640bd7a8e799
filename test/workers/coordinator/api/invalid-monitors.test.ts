/** One bad monitor per rule, with the field and the message it must give. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { loadPublishedConfig } from "../../../../workers/coordinator/db/config-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

const valid = { name: "Chat", url: "wss://chat.example.com/socket" };
const CASES: ReadonlyArray<readonly [field: string, message: string, body: unknown]> = [
  ["name", "required: expected string", { url: valid.url }],
  ["url", "required: expected string", { name: "Chat" }],
  ["", "expected object, received array", []],
  ["", "expected object, received null", null],
  ["intervall", "unknown field", { ...valid, intervall: "30s" }],
  ["quorum.rise", "unknown field", { ...valid, quorum: { rise: 2 } }],
  ["id", "expected lower-case letters, digits and hyphens", { ...valid, id: "Chat Room" }],
  ["name", "expected at least 1 character", { ...valid, name: "  " }],
  ["name", "expected string, received number", { ...valid, name: 7 }],
  ["url", "expected a ws:// or wss:// URL", { ...valid, url: "chat.example.com" }],
  ["url", "expected a ws:// or wss:// URL", { ...valid, url: "https://chat.example.com" }],
  ["url", "expected no credentials; use headers", { ...valid, url: "wss://me:pw@a.example" }],
  ["url", "expected no fragment (RFC 6455 §3)", { ...valid, url: "wss://a.example/#top" }],
  ["interval", 'expected a duration such as "30s" or "5m"', { ...valid, interval: "soon" }],
  ["interval", "expected string or number", { ...valid, interval: true }],
  ["interval", "expected a duration of 1s … 1d", { ...valid, interval: "2d" }],
  ["interval", "expected at least 15s", { ...valid, interval: "14s" }],
  ["timeout", "expected a duration of 100ms … 1m", { ...valid, timeout: "1h" }],
  [
    "timeout",
    "expected at most 40s with an interval of 15s",
    { ...valid, interval: "15s", timeout: "41s" },
  ],
  ['headers["a b"]', "expected an HTTP header name", { ...valid, headers: { "a b": "c" } }],
  [
    "headers.Host",
    "expected a header that the handshake does not set itself",
    { ...valid, headers: { Host: "other" } },
  ],
  [
    "headers.X-A",
    "expected a header value without control characters",
    { ...valid, headers: { "X-A": "a\r\nB: c" } },
  ],
  ["headers.X-A", "expected string, received number", { ...valid, headers: { "X-A": 1 } }],
  ["subprotocols", "expected array, received string", { ...valid, subprotocols: "chat" }],
  ["subprotocols[1]", "expected a token", { ...valid, subprotocols: ["a", "b c"] }],
  ["subprotocols[1]", "expected each only once", { ...valid, subprotocols: ["a", "a"] }],
  ["regions[1]", "expected each only once", { ...valid, regions: ["us-east", "us-east"] }],
  ["url", "expected a port of 1 to 65535", { ...valid, url: "ws://chat.example.com:0/" }],
  ["http", "expected boolean or object", { ...valid, http: "yes" }],
  ["http.url", "expected an http:// or https:// URL", { ...valid, http: { url: "wss://a.b" } }],
  ["http.status", "expected at least 100", { ...valid, http: { status: 20 } }],
  ["http.method", "unknown field", { ...valid, http: { method: "POST" } }],
  ["origin", "expected a URL", { ...valid, origin: "example" }],
  ["echo", "expected boolean or object", { ...valid, echo: "yes" }],
  ["echo.count", "expected at least 1", { ...valid, echo: { count: 0 } }],
  [
    "dialogue[0]",
    "expected an object with exactly one of echo, ping, send, expect",
    { ...valid, dialogue: [{ sned: "hi" }] },
  ],
  ["dialogue[0].send", "expected string, received number", { ...valid, dialogue: [{ send: 5 }] }],
  ["dialogue[1]", "expected object", { ...valid, dialogue: [{ send: "a" }, "b"] }],
  [
    "dialogue[0].expect",
    "expected exactly one of equals and contains",
    { ...valid, dialogue: [{ expect: {} }] },
  ],
  [
    "expect.latency.tcpMs",
    "expected at most 60000",
    { ...valid, expect: { latency: { tcpMs: 60_001 } } },
  ],
  [
    "expect.headers.X-Foo",
    "expected string, received number",
    { ...valid, expect: { headers: { "X-Foo": 1 } } },
  ],
  [
    "expect.headers.X-Foo",
    "expected a header value of printable ASCII characters",
    { ...valid, expect: { headers: { "X-Foo": "a\r\nB: c" } } },
  ],
  [
    "expect.headers.x-foo",
    "expected each only once",
    { ...valid, expect: { headers: { "X-Foo": "a", "x-foo": "b" } } },
  ],
  [
    "expect.headers.Upgrade",
    "expected a header that the handshake does not judge itself",
    { ...valid, expect: { headers: { Upgrade: null } } },
  ],
  [
    'expect.headers["a b"]',
    "expected an HTTP header name",
    { ...valid, expect: { headers: { "a b": "c" } } },
  ],
  [
    "expect.subprotocol",
    "expected one of the offered subprotocols",
    { ...valid, subprotocols: ["chat.v1"], expect: { subprotocol: "chat.v2" } },
  ],
  ["transport", 'expected one of "socket", "fetch"', { ...valid, transport: "udp" }],
  [
    "regions[0]",
    'expected one of "us-east", "us-west", "sa-east", "eu-west", "eu-central", "af-south", ' +
      '"me-central", "ap-south", "ap-southeast", "ap-northeast", "oceania"',
    { ...valid, regions: ["mars"] },
  ],
  [
    "regions[1]",
    '"oceania" has no probe in this deployment; it has us-east, eu-central, ap-southeast',
    { ...valid, regions: ["us-east", "oceania"] },
  ],
  ["regions", "expected at least 1 item", { ...valid, regions: [] }],
  [
    "quorum.raise",
    'expected "majority", a number, or a percentage',
    { ...valid, quorum: { raise: "most" } },
  ],
  ["quorum.raise", 'expected "majority" or number or string', { ...valid, quorum: { raise: [] } }],
  [
    "quorum.raise",
    "expected at most 3, the number of its regions",
    { ...valid, quorum: { raise: 4 } },
  ],
  [
    "quorum.minVotes",
    "expected at most 1, the number of its regions",
    { ...valid, regions: ["us-east"], quorum: { minVotes: 2 } },
  ],
  ["severity", 'expected one of "critical", "warning", "info"', { ...valid, severity: "high" }],
  ["labels.a", "expected string, received number", { ...valid, labels: { a: 1 } }],
  ["public", "expected boolean, received string", { ...valid, public: "yes" }],
  ["notify[0]", 'there is no channel "ops"; there is none', { ...valid, notify: ["ops"] }],
  [
    "headers.Authorization",
    "expected a value: [redacted] stands for a stored one, and there is none",
    { ...valid, headers: { Authorization: "[redacted]" } },
  ],
  [
    "url",
    "query parameter token: " +
      "expected a value: [redacted] stands for a stored one, and there is none",
    { ...valid, url: "wss://a.example/?token=[redacted]" },
  ],
];

it.each(CASES)("says of %s: %s", async (field, message, body) => {
  const answer = await api.send("POST", "/api/v1/monitors", { json: body });
  expect(answer.json).toMatchObject({ errors: expect.arrayContaining([{ field, message }]) });
  expect(answer.status).toBe(422);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await loadPublishedConfig(api.database.db)).toBeNull();
  expect(api.coordinator.calls).toEqual([]);
});

it("names every field that is wrong at once", async () => {
  const json = { name: "", url: "nowhere", severity: "high", extra: 1 };
  const answer = await api.send("POST", "/api/v1/monitors", { json });
  const { errors, detail } = answer.json as { errors: Array<{ field: string }>; detail: string };
  expect(errors.map(({ field }) => field).sort()).toEqual(["extra", "name", "severity", "url"]);
  expect(detail).toBe("4 fields were not accepted. Nothing was changed.");
});

it("allows intervals as short as the cron's pace where that is shorter than 15 s", async () => {
  api.env.CRON_PACE_MS = "5000";
  const send = (interval: string) =>
    api.send("POST", "/api/v1/monitors", { json: { ...valid, interval } });
  expect((await send("5s")).status).toBe(201);
  expect((await send("4s")).json).toMatchObject({
    errors: [{ field: "interval", message: "expected at least 5s" }],
  });
});
