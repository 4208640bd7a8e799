/**
 * The pages of subscriptions in a real browser: accessibility in every state, without script, on a
 * phone, from right to left. Pictures are left in the screenshot folder for people to look at.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Env } from "../../../../workers/coordinator/env.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { subscriptionPageRoutes } from "../../../../workers/coordinator/pages/subscription-app.tsx";
import { findViolations } from "../../../support/accessibility.ts";
import { launchBrowser, takePicture } from "../../../support/browser.ts";
import type { SubscriberWorld } from "../../../support/subscribers.ts";
import { linkIn, openSubscriberWorld } from "../../../support/subscribers.ts";
import { Visits } from "../../../support/visits.ts";

/** That a form was refused is what the page shows. */
const REFUSED = /status of 4\d\d/;

let browser: Browser;
let world: SubscriberWorld;
let origin = "";
let visits: Visits;
const app = new Hono<{ Bindings: Env }>();
app.route("/", subscriptionPageRoutes());
app.route("/", pageRoutes());
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  const { method = "GET" } = request;
  const body = method === "POST" ? { body: Buffer.concat(chunks) } : {};
  const url = new URL(request.url ?? "/", origin);
  const answer = await app.fetch(new Request(url, { method, headers, ...body }), world.api.env);
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(Buffer.from(await answer.arrayBuffer()));
});

beforeAll(async () => {
  [browser, world] = await Promise.all([launchBrowser(), openSubscriberWorld()]);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await world.close();
});
beforeEach(async () => {
  await world.reset();
  world.api.env.PUBLIC_URL = origin;
  visits = new Visits(browser, { tolerated: REFUSED });
});
afterEach(() => visits.end());

const visit = (path: string, options: BrowserContextOptions = {}) =>
  visits.open(origin + path, options);

/** Waits until a page says this at its top: a button leads there in its own time. */
const heads = (page: Page, words: string) =>
  page.getByRole("heading", { level: 1, name: words }).waitFor();

async function expectSound(page: Page, picture: string): Promise<void> {
  await takePicture(page, `${picture}.png`);
  expect(await findViolations(page)).toEqual([]);
  expect(visits.complaints).toEqual([]);
}

const PHONE = { viewport: { width: 360, height: 740 } };
const LOOKS: ReadonlyArray<readonly [name: string, options: BrowserContextOptions]> = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", PHONE],
];

describe("the pages of subscriptions", () => {
  it.each(LOOKS)(
    "are accessible from the form to the end: %s",
    async (look, options) => {
      const page = await visit("/", options);
      await page.goto(`${origin}/subscribe`);
      await expectSound(page, `subscribe-${look}`);
      await page.getByRole("radio", { name: /Only the services/ }).check();
      await page.getByRole("checkbox", { name: "Chat" }).check();
      await page.getByLabel("E-mail address").fill("reader@example.com");
      await expectSound(page, `subscribe-filled-${look}`);
      await page.getByRole("button", { name: "Subscribe" }).click();
      await heads(page, "Look into your inbox");
      await expectSound(page, `subscribe-sent-${look}`);
      await page.goto(origin + linkIn((await world.letter()).text, "/subscriptions/confirm/"));
      await expectSound(page, `subscribe-confirm-${look}`);
      await page.getByRole("button", { name: "Confirm" }).click();
      await heads(page, "You are subscribed");
      await expectSound(page, `subscribe-confirmed-${look}`);
      expect(await page.getByRole("checkbox", { name: "Chat" }).isChecked()).toBe(true);
      await page.getByRole("radio", { name: /All services/ }).check();
      await page.getByRole("button", { name: "Save" }).click();
      await heads(page, "Your choice is saved");
      await page.getByRole("button", { name: "Unsubscribe" }).click();
      await heads(page, "You are unsubscribed");
      await expectSound(page, `subscribe-ended-${look}`);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    },
    60_000,
  );

  it("say what is wrong beside what was typed", async () => {
    const page = await visit("/subscribe");
    await page.getByRole("radio", { name: "Webhook" }).check();
    await page.getByLabel("URL of your endpoint").fill(`${world.endpoint}/hook`);
    world.answer = () => ({ status: 200, body: "hello" });
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByRole("alert").getByText("did not repeat the challenge").waitFor();
    expect(await page.getByLabel("URL of your endpoint").inputValue()).toContain("/hook");
    await expectSound(page, "subscribe-refused");
  });

  it("work without script, and from right to left", async () => {
    const page = await visit("/subscribe?lang=ar", { ...PHONE, javaScriptEnabled: false });
    await takePicture(page, "subscribe-arabic.png");
    await page.locator("input[name=email]").fill("reader@example.com");
    await page.locator("form.ask button").click();
    await heads(page, "راجع صندوق بريدك");
    expect((await world.letter()).html).toContain('dir="rtl"');
    const arabic = await visit("/subscribe?lang=ar");
    await expectSound(arabic, "subscribe-arabic-wide");
  });

  it("show an e-mail that can be read in either scheme", async () => {
    await world.subscribe({ kind: "email", target: "reader@example.com" });
    const { html } = await world.letter();
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await visits.begin({ colorScheme, viewport: { width: 640, height: 480 } });
      await page.setContent(html);
      expect(await findViolations(page)).toEqual([]);
      await takePicture(page, `subscribe-mail-${colorScheme}.png`);
    }
  });
});
