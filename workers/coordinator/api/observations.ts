/** `/monitors/{id}/…`: what the regions saw of it, what the quorum says, and a check right now. */
import { createRoute, z } from "@hono/zod-openapi";
import { renderVerdict } from "../../../shared/monitor/public-verdict.ts";
import { renderObservation } from "../../../shared/probe/observation.ts";
import { loadMonitor } from "../db/config-store.ts";
import { isCursor, loadObservations } from "../db/observation-log.ts";
import { WORK_DEADLINE_MS, askAboutStored } from "./coordinator-calls.ts";
import { momentSchema } from "./moment.ts";
import { observationSchema, verdictSchema } from "./observation-schema.ts";
import { notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, limitSchema, linkNext, problems } from "./router.ts";

const OBSERVATIONS_MAX = 1_000;

const tags = ["Observations and verdicts"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the monitor." }) });

const listRoute = createRoute({
  method: "get",
  path: "/monitors/{id}/observations",
  tags,
  summary: "List what the regions saw, newest first",
  request: {
    params,
    query: z.strictObject({
      since: momentSchema.optional(),
      limit: limitSchema(OBSERVATIONS_MAX),
      cursor: z
        .string()
        .refine(isCursor, "expected the cursor of a next link")
        .optional()
        .openapi({ description: "Where the previous page ended; taken from its `Link`." }),
    }),
  },
  responses: {
    200: json(
      'Observations; `Link: <…>; rel="next"` leads to older ones (RFC 8288)',
      z.array(observationSchema),
    ),
    ...problems(400, 401, 404, 503),
  },
});

const verdictRoute = createRoute({
  method: "get",
  path: "/monitors/{id}/verdict",
  tags,
  summary: "Read what the quorum concludes",
  request: { params },
  responses: { 200: json("The verdict", verdictSchema), ...problems(401, 404, 503) },
});

const checkRoute = createRoute({
  method: "post",
  path: "/monitors/{id}/check",
  tags,
  summary: "Check it from all its regions now",
  description: "Answers when every region has; the observations count as votes.",
  request: { params },
  responses: {
    200: json("One observation per region that answered", z.array(observationSchema)),
    ...problems(401, 404, 503),
  },
});

/** Routes of observations, verdicts and checks. */
export function observationRoutes(): Router {
  const router = createRouter();

  router.openapi(listRoute, async (context) => {
    const { id } = context.req.valid("param");
    const { since, limit, cursor } = context.req.valid("query");
    await requireMonitor(context.env.DB, id);
    const page = await loadObservations(context.env.DB, {
      monitor: id,
      sinceMs: since ?? 0,
      limit,
      cursor: cursor ?? null,
    });
    if (page.nextCursor !== null) {
      linkNext(context, page.nextCursor);
    }
    return context.json(page.observations.map(renderObservation), 200);
  });

  router.openapi(verdictRoute, async (context) => {
    const { id } = context.req.valid("param");
    await requireMonitor(context.env.DB, id);
    const verdict = await askAboutStored(context.env, (coordinator) => coordinator.verdict(id));
    return context.json(renderVerdict(verdict), 200);
  });

  router.openapi(checkRoute, async (context) => {
    const { id } = context.req.valid("param");
    await requireMonitor(context.env.DB, id);
    const observations = await askAboutStored(
      context.env,
      (coordinator) => coordinator.checkNow(id),
      WORK_DEADLINE_MS,
    );
    return context.json(observations.map(renderObservation), 200);
  });

  return router;
}

async function requireMonitor(db: D1Database, id: string): Promise<void> {
  if ((await loadMonitor(db, id)) === null) throw notFound("monitor", id);
}
