/** What machines read outside of `/api/`: feeds, the calendar, badges and the widget. Public. */
import { Publication } from "../pages/publication.ts";
import { badgeRoutes } from "./badges.ts";
import { feedRoutes } from "./feeds.ts";
import { renderError } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";
import { widgetRoutes } from "./widget.ts";

/** The routes, to be mounted at the root. */
export function machineRoutes(publication = new Publication()): Router {
  const router = createRouter();
  router.onError(renderError);
  router.route("/", feedRoutes(publication));
  router.route("/", badgeRoutes(publication));
  router.route("/", widgetRoutes());
  return router;
}
