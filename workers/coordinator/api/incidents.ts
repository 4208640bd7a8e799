/** `/incidents`: verdicts that stayed bad, with their timeline; and their acknowledgement. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Decision } from "../../../shared/alert/decision.ts";
import { STAGES } from "../../../shared/alert/decision.ts";
import { renderVerdict } from "../../../shared/monitor/public-verdict.ts";
import type { Transition } from "../../../shared/monitor/verdict.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";
import type { IncidentWithTimeline } from "../object/rpc.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, momentSchema, renderMoment, renderMomentOrNull } from "./moment.ts";
import { publicVoteSchema, reasonSchema, verdictKindSchema } from "./observation-schema.ts";
import { notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, limitSchema, problems } from "./router.ts";

const INCIDENTS_MAX = 500;

const tags = ["Incidents"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the incident." }) });
const kindSchema = z.enum(INCIDENT_KINDS);

const transitionSchema = z
  .strictObject({
    id: z.string(),
    at: isoSchema,
    kind: z.enum([
      "verdict_changed",
      "incident_opened",
      "incident_changed",
      "incident_resolved",
      "incident_acknowledged",
    ]),
    from: verdictKindSchema,
    to: verdictKindSchema,
    reason: reasonSchema.nullable(),
    message: z.string(),
    votes: z.array(publicVoteSchema),
  })
  .meta({ id: "Transition" });

const incidentSchema = z
  .strictObject({
    id: z.string(),
    monitor: z.string(),
    monitorName: z.string(),
    state: z.enum(["open", "acknowledged", "resolved"]),
    kind: kindSchema.openapi({ description: "Present kind, or the last one before it ended." }),
    worst: kindSchema,
    reason: reasonSchema.nullable(),
    message: z.string(),
    startedAt: isoSchema.openapi({ description: "First failing observation." }),
    confirmedAt: isoSchema.openapi({ description: "When the quorum was reached." }),
    endedAt: isoSchema.nullable(),
    acknowledgedAt: isoSchema.nullable(),
    durationSeconds: z.int().nullable().openapi({ description: "Null while it is open." }),
    regions: z.array(z.string()),
    flapping: z.boolean().openapi({
      description: "One of so many that it stays open through recoveries until there is calm.",
    }),
    calmSince: isoSchema
      .nullable()
      .openapi({ description: "While it stays open although the verdict is operational." }),
    timeline: z.array(transitionSchema).openapi({ description: "Oldest first." }),
  })
  .meta({ id: "Incident" });

/** An incident in its public form. */
type PublicIncident = z.output<typeof incidentSchema>;

const listRoute = createRoute({
  method: "get",
  path: "/incidents",
  tags,
  summary: "List incidents, newest first",
  request: {
    query: z.strictObject({
      monitor: z.string().optional(),
      open: z
        .enum(["true", "false"])
        .optional()
        .openapi({ description: "`true`: only open ones; `false`: only those that ended." }),
      since: momentSchema.optional(),
      limit: limitSchema(INCIDENTS_MAX),
    }),
  },
  responses: { 200: json("Incidents", z.array(incidentSchema)), ...problems(400, 401, 503) },
});

const readRoute = createRoute({
  method: "get",
  path: "/incidents/{id}",
  tags,
  summary: "Read an incident",
  request: { params },
  responses: { 200: json("The incident", incidentSchema), ...problems(401, 404, 503) },
});

const acknowledgeRoute = createRoute({
  method: "post",
  path: "/incidents/{id}/acknowledge",
  tags,
  summary: "Acknowledge an incident",
  description: "Repeating it changes nothing.",
  request: { params },
  responses: { 200: json("The incident", incidentSchema), ...problems(401, 404, 503) },
});

const decisionSchema = z
  .strictObject({
    at: isoSchema,
    transition: z.string(),
    channel: z.string(),
    alert: z
      .enum(["fired", "changed", "resolved", "test"])
      .nullable()
      .openapi({ description: "What was told; null: nothing, and the last step says why." }),
    delivery: z.string().nullable(),
    steps: z.array(z.strictObject({ stage: z.enum(STAGES), passed: z.boolean(), why: z.string() })),
  })
  .meta({ id: "AlertDecision" });

const decisionsRoute = createRoute({
  method: "get",
  path: "/incidents/{id}/decisions",
  tags,
  summary: "Why each channel was told of an incident, or was not, oldest first",
  request: { params },
  responses: { 200: json("Decisions", z.array(decisionSchema)), ...problems(401, 404, 503) },
});

/** Routes of `/incidents`. */
export function incidentRoutes(): Router {
  const router = createRouter();

  router.openapi(listRoute, async (context) => {
    const { monitor, open, since, limit } = context.req.valid("query");
    const incidents = await askCoordinator(context.env, (coordinator) =>
      coordinator.incidents({
        monitor,
        open: open === undefined ? undefined : open === "true",
        sinceMs: since,
        limit,
      }),
    );
    return context.json(incidents.map(renderIncident), 200);
  });

  router.openapi(readRoute, async (context) => {
    const { id } = context.req.valid("param");
    const incident = await askCoordinator(context.env, (each) => each.incident(id));
    if (incident === null) throw notFound("incident", id);
    return context.json(renderIncident(incident), 200);
  });

  router.openapi(decisionsRoute, async (context) => {
    const { id } = context.req.valid("param");
    const decisions = await askCoordinator(context.env, (each) => each.decisions(id));
    if (decisions === null) throw notFound("incident", id);
    return context.json(decisions.map(renderDecision), 200);
  });

  router.openapi(acknowledgeRoute, async (context) => {
    const { id } = context.req.valid("param");
    const incident = await askCoordinator(context.env, (each) => each.acknowledge(id));
    if (incident === null) throw notFound("incident", id);
    return context.json(renderIncident(incident), 200);
  });

  return router;
}

function renderDecision(decision: Decision): z.output<typeof decisionSchema> {
  const { atMs, transition, channel, alert, delivery, steps } = decision;
  return { at: renderMoment(atMs), transition, channel, alert, delivery, steps: [...steps] };
}

function renderIncident(incident: IncidentWithTimeline): PublicIncident {
  const { startedAtMs, endedAtMs, acknowledgedAtMs } = incident;
  const open = acknowledgedAtMs === null ? "open" : "acknowledged";
  return {
    id: incident.id,
    monitor: incident.monitor,
    monitorName: incident.monitorName,
    state: endedAtMs === null ? open : "resolved",
    kind: incident.kind,
    worst: incident.worst,
    reason: incident.reason,
    message: incident.message,
    startedAt: renderMoment(startedAtMs),
    confirmedAt: renderMoment(incident.confirmedAtMs),
    endedAt: renderMomentOrNull(endedAtMs),
    acknowledgedAt: renderMomentOrNull(acknowledgedAtMs),
    durationSeconds: endedAtMs === null ? null : Math.round((endedAtMs - startedAtMs) / 1_000),
    regions: incident.regions,
    flapping: incident.flapping ?? false,
    calmSince: endedAtMs === null ? renderMomentOrNull(incident.calmSinceMs ?? null) : null,
    timeline: incident.transitions.map(renderTransition),
  };
}

function renderTransition(transition: Transition): PublicIncident["timeline"][number] {
  const { id, monitor, atMs, kind, from, to, reason, message } = transition;
  const { votes } = renderVerdict({
    monitor,
    kind: to,
    reason,
    message,
    sinceMs: atMs,
    votes: transition.votes,
  });
  return { id, at: renderMoment(atMs), kind, from, to, reason, message, votes };
}
