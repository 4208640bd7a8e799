import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Observation } from "../../../../shared/probe/observation.ts";
import { renderObservation } from "../../../../shared/probe/observation.ts";
import { appendRuns } from "../../../../workers/coordinator/log/run-log.ts";
import type { Answer, TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { makeObservation } from "../../../support/observation.ts";

const T = Date.parse("2026-11-20T14:00:00Z");
const MINUTE_MS = 60_000;
const CHAT = "/api/v1/monitors/chat";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(async () => {
  await api.reset();
  const json = { name: "Chat", url: "wss://chat.example.com" };
  await api.send("POST", "/api/v1/monitors", { json });
});

/** Puts runs of two monitors into the log: one per minute and region, oldest first. */
async function log(minutes: number, regions: readonly string[]): Promise<Observation[]> {
  const seen: Observation[] = [];
  const runs = Array.from({ length: minutes }, (_, minute) =>
    regions.map((region, index) => {
      const scheduledAtMs = T + minute * MINUTE_MS;
      const startedAtMs = scheduledAtMs + 10 + index;
      const chat = makeObservation({ region, startedAtMs, colo: "FRA", totalMs: 12.5 });
      seen.push(chat);
      return {
        scheduledAtMs,
        region,
        lane: "0",
        startedAtMs,
        finishedAtMs: startedAtMs + 50,
        colo: "FRA",
        configVersion: 1,
        observations: [{ ...chat, monitor: "other" }, chat],
      };
    }),
  ).flat();
  await appendRuns(api.database.db, runs);
  return seen.reverse();
}

const shown = (observations: readonly Observation[]) => observations.map(renderObservation);

describe("the observations of a monitor", () => {
  it("are those of this monitor alone, newest first, as they were made", async () => {
    const all = await log(3, ["eu-central", "us-east"]);
    const answer = await api.send("GET", `${CHAT}/observations`);
    expect(answer.json).toEqual(shown(all));
    expect(answer.headers.has("link")).toBe(false);
  });

  it("are an empty array before the first run, and 404 for an unknown monitor", async () => {
    expect((await api.send("GET", `${CHAT}/observations`)).json).toEqual([]);
    expect((await api.send("GET", "/api/v1/monitors/none/observations")).status).toBe(404);
  });

  it("keep the evidence of a failure", async () => {
    const failing = makeObservation({
      region: "us-east",
      startedAtMs: T,
      reason: "accept_mismatch",
      handshake: { status: 101, subprotocol: null, extensions: null },
      transcript: {
        entries: [{ atMs: 3, direction: "sent", kind: "head", bytes: 120, text: "GET /" }],
        omitted: 0,
      },
    });
    await appendRuns(api.database.db, [
      {
        scheduledAtMs: T,
        region: "us-east",
        lane: "ask",
        startedAtMs: T,
        finishedAtMs: T + 1,
        colo: null,
        configVersion: 1,
        observations: [failing],
      },
    ]);
    expect((await api.send("GET", `${CHAT}/observations`)).json).toEqual(shown([failing]));
  });

  it("hold their fields in the documented order, wherever they come from", async () => {
    const [made] = await log(1, ["eu-central"]);
    const answer = await api.send("GET", `${CHAT}/observations`);
    expect(answer.text).toBe(JSON.stringify(made === undefined ? [] : shown([made])));
    expect(answer.text).toMatch(/"startedAt":"[^"]+","status":"up","phase":null,"reason":null/);
  });

  it("are read as an older release wrote them too, beside those of this one", async () => {
    const [newest, oldest] = await log(2, ["eu-central"]);
    if (newest === undefined || oldest === undefined) throw new Error("nothing was logged");
    const { region: _region, colo: _colo, ...named } = oldest;
    const { db } = api.database;
    await db
      .prepare("UPDATE runs SET digest = NULL, observations = ? WHERE scheduled_at_ms = ?")
      .bind(JSON.stringify([{ ...named, monitor: "other" }, named]), T)
      .run();
    const answer = await api.send("GET", `${CHAT}/observations`);
    expect(answer.json).toEqual(shown([newest, oldest]));
  });

  it("begin at `since`, in ISO 8601 or epoch milliseconds", async () => {
    const all = await log(4, ["eu-central"]);
    const expected = shown(all.slice(0, 2));
    for (const since of ["2026-11-20T14:02:00Z", "2026-11-20T15:02:00%2B01:00", T + 120_000]) {
      const answer = await api.send("GET", `${CHAT}/observations?since=${since}`);
      expect(answer.json).toEqual(expected);
    }
  });

  it("count from when the check began, however late its run was", async () => {
    const late = makeObservation({ region: "us-east", startedAtMs: T + 5 * MINUTE_MS });
    await appendRuns(api.database.db, [
      {
        scheduledAtMs: T,
        region: "us-east",
        lane: "0",
        startedAtMs: late.startedAtMs,
        finishedAtMs: late.startedAtMs,
        colo: null,
        configVersion: 1,
        observations: [late],
      },
    ]);
    const since = T + 4 * MINUTE_MS;
    const answer = await api.send("GET", `${CHAT}/observations?since=${since}`);
    expect(answer.json).toEqual(shown([late]));
  });

  it("come in pages that are linked, and leave out none", async () => {
    const all = await log(5, ["ap-southeast", "eu-central", "us-east"]);
    const pages: Answer[] = [];
    let next: string | undefined = `${CHAT}/observations?limit=4&since=${T}`;
    while (next !== undefined) {
      const page: Answer = await api.send("GET", next);
      pages.push(page);
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
    }
    expect(pages.map(({ json }) => (json as unknown[]).length)).toEqual([4, 4, 4, 3]);
    const listed = pages.flatMap(({ json }) => json as Array<{ startedAt: string }>);
    expect(listed).toEqual(shown(all));
  });

  it("are a hundred unless asked otherwise, and a thousand at most", async () => {
    await log(101, ["eu-central"]);
    const count = async (query: string) =>
      ((await api.send("GET", `${CHAT}/observations${query}`)).json as unknown[]).length;
    expect(await count("")).toBe(100);
    expect(await count("?limit=1000")).toBe(101);
    expect((await api.send("GET", `${CHAT}/observations?limit=1001`)).status).toBe(400);
    expect((await api.send("GET", `${CHAT}/observations?limit=many`)).json).toMatchObject({
      detail: "limit: expected number.",
    });
  });

  it.each([
    ["named", '[{"monitor":"chat",', null, null],
    ["digested", "[]", '[["chat",', "[]"],
    ["digested, in its evidence", "[]", `[["chat",${T},"up",1,""]]`, '[["socket"'],
  ])("are read although another row of the log is damaged: %s", async (_form, ...texts) => {
    const all = await log(1, ["eu-central"]);
    await api.database.db
      .prepare("INSERT INTO runs VALUES (?, 'us-east', '0', 0, 0, NULL, 1, ?, NULL, ?, ?)")
      .bind(T, ...texts)
      .run();
    expect((await api.send("GET", `${CHAT}/observations`)).json).toEqual(shown(all));
  });

  it.each(["x", "1/2", "-5/a/b", "1/a/b/c"])("have no cursor %s", async (cursor) => {
    const answer = await api.send("GET", `${CHAT}/observations?cursor=${cursor}`);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      errors: [{ field: "cursor", message: "expected the cursor of a next link" }],
    });
  });
});

