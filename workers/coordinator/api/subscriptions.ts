/**
 * `/subscriptions`: whoever wants to hear of trouble asks here, without a token; with one, the API
 * lists who is subscribed, as far as may be shown, and ends subscriptions.
 *
 * An answer never says whether an address is known.
 */
import type { Context } from "hono";
import { createRoute, z } from "@hono/zod-openapi";
import { idSchema } from "../../../shared/monitor/monitor.ts";
import type { SealingKeys } from "../../sealing.ts";
import { SealError } from "../../sealing.ts";
import { endSubscription, listSubscriptions } from "../db/subscription-store.ts";
import type { Env } from "../env.ts";
import { sealingKeysOf } from "../env.ts";
import { OFFERED, chooseLanguage } from "../pages/language/languages.ts";
import type { Publication } from "../pages/publication.ts";
import { openSubscription } from "../subscriptions/sealed-subscription.ts";
import { subscribeContext } from "../subscriptions/subscribe-context.ts";
import type { Refusal } from "../subscriptions/subscribe.ts";
import { offeredKinds, takeSubscription } from "../subscriptions/subscribe.ts";
import type { StoredSubscription } from "../subscriptions/subscription.ts";
import {
  END_REASONS,
  SUBSCRIBED_MONITORS_MAX,
  SUBSCRIPTION_KINDS,
  SUBSCRIPTION_STATES,
  maskAddress,
} from "../subscriptions/subscription.ts";
import { tellCoordinator } from "./coordinator-calls.ts";
import { isoSchema, renderMoment, renderMomentOrNull } from "./moment.ts";
import { ProblemError, invalidBody, notFound } from "./problem.ts";
import { findPublicPage, pageUrlOf } from "./public-status.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, limitSchema, linkNext, problems } from "./router.ts";

const PLACE = "/subscriptions";
const tags = ["Subscriptions"];

const inputSchema = z
  .strictObject({
    kind: z.enum(SUBSCRIPTION_KINDS),
    target: z
      .string()
      .min(1)
      .max(2_048)
      .describe("E-mail address, URL of an endpoint, or URL of a Slack incoming webhook."),
    monitors: z
      .array(idSchema)
      .min(1)
      .max(SUBSCRIBED_MONITORS_MAX)
      .nullable()
      .default(null)
      .describe("Ids of monitors of the page; null: all of them."),
    language: z
      .enum(OFFERED.map(({ tag }) => tag) as [string, ...string[]])
      .optional()
      .describe("Language of what is sent; by `Accept-Language` if left out."),
  })
  .meta({ id: "SubscriptionInput" });

const takenSchema = z
  .strictObject({
    state: z.enum(["pending", "active"]).describe("`pending`: the address was asked to confirm."),
  })
  .meta({ id: "SubscriptionTaken" });

const subscriptionSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(SUBSCRIPTION_KINDS),
    state: z.enum(SUBSCRIPTION_STATES),
    target: z
      .string()
      .nullable()
      .describe("As much of the address as may be shown; null: it has ended, or cannot be opened."),
    page: z.string().describe("Id of the page on which it was made; it is told no more than that."),
    monitors: z.array(z.string()).nullable().describe("Null: all that the page shows."),
    language: z.string(),
    createdAt: isoSchema,
    confirmedAt: isoSchema.nullable(),
    endedAt: isoSchema.nullable(),
    endedWhy: z.enum(END_REASONS).nullable(),
  })
  .meta({ id: "Subscription" });

const takeRoute = createRoute({
  method: "post",
  path: PLACE,
  tags,
  summary: "Subscribe by e-mail, webhook or Slack; needs no token",
  description:
    "E-mail and Slack are sent a link, by which their owner confirms within a day. A webhook is " +
    "sent `subscription.challenge` and is subscribed at once if it answers, within eight seconds, " +
    'with `data.challenge` as its whole body or as `{"challenge": "…"}`. That message also holds ' +
    "the secret that signs what follows (Standard Webhooks), and links to change and to end it.",
  security: [],
  request: { body: jsonBody(inputSchema) },
  responses: {
    202: json("It is taken; the same for an address that is known", takenSchema),
    ...problems(400, 413, 415, 422, 429, 503),
  },
});

const CURSOR = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/;

