import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadListedWritten } from "../../../../workers/coordinator/db/written-incident-store.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";
import { incidentOf, NOW_MS } from "../../../support/network-status.ts";

const PLACE = "/api/v1/written-incidents";
const TEMPLATES = "/api/v1/incident-templates";
const AGO = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const LATE = {
  title: "Messages arrive late",
  text: "We **look** into it.",
  monitors: { chat: "degraded" },
};

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());
beforeEach(async () => {
  await api.reset();
  for (const id of ["chat", "presence"]) {
    const json = { id, name: id, url: "wss://chat.example.com/socket" };
    await api.send("POST", "/api/v1/monitors", { json });
  }
  api.coordinator.calls = [];
});

const begin = (json: object) => api.send("POST", PLACE, { json });
const update = (json: object, id = "messages-arrive-late") =>
  api.send("POST", `${PLACE}/${id}/updates`, { json });
const read = async (id = "messages-arrive-late") => (await api.send("GET", `${PLACE}/${id}`)).json;

describe("a written incident", () => {
  it("needs a title and a text, and tells the coordinator", async () => {
    const answer = await begin({ title: LATE.title, text: LATE.text });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`${PLACE}/messages-arrive-late`);
    expect(answer.json).toMatchObject({
      id: "messages-arrive-late",
      status: "investigating",
      impact: "none",
      monitors: {},
      resolvedAt: null,
      updates: [{ id: "1", text: LATE.text }],
      postmortem: null,
    });
    expect(api.coordinator.calls).toEqual([["configChanged"]]);
    expect((await begin({ title: LATE.title, text: LATE.text })).json).toMatchObject({
      id: "messages-arrive-late-2",
    });
  });

  it("goes from investigating to resolved, impact by impact", async () => {
    await begin({ ...LATE, startedAt: AGO(60) });
    await update({ status: "identified", text: "A queue.", monitors: { presence: "down" } });
    expect(await read()).toMatchObject({
      status: "identified",
      impact: "down",
      monitors: { chat: "degraded", presence: "down" },
    });
    await update({ text: "Chat is well.", monitors: { chat: "none" } });
    expect((await update({ status: "resolved", text: "Over." })).status).toBe(201);
    expect(await read()).toMatchObject({
      status: "resolved",
      impact: "down",
      monitors: { chat: "none", presence: "none" },
      resolvedAt: expect.any(String),
    });
    expect((await api.send("GET", `${PLACE}?open=true`)).json).toEqual([]);
    await update({ status: "investigating", text: "Back again." });
    expect(await read()).toMatchObject({ status: "investigating", resolvedAt: null });
  });

  it("is dated back, its updates in the order of their time", async () => {
    await begin({ ...LATE, startedAt: AGO(60) });
    await update({ text: "third", at: AGO(5) });
    await update({ text: "second", at: AGO(30), status: "identified" });
    const { updates } = (await read()) as { updates: Array<{ id: string; text: string }> };
    expect(updates.map(({ id, text }) => [id, text])).toEqual([
      ["1", LATE.text],
      ["3", "second"],
      ["2", "third"],
    ]);
    expect((await update({ text: "zeroth", at: AGO(90) })).json).toMatchObject({
      errors: [{ field: "at", message: "expected a moment after startedAt" }],
    });
  });

  it("takes an update once, however often it is sent under its id", async () => {
    await begin(LATE);
    expect((await update({ id: "fixed", text: "Fixed." })).status).toBe(201);
    expect((await update({ id: "fixed", text: "Fixed." })).status).toBe(200);
    expect((await update({ id: "fixed", text: "Other." })).status).toBe(409);
    expect(((await read()) as { updates: unknown[] }).updates).toHaveLength(2);
  });

  it("has title, beginning, text and postmortem corrected", async () => {
    await begin(LATE);
    const patch = (json: object) => api.send("PATCH", `${PLACE}/messages-arrive-late`, { json });
    const startedAt = AGO(120);
    expect((await patch({ title: "Late", startedAt, postmortem: "Why." })).json).toMatchObject({
      title: "Late",
      startedAt,
      postmortem: { text: "Why." },
    });
    expect((await patch({ postmortem: null })).json).toMatchObject({ postmortem: null });
    expect((await patch({ startedAt: AGO(-60) })).status).toBe(422);
    const path = `${PLACE}/messages-arrive-late/updates/1`;
    await api.send("PATCH", path, { json: { text: "Corrected." } });
    expect(await read()).toMatchObject({ updates: [{ text: "Corrected." }] });
    const missing = `${PLACE}/messages-arrive-late/updates/9`;
    expect((await api.send("PATCH", missing, { json: { text: "x" } })).status).toBe(404);
  });

  it("is linked to an incident that is there", async () => {
    const found = incidentOf({ id: "chat", name: "Chat" }, "down", NOW_MS - 60_000, null);
    api.coordinator.incidentList = [found];
    expect((await begin({ ...LATE, incidents: [found.id] })).json).toMatchObject({
      incidents: [found.id],
    });
    expect((await begin({ ...LATE, incidents: ["chat-1795000000000"] })).json).toMatchObject({
      errors: [{ field: "incidents[0]", message: 'there is no incident "chat-1795000000000"' }],
    });
  });

  it("begins with a template, of which it may say anything otherwise", async () => {
    const json = { title: "Late", text: "From the template.", monitors: { chat: "partial" } };
    expect((await api.send("PUT", `${TEMPLATES}/late`, { json })).json).toEqual({
      id: "late",
      status: "investigating",
      ...json,
    });
    expect((await begin({ template: "late", title: "Later" })).json).toMatchObject({
      title: "Later",
      monitors: { chat: "partial" },
      updates: [{ text: "From the template." }],
    });
    expect((await api.send("GET", TEMPLATES)).json).toHaveLength(1);
    expect((await api.send("DELETE", `${TEMPLATES}/late`)).status).toBe(204);
    expect((await begin({ template: "late" })).json).toMatchObject({
      errors: [{ field: "template" }],
    });
  });

  it("is deleted once, and needs the token", async () => {
    await begin(LATE);
    const path = `${PLACE}/messages-arrive-late`;
    expect((await api.send("GET", path, { token: null })).status).toBe(401);
    expect((await api.send("DELETE", path)).status).toBe(204);
    expect((await api.send("DELETE", path)).status).toBe(404);
  });

  it("is listed for faces while it goes on, however old, and 90 days after", async () => {
    const day = 24 * 60;
    await begin({ ...LATE, id: "old-open", startedAt: AGO(200 * day) });
    await begin({ ...LATE, id: "old", status: "resolved", startedAt: AGO(91 * day) });
    await begin({ ...LATE, id: "recent", status: "resolved", startedAt: AGO(89 * day) });
    const listed = await loadListedWritten(api.database.db, Date.now());
    expect(listed.map(({ id }) => id)).toEqual(["old-open", "recent"]);
  });
});

const BAD: ReadonlyArray<readonly [field: string, message: string, body: unknown]> = [
  ["title", "required: expected text, here or by a template", { text: "x" }],
  ["text", "required: expected text, here or by a template", { title: "x" }],
  ["text", "expected at most 10000 characters", { ...LATE, text: "x".repeat(10_001) }],
  ["monitors.chta", 'there is no monitor "chta"', { ...LATE, monitors: { chta: "down" } }],
  ["startedAt", "expected a moment that has come", { ...LATE, startedAt: AGO(-5) }],
  [
    "id",
    "expected no id that ends in a hyphen and ten digits or more",
    { ...LATE, id: "chat-1795000000000" },
  ],
  ["severity", "unknown field", { ...LATE, severity: "high" }],
];

describe("a bad written incident", () => {
  it.each(BAD)("is told about %s: %s", async (field, message, body) => {
    const answer = await begin(body as object);
    expect(answer.json).toMatchObject({ errors: [{ field, message }] });
    expect(answer.status).toBe(422);
    expect((await api.send("GET", PLACE)).json).toEqual([]);
    expect(api.coordinator.calls).toEqual([]);
  });
});