describe("the verdict of a monitor", () => {
  it("has its reason in words and each region's vote", async () => {
    api.coordinator.verdicts.set("chat", {
      monitor: "chat",
      kind: "down",
      reason: "accept_mismatch",
      message: "2 of 3 fresh regions: accept_mismatch since 14:02:11",
      sinceMs: T,
      votes: [
        {
          region: "us-east",
          colo: "IAD",
          status: "down",
          reason: "accept_mismatch",
          message: "internal words",
          atMs: T,
          failingSinceMs: T,
          counted: "counted",
        },
        {
          region: "eu-central",
          colo: null,
          status: "unknown",
          reason: null,
          message: "",
          atMs: null,
          failingSinceMs: null,
          counted: "silent",
        },
      ],
    });
    expect((await api.send("GET", `${CHAT}/verdict`)).json).toEqual({
      monitor: "chat",
      verdict: "down",
      reason: "accept_mismatch",
      message: "2 of 3 fresh regions: accept_mismatch since 14:02:11",
      since: "2026-11-20T14:00:00.000Z",
      votes: [
        {
          region: "us-east",
          colo: "IAD",
          status: "down",
          reason: "accept_mismatch",
          at: "2026-11-20T14:00:00.000Z",
          counted: true,
        },
        {
          region: "eu-central",
          colo: null,
          status: "unknown",
          reason: null,
          at: null,
          counted: false,
        },
      ],
    });
  });

  it("is 404 for an unknown monitor, 503 while the coordinator has not heard of it", async () => {
    expect((await api.send("GET", "/api/v1/monitors/none/verdict")).status).toBe(404);
    const errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const early = await api.send("GET", `${CHAT}/verdict`).finally(() => errors.mockRestore());
    expect(early.status).toBe(503);
    expect(early.json).toMatchObject({ detail: expect.stringContaining("has not taken") });
  });
});

describe("checking a monitor now", () => {
  it("answers with what every region saw", async () => {
    const observations = ["us-east", "eu-central"].map((region) =>
      makeObservation({ region, startedAtMs: T }),
    );
    api.coordinator.observations.set("chat", observations);
    const answer = await api.send("POST", `${CHAT}/check`);
    expect([answer.status, answer.json]).toEqual([200, shown(observations)]);
    expect((await api.send("POST", "/api/v1/monitors/none/check")).status).toBe(404);
  });
});
