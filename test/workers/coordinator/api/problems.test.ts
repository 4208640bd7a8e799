import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiRoutes } from "../../../../workers/coordinator/api/app.ts";
import type { Env } from "../../../../workers/coordinator/env.ts";
import type { Answer, RequestOptions, TestApi } from "../../../support/api-client.ts";
import { TOKEN, openTestApi } from "../../../support/api-client.ts";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

/** Lines that were logged as errors while something was done. */
async function logged(work: () => Promise<unknown>): Promise<string[]> {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    await work();
    return log.mock.calls.map((call) => String(call[0]));
  } finally {
    log.mockRestore();
  }
}

const json = { "content-type": "application/json" };
const REFUSED: ReadonlyArray<
  readonly [what: string, method: string, path: string, RequestOptions, number, string]
> = [
  ["broken JSON", "POST", "/api/v1/monitors", { body: '{"name":', headers: json }, 400, "JSON"],
  ["an empty body", "POST", "/api/v1/monitors", { body: "", headers: json }, 400, "JSON"],
  [
    "another content type",
    "POST",
    "/api/v1/monitors",
    { body: "name=Chat", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415,
    "application/json",
  ],
  [
    "a body beyond 1 MiB",
    "POST",
    "/api/v1/monitors",
    { json: { name: "x".repeat(1_048_577) } },
    413,
    "1 MiB",
  ],
  ["an unknown path", "GET", "/api/v1/probes", {}, 404, "/api/v1/openapi.json"],
  ["a path outside any version", "GET", "/api/v9/x", { token: null }, 404, "/api/v9/x"],
  ["a method that a list lacks", "DELETE", "/api/v1/monitors", {}, 405, "use GET, HEAD, POST"],
  ["a method that an action lacks", "GET", "/api/v1/monitors/a/check", {}, 405, "use POST"],
  ["a write to a public face", "POST", "/api/v2/summary.json", {}, 405, "use GET, HEAD"],
  ["an unknown parameter", "GET", "/api/v1/incidents?page=2", {}, 400, "page: unknown field"],
  ["a limit of 0", "GET", "/api/v1/incidents?limit=0", {}, 400, "limit: expected at least 1"],
  ["a limit of 501", "GET", "/api/v1/incidents?limit=501", {}, 400, "expected at most 500"],
  ["a limit that is no number", "GET", "/api/v1/deliveries?limit=ten", {}, 400, "limit: expected"],
  ["a moment that is none", "GET", "/api/v1/deliveries?since=noon", {}, 400, "since: expected ISO"],
  ["a state that is none", "GET", "/api/v1/deliveries?state=lost", {}, 400, "expected one of"],
];

describe("a problem (RFC 9457)", () => {
  it.each(REFUSED)("answers %s", async (_what, method, path, options, status, words) => {
    const answer = await api.send(method, path, options);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toMatchObject({
      type: expect.stringMatching(/^urn:problem-type:echoquorum:[a-z-]+$/),
      title: expect.any(String),
      status,
      detail: expect.stringContaining(words),
    });
  });

  it("says in Allow which methods there are (RFC 9110 §10.2.1)", async () => {
    const answer = await api.send("POST", "/api/v1/monitors/chat");
    expect(answer.headers.get("allow")?.split(", ").sort()).toEqual([
      "DELETE",
      "GET",
      "HEAD",
      "PATCH",
      "PUT",
    ]);
  });

  it("is logged by the platform only where it is not the caller's doing", async () => {
    const lines = await logged(() => api.send("GET", "/api/v1/monitors/none"));
    expect(lines).toEqual([]);
  });
});

/** An API whose environment has some parts replaced. */
async function sendTo(
  broken: Partial<Record<keyof Env, unknown>>,
  method: string,
  path: string,
  body?: object,
): Promise<Pick<Answer, "status" | "text" | "headers">> {
  const response = await apiRoutes().request(
    path,
    {
      method,
      headers: { ...json, authorization: `Bearer ${TOKEN}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    { ...api.env, ...broken },
  );
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe("when a part of the system fails", () => {
  const SECRET = "sUp3r-s3cret-header";
  const withSecret = {
    name: "Chat",
    url: "wss://chat.example.com",
    headers: { Authorization: SECRET },
  };

  it("D1 without its tables is a 503 that shows no statement and logs no value", async () => {
    await api.database.db.exec("ALTER TABLE monitors RENAME TO monitors_away");
    try {
      let answer: Answer | undefined;
      const lines = await logged(async () => {
        answer = await api.send("POST", "/api/v1/monitors", { json: withSecret });
      });
      expect(answer?.status).toBe(503);
      expect(answer?.headers.get("retry-after")).toBe("5");
      expect(answer?.text).toContain("The database does not answer");
      expect(answer?.text).not.toMatch(/SELECT|INSERT|no such table|at .*\.ts/);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain("no such table: monitors");
      expect(lines[0]).not.toContain(SECRET);
    } finally {
      await api.database.db.exec("ALTER TABLE monitors_away RENAME TO monitors");
    }
  });

  it("an object that throws is a 503", async () => {
    api.coordinator.failure = new Error("Durable Object reset because its code was updated.");
    const lines = await logged(async () => {
      for (const path of ["/api/v1/incidents", "/api/v1/deliveries", "/api/v1/regions"]) {
        const answer = await api.send("GET", path);
        expect(answer.status).toBe(503);
        expect(answer.text).toContain("The coordinator does not answer");
        expect(answer.text).not.toContain("Durable Object reset");
      }
    });
    expect(lines).toHaveLength(3);
  });

  it("an object that never answers is a 503 once the deadline has passed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const silence = { getByName: () => ({ incident: () => new Promise(() => undefined) }) };
    let status = 0;
    const lines = await logged(async () => {
      const pending = sendTo({ COORDINATOR: silence }, "GET", "/api/v1/incidents/chat-1");
      await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(1));
      await vi.advanceTimersByTimeAsync(10_000);
      ({ status } = await pending);
    }).finally(() => vi.useRealTimers());
    expect(status).toBe(503);
    expect(lines[0]).toContain("did not answer in 10000 ms");
  });

  it("a mistake of ours is a 500 without a stack trace, logged without the message", async () => {
    const mistaken = {
      getByName: () => ({ networkStatus: async () => ({ regions: null, note: SECRET }) }),
    };
    let answer: Awaited<ReturnType<typeof sendTo>> | undefined;
    const lines = await logged(async () => {
      answer = await sendTo({ COORDINATOR: mistaken }, "GET", "/api/v1/regions");
    });
    expect(answer?.status).toBe(500);
    expect(answer?.text).not.toMatch(/regions\.ts|TypeError|null/);
    expect(lines[0]).toContain('"error":"TypeError"');
    expect(lines[0]).toContain("regions.ts");
  });
});
