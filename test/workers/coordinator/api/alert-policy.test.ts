/** The alert policy and silences over the API, on a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadAlertPolicy, loadSilences } from "../../../../workers/coordinator/db/alert-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";

const POLICY = "/api/v1/alert-policy";
const SILENCES = "/api/v1/silences";
const HOUR_MS = 3_600_000;

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(() => api.reset());

/** ISO 8601 of a moment some hours from now. */
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const known = { author: "Ada", comment: "Known", endsAt: inHours(1) };

async function addChannel(): Promise<void> {
  const settings = { url: "https://example.com/alerts" };
  await api.send("POST", "/api/v1/channels", { json: { name: "Ops", kind: "webhook", settings } });
  api.coordinator.calls = [];
}

function errorsOf(answer: { json: unknown }): Array<{ field: string; message: string }> {
  return (answer.json as { errors: Array<{ field: string; message: string }> }).errors;
}

describe("the alert policy", () => {
  it("is complete before anything is declared", async () => {
    const answer = await api.send("GET", POLICY);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      tiers: { down: "critical", degraded: "warning", partial: "none" },
      groupWait: "0s",
      repeatInterval: "4h",
      routes: [],
    });
  });

  it("is replaced as a whole, stored with its defaults, and made known", async () => {
    await addChannel();
    const routes = [{ name: "EU", match: ['group="EU"'], channels: ["ops"], groupWait: 30 }];
    const answer = await api.send("PUT", POLICY, { json: { repeatInterval: null, routes } });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ repeatInterval: null, groupInterval: "20s" });
    expect((await api.send("GET", POLICY)).json).toEqual(answer.json);
    expect((await loadAlertPolicy(api.database.db))?.routes[0]).toMatchObject({ groupWait: "30s" });
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
  });

  it.each([
    [{ routes: [{ match: ["colour=red"] }] }, "routes[0].match[0]"],
    [{ routes: [{ match: ["group=~("] }] }, "routes[0].match[0]"],
    [
      { routes: [{ routes: [{ hours: [{ zone: "Mars" }] }] }] },
      "routes[0].routes[0].hours[0].zone",
    ],
    [{ routes: [{ channels: ["nobody"] }] }, "routes[0].channels[0]"],
    [{ groupBy: ["flavour"] }, "groupBy[0]"],
    [{ groupWait: "2h" }, "groupWait"],
    [{ tiers: { down: "fatal" } }, "tiers.down"],
    [{ inhibitions: [{ source: [], target: ["kind=down"] }] }, "inhibitions[0].source"],
    [{ mute: true }, "mute"],
  ])("%j is refused, naming the field", async (json, field) => {
    const answer = await api.send("PUT", POLICY, { json });
    expect(answer.status).toBe(422);
    expect(errorsOf(answer).map((error) => error.field)).toEqual([field]);
    expect(await loadAlertPolicy(api.database.db)).toBeNull();
  });

  it("keeps a channel that a route names from being deleted", async () => {
    await addChannel();
    await api.send("PUT", POLICY, { json: { routes: [{ routes: [{ channels: ["ops"] }] }] } });
    const refused = await api.send("DELETE", "/api/v1/channels/ops");
    expect(refused.status).toBe(409);
    expect(refused.text).toContain("A route of the alert policy names the channel");
    await api.send("PUT", POLICY, { json: {} });
    expect((await api.send("DELETE", "/api/v1/channels/ops")).status).toBe(204);
  });
});

describe("a silence", () => {
  it("begins now unless it says otherwise, is listed and read, and ends early", async () => {
    const made = await api.send("POST", SILENCES, { json: { ...known, matchers: ["group=EU"] } });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ state: "active", matchers: ["group=EU"], author: "Ada" });
    const { id } = made.json as { id: string };
    expect(made.headers.get("location")).toBe(`${SILENCES}/${id}`);
    expect((await api.send("GET", `${SILENCES}/${id}`)).json).toEqual(made.json);
    for (let times = 0; times < 2; times += 1) {
      expect((await api.send("DELETE", `${SILENCES}/${id}`)).status).toBe(204);
    }
    expect((await api.send("GET", SILENCES)).json).toMatchObject([{ id, state: "expired" }]);
    expect(api.coordinator.calls.filter(([method]) => method === "configChanged")).toHaveLength(3);
  });

  it("may begin later", async () => {
    const json = { ...known, matchers: ["group=EU"], startsAt: inHours(0.5) };
    const made = await api.send("POST", SILENCES, { json });
    expect(made.json).toMatchObject({ state: "pending" });
  });

  it.each([
    [{ matchers: [] }, "matchers"],
    [{ matchers: ["nonsense"] }, "matchers[0]"],
    [{ endsAt: inHours(-1) }, "endsAt"],
    [{ endsAt: inHours(24 * 400) }, "endsAt"],
    [{ endsAt: "soon" }, "endsAt"],
    [{ comment: " " }, "comment"],
  ])("with %j is refused, naming the field", async (fields, field) => {
    const json = { ...known, matchers: ["group=EU"], ...fields };
    const answer = await api.send("POST", SILENCES, { json });
    expect(answer.status).toBe(422);
    expect(errorsOf(answer).map((error) => error.field)).toEqual([field]);
    expect(await loadSilences(api.database.db, Date.now())).toEqual([]);
  });

  it("that does not exist is not found", async () => {
    expect((await api.send("GET", `${SILENCES}/x`)).status).toBe(404);
    expect((await api.send("DELETE", `${SILENCES}/x`)).status).toBe(404);
  });
});
