/** `/deliveries`: which messages went where, which are still tried, and which were given up. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";
import { alertMessageSchema } from "../channels/alert-schema.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, momentSchema, renderMoment, renderMomentOrNull } from "./moment.ts";
import type { Router } from "./router.ts";
import { createRouter, json, limitSchema, problems } from "./router.ts";

const DELIVERIES_MAX = 500;

const alertSchema = z.enum(["fired", "changed", "resolved", "test"]);
const severitySchema = z.enum(["critical", "warning", "info"]);
const stateSchema = z.enum(["pending", "sent", "dead"]);

const deliverySchema = z
  .strictObject({
    id: z.string().openapi({ description: "Idempotency key of the message." }),
    channel: z.string(),
    alert: alertSchema,
    monitor: z.string().nullable(),
    incident: z.string().nullable(),
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
  return router;
}

function renderDelivery(delivery: Delivery): z.output<typeof deliverySchema> {
  return {
    id: delivery.id,
    channel: delivery.channel,
    alert: delivery.alert,
    monitor: delivery.monitor,
    incident: delivery.incident,
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
