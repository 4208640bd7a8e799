/**
 * `/badges/…`: SVG badges of status, uptime and latency, of all (`/badges/status.svg`) or of one
 * monitor (`/badges/chat/status.svg`); with `.json` what shields.io's endpoint badge reads
 * (https://shields.io/badges/endpoint-badge, schema version 1). Public.
 */
import type { Context } from "hono";
import { cors } from "hono/cors";
import type { Env } from "../env.ts";
import type { Publication } from "../pages/publication.ts";
import type { BadgeKind } from "./badge-view.ts";
import {
  BADGE_KINDS,
  badgeOptionsSchema,
  chooseBadge,
  drawBadge,
  renderBadge,
} from "./badge-view.ts";
import { renderFieldErrors } from "./field-errors.ts";
import { ProblemError, notFound } from "./problem.ts";
import { allowCaching, loadPublicStatus } from "./public-status.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";

/** How long a badge may be used, in seconds: shields.io asks no more often than this. */
const FRESH_SECONDS = 60;

/** A drawing that may stand in any page, and do nothing there. */
const SVG_HEADERS = {
  "content-type": "image/svg+xml; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  "cross-origin-resource-policy": "cross-origin",
};

type Format = "svg" | "json";
type BadgeContext = Context<{ Bindings: Env }>;

/** Routes of badges, to be mounted at the root. */
export function badgeRoutes(publication: Publication): Router {
  const router = createRouter();
  router.use("/badges/*", cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));
  for (const kind of BADGE_KINDS) {
    for (const format of ["svg", "json"] as const) {
      const send = (context: BadgeContext, monitor: string | null) =>
        sendBadge(context, publication, { kind, format, monitor });
      router.get(`/badges/${kind}.${format}`, (context) => send(context, null));
      router.get(`/badges/:monitor/${kind}.${format}`, (context) =>
        send(context, context.req.param("monitor")),
      );
    }
  }
  return router;
}

async function sendBadge(
  context: BadgeContext,
  publication: Publication,
  { kind, format, monitor }: { kind: BadgeKind; format: Format; monitor: string | null },
): Promise<Response> {
  // The token of a private page is no option.
  const { token: _token, ...options } = context.req.query();
  const parsed = badgeOptionsSchema.safeParse(options);
  if (!parsed.success) {
    const errors = renderFieldErrors(parsed.error);
    const detail = errors.map(({ field, message }) => `${field}: ${message}`).join("; ");
    throw new ProblemError("invalid-query", `${detail}.`, { errors });
  }
  const { status, ...moment } = await loadPublicStatus(context, publication);
  const badge = renderBadge(kind, status, moment, monitor);
  if (badge === null) throw notFound("monitor", monitor ?? "");
  allowCaching(context, moment, FRESH_SECONDS);
  context.header("x-content-type-options", "nosniff");
  if (format === "svg") return context.body(drawBadge(badge, parsed.data), 200, SVG_HEADERS);
  const { label, message, color, labelColor } = chooseBadge(badge, parsed.data);
  const isError = badge.message === "unknown";
  return context.json({
    schemaVersion: 1,
    label,
    message: message === "" ? " " : message,
    color,
    labelColor,
    isError,
    style: parsed.data.style,
    cacheSeconds: Math.max(FRESH_SECONDS, 300),
  });
}
