/** `/regions`: where the probes are, where they in truth ran, and how they are doing. */
import { createRoute, z } from "@hono/zod-openapi";
import { askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, renderMomentOrNull } from "./moment.ts";
import type { Router } from "./router.ts";
import { createRouter, json, problems } from "./router.ts";

const regionSchema = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    latitude: z.number(),
    longitude: z.number(),
    expectedColos: z.array(z.string()),
    colo: z.string().nullable().openapi({ description: "Observed data centre of its last run." }),
    lastRunAt: isoSchema.nullable(),
    state: z.enum(["active", "waiting", "silent", "misplaced", "suspended"]).openapi({
      description: "`waiting`: no run yet; `silent`: none for longer than a vote stays fresh.",
    }),
  })
  .meta({ id: "Region" });

const listRoute = createRoute({
  method: "get",
  path: "/regions",
  tags: ["Regions"],
  summary: "List the active regions",
  responses: { 200: json("Regions", z.array(regionSchema)), ...problems(401, 503) },
});

/** Routes of `/regions`. */
export function regionRoutes(): Router {
  const router = createRouter();
  router.openapi(listRoute, async (context) => {
    const { regions } = await askCoordinator(context.env, (each) => each.networkStatus());
    return context.json(
      regions.map(
        ({ lastRunAtMs, expectedColos, id, label, latitude, longitude, colo, state }) => ({
          id,
          label,
          latitude,
          longitude,
          expectedColos: [...expectedColos],
          colo,
          lastRunAt: renderMomentOrNull(lastRunAtMs),
          state,
        }),
      ),
      200,
    );
  });
  return router;
}
