/**
 * Visits to served pages in a real browser: each in a context of its own, and all that the browser
 * had to complain about. Judges nothing itself.
 */
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A screen on which everything has room. */
const DESK = { width: 1_100, height: 800 };

/** How pages are visited. */
export interface VisitSettings {
  /** Moment at which a page's clock stands until the test moves it (UTC epoch milliseconds). */
  nowMs?: number;
  /** What the browser may say in its console without that being a complaint. */
  tolerated?: RegExp;
}

/** The visits of one test. */
export class Visits {
  /** Errors of scripts, and what was refused or could not be loaded. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #settings: VisitSettings;
  readonly #opened: Page[] = [];

  constructor(browser: Browser, settings: VisitSettings = {}) {
    this.#browser = browser;
    this.#settings = settings;
  }

  /** Opens nothing yet, in a context of its own. */
  async begin(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: DESK,
      timezoneId: "Etc/UTC",
      ...options,
    });
    const page = await context.newPage();
    this.#opened.push(page);
    return page;
  }

  /** Opens an address. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const { nowMs, tolerated } = this.#settings;
    const page = await this.begin(options);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() !== "error" || tolerated?.test(message.text()) === true) return;
      this.complaints.push(message.text());
    });
    if (nowMs !== undefined) await page.clock.install({ time: nowMs });
    await page.goto(url);
    return page;
  }

  /** Ends all visits. */
  async end(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((page) => page.context().close()));
  }
}

/** A file that a visit transferred. */
export interface LoadedFile {
  url: string;
  /** Compressed. */
  bytes: number;
}

/** Opens an address, and all that the page loads; its events, which never end, are no file. */
export async function loadAll(page: Page, url: string): Promise<LoadedFile[]> {
  const reading: Array<Promise<LoadedFile>> = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "eventsource") return;
    const read = async () => ({
      url: response.url(),
      bytes: gzipSync(await response.body()).length,
    });
    reading.push(read());
  });
  await page.goto(url, { waitUntil: "networkidle" });
  return Promise.all(reading);
}
