/** Slack's messages as a person sees them, in a real browser. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Thread } from "../../../shared/alert/delivery.ts";
import { renderGroupMessage } from "../../../shared/alert/group-message.ts";
import { sampleMessages } from "../../../shared/alert/sample-message.ts";
import type { Channel } from "../../../workers/coordinator/channels/channel.ts";
import { sendDelivery } from "../../../workers/coordinator/channels/send.ts";
import { renderSlackPage } from "../../../workers/local/demo/slack-page.ts";
import { firedDelivery } from "../../support/alert-facts.ts";
import type { ChannelSimulator } from "../../support/channel-simulator.ts";
import { BOT_TOKEN, startChannelSimulator } from "../../support/channel-simulator.ts";
import { launchBrowser, takePicture } from "../../support/browser.ts";

const TIMEOUT_MS = 60_000;
const NOW_MS = Date.UTC(2026, 10, 20, 14, 6, 23);

let browser: Browser;
let simulator: ChannelSimulator;
beforeAll(async () => {
  browser = await launchBrowser();
  simulator = await startChannelSimulator(() => NOW_MS);
}, TIMEOUT_MS);
afterAll(async () => {
  await browser.close();
  await simulator[Symbol.asyncDispose]();
});

it(
  "shows an incident in its thread, a group and a test",
  async () => {
    const settings = {
      token: BOT_TOKEN,
      channel: "alerts",
      apiUrl: `${simulator.origin}/slack/api`,
    };
    const channel: Channel = { id: "bot", name: "Bot", kind: "slack", settings };
    const samples = sampleMessages(NOW_MS);
    const [fired, , resolved] = samples;
    const test = samples.at(-1);
    if (fired === undefined || resolved === undefined || test === undefined) {
      throw new Error("there are samples");
    }
    const names = ["Chat", "Trading <live>", "Push & pull", "Game lobby"];
    const outages = names.map((name) => ({ ...fired, title: `${name} is down in 3 of 4 regions` }));
    const group = renderGroupMessage(outages, {
      publicUrl: "https://status.example.com",
      nowMs: NOW_MS,
    });
    let thread: Thread | null = null;
    for (const message of [test, group, fired, resolved]) {
      const outcome = await sendDelivery(channel, firedDelivery({ message }), {
        fetch,
        nowMs: NOW_MS,
        timeoutMs: 5_000,
        allowPrivateAddresses: true,
        thread: message === resolved ? thread : null,
      });
      expect(outcome).toMatchObject({ ok: true });
      thread = outcome.remote === undefined ? null : { remote: outcome.remote, isWhole: true };
    }
    const addresses = { statusPage: "/", panel: "/", alerts: "/" };
    const page = await browser.newPage({ viewport: { width: 900, height: 1_200 } });
    await page.setContent(
      String(await renderSlackPage(addresses, simulator.slack.posts, simulator.slack.refusals)),
    );
    await takePicture(page, "slack.png");
    expect(await page.locator("article").count()).toBe(3);
    const [first] = await page.locator("article").all();
    expect(await first?.locator(".slack-message").count()).toBe(2);
    expect(await first?.innerText()).toContain("Sample chat has recovered after 4m12s");
    expect(await page.locator("article", { hasText: "Trading <live>" }).count()).toBe(1);
    expect(await page.getByRole("link", { name: "Open the incident" }).count()).toBeGreaterThan(0);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    expect(overflow).toBe(false);
  },
  TIMEOUT_MS,
);

it(
  "shows other languages, from right to left too",
  async () => {
    const workspace = await startChannelSimulator(() => NOW_MS);
    try {
      const url = `${workspace.origin}/slack/services/T0/B0/abcdefghijklmnop`;
      const [fired, , resolved] = sampleMessages(NOW_MS);
      for (const language of ["de", "ja", "ar"]) {
        const settings = { url, language };
        const channel: Channel = { id: "team", name: "Team", kind: "slack", settings };
        for (const message of [fired, resolved]) {
          if (message === undefined) throw new Error("there are samples");
          const outcome = await sendDelivery(channel, firedDelivery({ message }), {
            fetch,
            nowMs: NOW_MS,
            timeoutMs: 5_000,
            allowPrivateAddresses: true,
            thread: null,
          });
          expect(outcome).toMatchObject({ ok: true });
        }
      }
      const addresses = { statusPage: "/", panel: "/", alerts: "/" };
      const { posts, refusals } = workspace.slack;
      const page = await browser.newPage({ viewport: { width: 900, height: 1_200 } });
      await page.setContent(String(await renderSlackPage(addresses, posts, refusals)));
      await takePicture(page, "slack-languages.png");
      const shown = await page.locator("body").innerText();
      expect(shown).toContain("Sample chat funktioniert nach 4 min wieder");
      expect(shown).toContain("よくある原因");
      expect(shown).toContain("السبب المعتاد");
    } finally {
      await workspace[Symbol.asyncDispose]();
    }
  },
  TIMEOUT_MS,
);
