/**
 * The generic webhook: a POST per alert, signed as Standard Webhooks 1.0.0 asks.
 *
 * Receivers verify `webhook-signature` with any Standard Webhooks library, and drop repetitions by
 * `webhook-id`. `webhook-timestamp` is the moment of the attempt. While a secret is being replaced
 * the header holds one signature of each, separated by spaces ("Webhook headers"; receivers accept
 * when one of them fits). The body is the payload of `webhook-payload.ts`, that of Alertmanager, or
 * what the channel's template makes; all are signed alike. Pure; sends nothing.
 */
import { Webhook } from "standardwebhooks";
import type { Delivery } from "../../../shared/alert/delivery.ts";
import { renderAlertmanagerPayload } from "./alertmanager-payload.ts";
import type { ChannelOf, ChannelRequest } from "./channel.ts";
import { signingSecrets } from "./channel.ts";
import { renderWebhookPayload, webhookId } from "./webhook-payload.ts";
import { renderTemplate } from "./webhook-template.ts";

/** Renders the request that carries a delivery to a webhook, signed for an attempt at `nowMs`. */
export function renderWebhookRequest(
  channel: ChannelOf<"webhook">,
  delivery: Delivery,
  nowMs: number,
): ChannelRequest {
  const id = webhookId(delivery);
  const { contentType, body } = renderBody(channel, delivery);
  const signatures = signingSecrets(channel, nowMs).map((secret) =>
    new Webhook(secret).sign(id, new Date(nowMs), body),
  );
  return {
    url: channel.settings.url,
    headers: {
      "content-type": contentType,
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
      "webhook-signature": signatures.join(" "),
    },
    body,
  };
}

function renderBody(channel: ChannelOf<"webhook">, delivery: Delivery) {
  const { format, template } = channel.settings;
  if (format === "alertmanager") {
    const payload = renderAlertmanagerPayload(channel.name, delivery.message);
    return { contentType: "application/json", body: JSON.stringify(payload) };
  }
  const payload = renderWebhookPayload(delivery);
  if (template === undefined) {
    return { contentType: "application/json", body: JSON.stringify(payload) };
  }
  return { contentType: template.contentType, body: renderTemplate(template, payload) };
}
