/**
 * The files that belong to one page alone: its owner's stylesheet and pictures. Pictures are read
 * from D1 when somebody asks for them, and the latest are kept.
 */
import type { Env } from "../env.ts";
import { loadPageImages } from "../db/page-store.ts";
import { within } from "../deadline.ts";
import { parseImage } from "../page-settings/image.ts";
import type { FoundPage } from "../page-settings/page-directory.ts";
import { pageStylesheetPath, renderPageStylesheet } from "../page-settings/page-stylesheet.ts";
import { IMAGE_NAMES, imagePaths } from "../page-settings/page.ts";

/** A file of a page. */
export interface OwnAsset {
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
  /** Whether its path names this very version, so that it may be kept for ever. */
  isExact: boolean;
}

/** Longest wait for D1, in milliseconds. */
const DEADLINE_MS = 3_000;
/** Pictures that an isolate keeps, of at most 64 KiB each. */
const KEPT_MAX = 30;
const kept = new Map<string, OwnAsset>();

/**
 * The page's file at a path, or its present version under an older one; null: there is none.
 *
 * @throws when D1 does not answer in time
 */
export async function findOwnAsset(
  env: Env,
  { id, page }: FoundPage,
  path: string,
): Promise<OwnAsset | null> {
  if (page === null) return null;
  const css = renderPageStylesheet(page);
  if (css !== null && isSameFile(path, pageStylesheetPath(css))) {
    const isExact = path === pageStylesheetPath(css);
    return { type: "text/css; charset=utf-8", body: css, isExact };
  }
  const paths = imagePaths(page);
  const name = IMAGE_NAMES.find((each) => isSameFile(path, paths[each] ?? ""));
  if (name === undefined) return null;
  const present = paths[name] ?? "";
  const known = kept.get(present) ?? null;
  if (known !== null) return { ...known, isExact: path === present };
  const stored = await within(DEADLINE_MS, () => loadPageImages(env.DB, id));
  const parsed = parseImage(stored?.[name] ?? "");
  // The picture may have been replaced since the settings were read.
  if ("error" in parsed || parsed.facts.hash !== page[name]?.hash) return null;
  const asset = { type: parsed.facts.type, body: parsed.bytes, isExact: true };
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(present, asset);
  return { ...asset, isExact: path === present };
}

/** A file's name without its hash and extension. */
function nameOf(file: string): string {
  return file.replace(/-[0-9a-f]{12,16}\.\w+$/, "");
}

function isSameFile(path: string, present: string): boolean {
  return present !== "" && nameOf(path) === nameOf(present);
}
