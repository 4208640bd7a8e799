/**
 * The pages in a real browser: accessibility, weight, layout, keyboard, live renewal. Pictures of
 * every state are left in the screenshot folder for people to look at.
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findViolations as violations } from "../../../support/accessibility.ts";
import { launchBrowser, takePicture } from "../../../support/browser.ts";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import type { PageServer } from "../../../support/page-server.ts";
import { servePages } from "../../../support/page-server.ts";
import { Visits, loadAll } from "../../../support/visits.ts";

/** Everything a visit may transfer. */
const TRANSFER_MAX_BYTES = 50 * 1_024;
/** First contentful paint on a machine that is busy with other tests; a tenth of it when idle. */
const PAINT_MAX_MS = 10_000;

let browser: Browser;
let pages: PageServer;
let visits: Visits;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  pages = await servePages(worlds.calm());
  visits = new Visits(browser, { nowMs: NOW_MS });
});
afterEach(async () => {
  await visits.end();
  await pages.close();
});

/** Opens a page at the fixture's moment; its clock moves only when the test says so. */
const visit = (path = "/", options: BrowserContextOptions = {}) =>
  visits.open(pages.url + path, options);

const STATES = {
  calm: worlds.calm,
  outage: worlds.outage,
  partial: worlds.partial,
  declared: worlds.declared,
  maintenance: worlds.maintenance,
  stale: worlds.stale,
  silent: worlds.silent,
  newborn: worlds.newborn,
  awkward: worlds.awkward,
} as const;
const SCHEMES = ["light", "dark"] as const;
const VIEWS = Object.keys(STATES).flatMap((state) =>
  SCHEMES.map((scheme) => [state as keyof typeof STATES, scheme] as const),
);

