/**
 * Pictures that an owner uploads: a `data:` URL of a PNG, JPEG, WebP or SVG, read just far enough
 * to know that it is one, and how large it is drawn. Pure.
 *
 * Nothing is taken out of an SVG: it is only ever shown through `<img>`, where it runs and loads
 * nothing, and is served under a policy that allows it nothing when it is opened by itself.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Largest picture, in bytes. */
export const IMAGE_BYTES_MAX = 64 * 1_024;
/** Longest `data:` URL of one, in characters. */
export const IMAGE_CHARACTERS_MAX = Math.ceil((IMAGE_BYTES_MAX * 4) / 3) + 64;

/** Extension by type. */
export const IMAGE_TYPES = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/svg+xml": "svg",
} as const;

/** Type of a picture. */
export type ImageType = keyof typeof IMAGE_TYPES;

/** What is known of a stored picture without its bytes. */
export interface ImageFacts {
  type: ImageType;
  /** Beginning of its SHA-256. */
  hash: string;
  /** Pixels; 0: not known, as of an SVG without a size. */
  width: number;
  height: number;
}

/** Digits of the hash in a picture's path. */
const HASH_DIGITS = 16;
const DATA_URL = /^data:([a-z+/]+);base64,([A-Za-z0-9+/]+={0,2})$/;

/** A picture, or what is wrong with it. */
export type ParsedImage = { facts: ImageFacts; bytes: Uint8Array<ArrayBuffer> } | { error: string };

/** Reads a `data:` URL. */
export function parseImage(url: string): ParsedImage {
  const [, type = "", base64 = ""] = DATA_URL.exec(url) ?? [];
  if (!isImageType(type)) {
    const types = Object.keys(IMAGE_TYPES).join(", ");
    return { error: `expected a base64 data: URL of one of ${types}` };
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = decodeImage(base64);
  } catch {
    return { error: "expected base64 behind the comma" };
  }
  if (bytes.length > IMAGE_BYTES_MAX) {
    return { error: `expected at most ${IMAGE_BYTES_MAX / 1_024} KiB` };
  }
  const size = SIZES[type](bytes);
  if (size === null) return { error: `expected what its type says: it is no ${type}` };
  const hash = bytesToHex(sha256(bytes)).slice(0, HASH_DIGITS);
  return { facts: { type, hash, ...size }, bytes };
}

/** Bytes of base64. */
export function decodeImage(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Path under which a page serves a picture; it never changes what it shows. */
export function imagePath(name: string, { type, hash }: ImageFacts): string {
  return `/assets/${name}-${hash}.${IMAGE_TYPES[type]}`;
}

function isImageType(type: string): type is ImageType {
  return Object.hasOwn(IMAGE_TYPES, type);
}

type Size = Pick<ImageFacts, "width" | "height">;

const SIZES: Readonly<Record<ImageType, (bytes: Uint8Array<ArrayBuffer>) => Size | null>> = {
  "image/png": pngSize,
  "image/jpeg": jpegSize,
  "image/webp": webpSize,
  "image/svg+xml": svgSize,
};

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** Width and height of the first chunk (PNG, third edition, §11.2.1). */
function pngSize(bytes: Uint8Array<ArrayBuffer>): Size | null {
  if (text(bytes, 1, 8) !== "PNG\r\n\u001a\n" || bytes.length < 33) return null;
  const view = new DataView(bytes.buffer);
  return text(bytes, 12, 16) === "IHDR"
    ? { width: view.getUint32(16), height: view.getUint32(20) }
    : null;
}

/** Width and height of the first frame header (ITU-T T.81 §B.2.2). */
function jpegSize(bytes: Uint8Array<ArrayBuffer>): Size | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = new DataView(bytes.buffer);
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** Width and height of the canvas, or of the one frame (RFC 9649 §2). */
function webpSize(bytes: Uint8Array<ArrayBuffer>): Size | null {
  if (text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 12) !== "WEBP" || bytes.length < 30) {
    return null;
  }
  const view = new DataView(bytes.buffer);
  switch (text(bytes, 12, 16)) {
    case "VP8X":
      return {
        width: 1 + (view.getUint32(24, true) & 0xff_ff_ff),
        height: 1 + (view.getUint32(26, true) >>> 8),
      };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8 ":
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    default:
      return null;
  }
}

/**
 * The root element with its attributes, behind nothing but what may stand before it. A comment ends
 * at the first `-->`: could it end at any, many comments would take for ever.
 */
const SVG_ROOT =
  /^\ufeff?(?:<\?[^>]*>|<!--(?:(?!-->)[\s\S])*-->|<!DOCTYPE[^>]*>|\s)*<svg(\s[^>]*?)?\/?>/;

/** Size that the root element names, or that of its view box. */
function svgSize(bytes: Uint8Array<ArrayBuffer>): Size | null {
  let markup: string;
  try {
    markup = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const found = SVG_ROOT.exec(markup);
  if (found === null) return null;
  const [, root = ""] = found;
  const attribute = (name: string) =>
    new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(root)?.[1] ?? "";
  const named = ["width", "height"].map((name) => /^([\d.]+)(px)?$/.exec(attribute(name))?.[1]);
  const box = attribute("viewBox")
    .trim()
    .split(/[\s,]+/)
    .slice(2);
  const [width = 0, height = 0] = (named.includes(undefined) ? box : named).map(Number);
  return width > 0 && height > 0 ? { width, height } : { width: 0, height: 0 };
}
