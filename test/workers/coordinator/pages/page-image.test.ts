/** The picture of a page: that it is one, what it says, and that its letters are all there. */
import { inflateSync } from "node:zlib";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_TIME } from "../../../../shared/monitor/uptime.ts";
import {
  Canvas,
  disc,
  ring,
  roundedBox,
} from "../../../../workers/coordinator/pages/image/canvas.ts";
import {
  letterable,
  measure,
  shorten,
  wrap,
} from "../../../../workers/coordinator/pages/image/lettering.ts";
import { encodePng } from "../../../../workers/coordinator/pages/image/png.ts";
import { EN } from "../../../../workers/coordinator/pages/language/en.ts";
import { renderCard } from "../../../../workers/coordinator/pages/view-model/card.ts";
import { SCREENSHOT_DIRECTORY, launchBrowser } from "../../../support/browser.ts";
import { MemoryStore } from "../../../support/memory-store.ts";
import { NOW_MS } from "../../../support/network-status.ts";
import * as worlds from "../../../support/network-worlds.ts";
import { OWN_PAGE, setUpPage, setUpPrivatePage } from "../../../support/own-page.ts";
import type { PublicApp } from "../../../support/public-app.ts";
import { publicApp } from "../../../support/public-app.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SITE = { name: "Echo Cloud", host: "status.example.com" };
const cardOf = (status = worlds.calm(), site = SITE) =>
  renderCard(status, { source: "live", nowMs: NOW_MS, site });

let store: MemoryStore;
let app: PublicApp;
beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
  store = new MemoryStore();
  app = publicApp({ now: () => NOW_MS, store: () => store });
});

afterEach(() => app.settle());

/** How much of a canvas is black, in pixels. */
function inked(canvas: Canvas): number {
  return canvas.pixels.reduce((sum, pixel) => sum + (255 - (pixel & 0xff)) / 255, 0);
}

const draw = (shape: ReturnType<typeof disc>) => {
  const canvas = new Canvas(120, 120, "#ffffff");
  canvas.fill(shape, "#000000");
  return inked(canvas);
};

describe("a shape", () => {
  it("covers as many pixels as it is large", () => {
    expect(draw(disc([60.3, 59.7], 40))).toBeCloseTo(Math.PI * 40 ** 2, -1.6);
    expect(draw(ring([60, 60], 40, 10))).toBeCloseTo(Math.PI * (45 ** 2 - 35 ** 2), -1.6);
    expect(draw(roundedBox(10.5, 20.25, 50, 30, 0.01))).toBeCloseTo(1_500, -1);
    expect(draw([...disc([60, 60], 20), ...disc([60, 60], 10)])).toBeCloseTo(Math.PI * 400, -1.6);
  });

  it("may lie partly or wholly outside", () => {
    expect(draw(disc([0, 0], 40))).toBeCloseTo((Math.PI * 40 ** 2) / 4, -1.6);
    expect(draw(disc([120, 120], 40))).toBeCloseTo((Math.PI * 40 ** 2) / 4, -1.6);
    expect(draw(disc([-60, 400], 40))).toBe(0);
  });

  it("as a box is what it is as a shape", () => {
    const one = new Canvas(100, 60, "#ffffff");
    one.fillBox({ left: 8, top: 6, width: 80, height: 44 }, 12, "#000000");
    const other = new Canvas(100, 60, "#ffffff");
    other.fill(roundedBox(8, 6, 80, 44, 12), "#000000");
    expect(Math.abs(inked(one) - inked(other))).toBeLessThan(6);
  });
});

const unpack = (png: Uint8Array) => {
  const at = Buffer.from(png).indexOf("IDAT");
  const length = Buffer.from(png).readUInt32BE(at - 4);
  return inflateSync(png.subarray(at + 4, at + 4 + length));
};

describe("a PNG", () => {
  it("has a palette where colours are few, and is plain where they are not", async () => {
    const few = new Canvas(3, 2, "#102030");
    few.pixels[4] = 0xffffff;
    const png = await encodePng(few);
    expect([...unpack(png)]).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
    const many = new Canvas(20, 20, "#000000");
    for (let index = 0; index < 400; index += 1) many.pixels[index] = index * 16_001;
    expect(unpack(await encodePng(many))).toHaveLength(20 * 61);
  });

  it("says of a row that is as that above it no more than that", async () => {
    const png = await encodePng(new Canvas(4, 3, "#102030"));
    expect([...unpack(png)]).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
  });
});

describe("letters", () => {
  it("are there for all that English pages say, and for the alphabets of Europe", () => {
    const said = JSON.stringify(EN).replaceAll(/[{}[\]\\]/g, "");
    expect(letterable(said)).not.toBeNull();
    for (const text of ["Größe, façade, Łódź, ñandú", "Κατάσταση", "Состояние — «ё»", "a\u0301"]) {
      expect(letterable(text), text).not.toBeNull();
    }
    for (const text of ["チャット", "شات", "🎉", "\u2068a\u2069"]) {
      expect(letterable(text), text).toBeNull();
    }
  });

  it("are measured, broken into lines and cut", () => {
    expect(measure("MM", 100)).toBeCloseTo(2 * measure("M", 100));
    expect(wrap("one two three", 50, measure("one two", 50) + 1, 2)).toEqual(["one two", "three"]);
    expect(wrap("one two three", 50, measure("one", 50), 2)).toBeNull();
    const cut = shorten("A name that is far too long", 40, 200);
    expect(cut).toMatch(/^A name.*…$/);
    expect(measure(cut, 40)).toBeLessThanOrEqual(200);
  });
});

