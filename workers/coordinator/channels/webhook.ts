/**
 * The generic webhook: a JSON payload, signed as Standard Webhooks 1.0.0 asks.
 *
 * Receivers verify `webhook-signature` with any Standard Webhooks library, and drop repetitions by
 * `webhook-id`. `webhook-timestamp` is the moment of the attempt. Pure; sends nothing.
 */
import { Webhook } from "standardwebhooks";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { Channel, ChannelRequest } from "./channel.ts";
import { renderWebhookPayload } from "./webhook-payload.ts";

/** Renders the request that carries a delivery to a webhook, signed for an attempt at `nowMs`. */
export function renderWebhookRequest(
  channel: Extract<Channel, { kind: "webhook" }>,
  delivery: Delivery,
  nowMs: number,
): ChannelRequest {
  const payload = renderWebhookPayload(delivery);
  const body = JSON.stringify(payload);
  const signature = new Webhook(channel.settings.secret).sign(payload.id, new Date(nowMs), body);
  return {
    url: channel.settings.url,
    headers: {
      "content-type": "application/json",
      "webhook-id": payload.id,
      "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
      "webhook-signature": signature,
    },
    body,
  };
}
