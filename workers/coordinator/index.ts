/**
 * The coordinator Worker's composition root: pages and API behind `fetch`, the object behind both,
 * and a cron that only makes sure that the object is awake.
 */
import { Hono } from "hono";
import { apiRoutes } from "./api/app.ts";
import { machineRoutes } from "./api/machines.ts";
import type { Env } from "./env.ts";
import { coordinatorOf } from "./env.ts";
import { pageRoutes } from "./pages/app.tsx";

export { Coordinator } from "./object/coordinator.ts";

const app = new Hono<{ Bindings: Env }>();
app.route("/", machineRoutes());
app.route("/", apiRoutes());
app.route("/", pageRoutes({ store: () => caches.default }));

export default {
  fetch: app.fetch,
  scheduled: async (_controller, env) => {
    await coordinatorOf(env).wake();
  },
} satisfies ExportedHandler<Env>;
