/**
 * Where the demo's alerts arrive: a receiver of the generic webhook, as a user would write one, which
 * verifies the signature, answers at once, shows what arrived as cards (`/`) and as JSON (`/alerts`);
 * beside it stand-ins for Slack (`/slack`), Alertmanager (`/alertmanager/api/v2/alerts`) and the
 * subscribers of the status page (`/mail`). All of them can be put into trouble with `POST /trouble`.
 *
 * Signature: Standard Webhooks 1.0.0. What cannot be verified is shown as such and answered with 401.
 */
import { Hono } from "hono";
import { Webhook } from "standardwebhooks";
import type { AlertLog } from "./alert-log.ts";
import { renderAlertPage } from "./alert-page.ts";
import type { AlertBoard } from "../vendors/alertmanager.ts";
import { alertmanagerApp } from "../vendors/alertmanager.ts";
import type { SlackWorkspace } from "../vendors/slack.ts";
import { slackApp } from "../vendors/slack.ts";
import type { VendorTrouble } from "../vendors/vendor-trouble.ts";
import { VENDOR_TROUBLES, isVendorTrouble } from "../vendors/vendor-trouble.ts";
import { renderMailPage } from "./mail-page.ts";
import type { Mailbox } from "./mailbox.ts";
import { mailboxApp } from "./mailbox.ts";
import type { DemoAddresses } from "./page-shell.ts";
import { MAIL_PAGE_PATH, SLACK_PAGE_PATH } from "./page-shell.ts";
import { renderSlackPage } from "./slack-page.ts";

/** Path that takes the webhook. */
export const WEBHOOK_PATH = "/webhook";

/** What the receiver works on. */
export interface AlertReceiverOptions {
  addresses: () => DemoAddresses;
  log: AlertLog;
  /** Standard Webhooks secret that it shares with the channel. */
  secret: string;
  slack: SlackWorkspace;
  alertmanager: AlertBoard;
  mailbox: Mailbox;
  /** What is wrong with all of them. */
  trouble: { kind: VendorTrouble };
}

/** Whether a request brings an alert, and so suffers from trouble. */
export function isDelivery(method: string, path: string): boolean {
  return method === "POST" && /^\/(webhook$|slack\/|alertmanager\/|mail\/)/.test(path);
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
  app.get("/", (context) =>
    context.html(renderAlertPage(options.addresses(), options.log.list(), options.trouble.kind)),
  );
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
  app.get(`/${SLACK_PAGE_PATH}`, (context) => {
    const { posts, refusals } = options.slack;
    return context.html(renderSlackPage(options.addresses(), posts, refusals));
  });
  app.route(`/${SLACK_PAGE_PATH}`, slackApp(options.slack));
  app.get(`/${MAIL_PAGE_PATH}`, (context) =>
    context.html(renderMailPage(options.addresses(), options.mailbox.arrivals)),
  );
  app.route(`/${MAIL_PAGE_PATH}`, mailboxApp(options.mailbox));
  app.route("/alertmanager", alertmanagerApp(options.alertmanager));
  app.post("/trouble", async (context) => {
    // A browser sends the origin of the page that holds the form.
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== new URL(context.req.url).origin) {
      return context.text("only the page itself may change this\n", 403);
    }
    const kind = (await context.req.formData().catch(() => new FormData())).get("trouble");
    if (typeof kind !== "string" || !isVendorTrouble(kind)) {
      const kinds = Object.keys(VENDOR_TROUBLES).join(", ");
      return context.text(`trouble: expected one of ${kinds}\n`, 422);
    }
    options.trouble.kind = kind;
    return context.redirect("/", 303);
  });
  return app;
}
