/** Every kind of channel, sending every kind of message, to receivers as strict as the vendors. */
import dns from "node:dns";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlertMessage } from "../../../../shared/alert/alert-message.ts";
import type { Thread } from "../../../../shared/alert/delivery.ts";
import { renderGroupMessage } from "../../../../shared/alert/group-message.ts";
import { sampleMessages } from "../../../../shared/alert/sample-message.ts";
import { BELATED_LASTS_MS } from "../../../../workers/coordinator/channels/alertmanager.ts";
import type { Channel } from "../../../../workers/coordinator/channels/channel.ts";
import { sendDelivery } from "../../../../workers/coordinator/channels/send.ts";
import { ALERT_LANGUAGES } from "../../../../workers/coordinator/channels/language/languages.ts";
import type { VendorTrouble } from "../../../../workers/local/vendors/vendor-trouble.ts";
import { RETRY_AFTER_SECONDS } from "../../../../workers/local/vendors/vendor-trouble.ts";
import { firedDelivery } from "../../../support/alert-facts.ts";
import type { ChannelSimulator } from "../../../support/channel-simulator.ts";
import {
  BOT_TOKEN,
  HOOK_SECRET,
  startChannelSimulator,
} from "../../../support/channel-simulator.ts";

let simulator: ChannelSimulator;
beforeEach(async () => void (simulator = await startChannelSimulator()));
afterEach(async () => {
  vi.restoreAllMocks();
  await simulator[Symbol.asyncDispose]();
});

/** On the second. */
const NOON_MS = Date.UTC(2026, 10, 20, 12);
const KINDS = ["webhook", "slack webhook", "slack bot", "alertmanager"] as const;

function channelOf(kind: (typeof KINDS)[number]): Channel {
  const { origin } = simulator;
  switch (kind) {
    case "webhook":
      return {
        id: "hook",
        name: "Hook",
        kind: "webhook",
        settings: { url: `${origin}/webhook`, secret: HOOK_SECRET },
      };
    case "slack webhook":
      return {
        id: "team",
        name: "Team",
        kind: "slack",
        settings: { url: `${origin}/slack/services/T0/B0/abcdefghijklmnop` },
      };
    case "slack bot":
      return {
        id: "bot",
        name: "Bot",
        kind: "slack",
        settings: { token: BOT_TOKEN, channel: "alerts", apiUrl: `${origin}/slack/api` },
      };
    case "alertmanager":
      return {
        id: "am",
        name: "Alertmanager",
        kind: "alertmanager",
        settings: { url: `${origin}/alertmanager/` },
      };
  }
}

function send(
  channel: Channel,
  message: AlertMessage,
  { thread = null, timeoutMs = 5_000 }: { thread?: Thread | null; timeoutMs?: number } = {},
) {
  return sendDelivery(channel, firedDelivery({ message }), {
    fetch,
    nowMs: Date.now(),
    timeoutMs,
    allowPrivateAddresses: true,
    thread,
  });
}

/** As `dns.lookup` where a name is not there, without asking anybody on the network. */
function findNothing(hostname: string, _options: object, callback: (error: Error) => void): void {
  const message = `getaddrinfo ENOTFOUND ${hostname}`;
  callback(Object.assign(new Error(message), { code: "ENOTFOUND", hostname }));
}

const sample = (alert: AlertMessage["alert"]): AlertMessage => {
  const found = sampleMessages(Date.now()).find((message) => message.alert === alert);
  if (found === undefined) throw new Error(`there is no sample that is ${alert}`);
  return found;
};

