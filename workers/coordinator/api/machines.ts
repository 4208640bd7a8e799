/** What machines read outside of `/api/`: feeds, the calendar, badges and the widget. Public. */
import { badgeRoutes } from "./badges.ts";
import { feedRoutes } from "./feeds.ts";
import { renderError } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";
import { widgetRoutes } from "./widget.ts";

/** The routes, to be mounted at the root. */
export function machineRoutes(): Router {
  const router = createRouter();
  router.onError(renderError);
  router.route("/", feedRoutes());
  router.route("/", badgeRoutes());
  router.route("/", widgetRoutes());
  return router;
}
