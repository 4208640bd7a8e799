/** `POST /rollups/rebuild`, in front of a stand-in for the coordinator's object. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";

const PATH = "/api/v1/rollups/rebuild";
const DAY_MS = Date.parse("2026-11-20T00:00:00Z");

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

describe("rebuilding rollups", () => {
  it("says which days were rebuilt and where to go on", async () => {
    const day = { dayMs: DAY_MS, runs: 5_760, observations: 5_760, buckets: 2, blocks: 26 };
    api.coordinator.rebuilt = { days: [day], nextMs: DAY_MS + 86_400_000 };
    const json = { from: "2026-11-20", to: "2026-11-22" };
    const answer = await api.send("POST", PATH, { json });
    expect(answer).toMatchObject({
      status: 200,
      json: {
        days: [
          {
            day: "2026-11-20T00:00:00.000Z",
            runs: 5_760,
            observations: 5_760,
            repaired: 2,
            written: 26,
          },
        ],
        next: "2026-11-21T00:00:00.000Z",
      },
    });
    const window = { fromMs: DAY_MS, toMs: DAY_MS + 2 * 86_400_000 };
    expect(api.coordinator.calls).toEqual([["rebuildRollups", window]]);
  });

  it("is of all that is kept where no window is named", async () => {
    const before = Date.now();
    expect((await api.send("POST", PATH, { json: {} })).json).toEqual({ days: [], next: null });
    const [[, window]] = api.coordinator.calls as [[string, { fromMs: number; toMs: number }]];
    expect(window.fromMs).toBe(0);
    expect(window.toMs).toBeGreaterThanOrEqual(before);
  });

  it.each([
    ["an empty window", { from: "2026-11-20", to: "2026-11-20" }, "from"],
    ["a window that is yet to come", { from: "2999-01-01" }, "from"],
    ["what is no moment", { from: "yesterday" }, "from"],
    ["what it does not know", { days: 3 }, "days"],
  ])("refuses %s, and asks for nothing", async (_what, json, field) => {
    const answer = await api.send("POST", PATH, { json });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ field }] });
    expect(api.coordinator.calls).toEqual([]);
  });

  it("needs the token, and says so when the coordinator does not answer", async () => {
    expect((await api.send("POST", PATH, { json: {}, token: null })).status).toBe(401);
    api.coordinator.failure = new Error("away");
    expect((await api.send("POST", PATH, { json: {} })).status).toBe(503);
  });
});
