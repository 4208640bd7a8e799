/** `/alert-policy`: how alerts are routed, grouped, repeated and muted by each other. */
import { createRoute } from "@hono/zod-openapi";
import type { AlertPolicy } from "../../../shared/alert/policy.ts";
import { DEFAULT_POLICY, alertPolicySchema, namedChannels } from "../../../shared/alert/policy.ts";
import { loadAlertPolicy, saveAlertPolicy } from "../db/alert-store.ts";
import { listChannelIds } from "../db/channel-store.ts";
import { networkOf } from "../env.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { invalidBody } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, problems } from "./router.ts";

const tags = ["Alert policy"];
const policySchema = alertPolicySchema.meta({ id: "AlertPolicy" });

const readRoute = createRoute({
  method: "get",
  path: "/alert-policy",
  tags,
  summary: "Read the alert policy, defaults filled in",
  responses: { 200: json("The policy", policySchema), ...problems(401, 503) },
});

const putRoute = createRoute({
  method: "put",
  path: "/alert-policy",
  tags,
  summary: "Replace the alert policy",
  description:
    '`{}` is the default. Matchers are written as `group="EU"`, with `=`, `!=`, `=~` or `!~`, on ' +
    "monitor, group, severity, kind, region, reason or `label.<name>`.",
  request: { body: jsonBody(policySchema) },
  responses: {
    200: json("The policy, defaults filled in", policySchema),
    ...problems(400, 401, 413, 415, 422, 503),
  },
});

/** Routes of `/alert-policy`. */
export function alertPolicyRoutes(): Router {
  const router = createRouter();

  router.openapi(readRoute, async (context) => {
    return context.json((await loadAlertPolicy(context.env.DB)) ?? DEFAULT_POLICY, 200);
  });

  router.openapi(putRoute, async (context) => {
    const { env } = context;
    const policy = context.req.valid("json");
    requireChannels(policy, await listChannelIds(env.DB));
    await saveAlertPolicy(env.DB, networkOf(env), policy, Date.now());
    await tellCoordinator(env);
    return context.json(policy, 200);
  });

  return router;
}

/** Refuses routes that lead nowhere. */
function requireChannels(policy: AlertPolicy, existing: readonly string[]): void {
  const errors = namedChannels(policy)
    .filter(({ channel }) => !existing.includes(channel))
    .map(({ channel, field }) => ({
      field,
      message: `there is no channel with the id ${JSON.stringify(channel)}`,
    }));
  if (errors.length > 0) throw invalidBody(errors);
}