describe.each(KINDS)("a %s", (kind) => {
  it("is accepted with every kind of message", async () => {
    for (const message of sampleMessages(Date.now())) {
      expect(await send(channelOf(kind), message)).toMatchObject({ ok: true, error: null });
    }
    expect(simulator.slack.refusals).toEqual([]);
    expect(simulator.alertmanager.refusals).toEqual([]);
  });

  it("is accepted in every language with every kind of message", async () => {
    const channel = channelOf(kind);
    for (const language of ALERT_LANGUAGES) {
      const spoken = { ...channel, settings: { ...channel.settings, language } } as Channel;
      for (const message of sampleMessages(Date.now())) {
        expect(await send(spoken, message)).toMatchObject({ ok: true, error: null });
      }
    }
    expect(simulator.slack.refusals).toEqual([]);
    expect(simulator.alertmanager.refusals).toEqual([]);
  });

  it("is accepted with five hundred outages in one message", async () => {
    const fired = sample("fired");
    const outages = Array.from({ length: 500 }, (_, at): AlertMessage => {
      const name = `Service ${at} ${"<&>".repeat(40)}`;
      const monitor = { id: `service-${at}`, name, group: null };
      return { ...fired, title: `${name} is down in 3 of 4 regions`, monitor };
    });
    const group = renderGroupMessage(outages, {
      publicUrl: "https://status.example.com",
      nowMs: Date.now(),
    });
    expect(await send(channelOf(kind), group)).toMatchObject({ ok: true, error: null });
    if (kind === "alertmanager") expect(simulator.alertmanager.firing()).toHaveLength(500);
    if (kind.startsWith("slack")) {
      const shown = JSON.stringify(simulator.slack.posts[0]?.blocks);
      expect(shown).toMatch(/… and 4\d\d more/);
      expect(shown).toContain("<https://status.example.com/|Open the status page>");
    }
  });

  const passing: ReadonlyArray<[VendorTrouble, object]> = [
    ["rate_limited", { status: 429, retryAfterMs: RETRY_AFTER_SECONDS * 1_000 }],
    ["busy_until", { status: 503, retryAfterMs: RETRY_AFTER_SECONDS * 1_000 }],
    ["failing", { status: 500, retryAfterMs: null }],
    ["silent", { status: null, error: "no answer within 2s" }],
    ["reset", { status: null }],
    ["slow_body", { status: 503 }],
  ];

  it.each(passing)("that is in trouble (%s) is tried again", async (trouble, outcome) => {
    // A date in `Retry-After` is to the second.
    vi.spyOn(Date, "now").mockReturnValue(NOON_MS);
    const messages = sampleMessages(NOON_MS);
    simulator.trouble = trouble;
    // All at once: for an answer that never comes, all wait the same time.
    const outcomes = await Promise.all(
      messages.map((message) => send(channelOf(kind), message, { timeoutMs: 2_000 })),
    );
    const wanted = { ok: false, permanent: false, ...outcome };
    expect(outcomes).toMatchObject(messages.map(() => wanted));
    expect(simulator.requests).toBe(messages.length);
    simulator.trouble = "none";
    for (const message of messages) {
      expect(await send(channelOf(kind), message)).toMatchObject({ ok: true });
    }
  });

  it.each<[VendorTrouble, number]>([
    ["refusing", 410],
    ["redirecting", 307],
  ])("that will not have it (%s) is given up at once", async (trouble, status) => {
    simulator.trouble = trouble;
    for (const message of sampleMessages(Date.now())) {
      const before = simulator.requests;
      const outcome = await send(channelOf(kind), message);
      expect(outcome).toMatchObject({ ok: false, permanent: true, status });
      // And nobody asked at the other address.
      expect(simulator.requests).toBe(before + 1);
    }
  });

  it("whose name cannot be resolved is tried again", async () => {
    const { origin } = simulator;
    const text = JSON.stringify(channelOf(kind)).replaceAll(origin, "http://nowhere.invalid");
    const channel = JSON.parse(text) as Channel;
    const lookup = vi.spyOn(dns, "lookup").mockImplementation(findNothing as typeof dns.lookup);
    const messages = sampleMessages(Date.now());
    for (const message of messages) {
      const outcome = await send(channel, message);
      expect(outcome).toMatchObject({ ok: false, permanent: false, status: null });
      expect(outcome.error).toMatch(/\(ENOTFOUND\)$/);
    }
    expect(lookup).toHaveBeenCalledTimes(messages.length);
  });
});

