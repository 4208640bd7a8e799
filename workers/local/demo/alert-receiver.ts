/**
 * A receiver of the generic webhook, as a user would write one: verifies the signature, answers at
 * once, shows what arrived as cards (`/`) and as JSON (`/alerts`).
 *
 * Signature: Standard Webhooks 1.0.0. What cannot be verified is shown as such and answered with 401.
 */
import { Hono } from "hono";
import { Webhook } from "standardwebhooks";
import type { AlertLog } from "./alert-log.ts";
import { renderAlertPage } from "./alert-page.ts";
import type { DemoAddresses } from "./page-shell.ts";

/** Path that takes the webhook. */
export const WEBHOOK_PATH = "/webhook";

/** What the receiver works on. */
export interface AlertReceiverOptions {
  addresses: () => DemoAddresses;
  log: AlertLog;
  /** Standard Webhooks secret that it shares with the channel. */
  secret: string;
}

function isSigned(secret: string, body: string, headers: Headers): boolean {
  try {
    new Webhook(secret).verify(body, Object.fromEntries(headers));
    return true;
  } catch {
    // Wrong, missing or too old: all the same to a receiver.
    return false;
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** Builds the receiver. */
export function alertReceiverApp(options: AlertReceiverOptions): Hono {
  const app = new Hono();
  app.get("/", (context) => context.html(renderAlertPage(options.addresses(), options.log.list())));
  app.get("/alerts", (context) => context.json({ alerts: options.log.list() }));
  app.post(WEBHOOK_PATH, async (context) => {
    const body = await context.req.text();
    const verified = isSigned(options.secret, body, context.req.raw.headers);
    options.log.add({
      id: context.req.header("webhook-id") ?? `none-${crypto.randomUUID()}`,
      receivedAt: new Date().toISOString(),
      verified,
      payload: parseBody(body),
    });
    return verified ? context.body(null, 204) : context.text("the signature is not valid\n", 401);
  });
  return app;
}
