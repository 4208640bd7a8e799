/**
 * The body of a generic webhook, version 1: schema, type and rendering.
 *
 * Fields may be added within a version; one that changes or goes makes a new version. The schema is
 * what receivers may rely on. Envelope: Standard Webhooks 1.0.0, "Payload structure". Pure.
 */
import { z } from "zod";
import type { AlertMessage, Delivery } from "../../../shared/alert/delivery.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";

/** Version of the payload that is sent. */
export const PAYLOAD_VERSION = 1;

const severitySchema = z.enum(["critical", "warning", "info"]);
const timeSchema = z.iso.datetime();

const messageSchema = z
  .strictObject({
    about: z
      .enum(["certificate", "monitoring"])
      .optional()
      .describe(
        "What it is about where that is no incident: a certificate that expires, or that Echoquorum itself cannot see.",
      ),
    alert: z.enum(["fired", "changed", "resolved", "test"]),
    title: z.string().describe("One line for people, e.g. `Chat is down in 3 of 4 regions`."),
    text: z.string().describe("The quorum in words."),
    severity: severitySchema,
    monitor: z
      .strictObject({ id: z.string(), name: z.string(), group: z.string().nullable() })
      .nullable()
      .describe("Null in a test message, and about Echoquorum itself."),
    incident: z
      .strictObject({
        id: z.string(),
        kind: z.enum(INCIDENT_KINDS).describe("Present kind; the worst one once it is resolved."),
        startedAt: timeSchema.describe("First failing observation of the votes that agreed."),
        endedAt: timeSchema.nullable(),
        durationSeconds: z.int().min(0).nullable(),
      })
      .nullable()
      .describe("Null in a test message, and where `about` says something else."),
    reason: z.string().nullable().describe("Commonest reason, from the closed list."),
    cause: z.string().nullable().describe("What usually lies behind the reason."),
    regions: z.array(
      z.strictObject({
        region: z.string(),
        label: z.string(),
        status: z.string().describe("`up`, `degraded`, `down`, or `unknown`: not counted."),
        reason: z.string().nullable(),
        message: z.string(),
      }),
    ),
    link: z.url().nullable().describe("Page of the incident; null: no public address is set."),
    at: timeSchema.describe("When the transition happened."),
  })
  .describe("The same facts that every other kind of channel shows.");

/** Schema of the payload. */
export const webhookPayloadSchema = z.strictObject({
  id: z.string().describe("Same as the header `webhook-id`, the same in every repetition."),
  type: z.enum(["incident.fired", "incident.changed", "incident.resolved", "test"]),
  version: z.literal(PAYLOAD_VERSION),
  timestamp: timeSchema.describe("When it happened, not when it was sent."),
  data: messageSchema,
});

/** The payload. */
export type WebhookPayload = z.output<typeof webhookPayloadSchema>;

/** Renders the payload of a delivery. */
export function renderWebhookPayload(delivery: Delivery): WebhookPayload {
  const message: AlertMessage = delivery.message;
  return {
    id: webhookId(delivery),
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
