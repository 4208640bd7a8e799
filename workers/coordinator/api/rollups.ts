/** `/rollups`: rebuilding them from the log. */
import { createRoute, z } from "@hono/zod-openapi";
import { WORK_DEADLINE_MS, askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, momentSchema, renderMoment, renderMomentOrNull } from "./moment.ts";
import { invalidBody } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, problems } from "./router.ts";

const resultSchema = z
  .strictObject({
    days: z.array(
      z.strictObject({
        day: isoSchema.openapi({ description: "Its beginning, UTC." }),
        runs: z.int().openapi({ description: "Runs of the log that were scheduled in it." }),
        observations: z.int(),
        repaired: z.int().openapi({
          description: "Buckets of the coordinator that were not what they should have been.",
        }),
        written: z.int().openapi({ description: "Blocks that were written to D1." }),
      }),
    ),
    next: isoSchema.nullable().openapi({
      description: "The first day that there was no time for: go on with it as `from`.",
    }),
  })
  .meta({ id: "RollupsRebuilt" });

const rebuildRoute = createRoute({
  method: "post",
  path: "/rollups/rebuild",
  tags: ["Reports"],
  summary: "Rebuild rollups from the log",
  description:
    "Recounts whole UTC days between `from` and `to` that ended an hour ago or earlier and of which " +
    "every run is kept, and puts that in the place of what is stored. Repeating it is harmless.",
  request: {
    body: jsonBody(
      z
        .strictObject({ from: momentSchema.optional(), to: momentSchema.optional() })
        .meta({ id: "RollupsRebuild" }),
    ),
  },
  responses: {
    200: json("The days that were rebuilt", resultSchema),
    ...problems(400, 401, 415, 422, 503),
  },
});

/** Routes of `/rollups`. */
export function rollupRoutes(): Router {
  const router = createRouter();
  router.openapi(rebuildRoute, async (context) => {
    const { from: fromMs = 0, to: toMs = Date.now() } = context.req.valid("json");
    if (fromMs >= toMs) {
      throw invalidBody([
        { field: "from", message: "expected a moment before `to`, and before now" },
      ]);
    }
    const { days, nextMs } = await askCoordinator(
      context.env,
      (coordinator) => coordinator.rebuildRollups({ fromMs, toMs }),
      WORK_DEADLINE_MS,
    );
    const rendered = days.map(({ dayMs, runs, observations, buckets, blocks }) => ({
      day: renderMoment(dayMs),
      runs,
      observations,
      repaired: buckets,
      written: blocks,
    }));
    return context.json({ days: rendered, next: renderMomentOrNull(nextMs) }, 200);
  });
  return router;
}
