import { afterAll, beforeAll, expect, it } from "vitest";
import { apiRoutes } from "../../../../workers/coordinator/api/app.ts";
import { schemaOf } from "../../../support/api-description.ts";
import type { TestApi } from "../../../support/api-client.ts";
import { openTestApi } from "../../../support/api-client.ts";

let api: TestApi;
beforeAll(async () => void (api = await openTestApi()));
afterAll(() => api.close());

const V1_ROUTES = [
  "GET /api/v1/subscriptions",
  "DELETE /api/v1/subscriptions/{id}",
  "GET /api/v1/monitors",
  "POST /api/v1/monitors",
  "GET /api/v1/monitors/{id}",
  "PUT /api/v1/monitors/{id}",
  "PATCH /api/v1/monitors/{id}",
  "DELETE /api/v1/monitors/{id}",
  "GET /api/v1/monitors/{id}/observations",
  "GET /api/v1/monitors/{id}/observations/{region}/{startedAt}/capture",
  "GET /api/v1/monitors/{id}/verdict",
  "GET /api/v1/monitors/{id}/uptime",
  "POST /api/v1/monitors/{id}/check",
  "GET /api/v1/maintenances",
  "POST /api/v1/maintenances",
  "GET /api/v1/maintenances/{id}",
  "PUT /api/v1/maintenances/{id}",
  "PATCH /api/v1/maintenances/{id}",
  "DELETE /api/v1/maintenances/{id}",
  "GET /api/v1/pages",
  "POST /api/v1/pages",
  "GET /api/v1/pages/{id}",
  "PUT /api/v1/pages/{id}",
  "PATCH /api/v1/pages/{id}",
  "DELETE /api/v1/pages/{id}",
  "GET /api/v1/incidents",
  "GET /api/v1/incidents/{id}",
  "POST /api/v1/incidents/{id}/acknowledge",
  "GET /api/v1/written-incidents",
  "POST /api/v1/written-incidents",
  "GET /api/v1/written-incidents/{id}",
  "PATCH /api/v1/written-incidents/{id}",
  "DELETE /api/v1/written-incidents/{id}",
  "POST /api/v1/written-incidents/{id}/updates",
  "PATCH /api/v1/written-incidents/{id}/updates/{update}",
  "GET /api/v1/incident-templates",
  "PUT /api/v1/incident-templates/{id}",
  "DELETE /api/v1/incident-templates/{id}",
  "GET /api/v1/channels",
  "POST /api/v1/channels",
  "GET /api/v1/channels/{id}",
  "PUT /api/v1/channels/{id}",
  "PATCH /api/v1/channels/{id}",
  "DELETE /api/v1/channels/{id}",
  "POST /api/v1/channels/{id}/secret",
  "POST /api/v1/channels/{id}/test",
  "POST /api/v1/deliveries/{id}/retry",
  "GET /api/v1/alert-policy",
  "PUT /api/v1/alert-policy",
  "GET /api/v1/silences",
  "POST /api/v1/silences",
  "GET /api/v1/silences/{id}",
  "DELETE /api/v1/silences/{id}",
  "GET /api/v1/incidents/{id}/decisions",
  "GET /api/v1/deliveries",
  "GET /api/v1/regions",
  "GET /api/v1/backup",
  "POST /api/v1/restores",
  "GET /api/v1/restores/{id}",
  "PUT /api/v1/restores/{id}/parts/{part}",
  "POST /api/v1/restores/{id}/commit",
  "POST /api/v1/rollups/rebuild",
];
const PUBLIC_ROUTES = [
  "GET /api/v2/summary.json",
  "GET /api/v2/status.json",
  "GET /api/v2/components.json",
  "GET /api/v2/incidents.json",
  "GET /api/v2/incidents/unresolved.json",
  "GET /api/v2/scheduled-maintenances.json",
  "GET /api/v2/scheduled-maintenances/upcoming.json",
  "GET /api/v2/scheduled-maintenances/active.json",
  "GET /api/v1/schemas/alert.v1.json",
  "GET /api/v1/status",
  "POST /api/v1/subscriptions",
  "GET /metrics",
  "GET /healthz",
];

const operations = () =>
  Object.entries(api.description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );

it("is served to everybody, as OpenAPI 3.1", async () => {
  const answer = await api.send("GET", "/api/v1/openapi.json", { token: null });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ openapi: "3.1.0", info: { title: "Echoquorum" } });
  expect(api.description.security).toEqual([{ bearer: [] }]);
  expect(api.description.components.securitySchemes["bearer"]).toMatchObject({
    type: "http",
    scheme: "bearer",
  });
});

it("describes every route, and no other", () => {
  expect(
    operations()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...V1_ROUTES, ...PUBLIC_ROUTES].sort());
  const served = apiRoutes()
    .routes.filter(({ method, path }) => method !== "ALL" && path !== "/api/v1/openapi.json")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect([...new Set(served)].sort()).toEqual([...V1_ROUTES, ...PUBLIC_ROUTES].sort());
});

it("says for each what it does, what it answers and what it takes", () => {
  for (const { name, path, operation } of operations()) {
    expect(operation.summary, name).toMatch(/^[A-Z]/);
    expect(operation.tags, name).toHaveLength(1);
    expect(
      Object.keys(operation.responses).some((status) => status.startsWith("2")),
      name,
    ).toBe(true);
    const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect(
      inPath.map((parameter) => `{${parameter.name}}`),
      name,
    ).toEqual(path.match(/\{\w+\}/g) ?? []);
    const isPublic = PUBLIC_ROUTES.includes(name);
    if (isPublic) expect(operation.security, name).not.toBeUndefined();
    else expect(Object.keys(operation.responses), name).toContain("401");
  }
});

it("has only references that lead somewhere, and schemas that can be used", () => {
  const text = JSON.stringify(api.description);
  const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) expect(api.description.components.schemas).toHaveProperty(name ?? "");
  for (const schema of Object.values(api.description.components.schemas)) {
    expect(() => schemaOf(api.description, schema)).not.toThrow();
  }
});

it("accepts the smallest monitor and refuses an unknown field, as the API does", () => {
  const input = api.description.components.schemas["MonitorInput"];
  expect(input).toBeDefined();
  const schema = schemaOf(api.description, input ?? {});
  const chat = { name: "Chat", url: "wss://chat.example.com" };
  expect(schema.safeParse(chat).success).toBe(true);
  expect(schema.safeParse({ ...chat, colour: "red" }).success).toBe(false);
});
