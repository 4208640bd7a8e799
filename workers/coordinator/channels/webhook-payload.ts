/**
 * The body of a generic webhook, version 1: schema, type and rendering.
 *
 * Fields may be added within a version; one that changes or goes makes a new version. The schema is
 * what receivers may rely on. Envelope: Standard Webhooks 1.0.0, "Payload structure". Pure.
 */
import { z } from "zod";
import type { AlertMessage } from "../../../shared/alert/alert-message.ts";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { alertMessageSchema } from "./alert-schema.ts";

/** Version of the payload that is sent. */
export const PAYLOAD_VERSION = 1;

/** Where the schema is served, without a token. */
export const PAYLOAD_SCHEMA_PATH = `/api/v1/schemas/alert.v${PAYLOAD_VERSION}.json`;

/** Schema of the payload. */
export const webhookPayloadSchema = z.strictObject({
  id: z.string().describe("Same as the header `webhook-id`, the same in every repetition."),
  type: z.enum(["incident.fired", "incident.changed", "incident.resolved", "test"]),
  version: z.literal(PAYLOAD_VERSION),
  timestamp: z.iso.datetime().describe("When it happened, not when it was sent."),
  data: alertMessageSchema,
});

/** The payload. */
export type WebhookPayload = z.output<typeof webhookPayloadSchema>;

/** Renders the payload of a delivery. */
export function renderWebhookPayload(delivery: Delivery): WebhookPayload {
  return renderPayload(webhookId(delivery), delivery.message);
}

/** Renders the payload that carries a message under an id. */
export function renderPayload(id: string, message: AlertMessage): WebhookPayload {
  return {
    id,
    type: message.alert === "test" ? "test" : `incident.${message.alert}`,
    version: PAYLOAD_VERSION,
    timestamp: message.at,
    data: message,
  };
}

/**
 * Idempotency key of a delivery as receivers see it. The signed content is joined by full stops, so
 * the id may hold none (Standard Webhooks 1.0.0, "Signature scheme"); ids hold no underscore.
 */
export function webhookId(delivery: Pick<Delivery, "id">): string {
  return delivery.id.replaceAll(".", "_");
}

/** Renders the schema as receivers read it: JSON Schema, draft 2020-12. Unknown fields may come. */
export function renderPayloadSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(webhookPayloadSchema, {
    override: ({ jsonSchema }) => {
      // Fields may be added within a version: a receiver that refuses them would break.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return { ...schema, title: "Alert of Echoquorum, version 1" };
}