describe("accessibility", () => {
  it.each(VIEWS)("has no violation: %s, %s", async (state, colorScheme) => {
    pages.status = STATES[state]();
    const page = await visit("/", { colorScheme });
    await takePicture(page, `${state}-${colorScheme}.png`);
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await violations(page)).toEqual([]);
    expect(visits.complaints).toEqual([]);
  });

  it.each(SCHEMES)("has no violation on an incident's page: %s", async (colorScheme) => {
    pages.status = worlds.outage();
    const page = await visit(`/incidents/${worlds.outage().openIncidents[0]?.id}`, { colorScheme });
    await takePicture(page, `incident-${colorScheme}.png`);
    expect(await violations(page)).toEqual([]);
  });

  it.each(SCHEMES)("has no violation on the pages of a monitor and a month: %s", async (scheme) => {
    pages.status = worlds.outage();
    const page = await visit("/monitors/chat", { colorScheme: scheme });
    await takePicture(page, `monitor-${scheme}.png`);
    expect(await violations(page)).toEqual([]);
    await page.goto(`${pages.url}/history`);
    await takePicture(page, `history-${scheme}.png`);
    expect(await violations(page)).toEqual([]);
    expect(visits.complaints).toEqual([]);
  });

  it("has no violation from right to left, and walks bars as they are seen", async () => {
    pages.status = worlds.outage();
    const page = await visit("/?lang=ar", { timezoneId: "Africa/Cairo" });
    await takePicture(page, "arabic.png");
    expect(await violations(page)).toEqual([]);
    const bar = page.locator("#monitor-chat-history");
    await bar.focus();
    await page.keyboard.press("ArrowRight");
    expect(await bar.getAttribute("aria-valuenow")).toBe("89");
    expect(await page.locator(".tip").textContent()).toContain("19 نوفمبر 2026");
    await page.clock.runFor(5_000);
    expect(await page.locator("#headline").innerText()).toMatch(/قبل \d+ ث/);
    await page.goto(`${pages.url}/monitors/chat?lang=ar`);
    await takePicture(page, "arabic-monitor.png");
    expect(await violations(page)).toEqual([]);
    expect(visits.complaints).toEqual([]);
  });

  it("has no violation when nothing is known", async () => {
    pages.status = new Error("object unreachable");
    const page = await visit();
    await takePicture(page, "unavailable.png");
    expect(await violations(page)).toEqual([]);
  });

  it("lets the keyboard walk a bar's days, one stop per bar", async () => {
    const page = await visit();
    const bar = page.getByRole("slider").first();
    await page.locator("#headline").click();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Chat");
    await page.keyboard.press("Tab");
    expect(await bar.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.locator(".tip").textContent()).toBe("Today so far: operational");
    for (let step = 0; step < 9; step += 1) await page.keyboard.press("ArrowLeft");
    const words = "11 Nov 2026: partial outage for 25 min; 100% uptime";
    expect(await page.locator(".tip").textContent()).toBe(words);
    expect(await bar.getAttribute("aria-valuetext")).toBe(words);
    await takePicture(page, "keyboard.png");
    await page.keyboard.press("Tab");
    expect(await page.locator(".tip").isVisible()).toBe(false);
  });

  it("lets the keyboard reach everything there is to use, in the order of the page", async () => {
    pages.status = worlds.outage();
    const page = await visit();
    const wanted = await page.evaluate(() =>
      [...document.querySelectorAll("a[href], summary, [tabindex='0']")]
        .filter((element) => element.checkVisibility())
        .map((element) => element.id || element.textContent.trim()),
    );
    const reached: string[] = [];
    for (let step = 0; step < wanted.length; step += 1) {
      await page.keyboard.press("Tab");
      reached.push(
        await page.evaluate(() => {
          const element = document.activeElement;
          return element === null ? "" : element.id || element.textContent.trim();
        }),
      );
    }
    expect(reached).toEqual(wanted);
  });

  it("keeps its meaning in high contrast and without motion", async () => {
    pages.status = worlds.outage();
    const page = await visit("/", {
      forcedColors: "active",
      contrast: "more",
      reducedMotion: "reduce",
    });
    await takePicture(page, "high-contrast.png");
    expect(await violations(page)).toEqual([]);
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll("*")].filter((element) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
          return (
            transitionDuration !== "0s" || animationName !== "none" || scrollBehavior !== "auto"
          );
        }).length,
    );
    expect(moving).toBe(0);
  });

  it("tells a day's figures on hover", async () => {
    const page = await visit();
    await page.locator("#monitor-chat-history .day").nth(80).hover();
    expect(await page.locator(".tip").textContent()).toBe(
      "11 Nov 2026: partial outage for 25 min; 100% uptime",
    );
  });
});

describe("layout", () => {
  it.each([
    ["an outage", worlds.outage, "phone-outage"],
    ["awkward names", worlds.awkward, "phone-awkward"],
    ["sixty monitors", worlds.crowd, "phone-crowd"],
  ] as const)("fits a phone with %s", async (_what, world, name) => {
    pages.status = world();
    const page = await visit("/", { viewport: { width: 360, height: 740 } });
    await page.locator("summary").first().click();
    await takePicture(page, `${name}.png`);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  it("does not shift while it loads", async () => {
    pages.status = worlds.outage();
    const page = await visit();
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let total = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) total += (entry as unknown as Shift).value;
          }).observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(total)));
        }),
    );
    expect(shift).toBe(0);
  });

  it("is complete without JavaScript", async () => {
    pages.status = worlds.outage();
    const page = await visit("/", { javaScriptEnabled: false });
    await takePicture(page, "no-javascript.png");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Chat is down");
    await page.locator("#monitor-chat-regions summary").click();
    expect(await page.locator("#monitor-chat-regions").innerText()).toContain("accept_mismatch");
    expect(await page.locator("#headline").innerText()).toContain("4 s ago (14:05:26 UTC)");
    const day = page.locator("#monitor-chat-history .day title").nth(80);
    expect(await day.textContent()).toContain("partial outage for 25 min");
  });

  it("prints", async () => {
    pages.status = worlds.outage();
    const page = await visit();
    const folded = page.locator(".incident .timeline").first();
    expect((await folded.boundingBox())?.height ?? 0).toBe(0);
    await page.emulateMedia({ media: "print" });
    await takePicture(page, "print.png");
    expect(await page.locator("nav").first().isVisible()).toBe(false);
    // Nobody can unfold paper.
    expect((await folded.boundingBox())?.height).toBeGreaterThan(50);
  });
});

