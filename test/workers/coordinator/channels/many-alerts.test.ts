/**
 * Five hundred monitors that fail within ten seconds: one message per route and channel, complete,
 * and as its vendor takes it; and so their recovery.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Delivery } from "../../../../shared/alert/delivery.ts";
import type { Channel } from "../../../../workers/coordinator/channels/channel.ts";
import { sendDelivery } from "../../../../workers/coordinator/channels/send.ts";
import type { WebhookPayload } from "../../../../workers/coordinator/channels/webhook-payload.ts";
import { AlertTimeline, between, falls, recovers } from "../../../support/alert-timeline.ts";
import type { ChannelSimulator } from "../../../support/channel-simulator.ts";
import {
  BOT_TOKEN,
  HOOK_SECRET,
  startChannelSimulator,
} from "../../../support/channel-simulator.ts";

const MONITORS = 500;
const POLICY = {
  groupWait: "10s",
  routes: [
    { name: "all", channels: ["am"], continue: true },
    { name: "EU", match: ["group=EU"], channels: ["hook"] },
    { name: "US", match: ["group=US"], channels: ["bot", "team"] },
  ],
};
const ids = Array.from({ length: MONITORS }, (_, index) => `service-${index}`);
const eu = ids.filter((_, index) => index % 2 === 0);
const us = ids.filter((_, index) => index % 2 === 1);
const HEARD = { am: ids, hook: eu, bot: us, team: us };

let simulator: ChannelSimulator;
beforeEach(async () => void (simulator = await startChannelSimulator()));
afterEach(() => simulator[Symbol.asyncDispose]());

function channels(): Channel[] {
  const { origin } = simulator;
  const slack = { name: "Slack", kind: "slack" } as const;
  return [
    { id: "am", name: "AM", kind: "alertmanager", settings: { url: `${origin}/alertmanager/` } },
    {
      id: "hook",
      name: "Hook",
      kind: "webhook",
      settings: { url: `${origin}/webhook`, secret: HOOK_SECRET },
    },
    {
      ...slack,
      id: "bot",
      settings: { token: BOT_TOKEN, channel: "alerts", apiUrl: `${origin}/slack/api` },
    },
    {
      ...slack,
      id: "team",
      settings: { url: `${origin}/slack/services/T0/B0/abcdefghijklmnop` },
    },
  ];
}

/** The deliveries of a timeline on which all fall within ten seconds, and recover likewise. */
function play(): Delivery[] {
  const story = new AlertTimeline({ policy: POLICY, channels: Object.keys(HEARD) });
  for (const [index, id] of ids.entries()) {
    const at = `${(index % 20) * 500 + 1}ms`;
    story.at(at, falls(id, { group: index % 2 === 0 ? "EU" : "US" }));
    story.at(`5m${at}`, recovers(id));
  }
  for (const [channel, monitors] of Object.entries(HEARD)) {
    const told = (alert: string) =>
      `${channel}: ${monitors
        .map((id) => `${id} ${alert}`)
        .sort()
        .join(", ")}`;
    story.want(between("10s", "12s"), told("fired"));
    story.want(between("5m10s", "5m12s"), told("resolved"));
  }
  return story.play("6m").deliveries.map(({ delivery }) => delivery);
}

describe("five hundred monitors that fail within ten seconds", () => {
  it("are one message per route, which each vendor takes whole or with a link to the rest", async () => {
    const deliveries = play();
    expect(deliveries).toHaveLength(2 * Object.keys(HEARD).length);
    for (const alert of ["fired", "resolved"] as const) {
      for (const channel of channels()) {
        const delivery = deliveries.find(
          (each) => each.channel === channel.id && each.alert === alert,
        );
        if (delivery === undefined) throw new Error(`${channel.id} was told`);
        const outcome = await sendDelivery(channel, delivery, {
          fetch,
          nowMs: Date.now(),
          timeoutMs: 5_000,
          allowPrivateAddresses: true,
          thread: null,
        });
        expect(outcome).toMatchObject({ ok: true, error: null });
      }
      expectComplete(alert);
    }
    expect(simulator.slack.refusals).toEqual([]);
    expect(simulator.alertmanager.refusals).toEqual([]);
  }, 60_000);
});

function expectComplete(alert: "fired" | "resolved"): void {
  const payload = simulator.webhooks.at(-1) as WebhookPayload;
  const { alerts = [], moreAlerts } = payload.data;
  expect(alerts.every((each) => each.alert === alert)).toBe(true);
  expect(new Set(alerts.map(({ monitor }) => monitor?.id))).toEqual(new Set(eu));
  expect(moreAlerts).toBeUndefined();
  expect(simulator.alertmanager.firing()).toHaveLength(alert === "fired" ? MONITORS : 0);
  const known = simulator.alertmanager.all().map(({ labels }) => labels["monitor"]);
  expect(new Set(known)).toEqual(new Set(ids));
  for (const post of simulator.slack.posts.slice(-2)) {
    const shown = JSON.stringify(post.blocks);
    const named = us.filter((id) => shown.includes(`|${id} `) || shown.includes(` ${id} `)).length;
    const [, more = "0"] = /… and (\d+) more/.exec(shown) ?? [];
    expect(named).toBeGreaterThan(5);
    expect(named + Number(more)).toBe(us.length);
    expect(shown).toContain("<https://status.example.com/|Open the status page>");
  }
}
