/** The widget in a real browser, in a page of another site with a strict policy of its own. */
import { Hono } from "hono";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { serve } from "../../../../workers/local/services/http-server.ts";
import { launchBrowser, takePicture } from "../../../support/browser.ts";
import { monitorStatus, NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import type { PublicApp } from "../../../support/public-app.ts";
import { publicApp } from "../../../support/public-app.ts";

const TIMEOUT_MS = 60_000;
/** What a browser says of an answer that is none, as a test may want one. */
const UNANSWERED = /status of 503/;

interface Server {
  origin: string;
  close(): Promise<void>;
}

let browser: Browser;
let network: PublicApp;
let status: Server;
let site: Server;
let context: BrowserContext;
/** What the status host was asked, with the cookies that came along. */
const asked: Array<{ path: string; cookie: string | undefined }> = [];
/** What the other site's page said to the console: it may break no policy, its own included. */
const complaints: string[] = [];
/** The tags in the page of the other site. */
let tags = "";

beforeAll(async () => {
  browser = await launchBrowser();
  network = publicApp({ now: () => NOW_MS });
  const host = new Hono();
  host.all("*", (each) => {
    const { path, url } = each.req;
    asked.push({ path, cookie: each.req.header("cookie") });
    return network.request(path + new URL(url).search, each.req.header(), each.req.method);
  });
  status = await serve(host, 0);
  const other = new Hono();
  other.get("/", (each) => {
    each.header(
      "content-security-policy",
      `default-src 'none'; script-src ${status.origin}; connect-src ${status.origin}`,
    );
    const head = '<meta charset="utf-8"><title>A shop</title>';
    return each.html(`<!doctype html><html lang="en"><head>${head}</head><body>${tags}</body>`);
  });
  other.get("/favicon.ico", (each) => each.body(null, 204));
  site = await serve(other, 0);
}, TIMEOUT_MS);
afterAll(async () => {
  await browser.close();
  await Promise.all([status.close(), site.close()]);
});
beforeEach(async () => {
  network.status = worlds.outage();
  network.fails = false;
  asked.length = 0;
  complaints.length = 0;
  context = await browser.newContext();
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(async () => {
  await context.close();
  vi.restoreAllMocks();
  expect(complaints.filter((text) => !UNANSWERED.test(text))).toEqual([]);
});

const tag = (attributes = "") =>
  `<p>Our service: <script src="${status.origin}/widget.js" defer ${attributes}></script></p>`;

/** Opens the other site's page. */
async function visit(...widgets: string[]): Promise<Page> {
  // By another name, so that it is another site and not only another port.
  return visitAt(site.origin.replace("127.0.0.1", "localhost"), ...widgets);
}

async function visitAt(origin: string, ...widgets: string[]): Promise<Page> {
  tags = widgets.join("\n");
  const page = await context.newPage();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.clock.install();
  await page.goto(origin);
  await page.locator("echoquorum-status").first().waitFor();
  return page;
}

const shown = (page: Page) =>
  page.locator("echoquorum-status").evaluateAll((hosts) =>
    hosts.map((host) => {
      const words = host.shadowRoot?.querySelector("[role=status]")?.textContent;
      const link = host.shadowRoot?.querySelector("a")?.href;
      return { tone: host.dataset["status"], words, path: new URL(link ?? "").pathname };
    }),
  );

/** Waits until the first widget says this. */
const says = (page: Page, words: string) =>
  page.locator("echoquorum-status").first().getByText(words, { exact: true }).waitFor();

describe("the widget", { timeout: TIMEOUT_MS }, () => {
  it("tells where its tag stands of the whole, or of one monitor, with a link", async () => {
    const page = await visit(
      tag(),
      tag('data-monitor="prices"'),
      tag('data-monitor="chat" data-label="Support"'),
      tag('data-monitor="none"'),
    );
    await says(page, "Chat is down");
    await page.waitForFunction(() => document.querySelectorAll("[data-status]").length === 4);
    expect(await shown(page)).toEqual([
      { tone: "down", words: "Chat is down", path: "/" },
      { tone: "operational", words: "Price feed: Operational", path: "/monitors/prices" },
      { tone: "down", words: "Support: Down", path: "/monitors/chat" },
      { tone: "unknown", words: "Status not known", path: "/monitors/none" },
    ]);
    const colours = await page
      .locator("circle")
      .evaluateAll((circles) => circles.map((circle) => getComputedStyle(circle).fill));
    expect(new Set(colours).size).toBe(3);
    await takePicture(page, "widget.png");
  });

  it.each([
    ["operational", "All services operational", worlds.calm],
    ["partial", "Chat fails in some regions", worlds.partial],
    ["partial", "2 incidents are being handled", worlds.declared],
    ["maintenance", "Presence is under maintenance", worlds.maintenance],
    ["unknown", "Status not known for 12 min", worlds.stale],
  ] as const)("is %s where the page says: %s", async (tone, words, world) => {
    network.status = world();
    const page = await visit(tag());
    await says(page, words);
    expect(await shown(page)).toEqual([{ tone, words, path: "/" }]);
  });

  it("tells nothing of a private monitor", async () => {
    network.status.monitors.push(monitorStatus({ id: "hidden", name: "Hidden", public: false }));
    const page = await visit(tag('data-monitor="hidden"'));
    await says(page, "Status not known");
    expect(JSON.stringify(await shown(page))).not.toContain("Hidden");
  });

  it("keeps no cookie, sends none that there is, and asks nobody else for anything", async () => {
    const hosts = new Set<string>();
    context.on("request", (request) => hosts.add(new URL(request.url()).origin));
    // A cookie has no port: the browser has this one for the status host and for the site alike.
    await context.addCookies([{ name: "session", value: "secret", url: status.origin }]);
    const page = await visitAt(site.origin, tag());
    await says(page, "Chat is down");
    expect(asked).toEqual([
      // The tag is the site's own, and as any other.
      { path: "/widget.js", cookie: "session=secret" },
      { path: "/api/v1/status", cookie: undefined },
    ]);
    expect((await context.cookies()).map(({ name }) => name)).toEqual(["session"]);
    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
    expect(kept).toEqual([0, 0]);
    expect([...hosts].sort()).toEqual([status.origin, site.origin].sort());
  });

  it("says that nothing is known while nobody answers, and looks again by itself", async () => {
    network.fails = true;
    const page = await visit(tag('data-every="30"'));
    await says(page, "Status not known");
    expect(await shown(page)).toMatchObject([{ tone: "unknown" }]);
    network.fails = false;
    await page.clock.runFor(31_000);
    await says(page, "Chat is down");
    network.fails = true;
    await page.clock.runFor(31_000);
    await says(page, "Status not known");
  });
});