/** What a layout-shift entry holds (Layout Instability API). */
interface Shift {
  value: number;
}

describe("weight", () => {
  it.each([
    ["four monitors", worlds.outage],
    ["sixty monitors", worlds.crowd],
  ] as const)("stays under 50 KB with everything: %s", async (what, world) => {
    pages.status = world();
    const page = await visits.begin();
    const files = await loadAll(page, pages.url);
    const bytes = files.reduce((total, file) => total + file.bytes, 0);
    expect(bytes).toBeLessThan(TRANSFER_MAX_BYTES);
    expect([...new Set(files.map(({ url }) => new URL(url).origin))]).toEqual([pages.url]);
    // The page, its style, its script, its icon.
    expect(files.length).toBeLessThanOrEqual(4);
    const paintMs = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity,
    );
    console.log(`${what}: ${bytes} bytes, ${files.length} requests, painted at ${paintMs} ms`);
    expect(paintMs).toBeLessThan(PAINT_MAX_MS);
  });
});

const title = (page: Page) => page.getByRole("heading", { level: 1 });

describe("the live page", () => {
  it("puts times into the visitor's zone", async () => {
    const page = await visit("/", { timezoneId: "Asia/Tokyo" });
    expect(await page.locator("#headline").innerText()).toMatch(/23:05:26 GMT\+9/);
  });

  it("lets ages grow, and doubts itself once its data is old", async () => {
    const page = await visit();
    pages.status = new Error("never answered");
    await page.route("**/*", (route) => route.abort());
    await page.clock.runFor(10_000);
    expect(await page.locator("#headline").innerText()).toContain("Data from 14 s ago");
    expect(await title(page).textContent()).toBe("All services operational");
    await page.clock.runFor(210_000);
    expect(await title(page).textContent()).toMatch(/^Status not known/);
    expect(await page.locator("#headline").getAttribute("class")).toContain("tone-unknown");
    expect(await page.getByRole("status").textContent()).toMatch(/^Status not known/);
  });

  it("renews itself without losing what is open or focused", async () => {
    const page = await visit();
    await page.locator("#monitor-chat-regions summary").click();
    await page.locator("#monitor-chat-history").focus();
    pages.status = worlds.outage();
    pages.nowMs += 31_000;
    await page.clock.runFor(31_000);
    await expect.poll(() => title(page).textContent()).toBe("Chat is down");
    expect(await page.title()).toBe("Chat is down · Echoquorum status");
    expect(await page.getByRole("status").textContent()).toBe("Chat is down");
    expect(await page.locator("#monitor-chat-regions").getAttribute("open")).not.toBeNull();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("monitor-chat-history");
    expect(await page.locator("#open-incidents h3").count()).toBe(2);
    expect(await page.locator('link[rel="icon"]').getAttribute("href")).toContain("icon-down");
    expect(visits.complaints).toEqual([]);
  });

  it("hears at once that something has changed", async () => {
    const page = await visit();
    await page.clock.runFor(6_000);
    await expect.poll(() => pages.requests).toContain("/live");
    const looks = pages.requests.length;
    pages.status = worlds.outage();
    await expect.poll(() => title(page).textContent()).toBe("Chat is down");
    expect(pages.requests.slice(looks)).toEqual(["/"]);
    expect(visits.complaints).toEqual([]);
  });

  it("takes in monitors that were added", async () => {
    const page = await visit();
    pages.status = worlds.crowd();
    await page.clock.runFor(31_000);
    await expect.poll(() => page.locator(".monitor").count()).toBe(60);
    expect(await title(page).textContent()).toBe("Service 18 is down");
  });

  it("trusts the server's clock when the visitor's is wrong", async () => {
    const page = await visit();
    await page.clock.setSystemTime(NOW_MS + 3_600_000);
    await page.reload();
    await expect.poll(() => page.locator("#headline").innerText()).toContain("Data from 4 s ago");
    expect(await title(page).textContent()).toBe("All services operational");
  });
});
