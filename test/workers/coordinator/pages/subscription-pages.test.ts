/**
 * The pages of subscriptions in a real browser: accessibility in every state, without script, on a
 * phone, from right to left. Pictures are left in the screenshot folder for people to look at.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Hono } from "hono";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Env } from "../../../../workers/coordinator/env.ts";
import { pageRoutes } from "../../../../workers/coordinator/pages/app.tsx";
import { subscriptionPageRoutes } from "../../../../workers/coordinator/pages/subscription-app.tsx";
import { launchBrowser, takePicture } from "../../../support/browser.ts";
import type { SubscriberWorld } from "../../../support/subscribers.ts";
import { linkIn, openSubscriberWorld } from "../../../support/subscribers.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser: Browser;
let world: SubscriberWorld;
let origin = "";
let opened: Page[] = [];
let complaints: string[] = [];
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
  complaints = [];
});
afterEach(async () => {
  await Promise.all(opened.map((page) => page.context().close()));
  opened = [];
});

async function visit(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1_100, height: 800 }, ...options });
  const page = await context.newPage();
  opened.push(page);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // That a form was refused is what the page shows.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  await page.goto(origin + path);
  return page;
}

/** Accessibility rules that the page breaks, with the elements that break them. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const { violations: broken } = found as {
    violations: Array<{ id: string; nodes: Array<{ html: string }> }>;
  };
  return broken.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

async function expectSound(page: Page, picture: string): Promise<void> {
  await takePicture(page, `${picture}.png`);
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
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
      await expectSound(page, `subscribe-sent-${look}`);
      await page.goto(origin + linkIn((await world.letter()).text, "/subscriptions/confirm/"));
      await expectSound(page, `subscribe-confirm-${look}`);
      await page.getByRole("button", { name: "Confirm" }).click();
      expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("You are subscribed");
      await expectSound(page, `subscribe-confirmed-${look}`);
      expect(await page.getByRole("checkbox", { name: "Chat" }).isChecked()).toBe(true);
      await page.getByRole("radio", { name: /All services/ }).check();
      await page.getByRole("button", { name: "Save" }).click();
      expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe(
        "Your choice is saved",
      );
      await page.getByRole("button", { name: "Unsubscribe" }).click();
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
    expect(await page.getByRole("alert").innerText()).toContain("did not repeat the challenge");
    expect(await page.getByLabel("URL of your endpoint").inputValue()).toContain("/hook");
    await expectSound(page, "subscribe-refused");
  });

  it("work without script, and from right to left", async () => {
    const page = await visit("/subscribe?lang=ar", { ...PHONE, javaScriptEnabled: false });
    await takePicture(page, "subscribe-arabic.png");
    await page.locator("input[name=email]").fill("reader@example.com");
    await page.locator("form.ask button").click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toContain("راجع صندوق بريدك");
    expect((await world.letter()).html).toContain('dir="rtl"');
    const arabic = await visit("/subscribe?lang=ar");
    await expectSound(arabic, "subscribe-arabic-wide");
  });

  it("show an e-mail that can be read in either scheme", async () => {
    await world.subscribe({ kind: "email", target: "reader@example.com" });
    const { html } = await world.letter();
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        colorScheme,
        viewport: { width: 640, height: 480 },
      });
      const page = await context.newPage();
      opened.push(page);
      await page.setContent(html);
      expect(await violations(page)).toEqual([]);
      await takePicture(page, `subscribe-mail-${colorScheme}.png`);
    }
  });
});
