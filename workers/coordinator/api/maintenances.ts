/**
 * `/maintenances`: windows of announced maintenance, created, read, replaced, merged and withdrawn.
 *
 * What has been judged stays as it was judged: a window that is announced late, or changed, holds
 * from then on.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { DeclaredMaintenance, Maintenance } from "../../../shared/monitor/maintenance.ts";
import {
  declaredMaintenanceSchema,
  maintenanceInputSchema,
  parseMaintenance,
  renderMaintenance,
} from "../../../shared/monitor/maintenance.ts";
import {
  createMaintenance,
  deleteMaintenance,
  listMaintenanceIds,
  listMaintenances,
  loadMaintenance,
  replaceMaintenance,
} from "../db/maintenance-store.ts";
import type { Env } from "../env.ts";
import { networkOf } from "../env.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { mergePatch } from "./merge-patch.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, mergePatchBody, problems } from "./router.ts";
import { slugOf, uniqueSlug } from "./slug.ts";
import { requireSubjects } from "./subjects.ts";

/** Attempts at a change that collides with others before it is given up. */
const ATTEMPTS_MAX = 5;

const tags = ["Maintenances"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the window." }) });
const inputSchema = maintenanceInputSchema.meta({ id: "MaintenanceInput" });
const shownSchema = declaredMaintenanceSchema.meta({
  id: "Maintenance",
  description:
    "It covers the named monitors and those of the named groups; all of them where neither is " +
    "named. Name and description are shown to everybody who may see one of its monitors.",
});

const listRoute = createRoute({
  method: "get",
  path: "/maintenances",
  tags,
  summary: "List all windows of maintenance, those that are over too, oldest announcement first",
  responses: { 200: json("All windows", z.array(shownSchema)), ...problems(401, 503) },
});

const announceRoute = createRoute({
  method: "post",
  path: "/maintenances",
  tags,
  summary: "Announce maintenance",
  description: "Without an `id` one is made from the name. A window lasts 30 days at most.",
  request: { body: jsonBody(inputSchema) },
  responses: {
    201: json("The window; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

const readRoute = createRoute({
  method: "get",
  path: "/maintenances/{id}",
  tags,
  summary: "Read a window of maintenance",
  request: { params },
  responses: { 200: json("The window", shownSchema), ...problems(401, 404, 503) },
});

const putRoute = createRoute({
  method: "put",
  path: "/maintenances/{id}",
  tags,
  summary: "Replace a window of maintenance, or announce it under this id",
  request: { params, body: jsonBody(inputSchema) },
  responses: {
    200: json("The replaced window", shownSchema),
    201: json("The new window; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

const patchRoute = createRoute({
  method: "patch",
  path: "/maintenances/{id}",
  tags,
  summary: "Change fields of a window of maintenance",
  description:
    "JSON Merge Patch (RFC 7396): null resets a field to its default. Work that is done early " +
    "ends with an `endsAt` of now.",
  request: {
    params,
    body: mergePatchBody("MaintenancePatch", "Any fields of a window of maintenance."),
  },
  responses: {
    200: json("The changed window", shownSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const withdrawRoute = createRoute({
  method: "delete",
  path: "/maintenances/{id}",
  tags,
  summary: "Withdraw a window of maintenance",
  description: "One that is open ends with it.",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...problems(401, 404, 503) },
});

/** Routes of `/maintenances`. */
export function maintenanceRoutes(): Router {
  const router = createRouter();
  routeReads(router);
  routeWrites(router);
  return router;
}

function routeReads(router: Router): void {
  router.openapi(listRoute, async (context) => {
    const windows = await listMaintenances(context.env.DB);
    return context.json(windows.map(renderMaintenance), 200);
  });

  router.openapi(readRoute, async (context) => {
    const { id } = context.req.valid("param");
    const stored = await loadMaintenance(context.env.DB, id);
    if (stored === null) throw notFound("maintenance", id);
    return context.json(renderMaintenance(stored.maintenance), 200);
  });
}

function routeWrites(router: Router): void {
  router.openapi(announceRoute, async (context) => {
    const { id, ...declared } = context.req.valid("json");
    const created = await announce(context.env, id, declared);
    await tellCoordinator(context.env);
    return context.json(renderMaintenance(created), 201, { location: locationOf(created) });
  });

  router.openapi(putRoute, async (context) => {
    const { id } = context.req.valid("param");
    const declared = parseDeclared({ ...context.req.valid("json") }, id);
    const { maintenance, isNew } = await change(context.env, id, () => declared);
    await tellCoordinator(context.env);
    const shown = renderMaintenance(maintenance);
    return isNew
      ? context.json(shown, 201, { location: locationOf(maintenance) })
      : context.json(shown, 200);
  });

  router.openapi(patchRoute, async (context) => {
    const { id } = context.req.valid("param");
    const patch = context.req.valid("json");
    const { maintenance } = await change(context.env, id, (stored) => {
      if (stored === null) throw notFound("maintenance", id);
      return parseDeclared(mergePatch(renderMaintenance(stored), patch), id);
    });
    await tellCoordinator(context.env);
    return context.json(renderMaintenance(maintenance), 200);
  });

  router.openapi(withdrawRoute, async (context) => {
    const { id } = context.req.valid("param");
    const { env } = context;
    if (!(await deleteMaintenance(env.DB, networkOf(env), id, Date.now()))) {
      throw notFound("maintenance", id);
    }
    await tellCoordinator(env);
    return context.body(null, 204);
  });
}

function locationOf({ id }: Maintenance): string {
  return `/api/v1/maintenances/${id}`;
}

/** Validates a whole window whose id is given by its path. */
function parseDeclared(body: unknown, id: string): Maintenance {
  const withId = typeof body === "object" && body !== null ? { id, ...body } : body;
  const parsed = declaredMaintenanceSchema.safeParse(withId);
  if (!parsed.success) throw invalidBody(renderFieldErrors(parsed.error));
  if (parsed.data.id !== id) {
    throw invalidBody([{ field: "id", message: `expected ${JSON.stringify(id)}, as in the path` }]);
  }
  return parseMaintenance(parsed.data);
}

async function announce(
  env: Env,
  id: string | undefined,
  declared: Omit<DeclaredMaintenance, "id">,
): Promise<Maintenance> {
  const slug = id ?? slugOf(declared.name, "maintenance");
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const free = id ?? uniqueSlug(slug, await listMaintenanceIds(env.DB, slug));
    const maintenance = parseMaintenance({ id: free, ...declared });
    await requireSubjects(env, maintenance, null);
    const outcome = await createMaintenance(env.DB, networkOf(env), maintenance, Date.now());
    if (outcome === "written") return maintenance;
    if (id !== undefined) {
      throw new ProblemError(
        "conflict",
        `There is a maintenance with the id "${id}" already. ` +
          "Choose another, or replace it with PUT.",
      );
    }
  }
  throw collision();
}

/** Reads, decides and writes, again when somebody else has written in between. */
async function change(
  env: Env,
  id: string,
  decide: (stored: Maintenance | null) => Maintenance,
): Promise<{ maintenance: Maintenance; isNew: boolean }> {
  const network = networkOf(env);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await loadMaintenance(env.DB, id);
    const maintenance = decide(stored?.maintenance ?? null);
    await requireSubjects(env, maintenance, stored?.maintenance ?? null);
    const outcome =
      stored === null
        ? await createMaintenance(env.DB, network, maintenance, Date.now())
        : await replaceMaintenance(env.DB, network, stored, maintenance, Date.now());
    if (outcome === "written") return { maintenance, isNew: stored === null };
  }
  throw collision();
}

function collision(): ProblemError {
  return new ProblemError("conflict", "Others are changing it at the same time. Try again.");
}
