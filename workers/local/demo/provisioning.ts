/**
 * Makes the demo's monitors and its channel through the REST API, once per data folder, and mends
 * their addresses when a port had to be changed. Whatever the user did to them otherwise stays.
 */
import type { z } from "zod";
import type { monitorInputSchema } from "../../../shared/monitor/monitor.ts";
import type { ApiClient } from "../start/api-client.ts";
import { ApiError } from "../start/api-client.ts";
import type { DemoTarget } from "./targets.ts";
import { targetUrl } from "./targets.ts";

/** A monitor as a person declares it. */
export type MonitorInput = z.input<typeof monitorInputSchema>;

/** Id of the channel that reaches the local alert receiver. */
export const DEMO_CHANNEL = "local-alerts";

/** Id of the channel that reaches the stand-in for Slack. */
export const DEMO_SLACK = "local-slack";
/** Channel in which the bot posts there. */
export const DEMO_SLACK_CHANNEL = "alerts";

/** What is to be there. */
export interface DemoConfiguration {
  targets: ReadonlyArray<{ target: DemoTarget; port: number }>;
  webhookUrl: string;
  secret: string;
  /** Web API of the stand-in for Slack. */
  slackApiUrl: string;
  botToken: string;
}

/** Makes everything: for a fresh data folder, or one whose first start was cut short. */
export async function createDemo(api: ApiClient, demo: DemoConfiguration): Promise<void> {
  await unless(409, () => api.create("channels", { id: DEMO_CHANNEL, ...channelOf(demo) }));
  await unless(409, () => api.create("channels", { id: DEMO_SLACK, ...slackOf(demo) }));
  for (const { target, port } of demo.targets) {
    await unless(409, () =>
      api.create("monitors", {
        ...target.monitor,
        id: target.id,
        name: target.name,
        url: targetUrl(target, port),
      }),
    );
  }
}

/** Mends addresses after ports changed; what the user has deleted stays deleted. */
export async function updateDemoAddresses(api: ApiClient, demo: DemoConfiguration): Promise<void> {
  await unless(404, () => api.change("channels", DEMO_CHANNEL, channelOf(demo)));
  await unless(404, () => api.change("channels", DEMO_SLACK, slackOf(demo)));
  for (const { target, port } of demo.targets) {
    await unless(404, () => api.change("monitors", target.id, { url: targetUrl(target, port) }));
  }
}

function channelOf({ webhookUrl, secret }: DemoConfiguration) {
  return { name: "Local alert receiver", kind: "webhook", settings: { url: webhookUrl, secret } };
}

function slackOf({ slackApiUrl: apiUrl, botToken: token }: DemoConfiguration) {
  const settings = { token, channel: DEMO_SLACK_CHANNEL, apiUrl };
  return { name: "Local Slack", kind: "slack", settings };
}

/** Makes a change; the API's answer that there is nothing to do is as good. */
async function unless(status: number, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof ApiError && error.status === status)) throw error;
  }
}
