/** `/deliveries`: which messages went where, which are still tried, and which were given up. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";
import { alertMessageSchema } from "../channels/alert-schema.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, momentSchema, renderMoment, renderMomentOrNull } from "./moment.ts";
import { ProblemError, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, limitSchema, problems } from "./router.ts";

const DELIVERIES_MAX = 500;

const alertSchema = z.enum(["fired", "changed", "resolved", "test"]);
const severitySchema = z.enum(["critical", "warning", "info"]);
const stateSchema = z.enum(["pending", "sent", "dead", "merged"]).openapi({
  description:
    "`dead`: it was given up, and can be tried anew. `merged`: it never arrived, and another " +
    "message tells of it too.",
});

const deliverySchema = z
  .strictObject({
    id: z.string().openapi({ description: "Idempotency key of the message." }),
    channel: z.string(),
    alert: alertSchema,
    monitor: z.string().nullable(),
    incident: z.string().nullable(),
    incidents: z
      .array(z.string())
      .optional()
      .openapi({ description: "All that it is about, where it tells of several things." }),
    transition: z.string().nullable(),
    severity: severitySchema,
    impact: z.enum(INCIDENT_KINDS).nullable(),
    state: stateSchema,
    createdAt: isoSchema,
    dueAt: isoSchema.nullable().openapi({ description: "Next attempt; null unless pending." }),
    attempts: z.int(),
    lastAttemptAt: isoSchema.nullable(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    sentAt: isoSchema.nullable(),
    message: alertMessageSchema.meta({ id: "AlertMessage" }),
  })
  .meta({ id: "Delivery" });

const listRoute = createRoute({
  method: "get",
  path: "/deliveries",
  tags: ["Channels and deliveries"],
  summary: "List deliveries, newest first",
  request: {
    query: z.strictObject({
      channel: z.string().optional(),
      monitor: z.string().optional(),
      state: stateSchema.optional(),
      since: momentSchema.optional(),
      limit: limitSchema(DELIVERIES_MAX),
    }),
  },
  responses: { 200: json("Deliveries", z.array(deliverySchema)), ...problems(400, 401, 503) },
});

const retryRoute = createRoute({
  method: "post",
  path: "/deliveries/{id}/retry",
  tags: ["Channels and deliveries"],
  summary: "Try a message anew that was given up",
  description: "It is tried at once, and for another day. One that is not `dead` is a conflict.",
  request: {
    params: z.strictObject({ id: z.string().openapi({ description: "Id of the delivery." }) }),
  },
  responses: { 200: json("The delivery", deliverySchema), ...problems(401, 404, 409, 503) },
});

/** Routes of `/deliveries`. */
export function deliveryRoutes(): Router {
  const router = createRouter();
  router.openapi(listRoute, async (context) => {
    const { since, ...query } = context.req.valid("query");
    const deliveries = await askCoordinator(context.env, (coordinator) =>
      coordinator.deliveries({ ...query, sinceMs: since }),
    );
    return context.json(deliveries.map(renderDelivery), 200);
  });

  router.openapi(retryRoute, async (context) => {
    const { id } = context.req.valid("param");
    const result = await askCoordinator(context.env, (each) => each.retryDelivery(id));
    if (result === null) throw notFound("delivery", id);
    const { delivery, renewed } = result;
    if (!renewed) {
      const detail = `The delivery is ${delivery.state}: only a dead one is tried anew.`;
      throw new ProblemError("conflict", detail);
    }
    return context.json(renderDelivery(delivery), 200);
  });
  return router;
}

function renderDelivery(delivery: Delivery): z.output<typeof deliverySchema> {
  return {
    id: delivery.id,
    channel: delivery.channel,
    alert: delivery.alert,
    monitor: delivery.monitor,
    incident: delivery.incident,
    ...(delivery.subjects === undefined ? {} : { incidents: [...delivery.subjects] }),
    transition: delivery.transition,
    severity: delivery.severity,
    impact: delivery.impact,
    state: delivery.state,
    createdAt: renderMoment(delivery.createdAtMs),
    dueAt: delivery.state === "pending" ? renderMoment(delivery.dueAtMs) : null,
    attempts: delivery.attempts,
    lastAttemptAt: renderMomentOrNull(delivery.lastAttemptAtMs),
    lastStatus: delivery.lastStatus,
    lastError: delivery.lastError,
    sentAt: renderMomentOrNull(delivery.sentAtMs),
    message: delivery.message,
  };
}
