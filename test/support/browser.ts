/**
 * A real Chromium for tests of pages, from the package that carries one; it needs no system
 * package. A browser that cannot be had fails the test.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sparticuz from "@sparticuz/chromium";
import type { Browser, Page, PageScreenshotOptions } from "playwright-core";
import { chromium } from "playwright-core";

/** Where browser tests leave pictures for people to look at; outside the repository. */
export const SCREENSHOT_DIRECTORY =
  process.env["ECHOQUORUM_SCREENSHOTS"] ?? join(tmpdir(), "echoquorum-screenshots");
mkdirSync(SCREENSHOT_DIRECTORY, { recursive: true });

/** Longest wait for the browser to start. */
const LAUNCH_TIMEOUT_MS = 30_000;

/** Starts the browser; close it. */
export async function launchBrowser(): Promise<Browser> {
  const folder = await unpackBrowser();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    // The test drives nothing but its own loopback pages, often as root and in a container.
    args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
    headless: true,
    timeout: LAUNCH_TIMEOUT_MS,
    env: { ...process.env, FONTCONFIG_FILE: join(folder, "fonts.conf") },
  });
}

/** Times that a picture is asked for. */
const PICTURE_ATTEMPTS_MAX = 5;

/**
 * Takes a picture of a whole page for people to look at. Chromium now and then refuses one for a
 * moment, above all the first, before it has drawn anything; it takes the same one when it is asked
 * again.
 *
 * @param path of the file, from {@link SCREENSHOT_DIRECTORY} unless it is absolute
 */
export async function takePicture(
  page: Page,
  path: string,
  options: PageScreenshotOptions = {},
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await page.screenshot({
        fullPage: true,
        ...options,
        path: resolve(SCREENSHOT_DIRECTORY, path),
      });
      return;
    } catch (error) {
      const isRefused = String(error).includes("Unable to capture screenshot");
      if (!isRefused || attempt === PICTURE_ATTEMPTS_MAX) throw error;
    }
  }
}

/**
 * Unpacks the browser once per version and machine. Test files run at the same time: each unpacks
 * into a folder of its own, and the first to finish gives it the final name.
 */
async function unpackBrowser(): Promise<string> {
  const folder = join(tmpdir(), `echoquorum-chromium-${packageVersion()}`);
  if (existsSync(folder)) return folder;
  const draft = mkdtempSync(`${folder}-`);
  sparticuz.setGraphicsMode = false;
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = draft;
  try {
    await sparticuz.executablePath();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
  writeFileSync(join(draft, "fonts.conf"), fontConfig(folder));
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(draft, { recursive: true });
  }
  return folder;
}

function packageVersion(): string {
  const manifest = new URL("../package.json", import.meta.resolve("@sparticuz/chromium"));
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Makes the machine's fonts and the package's own ones known; the package forgets the former. */
function fontConfig(folder: string): string {
  const folders = ["/usr/share/fonts", "/usr/local/share/fonts", join(folder, "fonts")];
  return (
    `<?xml version="1.0"?><fontconfig>` +
    folders.map((path) => `<dir>${path}</dir>`).join("") +
    `<cachedir>${join(folder, "font-cache")}</cachedir>` +
    `<alias><family>sans-serif</family><prefer><family>Open Sans</family>` +
    `<family>DejaVu Sans</family></prefer></alias></fontconfig>`
  );
}
