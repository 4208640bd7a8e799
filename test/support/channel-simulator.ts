/**
 * Receivers of alerts as vendors run them, on one port: Slack, Alertmanager, and a webhook that
 * verifies signatures and payloads. They are as strict as the vendors' documentation, and can be
 * put into trouble.
 */
import { Hono } from "hono";
import { Webhook } from "standardwebhooks";
import { webhookPayloadSchema } from "../../workers/coordinator/channels/webhook-payload.ts";
import { serve } from "../../workers/local/services/http-server.ts";
import { AlertBoard, alertmanagerApp } from "../../workers/local/vendors/alertmanager.ts";
import { SlackWorkspace, slackApp } from "../../workers/local/vendors/slack.ts";
import type { VendorTrouble } from "../../workers/local/vendors/vendor-trouble.ts";
import { answerInTrouble } from "../../workers/local/vendors/vendor-trouble.ts";

/** Token of the bot. */
export const BOT_TOKEN = "xoxb-1111-2222-simulated";
/** Secret of the webhook. */
export const HOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** The running receivers. */
export interface ChannelSimulator extends AsyncDisposable {
  /** E.g. `http://127.0.0.1:40123`. */
  origin: string;
  slack: SlackWorkspace;
  alertmanager: AlertBoard;
  /** Webhooks whose signature and payload were in order, oldest first. */
  webhooks: unknown[];
  /** Requests so far, whatever became of them. */
  requests: number;
  /** What is wrong with all of them from now on. */
  trouble: VendorTrouble;
}

/** Starts the receivers on a free port. */
export async function startChannelSimulator(
  nowMs: () => number = Date.now,
): Promise<ChannelSimulator> {
  const slack = new SlackWorkspace({
    token: BOT_TOKEN,
    channels: { alerts: "C0ALERTS1" },
    nowMs,
  });
  const alertmanager = new AlertBoard(nowMs);
  const app = new Hono();
  const simulator: ChannelSimulator = {
    origin: "",
    slack,
    alertmanager,
    webhooks: [],
    requests: 0,
    trouble: "none",
    [Symbol.asyncDispose]: async () => {},
  };
  app.route("/slack", slackApp(slack));
  app.route("/alertmanager", alertmanagerApp(alertmanager));
  app.post("/webhook", async (context) => {
    const body = await context.req.text();
    const headers = Object.fromEntries(context.req.raw.headers);
    const payload = new Webhook(HOOK_SECRET).verify(body, headers);
    simulator.webhooks.push(webhookPayloadSchema.parse(payload));
    return context.body(null, 204);
  });
  app.onError((error, context) => context.text(error.message, 400));
  const server = await serve(app, 0, (message, target) => {
    simulator.requests += 1;
    if (simulator.trouble === "none") return false;
    message.resume();
    return answerInTrouble(simulator.trouble, target);
  });
  simulator.origin = server.origin;
  simulator[Symbol.asyncDispose] = () => server.close();
  return simulator;
}
