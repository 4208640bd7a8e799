/**
 * The API: `/api/v1` with a token; `/api/v2` (Statuspage shapes), `/metrics` and `/healthz` for
 * everybody. Everything under `/api/` that is not known is answered with a problem.
 */
import type { Hono, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { timeout } from "hono/timeout";
import type { Env } from "../env.ts";
import { Publication } from "../pages/publication.ts";
import { backupRoutes } from "./backups.ts";
import { alertPolicyRoutes } from "./alert-policy.ts";
import { bearerAuth } from "./bearer-auth.ts";
import { captureRoutes } from "./captures.ts";
import { channelRoutes } from "./channels.ts";
import { WORK_DEADLINE_MS } from "./coordinator-calls.ts";
import { deliveryRoutes } from "./deliveries.ts";
import { healthRoutes } from "./health.ts";
import { incidentRoutes } from "./incidents.ts";
import { maintenanceRoutes } from "./maintenances.ts";
import { metricsRoutes } from "./metrics.ts";
import { monitorRoutes } from "./monitors.ts";
import { observationRoutes } from "./observations.ts";
import { OPENAPI_PATH, declareSecurity, renderOpenApi } from "./openapi.ts";
import { pageSettingsRoutes } from "./pages.ts";
import { ProblemError, renderError } from "./problem.ts";
import { publicStatusRoutes } from "./public-status-route.ts";
import { regionRoutes } from "./regions.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";
import { rollupRoutes } from "./rollups.ts";
import { schemaRoutes } from "./schemas.ts";
import { silenceRoutes } from "./silences.ts";
import { statuspageRoutes } from "./statuspage.ts";
import { subscribeRoutes, subscriptionRoutes } from "./subscriptions.ts";
import { uptimeRoutes } from "./uptime.ts";
import { writtenIncidentRoutes } from "./written-incidents.ts";

/** Largest body that is read, in bytes: a monitor with a long dialogue fits. */
const BODY_BYTES_MAX = 1_048_576;
/** Where everybody may subscribe, and with what, in bytes. */
const SUBSCRIPTIONS_PATH = "/api/v1/subscriptions";
const SUBSCRIPTION_BYTES_MAX = 16_384;
/** Largest part of a backup that is read, in bytes. */
const PART_BYTES_MAX = 8 * 1_048_576;

/** Longest that a request may take whose answer is at hand, in milliseconds. */
const REQUEST_DEADLINE_MS = 20_000;
/** Longest that a request may take which has checks made or a message sent. */
const WORK_REQUEST_DEADLINE_MS = WORK_DEADLINE_MS + REQUEST_DEADLINE_MS;

/** Routes of the API, to be mounted at the root. */
export function apiRoutes(publication = new Publication()): Hono<{ Bindings: Env }> {
  const router = createRouter();
  router.onError(renderError);
  declareSecurity(router);
  router.use("/api/*", deadline, async (context, next) => {
    await next();
    context.header("x-content-type-options", "nosniff");
  });

  router.route("/", healthRoutes(publication));
  router.route("/", metricsRoutes(publication));
  router.route("/api/v2", statuspageRoutes(publication));
  router.route("/", schemaRoutes());
  router.route("/api/v1", publicStatusRoutes(publication));
  router.get(OPENAPI_PATH, (context) => context.json(renderOpenApi(router)));
  answerOtherMethods(router, 0);

  const first = router.routes.length;
  // Before the token is asked for: whoever wants to hear of trouble has none.
  router.on("POST", SUBSCRIPTIONS_PATH, limitSubscription);
  router.route("/api/v1", subscribeRoutes(publication));
  router.use("/api/v1/*", bearerAuth(), async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  router.use("/api/v1/*", limitBody);
  router.route("/api/v1", monitorRoutes());
  router.route("/api/v1", maintenanceRoutes());
  router.route("/api/v1", observationRoutes());
  router.route("/api/v1", captureRoutes());
  router.route("/api/v1", uptimeRoutes());
  router.route("/api/v1", rollupRoutes());
  router.route("/api/v1", incidentRoutes());
  router.route("/api/v1", writtenIncidentRoutes());
  router.route("/api/v1", pageSettingsRoutes());
  router.route("/api/v1", channelRoutes());
  router.route("/api/v1", alertPolicyRoutes());
  router.route("/api/v1", silenceRoutes());
  router.route("/api/v1", deliveryRoutes());
  router.route("/api/v1", backupRoutes());
  router.route("/api/v1", regionRoutes());
  router.route("/api/v1", subscriptionRoutes());
  answerOtherMethods(router, first);

  router.all("/api/*", (context) => {
    const detail = `There is nothing at ${context.req.path}. See ${OPENAPI_PATH}.`;
    throw new ProblemError("not-found", detail);
  });
  return router;
}

/** Refuses bodies that are too large; a part of a backup may hold a long row. */
const limitBody: MiddlewareHandler = (context, next) => {
  const isPart = /\/restores\/[^/]+\/parts\//.test(context.req.path);
  const limit = bodyLimit({
    maxSize: isPart ? PART_BYTES_MAX : BODY_BYTES_MAX,
    onError: () => {
      throw isPart
        ? new ProblemError("too-large", "The part is larger than 8 MiB.")
        : new HTTPException(413);
    },
  });
  return limit(context, next);
};

const limitSubscription = bodyLimit({
  maxSize: SUBSCRIPTION_BYTES_MAX,
  onError: () => {
    throw new ProblemError("too-large", "The body is larger than 16 KiB.");
  },
});

/** Ends a request in time whatever it waits for, D1 included. */
const deadline: MiddlewareHandler = (context, next) => {
  const isWork = /\/(check|test|commit|backup|rebuild)$/.test(context.req.path);
  const limit = timeout(
    isWork ? WORK_REQUEST_DEADLINE_MS : REQUEST_DEADLINE_MS,
    () => new HTTPException(504),
  );
  return limit(context, next);
};

/** Answers known paths with a method that they do not have: 405, and `Allow` (RFC 9110 §15.5.6). */
function answerOtherMethods(router: Router, first: number): void {
  const allowed = new Map<string, Set<string>>();
  for (const { path, method } of router.routes.slice(first)) {
    if (method === "ALL") continue;
    const methods = allowed.get(path) ?? new Set<string>();
    methods.add(method);
    if (method === "GET") methods.add("HEAD");
    allowed.set(path, methods);
  }
  for (const [path, methods] of allowed) {
    const allow = [...methods].join(", ");
    router.all(path, (context) => {
      const detail = `${context.req.method} is not possible here; use ${allow}.`;
      throw new ProblemError("method-not-allowed", detail, { headers: { allow } });
    });
  }
}