describe("a card", () => {
  it("says what the page says", () => {
    expect(cardOf(worlds.outage())).toMatchObject({
      name: "Echo Cloud",
      tone: "down",
      title: "Chat is down",
      detail: "Order stream is degraded.",
      moment: "20 Nov, 14:05 UTC",
      uptime: "99.953% uptime over 90 days",
    });
    expect(cardOf(worlds.outage()).days.at(-1)?.tone).toBe("down");
    expect(cardOf(worlds.stale())).toMatchObject({ tone: "unknown" });
  });

  it.each([
    [[3 * HOUR_MS], "100% uptime over 3 h"],
    [[10.58 * DAY_MS, 2 * DAY_MS], "100% uptime over 10 days"],
    [[80.9 * DAY_MS], "100% uptime over 80 days"],
    [[89.2 * DAY_MS, 3 * HOUR_MS], "100% uptime over 90 days"],
    [[0], null],
  ])("tells uptime over no more than is known of one monitor: %j ms", (known, words) => {
    const status = worlds.calm();
    const [monitor] = status.monitors;
    if (monitor === undefined) throw new Error("there is no monitor");
    const monitors = known.map((operationalMs) => ({
      ...monitor,
      days: [{ ...NO_TIME, dayMs: NOW_MS - (NOW_MS % DAY_MS), operationalMs }],
    }));
    expect(cardOf({ ...status, monitors }).uptime).toBe(words);
  });

  it("does without days where not all are given", () => {
    const status = worlds.calm();
    const monitors = status.monitors.map((each) => ({ ...each, days: null }));
    expect(cardOf({ ...status, monitors })).toMatchObject({ days: [], uptime: null });
  });

  it("does without names whose letters cannot be drawn", () => {
    const status = worlds.outage();
    const monitors = status.monitors.map((each) => ({ ...each, name: `チャット ${each.id}` }));
    const card = cardOf({ ...status, monitors }, { ...SITE, name: "状況" });
    expect(card).toMatchObject({ name: "status.example.com", title: "1 service is down" });
    expect(card.detail).toBeNull();
  });
});

describe("/og.png", () => {
  it("is drawn once, kept as pages are, and named by every page", async () => {
    app.status = worlds.outage();
    const first = await app.request("https://status.example.com/og.png?v=down");
    await app.settle();
    expect(first.headers.get("content-type")).toBe("image/png");
    expect(first.headers.get("cache-control")).toContain("public, max-age=60");
    const png = Buffer.from(await first.arrayBuffer());
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1_200, 630]);
    const second = await app.request("https://status.example.com/og.png?v=other");
    expect(Buffer.from(await second.arrayBuffer()).equals(png)).toBe(true);
    expect([...store.kept.keys()]).toHaveLength(1);
    const etag = first.headers.get("etag") ?? "";
    const known = await app.request("https://status.example.com/og.png", { "if-none-match": etag });
    expect(known.status).toBe(304);
    for (const path of ["/", "/monitors/chat", "/history", "/subscribe"]) {
      const html = await (await app.request(`https://status.example.com${path}`)).text();
      expect(html, path).toMatch(
        /property="og:image" content="https:\/\/status\.example\.com\/og\.png\?v=\w+"/,
      );
      expect(html, path).toContain('name="twitter:card" content="summary_large_image"');
      expect(html, path).toMatch(/property="og:title" content="[^"]+"/);
      expect(html, path).toMatch(/property="og:description" content="[^"]+"/);
    }
  });

  it("says so when nothing is known, and is not kept", async () => {
    app.fails = true;
    const answer = await app.request("https://status.example.com/og.png");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toBe("image/png");
  });

  it("of a private page is for whom the page is", async () => {
    const token = "0123456789-abcdefghij-token";
    app.pages = [await setUpPrivatePage({ name: "Inside", access: { token } })];
    expect((await app.request("/og.png")).status).toBe(401);
    const answer = await app.request("/og.png", { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    await app.settle();
    expect([...store.kept.keys()]).toEqual([]);
  });
});

describe("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    ["calm", worlds.calm],
    ["outage", worlds.outage],
    ["maintenance", worlds.maintenance],
    ["stale", worlds.stale],
    ["crowd", worlds.crowd],
    ["awkward", worlds.awkward],
  ] as const)("is a picture of its size: %s", async (name, world) => {
    app.status = world();
    if (name === "calm") app.pages = [setUpPage({ ...OWN_PAGE, hosts: [] })];
    const png = Buffer.from(await (await app.request("/og.png")).arrayBuffer());
    writeFileSync(join(SCREENSHOT_DIRECTORY, `og-${name}.png`), png);
    // Indexed: a third of the size and of the work.
    expect(png[25]).toBe(3);
    const page = await browser.newPage();
    const size = await page.evaluate(
      async (source) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      },
      `data:image/png;base64,${png.toString("base64")}`,
    );
    expect(size).toEqual([1_200, 630]);
    await page.close();
  });
});
