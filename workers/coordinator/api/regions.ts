/** `/regions`: where the probes are, where they in truth ran, and how they are doing. */
import { createRoute, z } from "@hono/zod-openapi";
import type { RegionStatus } from "../object/rpc.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, renderMomentOrNull } from "./moment.ts";
import type { Router } from "./router.ts";
import { createRouter, json, problems } from "./router.ts";

const shardSchema = z
  .strictObject({
    number: z.int().openapi({ description: "From 1, as in the Worker's `SHARD`." }),
    lastRunAt: isoSchema.nullable(),
    state: z.enum(["active", "waiting", "silent", "unbound"]).openapi({
      description:
        "`waiting`: no run yet; `silent`: none for longer than a vote stays fresh; `unbound`: the " +
        "coordinator has no binding to this Worker, although it has one with a higher number.",
    }),
  })
  .meta({ id: "Shard" });

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
    shards: z.array(shardSchema).openapi({
      description: "The probe Workers among which the region's monitors are divided.",
    }),
    shardsNeeded: z.int().openapi({
      description: "How many of them the busiest minute needs, at a second per check.",
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
      regions.map((region) => renderRegion(region)),
      200,
    );
  });
  return router;
}

function renderRegion(region: RegionStatus): z.output<typeof regionSchema> {
  const { id, label, latitude, longitude, expectedColos, colo, lastRunAtMs, state } = region;
  return {
    id,
    label,
    latitude,
    longitude,
    expectedColos: [...expectedColos],
    colo,
    lastRunAt: renderMomentOrNull(lastRunAtMs),
    state,
    shards: (region.shards ?? []).map((shard) => ({
      number: shard.number,
      lastRunAt: renderMomentOrNull(shard.lastRunAtMs),
      state: shard.state,
    })),
    shardsNeeded: region.shardsNeeded ?? 1,
  };
}
