/** What the operations on `/channels` take and answer, as OpenAPI describes them. */
import { createRoute, z } from "@hono/zod-openapi";
import { parseDuration } from "../../../shared/duration.ts";
import { REDACTED } from "../channels/channel-view.ts";
import { channelInputSchema, secretSchema } from "../channels/channel.ts";
import { isoSchema } from "./moment.ts";
import { json, jsonBody, mergePatchBody, problems } from "./router.ts";

/** Longest time for which a replaced secret signs beside the new one, in milliseconds. */
const KEPT_MAX_MS = 30 * 86_400_000;

const tags = ["Channels and deliveries"];
const params = z.strictObject({ id: z.string().openapi({ description: "Id of the channel." }) });
const inputSchema = channelInputSchema.meta({ id: "ChannelInput" });
const shownSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    kind: z.enum(["webhook", "slack", "alertmanager"]),
    settings: z.strictObject({
      url: z
        .string()
        .optional()
        .openapi({ description: `What could be a token is \`${REDACTED}\`.` }),
      token: z.string().optional().openapi({ description: "Of a Slack bot; never shown." }),
      channel: z.string().optional().openapi({ description: "Where a Slack bot posts." }),
      apiUrl: z.string().optional(),
      authorization: z.string().optional().openapi({ description: "Never shown." }),
      format: z.enum(["echoquorum", "alertmanager"]).optional(),
      template: z.strictObject({ contentType: z.string(), body: z.string() }).optional(),
      language: z.string().optional().openapi({ description: "Absent: English." }),
      secret: z.string().optional().openapi({
        description: "Signing secret; only in the answer to the request that had it made.",
      }),
    }),
    unreadable: z.boolean().optional().openapi({
      description: "The key that sealed its settings is not there: they cannot be shown or used.",
    }),
  })
  .meta({ id: "Channel" });
const rotationSchema = z
  .strictObject({
    secret: secretSchema.optional().openapi({ description: "Absent: one is made." }),
    keepFor: z
      .string()
      .refine((text) => (parseDuration(text) ?? KEPT_MAX_MS + 1) <= KEPT_MAX_MS, {
        message: "expected a duration from 0s to 30d",
      })
      .default("24h")
      .openapi({ description: "For how long the present secret signs too, `0s` … `30d`." }),
  })
  .meta({ id: "SecretRotation" });
const rotatedSchema = z
  .strictObject({
    secret: z.string().openapi({ description: "The new secret: shown here and never again." }),
    formerUntil: isoSchema.openapi({ description: "Until when the former one signs too." }),
  })
  .meta({ id: "RotatedSecret" });
const testResultSchema = z
  .strictObject({
    delivered: z.boolean(),
    status: z.int().nullable().openapi({ description: "HTTP status of the receiver." }),
    error: z.string().nullable(),
  })
  .meta({ id: "ChannelTestResult" });

/** `GET /channels`. */
export const listChannelsOperation = createRoute({
  method: "get",
  path: "/channels",
  tags,
  summary: "List all channels, oldest first",
  responses: { 200: json("All channels", z.array(shownSchema)), ...problems(401, 503) },
});

/** `POST /channels`. */
export const createChannelOperation = createRoute({
  method: "post",
  path: "/channels",
  tags,
  summary: "Create a channel",
  description: "Without an `id` one is made from the name; a webhook without `secret` gets one.",
  request: { body: jsonBody(inputSchema) },
  responses: {
    201: json("The channel; `Location` holds its path", shownSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

/** `GET /channels/{id}`. */
export const readChannelOperation = createRoute({
  method: "get",
  path: "/channels/{id}",
  tags,
  summary: "Read a channel",
  request: { params },
  responses: { 200: json("The channel", shownSchema), ...problems(401, 404, 503) },
});

/** `PUT /channels/{id}`. */
export const putChannelOperation = createRoute({
  method: "put",
  path: "/channels/{id}",
  tags,
  summary: "Replace a channel, or create it under this id",
  request: { params, body: jsonBody(inputSchema) },
  responses: {
    200: json("The replaced channel", shownSchema),
    201: json("The new channel; `Location` holds its path", shownSchema),
    ...problems(400, 401, 413, 415, 422, 503),
  },
});

/** `PATCH /channels/{id}`. */
export const patchChannelOperation = createRoute({
  method: "patch",
  path: "/channels/{id}",
  tags,
  summary: "Change fields of a channel",
  description: "JSON Merge Patch (RFC 7396); secrets that are left out stay as they are.",
  request: { params, body: mergePatchBody("ChannelPatch", "Any fields of a channel.") },
  responses: {
    200: json("The changed channel", shownSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

/** `DELETE /channels/{id}`. */
export const deleteChannelOperation = createRoute({
  method: "delete",
  path: "/channels/{id}",
  tags,
  summary: "Delete a channel that no monitor names in `notify`",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...problems(401, 404, 409, 503) },
});

/** `POST /channels/{id}/secret`. */
export const rotateSecretOperation = createRoute({
  method: "post",
  path: "/channels/{id}/secret",
  tags,
  summary: "Give a webhook a new signing secret",
  description:
    "Until the former one expires, messages carry a signature of each: change the receiver over " +
    "in that time, and it refuses none.",
  request: { params, body: jsonBody(rotationSchema) },
  responses: {
    200: json("The new secret", rotatedSchema),
    ...problems(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

/** `POST /channels/{id}/test`. */
export const testChannelOperation = createRoute({
  method: "post",
  path: "/channels/{id}/test",
  tags,
  summary: "Send a test message",
  request: { params },
  responses: {
    200: json("What came of it: `delivered` tells", testResultSchema),
    ...problems(401, 404, 503),
  },
});
