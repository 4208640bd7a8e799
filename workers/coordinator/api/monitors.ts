/**
 * `/monitors`: what is watched, created, read, replaced, merged and deleted.
 *
 * Answers never hold the values of headers or of query parameters that are named like a secret; see
 * `monitor-secrets.ts`.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { monitorInputSchema, monitorSchema } from "../../../shared/monitor/monitor.ts";
import { listChannelIds } from "../db/channel-store.ts";
import {
  createMonitor,
  deleteMonitor,
  listMonitorIds,
  listMonitors,
  loadMonitor,
  replaceMonitor,
} from "../db/config-store.ts";
import { isSealedValue, sealHeaders } from "../../sealed-headers.ts";
import { SealError } from "../../sealing.ts";
import type { Env } from "../env.ts";
import { monitorKeysOf, networkOf } from "../env.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { mergePatch } from "./merge-patch.ts";
import { checkDeployment } from "./monitor-rules.ts";
import { renderMonitor, restoreSecrets } from "./monitor-secrets.ts";
import type { FieldError } from "./problem.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, mergePatchBody, problems } from "./router.ts";
import { slugOf, uniqueSlug } from "./slug.ts";

/** Attempts at a change that collides with others before it is given up. */
const ATTEMPTS_MAX = 5;

const tags = ["Monitors"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the monitor." }) });
const inputSchema = monitorInputSchema.meta({ id: "MonitorInput" });
/** A monitor as it is shown. */
const shownSchema = monitorSchema.meta({
  id: "Monitor",
  description: "Values of headers and of query parameters named like a secret are `[redacted]`.",
});

const listRoute = createRoute({
  method: "get",
  path: "/monitors",
  tags,
  summary: "List all monitors, oldest first",
  responses: { 200: json("All monitors", z.array(shownSchema)), ...problems(401, 503) },
});

const createRouteOfMonitors = createRoute({
  method: "post",
  path: "/monitors",
  tags,
  summary: "Create a monitor",
  description: "Without an `id` one is made from the name.",
  request: { body: jsonBody(inputSchema) },
  responses: {
    201: json("The monitor; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

const readRoute = createRoute({
  method: "get",
  path: "/monitors/{id}",
  tags,
  summary: "Read a monitor",
  request: { params },
  responses: { 200: json("The monitor", shownSchema), ...problems(401, 404, 503) },
});

const putRoute = createRoute({
  method: "put",
  path: "/monitors/{id}",
  tags,
  summary: "Replace a monitor, or create it under this id",
  description: "Secrets that are sent as `[redacted]` keep their stored value.",
  request: { params, body: jsonBody(inputSchema) },
  responses: {
    200: json("The replaced monitor", shownSchema),
    201: json("The new monitor; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

const patchRoute = createRoute({
  method: "patch",
  path: "/monitors/{id}",
  tags,
  summary: "Change fields of a monitor",
  description: "JSON Merge Patch (RFC 7396): null resets a field to its default.",
  request: { params, body: mergePatchBody("MonitorPatch", "Any fields of a monitor.") },
  responses: {
    200: json("The changed monitor", shownSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/monitors/{id}",
  tags,
  summary: "Delete a monitor",
  description: "Its history stays.",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...problems(401, 404, 503) },
});

/** Routes of `/monitors`. */
export function monitorRoutes(): Router {
  const router = createRouter();

  router.openapi(listRoute, async (context) => {
    const monitors = await listMonitors(context.env.DB);
    return context.json(monitors.map(renderMonitor), 200);
  });

  router.openapi(createRouteOfMonitors, async (context) => {
    const { id, ...definition } = context.req.valid("json");
    const created = await createUnderId(context.env, id, definition);
    await tellCoordinator(context.env);
    return context.json(renderMonitor(created), 201, { location: locationOf(created) });
  });

  router.openapi(readRoute, async (context) => {
    const { id } = context.req.valid("param");
    const stored = await loadMonitor(context.env.DB, id);
    if (stored === null) throw notFound("monitor", id);
    return context.json(renderMonitor(stored.monitor), 200);
  });

  router.openapi(putRoute, async (context) => {
    const { id } = context.req.valid("param");
    const declared = parseMonitor({ ...context.req.valid("json") }, id);
    const { monitor, isNew } = await change(context.env, id, () => declared);
    await tellCoordinator(context.env);
    return isNew
      ? context.json(renderMonitor(monitor), 201, { location: locationOf(monitor) })
      : context.json(renderMonitor(monitor), 200);
  });

  router.openapi(patchRoute, async (context) => {
    const { id } = context.req.valid("param");
    const patch = context.req.valid("json");
    const { monitor } = await change(context.env, id, (stored) => {
      if (stored === null) throw notFound("monitor", id);
      return parseMonitor(mergePatch(stored, patch), id);
    });
    await tellCoordinator(context.env);
    return context.json(renderMonitor(monitor), 200);
  });

  router.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid("param");
    const { env } = context;
    if (!(await deleteMonitor(env.DB, networkOf(env), id, Date.now()))) {
      throw notFound("monitor", id);
    }
    await tellCoordinator(env);
    return context.body(null, 204);
  });

  return router;
}

function locationOf(monitor: Monitor): string {
  return `/api/v1/monitors/${monitor.id}`;
}

/** Validates a whole monitor whose id is given by its path. */
function parseMonitor(body: unknown, id: string): Monitor {
  const withId = typeof body === "object" && body !== null ? { id, ...body } : body;
  const parsed = monitorSchema.safeParse(withId);
  if (!parsed.success) throw invalidBody(renderFieldErrors(parsed.error));
  if (parsed.data.id !== id) {
    throw invalidBody([{ field: "id", message: `expected ${JSON.stringify(id)}, as in the path` }]);
  }
  return parsed.data;
}

/** Puts stored secrets back and applies the deployment's rules. */
async function accept(env: Env, declared: Monitor, stored: Monitor | null): Promise<Monitor> {
  const { monitor, errors } = restoreSecrets(declared, stored);
  const channels = monitor.notify === null ? [] : await listChannelIds(env.DB);
  errors.push(...checkDeployment(monitor, { ...networkOf(env), channels }));
  errors.push(...checkSeals(monitor, stored));
  if (errors.length > 0) throw invalidBody(errors);
  const keys = monitorKeysOf(env);
  if (keys === null) return monitor;
  try {
    return { ...monitor, headers: await sealHeaders(monitor.id, monitor.headers, keys) };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new ProblemError(
      "not-configured",
      `The headers of a monitor cannot be sealed: ${error.message}. Nothing was changed. Put ` +
        "ECHOQUORUM_SEALING_KEY into every Worker, or take SEAL_MONITORS out.",
    );
  }
}

/** Refuses seals that are not the stored ones: nobody else can make one. */
function checkSeals({ headers }: Monitor, stored: Monitor | null): FieldError[] {
  const known = new Set(Object.values(stored?.headers ?? {}));
  return Object.entries(headers)
    .filter(([, value]) => isSealedValue(value) && !known.has(value))
    .map(([name]) => ({ field: `headers.${name}`, message: "expected a value, not a seal" }));
}

async function createUnderId(
  env: Env,
  id: string | undefined,
  definition: Omit<Monitor, "id">,
): Promise<Monitor> {
  const slug = id ?? slugOf(definition.name, "monitor");
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const free = id ?? uniqueSlug(slug, await listMonitorIds(env.DB, slug));
    const monitor = await accept(env, { id: free, ...definition }, null);
    const outcome = await createMonitor(env.DB, networkOf(env), monitor, Date.now());
    if (outcome === "written") return monitor;
    if (id !== undefined) {
      throw new ProblemError(
        "conflict",
        `There is a monitor with the id "${id}" already. Choose another, or replace it with PUT.`,
      );
    }
  }
  throw collision();
}

/** Reads, decides and writes, again when somebody else has written in between. */
async function change(
  env: Env,
  id: string,
  decide: (stored: Monitor | null) => Monitor,
): Promise<{ monitor: Monitor; isNew: boolean }> {
  const network = networkOf(env);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await loadMonitor(env.DB, id);
    const monitor = await accept(env, decide(stored?.monitor ?? null), stored?.monitor ?? null);
    const outcome =
      stored === null
        ? await createMonitor(env.DB, network, monitor, Date.now())
        : await replaceMonitor(env.DB, network, stored, monitor, Date.now());
    if (outcome === "written") return { monitor, isNew: stored === null };
  }
  throw collision();
}

function collision(): ProblemError {
  return new ProblemError("conflict", "Others are changing it at the same time. Try again.");
}
