import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Delivery } from "../../../../shared/alert/delivery.ts";
import { testDelivery } from "../../../../shared/alert/composition.ts";
import { renderGroupMessage } from "../../../../shared/alert/group-message.ts";
import {
  ALERT_LANGUAGES,
  alertLanguage,
} from "../../../../workers/coordinator/channels/language/languages.ts";
import { translateMessage } from "../../../../workers/coordinator/channels/language/translation.ts";
import { rotateSecret } from "../../../../workers/coordinator/channels/channel.ts";
import { renderWebhookRequest } from "../../../../workers/coordinator/channels/webhook.ts";
import {
  renderPayloadSchema,
  webhookPayloadSchema,
} from "../../../../workers/coordinator/channels/webhook-payload.ts";
import { sampleMessages } from "../../../../shared/alert/sample-message.ts";
import {
  changedFacts,
  decideDeliveries,
  firedDelivery,
  OUTAGE_AT_MS,
  resolvedFacts,
} from "../../../support/alert-facts.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const channel = {
  id: "hook",
  name: "Hook",
  kind: "webhook" as const,
  settings: { url: "https://example.com/alerts", secret },
};

function first(deliveries: Delivery[]): Delivery {
  const [delivery] = deliveries;
  if (delivery === undefined) throw new Error("expected a delivery");
  return delivery;
}

const previous = [firedDelivery()];
const changed = changedFacts("degraded", "down", {
  previous: [firedDelivery({ impact: "degraded" })],
});

describe("the payload", () => {
  it.each([
    ["incident.fired", firedDelivery()],
    ["incident.changed", first(decideDeliveries(changed))],
    ["incident.resolved", first(decideDeliveries(resolvedFacts("down", { previous })))],
    ["test", testDelivery(channel, "https://status.example.com", 1_000)],
  ])("of type %s is what its schema promises", (type, delivery) => {
    const { body } = renderWebhookRequest(channel, delivery, 5_000);
    const payload = webhookPayloadSchema.parse(JSON.parse(body));
    expect(payload).toMatchObject({
      type,
      version: 1,
      timestamp: delivery.message.at,
      data: delivery.message,
    });
  });

  it("of every kind of message is what its schema promises", () => {
    for (const message of sampleMessages(OUTAGE_AT_MS)) {
      const { body } = renderWebhookRequest(channel, firedDelivery({ message }), 5_000);
      expect(webhookPayloadSchema.parse(JSON.parse(body)).data.title).toBe(message.title);
    }
  });

  it("is valid by the published schema, as others' code reads it, in every language", () => {
    const ajv = new Ajv2020({ strict: true, allErrors: true });
    addFormats(ajv);
    const validate = ajv.compile(renderPayloadSchema());
    const many = Array.from({ length: 1_200 }, () => firedDelivery().message);
    const about = { publicUrl: "https://status.example.com", nowMs: OUTAGE_AT_MS };
    const deliveries = [
      firedDelivery(),
      ...decideDeliveries(changed),
      ...decideDeliveries(resolvedFacts("down", { previous })),
      testDelivery(channel, "https://status.example.com", 1_000),
      ...sampleMessages(OUTAGE_AT_MS).map((message) => firedDelivery({ message })),
      firedDelivery({ message: renderGroupMessage(many, about) }),
    ];
    for (const tag of ALERT_LANGUAGES) {
      const language = alertLanguage(tag);
      for (const delivery of deliveries) {
        const message =
          language === null
            ? delivery.message
            : translateMessage(delivery.message, language, channel);
        const { body } = renderWebhookRequest(channel, { ...delivery, message }, 5_000);
        validate(JSON.parse(body));
        expect(validate.errors).toBeNull();
      }
    }
    const { body } = renderWebhookRequest(channel, firedDelivery(), 5_000);
    const payload = JSON.parse(body) as { data: object };
    expect(validate({ ...payload, more: 1, data: { ...payload.data, more: 1 } })).toBe(true);
    expect(validate({ ...payload, version: 2 })).toBe(false);
    expect(validate({ ...payload, data: { ...payload.data, severity: "loud" } })).toBe(false);
  });

  it("has a schema that can be published", () => {
    const schema = z.toJSONSchema(webhookPayloadSchema);
    expect(schema.required).toEqual(["id", "type", "version", "timestamp", "data"]);
  });
});

describe("a secret that is being replaced", () => {
  const former = channel.settings.secret;
  const nowMs = Date.now();
  const { channel: rotated, newSecret } = rotateSecret(channel, {
    secret: null,
    randomBytes: new Uint8Array(32).fill(9),
    nowMs: nowMs - 1_000,
    untilMs: nowMs + 60_000,
  });

  it("lets receivers verify by the old and by the new one", () => {
    const { headers, body } = renderWebhookRequest(rotated, firedDelivery(), nowMs);
    expect(headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
    for (const either of [former, newSecret]) {
      expect(new Webhook(either).verify(body, headers)).toEqual(JSON.parse(body));
    }
    const other = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
    expect(() => new Webhook(other).verify(body, headers)).toThrow("No matching signature");
  });

  it("is the only one that signs once the time of the old one is over", () => {
    const { headers, body } = renderWebhookRequest(rotated, firedDelivery(), nowMs + 60_000);
    expect(new Webhook(newSecret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(former).verify(body, headers)).toThrow("No matching signature");
  });
});

describe("the body", () => {
  it("is signed alike in the form of Alertmanager or of a template", () => {
    const template = { contentType: "text/plain; charset=utf-8", body: "{{title}}" };
    const forms = [{ format: "alertmanager" as const }, { template }];
    const [alertmanager, text] = forms.map((form) => {
      const settings = { ...channel.settings, ...form };
      const request = renderWebhookRequest({ ...channel, settings }, firedDelivery(), Date.now());
      new Webhook(secret).verify(request.body, request.headers, { jsonParse: false });
      return request;
    });
    expect(JSON.parse(alertmanager?.body ?? "{}")).toMatchObject({
      version: "4",
      receiver: channel.name,
    });
    expect(text?.body).toBe("Chat is down in 3 of 4 regions");
    expect(text?.headers["content-type"]).toBe("text/plain; charset=utf-8");
  });
});

describe("the signature", () => {
  const delivery = firedDelivery();

  it("is accepted by the Standard Webhooks library", () => {
    const nowMs = Date.now();
    const { headers, body } = renderWebhookRequest(channel, delivery, nowMs);
    expect(headers["webhook-timestamp"]).toBe(String(Math.floor(nowMs / 1_000)));
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it("covers id, time and body", () => {
    const { headers, body } = renderWebhookRequest(channel, delivery, Date.now());
    const receiver = new Webhook(secret);
    expect(() => receiver.verify(`${body} `, headers)).toThrow("No matching signature");
    expect(() => receiver.verify(body, { ...headers, "webhook-id": "other" })).toThrow(
      "No matching signature",
    );
    const later = String(Number(headers["webhook-timestamp"]) + 1);
    expect(() => receiver.verify(body, { ...headers, "webhook-timestamp": later })).toThrow(
      "No matching signature",
    );
  });

  it("keeps the same id in every attempt, without a full stop", () => {
    const ids = [1_000, 9_000].map(
      (nowMs) => renderWebhookRequest(channel, delivery, nowMs).headers["webhook-id"],
    );
    expect(ids).toEqual(["chat_1_hook", "chat_1_hook"]);
  });
});
