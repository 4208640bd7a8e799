/** `/api/v1/schemas/…`: what receivers may rely on, as JSON Schema, for everybody. */
import { createRoute, z } from "@hono/zod-openapi";
import { PAYLOAD_SCHEMA_PATH, renderPayloadSchema } from "../channels/webhook-payload.ts";
import type { Router } from "./router.ts";
import { createRouter } from "./router.ts";

const CONTENT_TYPE = "application/schema+json";

const payloadSchemaRoute = createRoute({
  method: "get",
  path: PAYLOAD_SCHEMA_PATH,
  tags: ["Channels and deliveries"],
  summary: "Read the JSON Schema of what a webhook receives",
  security: [],
  responses: {
    200: {
      description: "JSON Schema, draft 2020-12",
      content: { [CONTENT_TYPE]: { schema: z.record(z.string(), z.unknown()) } },
    },
  },
});

/** Routes of schemas. */
export function schemaRoutes(): Router {
  const router = createRouter();
  router.openapi(payloadSchemaRoute, (context) =>
    context.json(renderPayloadSchema(), 200, {
      "content-type": CONTENT_TYPE,
      "access-control-allow-origin": "*",
    }),
  );
  return router;
}