describe("a Slack bot", () => {
  it("keeps an incident in one thread, whose first message shows the present state", async () => {
    const bot = channelOf("slack bot");
    const fired = await send(bot, sample("fired"));
    const { posts } = simulator.slack;
    expect(fired.remote).toEqual({ channel: "C0ALERTS1", ts: posts[0]?.ts });
    const thread = { remote: fired.remote ?? {}, isWhole: true };
    const changed = await send(bot, { ...sample("fired"), alert: "changed" }, { thread });
    expect(changed.remote).toEqual(fired.remote);
    await send(bot, sample("resolved"), { thread });
    expect(posts.map(({ threadTs, broadcast }) => ({ threadTs, broadcast }))).toEqual([
      { threadTs: null, broadcast: false },
      { threadTs: posts[0]?.ts, broadcast: true },
      { threadTs: posts[0]?.ts, broadcast: false },
    ]);
    expect(posts[0]).toMatchObject({
      edits: 2,
      text: "🟢 Sample chat has recovered after 4m12s",
    });
    expect(posts.every(({ key }) => key === "chat_1_hook")).toBe(true);
  });

  it("leaves the first message as it is where that tells more, and answers beneath it", async () => {
    const bot = channelOf("slack bot");
    const { remote = {} } = await send(bot, sample("fired"));
    await send(bot, sample("resolved"), { thread: { remote, isWhole: false } });
    const { posts } = simulator.slack;
    expect(posts[0]).toMatchObject({ edits: 0, text: expect.stringContaining("is down") });
    expect(posts[1]).toMatchObject({ threadTs: posts[0]?.ts, broadcast: false });
  });

  it("begins a new thread when the old one was deleted", async () => {
    const remote = { channel: "C0ALERTS1", ts: "1700000000.000001" };
    const thread = { remote, isWhole: true };
    const outcome = await send(channelOf("slack bot"), sample("resolved"), { thread });
    const { posts, refusals } = simulator.slack;
    expect(refusals).toEqual(["message_not_found"]);
    expect(posts).toMatchObject([{ threadTs: null }]);
    expect(outcome.remote).toEqual({ channel: "C0ALERTS1", ts: posts[0]?.ts });
  });

  it.each([
    [{ token: "xoxb-wrong" }, "invalid_auth"],
    [{ channel: "nowhere" }, "channel_not_found"],
  ])("that is set up wrongly (%o) is given up at once, with Slack's words", async (wrong, said) => {
    const bot = channelOf("slack bot");
    const channel = { ...bot, settings: { ...bot.settings, ...wrong } } as Channel;
    expect(await send(channel, sample("fired"))).toMatchObject({
      ok: false,
      status: 200,
      permanent: true,
      error: `Slack answered: ${said}`,
    });
  });
});

describe("Alertmanager", () => {
  it("has one alert per incident, and none when it is over", async () => {
    const am = channelOf("alertmanager");
    await send(am, sample("fired"));
    await send(am, sample("fired"));
    expect(simulator.alertmanager.firing()).toMatchObject([
      {
        labels: {
          alertname: "EchoquorumIncident",
          monitor: "sample-chat",
          group: "Samples",
          severity: "critical",
          tier: "1",
        },
        annotations: {
          summary: "Sample chat is down in 3 of 4 regions",
          reason: "upgrade_overloaded",
        },
      },
    ]);
    await send(am, sample("resolved"));
    expect(simulator.alertmanager.firing()).toEqual([]);
  });

  it("fires for a while what was over before it could be told, and then ends by itself", async () => {
    const am = channelOf("alertmanager");
    const unheard = { ...sample("resolved"), unheard: true as const };
    await send(am, unheard);
    const [alert] = simulator.alertmanager.firing();
    expect(alert?.startsAt).toBe(unheard.incident?.startedAt);
    const lastsMs = Date.parse(alert?.endsAt ?? "") - Date.now();
    expect(lastsMs).toBeGreaterThan(5 * 60_000);
    expect(lastsMs).toBeLessThanOrEqual(BELATED_LASTS_MS);
    const history = {
      ...sample("fired"),
      about: "history" as const,
      incident: null,
      monitor: null,
    };
    await send(am, history);
    const [, told] = simulator.alertmanager.firing();
    expect(Date.parse(told?.endsAt ?? "")).toBeLessThanOrEqual(Date.now() + BELATED_LASTS_MS);
  });

  it("ends the alert under its former severity when an incident gets worse", async () => {
    const am = channelOf("alertmanager");
    await send(am, { ...sample("fired"), severity: "warning" });
    await send(am, { ...sample("fired"), alert: "changed", severity: "critical" });
    const firing = simulator.alertmanager.firing().map(({ labels }) => labels["severity"]);
    expect(firing).toEqual(["critical"]);
  });
});