const listRoute = createRoute({
  method: "get",
  path: PLACE,
  tags,
  summary: "List subscriptions, newest first",
  request: {
    query: z.strictObject({
      state: z.enum(SUBSCRIPTION_STATES).optional(),
      limit: limitSchema(500),
      cursor: z
        .string()
        .regex(CURSOR, "expected a cursor from a Link header")
        .optional()
        .openapi({ description: "Where to go on; from the `Link` header." }),
    }),
  },
  responses: {
    200: json("Subscriptions", z.array(subscriptionSchema)),
    ...problems(400, 401, 503),
  },
});

const endRoute = createRoute({
  method: "delete",
  path: `${PLACE}/{id}`,
  tags,
  summary: "End a subscription and forget its address",
  request: {
    params: z.strictObject({
      id: z.string().openapi({ description: "Id of the subscription." }),
    }),
  },
  responses: { 204: { description: "It has ended" }, ...problems(401, 404, 503) },
});

/** The route for everybody, below `/api/v1`. */
export function subscribeRoutes(publication: Publication): Router {
  const router = createRouter();
  router.openapi(takeRoute, async (context) => {
    const { kind, target, monitors, language } = context.req.valid("json");
    const found = await findPublicPage(context, publication);
    const outcome = await takeSubscription(subscribeContext(context), {
      kind,
      target,
      monitors,
      language: language ?? chooseLanguage(context).tag,
      page: { id: found.id, url: pageUrlOf(context, found), scope: found.scope },
      client: context.req.header("cf-connecting-ip") ?? null,
    });
    if (outcome !== "pending" && outcome !== "active") throw problemOf(context, outcome);
    if (outcome === "active") await tellCoordinator(context.env);
    context.header("cache-control", "no-store");
    return context.json({ state: outcome }, 202);
  });
  return router;
}

function field(name: string, message: string): ProblemError {
  return invalidBody([{ field: name, message }]);
}

function problemOf({ env }: Context<{ Bindings: Env }>, refusal: Refusal): ProblemError {
  switch (refusal) {
    case "not_offered": {
      const offered = offeredKinds(env);
      if (offered.length > 0) return field("kind", `expected one of ${offered.join(", ")}`);
      return new ProblemError("not-configured", "Subscriptions need ECHOQUORUM_SEALING_KEY.");
    }
    case "target_invalid":
      return field("target", "expected an address of the kind: see its description");
    case "target_private":
      return field("target", "expected a public host");
    case "monitors_unknown":
      return field("monitors", "expected ids of public monitors");
    case "not_reached":
      return field("target", "expected a receiver that answers with success");
    case "not_repeated":
      return field("target", "expected an endpoint that repeats the challenge");
    case "too_many":
      return new ProblemError("too-many-requests", "Too many asked lately. Try again in an hour.", {
        headers: { "retry-after": "3600" },
      });
    case "full":
      return new ProblemError("unavailable", "No more subscriptions are taken here.");
  }
}

/** Routes of `/subscriptions` that need the token. */
export function subscriptionRoutes(): Router {
  const router = createRouter();
  router.openapi(listRoute, async (context) => {
    const { state = null, limit, cursor } = context.req.valid("query");
    const [, createdAtMs, id] = CURSOR.exec(cursor ?? "") ?? [];
    const after = id === undefined ? null : { createdAtMs: Number(createdAtMs), id };
    const found = await listSubscriptions(context.env.DB, { state, after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    if (found.length > limit && last !== undefined) {
      linkNext(context, `${last.createdAtMs}.${last.id}`);
    }
    const keys = sealingKeysOf(context.env);
    const shown = await Promise.all(page.map((each) => render(keys, each)));
    return context.json(shown, 200);
  });

  router.openapi(endRoute, async (context) => {
    const { id } = context.req.valid("param");
    const ended = await endSubscription(context.env.DB, id, "removed", Date.now());
    if (!ended) throw notFound("subscription", id);
    await tellCoordinator(context.env);
    return context.body(null, 204);
  });
  return router;
}

async function render(keys: SealingKeys, stored: StoredSubscription) {
  const { id, kind, state, page, monitors, language, endedWhy } = stored;
  return {
    id,
    kind,
    state,
    target: await shownTarget(keys, stored),
    page,
    monitors,
    language,
    createdAt: renderMoment(stored.createdAtMs),
    confirmedAt: renderMomentOrNull(stored.confirmedAtMs),
    endedAt: renderMomentOrNull(stored.endedAtMs),
    endedWhy,
  };
}

async function shownTarget(keys: SealingKeys, stored: StoredSubscription): Promise<string | null> {
  try {
    const { kind, target } = await openSubscription(stored, keys);
    return maskAddress(kind, target.address);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
