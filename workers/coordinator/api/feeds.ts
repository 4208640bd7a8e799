/** `/feed.rss`, `/feed.atom`, `/feed.json`, and `/maintenance.ics`: public, for readers and calendars. */
import { cors } from "hono/cors";
import type { MaintenanceTimes } from "../db/maintenance-store.ts";
import { loadMaintenanceTimes } from "../db/maintenance-store.ts";
import type { Publication } from "../pages/publication.ts";
import { renderCalendar } from "./calendar.ts";
import { renderFeed } from "./feed-view.ts";
import { allowCaching, loadPublicStatus } from "./public-status.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";

/** Readers look again after minutes, so that an answer may be used for one. In seconds. */
const FRESH_SECONDS = 60;

const FEEDS = [
  ["/feed.rss", "rss", "application/rss+xml"],
  ["/feed.atom", "atom", "application/atom+xml"],
  ["/feed.json", "json", "application/feed+json"],
] as const;
const CALENDAR = "/maintenance.ics";

/** Routes of feeds and the calendar, to be mounted at the root. */
export function feedRoutes(publication: Publication): Router {
  const router = createRouter();
  for (const [path, format, type] of FEEDS) {
    router.use(path, cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));
    router.get(path, async (context) => {
      const facts = await loadPublicStatus(context, publication);
      allowCaching(context, facts, FRESH_SECONDS);
      context.header("x-content-type-options", "nosniff");
      return context.body(renderFeed(facts, format), 200, {
        "content-type": `${type}; charset=utf-8`,
      });
    });
  }
  router.use(CALENDAR, cors({ origin: "*", allowMethods: ["GET", "HEAD"] }));
  router.get(CALENDAR, async (context) => {
    const [{ status, name, pageUrl, ...facts }, times] = await Promise.all([
      loadPublicStatus(context, publication),
      // A date of announcement is worth less than an answer.
      loadMaintenanceTimes(context.env.DB).catch(() => new Map<string, MaintenanceTimes>()),
    ]);
    allowCaching(context, facts, FRESH_SECONDS);
    context.header("x-content-type-options", "nosniff");
    const calendar = renderCalendar({ status, name, pageUrl, times });
    return context.body(calendar, 200, { "content-type": "text/calendar; charset=utf-8" });
  });
  return router;
}
