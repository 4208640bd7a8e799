/**
 * `/api/v2/…`: the Statuspage API v2, read-only and public, so that existing clients work.
 *
 * Its data comes from the coordinator, or from its last snapshot when it does not answer.
 */
import { createRoute } from "@hono/zod-openapi";
import { cors } from "hono/cors";
import type { Context } from "hono";
import type { z } from "zod";
import { loadCreationTimes } from "../db/config-store.ts";
import type { MaintenanceTimes } from "../db/maintenance-store.ts";
import { loadMaintenanceTimes } from "../db/maintenance-store.ts";
import type { Env } from "../env.ts";
import type { Publication } from "../pages/publication.ts";
import { allowCaching, loadPublicStatus } from "./public-status.ts";
import type { Router } from "./router.ts";
import { createRouter, json, problems } from "./router.ts";
import {
  componentsJsonSchema,
  incidentsJsonSchema,
  maintenancesJsonSchema,
  statusJsonSchema,
  summarySchema,
} from "./statuspage-schema.ts";
import type { StatuspageView } from "./statuspage-view.ts";
import { renderStatuspage } from "./statuspage-view.ts";

/** Incidents, or windows of maintenance, in one answer, as Statuspage has it. */
const ENTRIES_MAX = 50;

function route<Path extends string, Schema extends z.ZodType>(
  path: Path,
  summary: string,
  schema: Schema,
) {
  return createRoute({
    method: "get",
    path,
    tags: ["Statuspage API"],
    summary,
    security: [],
    responses: { 200: json("In the shape of the Statuspage API v2", schema), ...problems(503) },
  });
}

/** Routes of the Statuspage API, below `/api/v2`. */
export function statuspageRoutes(publication: Publication): Router {
  const router = createRouter();
  router.use("/*", cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));

  router.openapi(
    route("/summary.json", "Status, components and unresolved incidents", summarySchema),
    async (context) => {
      const {
        incidents: _all,
        unresolved,
        maintenances,
        ...view
      } = await load(context, publication);
      const scheduled_maintenances = maintenances.filter(({ status }) => status !== "completed");
      return context.json({ ...view, incidents: unresolved, scheduled_maintenances }, 200);
    },
  );
  router.openapi(route("/status.json", "Overall status", statusJsonSchema), async (context) => {
    const { page, status } = await load(context, publication);
    return context.json({ page, status }, 200);
  });
  router.openapi(route("/components.json", "Components", componentsJsonSchema), async (context) => {
    const { page, components } = await load(context, publication);
    return context.json({ page, components }, 200);
  });
  router.openapi(
    route("/incidents.json", "Incidents, newest first", incidentsJsonSchema),
    async (context) => {
      const { page, incidents } = await load(context, publication);
      return context.json({ page, incidents: incidents.slice(0, ENTRIES_MAX) }, 200);
    },
  );
  router.openapi(
    route("/incidents/unresolved.json", "Unresolved incidents", incidentsJsonSchema),
    async (context) => {
      const { page, unresolved } = await load(context, publication);
      return context.json({ page, incidents: unresolved }, 200);
    },
  );
  routeMaintenances(router, publication);
  return router;
}

function routeMaintenances(router: Router, publication: Publication): void {
  router.openapi(
    route(
      "/scheduled-maintenances.json",
      "Announced maintenance, latest start first; what is over for 30 days",
      maintenancesJsonSchema,
    ),
    async (context) => {
      const { page, maintenances } = await load(context, publication);
      const latest = maintenances.toReversed().slice(0, ENTRIES_MAX);
      return context.json({ page, scheduled_maintenances: latest }, 200);
    },
  );
  for (const [path, summary, wanted] of [
    ["/scheduled-maintenances/upcoming.json", "Maintenance that is to come", "scheduled"],
    ["/scheduled-maintenances/active.json", "Maintenance that goes on", "in_progress"],
  ] as const) {
    router.openapi(route(path, summary, maintenancesJsonSchema), async (context) => {
      const { page, maintenances } = await load(context, publication);
      const scheduled_maintenances = maintenances.filter(({ status }) => status === wanted);
      return context.json({ page, scheduled_maintenances }, 200);
    });
  }
}

async function load(
  context: Context<{ Bindings: Env }>,
  publication: Publication,
): Promise<StatuspageView> {
  const { env } = context;
  const [sourced, createdAtMs, maintenanceTimes] = await Promise.all([
    loadPublicStatus(context, publication),
    // A date of creation is worth less than an answer: without D1 it is left to the view.
    loadCreationTimes(env.DB).catch(() => new Map<string, number>()),
    loadMaintenanceTimes(env.DB).catch(() => new Map<string, MaintenanceTimes>()),
  ]);
  allowCaching(context, sourced);
  return renderStatuspage({
    ...sourced,
    createdAtMs,
    maintenanceTimes,
  });
}
