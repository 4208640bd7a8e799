/**
 * A page's own stylesheet, read after the pages' common one: the owner's colours, then the owner's
 * rules. Its path carries a hash of it, as every file's. Pure.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { inkOn } from "./contrast.ts";
import type { Page } from "./page.ts";

const HASH_DIGITS = 12;

/** The stylesheet; null: the page looks as every page does. */
export function renderPageStylesheet({ colors, css }: Pick<Page, "colors" | "css">): string | null {
  const light = schemeRules(colors.light);
  const dark = schemeRules(colors.dark);
  const text = [light, dark === "" ? "" : `@media (prefers-color-scheme:dark){${dark}}`, css].join(
    "",
  );
  return text === "" ? null : text;
}

/** A scheme that names no accent of its own keeps the common one, whatever the other does. */
function schemeRules({ accent, background }: Page["colors"]["light"]): string {
  const tokens = [
    accent === undefined ? "" : `--link:${accent};--accent:${accent};--on-accent:${inkOn(accent)};`,
    background === undefined ? "" : `--page:${background};`,
  ].join("");
  return tokens === "" ? "" : `:root{${tokens}}`;
}

/** Path of a page's stylesheet. */
export function pageStylesheetPath(text: string): string {
  const hash = bytesToHex(sha256(utf8ToBytes(text))).slice(0, HASH_DIGITS);
  return `/assets/page-${hash}.css`;
}
