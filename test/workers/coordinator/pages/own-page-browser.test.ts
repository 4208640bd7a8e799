/**
 * Pages with an owner's looks in a real browser: accessibility, what is loaded, weight, layout.
 * Pictures are left in the screenshot folder for people to look at.
 */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findViolations } from "../../../support/accessibility.ts";
import { launchBrowser, takePicture } from "../../../support/browser.ts";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import {
  LOGO,
  LOGO_DARK,
  OWN_PAGE,
  setUpPage,
  setUpPrivatePage,
} from "../../../support/own-page.ts";
import type { PageServer } from "../../../support/page-server.ts";
import { servePages } from "../../../support/page-server.ts";
import { Visits, loadAll } from "../../../support/visits.ts";

/** Everything that a visit may transfer besides the owner's own files. */
const TRANSFER_MAX_BYTES = 50 * 1_024;

let browser: Browser;
let pages: PageServer;
let visits: Visits;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  pages = await servePages(worlds.outage());
  pages.pages = [setUpPage({ ...OWN_PAGE, hosts: [] })];
  visits = new Visits(browser, { nowMs: NOW_MS });
});
afterEach(async () => {
  await visits.end();
  await pages.close();
});

const visit = (path = "/", options: BrowserContextOptions = {}) =>
  visits.open(pages.url + path, options);

const PHONE = { width: 360, height: 740 };

describe("a page with its owner's colours, logo, links and stylesheet", () => {
  it.each(["light", "dark"] as const)("has no violation: %s", async (colorScheme) => {
    const page = await visit("/", { colorScheme });
    await takePicture(page, `own-${colorScheme}.png`);
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await findViolations(page)).toEqual([]);
    await page.goto(`${pages.url}/monitors/chat`);
    await takePicture(page, `own-monitor-${colorScheme}.png`);
    expect(await findViolations(page)).toEqual([]);
    expect(visits.complaints).toEqual([]);
  });

  it("shows the logo of the scheme, and the colours that were chosen", async () => {
    for (const [colorScheme, logo, accent] of [
      ["light", LOGO, "rgb(106, 53, 201)"],
      ["dark", LOGO_DARK, "rgb(196, 168, 255)"],
    ] as const) {
      const page = await visit("/", { colorScheme });
      const shown = page.locator(".brand img");
      const source = await shown.evaluate((image) => (image as HTMLImageElement).currentSrc);
      const response = await page.request.get(source);
      expect(`data:image/svg+xml;base64,${(await response.body()).toString("base64")}`).toBe(logo);
      expect(await shown.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(150);
      const link = page.locator("nav a.own");
      expect(await link.evaluate((element) => getComputedStyle(element).color)).toBe(accent);
      expect(
        await page.locator("#headline").evaluate((box) => getComputedStyle(box).borderRadius),
      ).toBe("28px");
    }
  });

  it.each([
    ["a phone", "/", "own-phone"],
    ["a phone, from right to left", "/?lang=ar", "own-phone-arabic"],
  ])("fits %s", async (_what, path, name) => {
    const page = await visit(path, { viewport: PHONE });
    await takePicture(page, `${name}.png`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(await findViolations(page)).toEqual([]);
  });

  it("fits a phone with a long name and no logo", async () => {
    const name = "The status of all services of a company with a very long name, in one place";
    pages.pages = [setUpPage({ ...OWN_PAGE, hosts: [], name, logo: null, logoDark: null })];
    const page = await visit("/", { viewport: PHONE, colorScheme: "dark" });
    await takePicture(page, "own-phone-name.png");
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  it("loads nothing from elsewhere, and no more than every page besides its own files", async () => {
    const files = await loadAll(await visits.begin(), pages.url);
    expect(files.filter(({ url }) => !url.startsWith(pages.url))).toEqual([]);
    const own = files.filter(({ url }) => /\/assets\/(logo|favicon|page)-/.test(url));
    expect(own.length).toBeGreaterThanOrEqual(2);
    const bytes = files
      .filter((file) => !own.includes(file))
      .reduce((total, file) => total + file.bytes, 0);
    expect(bytes).toBeLessThan(TRANSFER_MAX_BYTES);
  });
});

describe("a private page", () => {
  const secret = "correct horse battery";
  beforeEach(async () => {
    const access = { password: secret };
    pages.pages = [await setUpPrivatePage({ ...OWN_PAGE, hosts: [], access })];
  });

  it.each(["light", "dark"] as const)("asks for its password: %s", async (colorScheme) => {
    const page = await visit("/monitors/chat", { colorScheme, viewport: PHONE });
    await takePicture(page, `login-${colorScheme}.png`);
    expect(await findViolations(page)).toEqual([]);
    await page.getByLabel("Password").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await takePicture(page, `login-wrong-${colorScheme}.png`);
    expect(await findViolations(page)).toEqual([]);
    await page.getByLabel("Password").fill(secret);
    await page.getByRole("button").click();
    await page.getByRole("heading", { name: "Chat", level: 1 }).waitFor();
    expect(page.url()).toBe(`${pages.url}/monitors/chat`);
  });

  it("can be entered without JavaScript, in the visitor's language", async () => {
    const page = await visit("/?lang=ar", { javaScriptEnabled: false });
    await takePicture(page, "login-arabic.png");
    await page.locator("#secret").fill(secret);
    await page.locator("button").click();
    await page.locator("#headline").waitFor();
    expect(page.url()).toBe(`${pages.url}/?lang=ar`);
  });
});

describe("a page that hides details", () => {
  it("has no violation and leaves no empty frame behind", async () => {
    const details = { regions: false, latency: false, reasons: false };
    pages.pages = [setUpPage({ name: "Quiet", details })];
    const page = await visit("/", { colorScheme: "light" });
    await takePicture(page, "own-quiet.png");
    expect(await findViolations(page)).toEqual([]);
    expect(await page.locator("#region-health, [id$='-regions'], .reason").count()).toBe(0);
    await page.goto(`${pages.url}/monitors/chat`);
    await takePicture(page, "own-quiet-monitor.png");
    expect(await findViolations(page)).toEqual([]);
    expect(await page.locator("section h2").allTextContents()).not.toContain("");
    await page.goto(`${pages.url}/incidents/${worlds.outage().openIncidents[0]?.id}`);
    await takePicture(page, "own-quiet-incident.png");
    expect(await findViolations(page)).toEqual([]);
    expect(visits.complaints).toEqual([]);
  });
});
