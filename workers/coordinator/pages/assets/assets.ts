/**
 * The files a page needs: one stylesheet, one script, one icon per tone. Their paths carry a hash
 * of their content, so browsers may keep them for ever and never mix two versions.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { EN } from "../language/en.ts";
import type { Tone } from "../view-model/words.ts";
import { renderIcon } from "./icon.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { STYLESHEET } from "./stylesheet.ts";

/** One file. */
export interface Asset {
  type: string;
  body: string;
}

/** Where a page finds its files. */
export interface AssetPaths {
  stylesheet: string;
  script: string;
  icon: (tone: Tone) => string;
}

/** Characters of the hash in a path: 48 bits, enough to tell versions apart. */
const HASH_DIGITS = 12;

function hashedPath(name: string, extension: string, body: string): string {
  const hash = bytesToHex(sha256(utf8ToBytes(body))).slice(0, HASH_DIGITS);
  return `/assets/${name}-${hash}.${extension}`;
}

const files = new Map<string, Asset>();

function addFile(name: string, extension: string, type: string, body: string): string {
  const path = hashedPath(name, extension, body);
  files.set(path, { type, body });
  return path;
}

const stylesheet = addFile("status", "css", "text/css; charset=utf-8", STYLESHEET);
const script = addFile("live", "js", "text/javascript; charset=utf-8", LIVE_SCRIPT);
const icons = new Map(
  (Object.keys(EN.tones) as Tone[]).map((tone) => [
    tone,
    addFile(`icon-${tone}`, "svg", "image/svg+xml", renderIcon(tone)),
  ]),
);

/** Paths of the present version. */
export const ASSETS: AssetPaths = {
  stylesheet,
  script,
  icon: (tone) => icons.get(tone) ?? stylesheet,
};

/** The file at a path; undefined where there is none. */
export function findAsset(path: string): Asset | undefined {
  return files.get(path);
}

/**
 * The present version of a file that was asked for by an older hash, by a page that was cached
 * before the last deployment; undefined where no file of that name exists.
 */
export function findPresentVersion(path: string): Asset | undefined {
  const name = withoutHash(path);
  for (const [candidate, asset] of files) if (withoutHash(candidate) === name) return asset;
  return undefined;
}

function withoutHash(path: string): string {
  return path.replace(/-[0-9a-f]{12}\./, ".");
}
