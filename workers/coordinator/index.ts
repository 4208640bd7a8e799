/**
 * The coordinator Worker's composition root: pages and API behind `fetch`, the object behind both,
 * and a cron that only makes sure that the object is awake.
 */
import { Hono } from "hono";
import { apiRoutes } from "./api/app.ts";
import { keptAnswers } from "./api/kept-answers.ts";
import { machineRoutes } from "./api/machines.ts";
import type { Env } from "./env.ts";
import { coordinatorOf } from "./env.ts";
import { pageRoutes } from "./pages/app.tsx";
import { Publication } from "./pages/publication.ts";
import { subscriptionPageRoutes } from "./pages/subscription-app.tsx";

export { Coordinator } from "./object/coordinator.ts";

const publication = new Publication({ store: () => caches.default });
const machines = new Hono<{ Bindings: Env }>();
machines.route("/", machineRoutes(publication));
machines.route("/", apiRoutes(publication));

const app = new Hono<{ Bindings: Env }>();
app.use(keptAnswers(publication, machines.fetch));
app.route("/", machines);
app.route("/", subscriptionPageRoutes(publication));
app.route("/", pageRoutes({ publication }));

export default {
  fetch: app.fetch,
  scheduled: async (_controller, env) => {
    await coordinatorOf(env).wake();
  },
} satisfies ExportedHandler<Env>;
