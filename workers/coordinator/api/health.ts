/**
 * `/healthz`: whether monitoring itself works, for load balancers and outside monitors. It says 200
 * while runs arrive, 503 when they do not or the coordinator is silent.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { probeBindingName } from "../../../shared/regions.ts";
import type { NetworkStatus, RegionStatus } from "../object/rpc.ts";
import type { Publication } from "../pages/publication.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { isoSchema, renderMoment } from "./moment.ts";
import { ProblemError } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json } from "./router.ts";

/** A check may take a minute, and its run is read within seconds. */
const RUN_MARGIN_MS = 90_000;

const healthSchema = z
  .strictObject({
    status: z.enum(["ok", "waiting", "stale", "unavailable"]).openapi({
      description: "`waiting`: no run yet; `stale`: runs have stopped arriving.",
    }),
    newestRunAt: isoSchema.nullable(),
    ageSeconds: z.number().nullable().openapi({ description: "Age of the newest run." }),
    problems: z.array(z.string()).optional().openapi({
      description: "What is wrong with single Workers of divided regions; absent: nothing.",
    }),
  })
  .meta({ id: "Health" });

/** Whether monitoring itself works. */
type Health = z.output<typeof healthSchema>;

const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  tags: ["Monitoring of the monitoring"],
  summary: "Tell whether monitoring itself works",
  security: [],
  responses: {
    200: json("Runs arrive, or none is due yet", healthSchema),
    503: json("Runs have stopped, or the coordinator does not answer", healthSchema),
  },
});

/** Route of `/healthz`. */
export function healthRoutes(publication: Publication): Router {
  const router = createRouter();
  router.openapi(healthRoute, async (context) => {
    context.header("cache-control", "no-store");
    try {
      const status = await askCoordinator(context.env, () => publication.status(context.env));
      const health = decideHealth(status, publication.now());
      return context.json(health, health.status === "stale" ? 503 : 200);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return context.json({ status: "unavailable", newestRunAt: null, ageSeconds: null }, 503);
    }
  });
  return router;
}

/** Decides whether runs arrive as they should. */
export function decideHealth(status: NetworkStatus, nowMs: number): Health {
  const { newestRunAtMs } = status;
  const found = status.regions.flatMap(shardProblems);
  const problems = found.length > 0 ? { problems: found } : {};
  if (newestRunAtMs === null) {
    return { status: "waiting", newestRunAt: null, ageSeconds: null, ...problems };
  }
  const watched = status.monitors.filter((monitor) => !monitor.paused);
  const intervalMs = Math.min(...watched.map((monitor) => monitor.intervalMs));
  const ageMs = Math.max(0, nowMs - newestRunAtMs);
  const isStale = watched.length > 0 && ageMs > 2 * intervalMs + RUN_MARGIN_MS;
  return {
    status: isStale ? "stale" : "ok",
    newestRunAt: renderMoment(newestRunAtMs),
    ageSeconds: Math.round(ageMs / 100) / 10,
    ...problems,
  };
}

/** What is wrong with single Workers of a region; one that is alone is the region. */
function shardProblems({ id, shards = [] }: RegionStatus): string[] {
  if (shards.length === 1) return [];
  return shards.flatMap(({ number, state }) => {
    const shard = `${id}: shard ${number} of ${shards.length}`;
    if (state === "silent") return [`${shard} does not report`];
    const binding = probeBindingName(id, number - 1);
    return state === "unbound" ? [`${shard} is not bound: the binding ${binding} is missing`] : [];
  });
}
