/** `/silences`: what somebody does not want to hear of for a while. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Silence } from "../../../shared/alert/silence.ts";
import { SILENCE_MAX_MS, silenceSchema, silenceState } from "../../../shared/alert/silence.ts";
import { formatDuration } from "../../../shared/duration.ts";
import { createSilence, endSilence, loadSilence, loadSilences } from "../db/alert-store.ts";
import { networkOf } from "../env.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { isoSchema, momentSchema, renderMoment } from "./moment.ts";
import { invalidBody, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, problems } from "./router.ts";

const tags = ["Alert policy"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the silence." }) });
const { matchers, author, comment } = silenceSchema.shape;

const inputSchema = z
  .strictObject({
    matchers: matchers.describe(
      'All must match, e.g. `group="EU"`; names and operators as in the alert policy.',
    ),
    author,
    comment,
    startsAt: momentSchema.optional(),
    endsAt: momentSchema,
  })
  .meta({ id: "SilenceInput" });

const shownSchema = z
  .strictObject({
    id: z.string(),
    state: z.enum(["pending", "active", "expired"]),
    matchers: z.array(z.string()),
    author: z.string(),
    comment: z.string(),
    startsAt: isoSchema,
    endsAt: isoSchema,
    createdAt: isoSchema,
  })
  .meta({ id: "Silence" });

const listRoute = createRoute({
  method: "get",
  path: "/silences",
  tags,
  summary: "List silences, oldest first; those that are over for a week",
  responses: { 200: json("Silences", z.array(shownSchema)), ...problems(401, 503) },
});

const createSilenceRoute = createRoute({
  method: "post",
  path: "/silences",
  tags,
  summary: "Silence what matches, from now or a later moment on",
  description: "What is still so when it ends is told then. Ends of what was told are not muted.",
  request: { body: jsonBody(inputSchema) },
  responses: {
    201: json("The silence; `Location` holds its path", shownSchema),
    ...problems(400, 401, 413, 415, 422, 503),
  },
});

const readRoute = createRoute({
  method: "get",
  path: "/silences/{id}",
  tags,
  summary: "Read a silence",
  request: { params },
  responses: { 200: json("The silence", shownSchema), ...problems(401, 404, 503) },
});

const endRoute = createRoute({
  method: "delete",
  path: "/silences/{id}",
  tags,
  summary: "End a silence now",
  description: "It stays to be seen for a week. Repeating it changes nothing.",
  request: { params },
  responses: { 204: { description: "It is over" }, ...problems(401, 404, 503) },
});

/** Routes of `/silences`. */
export function silenceRoutes(): Router {
  const router = createRouter();

  router.openapi(listRoute, async (context) => {
    const nowMs = Date.now();
    const silences = await loadSilences(context.env.DB, nowMs);
    return context.json(
      silences.map((silence) => renderSilence(silence, nowMs)),
      200,
    );
  });

  router.openapi(createSilenceRoute, async (context) => {
    const { env } = context;
    const nowMs = Date.now();
    const { startsAt = nowMs, endsAt, ...declared } = context.req.valid("json");
    requireSpan(startsAt, endsAt, nowMs);
    const silence: Silence = {
      id: crypto.randomUUID(),
      ...declared,
      startsAtMs: startsAt,
      endsAtMs: endsAt,
      createdAtMs: nowMs,
    };
    await createSilence(env.DB, networkOf(env), silence, nowMs);
    await tellCoordinator(env);
    const location = `/api/v1/silences/${silence.id}`;
    return context.json(renderSilence(silence, nowMs), 201, { location });
  });

  router.openapi(readRoute, async (context) => {
    const { id } = context.req.valid("param");
    const silence = await loadSilence(context.env.DB, id);
    if (silence === null) throw notFound("silence", id);
    return context.json(renderSilence(silence, Date.now()), 200);
  });

  router.openapi(endRoute, async (context) => {
    const { env } = context;
    const { id } = context.req.valid("param");
    if ((await loadSilence(env.DB, id)) === null) throw notFound("silence", id);
    await endSilence(env.DB, networkOf(env), id, Date.now());
    await tellCoordinator(env);
    return context.body(null, 204);
  });

  return router;
}

function requireSpan(startsAtMs: number, endsAtMs: number, nowMs: number): void {
  const field = "endsAt";
  if (endsAtMs <= Math.max(startsAtMs, nowMs)) {
    throw invalidBody([{ field, message: "expected a moment to come, after startsAt" }]);
  }
  if (endsAtMs - startsAtMs > SILENCE_MAX_MS) {
    const message = `expected at most ${formatDuration(SILENCE_MAX_MS)} after startsAt`;
    throw invalidBody([{ field, message }]);
  }
}

function renderSilence(silence: Silence, nowMs: number): z.output<typeof shownSchema> {
  return {
    id: silence.id,
    state: silenceState(silence, nowMs),
    matchers: silence.matchers,
    author: silence.author,
    comment: silence.comment,
    startsAt: renderMoment(silence.startsAtMs),
    endsAt: renderMoment(silence.endsAtMs),
    createdAt: renderMoment(silence.createdAtMs),
  };
}
