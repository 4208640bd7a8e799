/**
 * `GET /api/v1/status`: what the status page says, for programs: verdicts with their reasons, and what
 * each region sees. Public, and built on the page's view model, so that it can show no more.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { cors } from "hono/cors";
import type { Publication } from "../pages/publication.ts";
import type { MonitorView, StatusView } from "../pages/view-model/status-view.ts";
import { renderStatus } from "../pages/view-model/status-view.ts";
import { isoSchema, renderMoment, renderMomentOrNull } from "./moment.ts";
import { allowCaching, loadPublicStatus } from "./public-status.ts";
import type { Router } from "./router.ts";
import { createRouter, json, problems } from "./router.ts";

const toneSchema = z.enum([
  "operational",
  "degraded",
  "partial",
  "down",
  "unknown",
  "maintenance",
  "paused",
]);

const monitorSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    group: z.string().nullable(),
    status: toneSchema,
    label: z.string(),
    reason: z.string().nullable().describe("As in the table of reasons."),
    explanation: z.string().nullable(),
    since: isoSchema,
    uptime: z.strictObject({ percent: z.string(), period: z.string() }).nullable(),
    regions: z.array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        colo: z.string().nullable(),
        status: toneSchema,
        words: z.string(),
        reason: z.string().nullable(),
        at: isoSchema.nullable(),
        latency: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "PublicMonitor" });

const statusSchema = z
  .strictObject({
    status: toneSchema,
    title: z.string(),
    detail: z.string().nullable(),
    current: z.boolean().describe("Whether the verdicts may be believed now."),
    source: z.enum(["live", "snapshot"]),
    at: isoSchema,
    dataAt: isoSchema.nullable().describe("Time of the newest data; null: none yet."),
    monitors: z.array(monitorSchema),
    regions: z.array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        colo: z.string().nullable(),
        status: toneSchema,
        words: z.string(),
        lastRunAt: isoSchema.nullable(),
      }),
    ),
    incidents: z
      .array(
        z.strictObject({
          id: z.string(),
          monitor: z.string(),
          title: z.string(),
          startedAt: isoSchema,
        }),
      )
      .describe("Those that go on, found by the quorum."),
    writtenIncidents: z
      .array(z.strictObject({ id: z.string(), title: z.string(), startedAt: isoSchema }))
      .describe("Those that go on, told by people."),
  })
  .meta({ id: "PublicStatus" });

const route = createRoute({
  method: "get",
  path: "/status",
  tags: ["Status"],
  summary: "What the status page says",
  security: [],
  responses: { 200: json("The status", statusSchema), ...problems(503) },
});

/** The route, below `/api/v1`, for everybody. */
export function publicStatusRoutes(publication: Publication): Router {
  const router = createRouter();
  router.use("/status", cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));
  router.openapi(route, async (context) => {
    const { status, ...moment } = await loadPublicStatus(context, publication);
    const view = renderStatus(status, moment);
    allowCaching(context, moment);
    return context.json(renderPublicStatus(view), 200);
  });
  return router;
}

function renderPublicStatus(view: StatusView): z.output<typeof statusSchema> {
  const { headline, openIncidents, openWritten } = view;
  return {
    status: headline.tone,
    title: headline.title,
    detail: headline.detail,
    current: headline.current,
    source: view.source,
    at: renderMoment(view.nowMs),
    dataAt: renderMomentOrNull(view.dataAtMs),
    monitors: view.groups.flatMap(({ name, monitors }) =>
      monitors.map((monitor) => renderMonitor(monitor, name)),
    ),
    regions: view.regions.map(({ id, label, colo, tone, words, lastRunAtMs }) => {
      return { id, label, colo, status: tone, words, lastRunAt: renderMomentOrNull(lastRunAtMs) };
    }),
    incidents: openIncidents.map(({ id, monitor, title, startedAtMs }) => {
      return { id, monitor: monitor.id, title, startedAt: renderMoment(startedAtMs) };
    }),
    writtenIncidents: openWritten.map(({ id, title, startedAtMs }) => {
      return { id, title, startedAt: renderMoment(startedAtMs) };
    }),
  };
}

function renderMonitor(monitor: MonitorView, group: string | null): z.output<typeof monitorSchema> {
  const { id, name, tone, label, trouble, sinceMs, uptime } = monitor;
  return {
    id,
    name,
    group,
    status: tone,
    label,
    reason: trouble?.reason ?? null,
    explanation: trouble?.sentence ?? null,
    since: renderMoment(sinceMs),
    uptime: uptime === null ? null : { percent: uptime.percent, period: uptime.period },
    regions: monitor.regions.map((region) => ({
      id: region.id,
      label: region.label,
      colo: region.colo,
      status: region.tone,
      words: region.words,
      reason: region.reason,
      at: renderMomentOrNull(region.atMs),
      latency: region.latency,
    })),
  };
}
