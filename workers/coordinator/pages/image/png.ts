/** Writes pixels as PNG (third edition), indexed where their colours fit into a palette. */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { compress } from "../compress.ts";
import type { Canvas } from "./canvas.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PALETTE_MAX = 256;
/** Colour types (§11.2.1). */
const TRUECOLOUR = 2;
const INDEXED = 3;
/** A row as the difference to that above it (§9.2). */
const FILTER_UP = 2;

/** Encodes a picture. */
export async function encodePng({
  width,
  height,
  pixels,
}: Canvas): Promise<Uint8Array<ArrayBuffer>> {
  const palette = paletteOf(pixels);
  const rows = palette === null ? plainRows(pixels, width) : indexedRows(pixels, width, palette);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, palette === null ? TRUECOLOUR : INDEXED], 8);
  return concatBytes(
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    ...(palette === null ? [] : [chunk("PLTE", Uint8Array.from([...palette.keys()].flatMap(rgb)))]),
    chunk("IDAT", await compress(rows, "deflate")),
    chunk("IEND", new Uint8Array()),
  );
}

/** Colours with their places in the palette; null: there are too many. */
function paletteOf(pixels: Uint32Array): Map<number, number> | null {
  const palette = new Map<number, number>();
  let last = -1;
  for (const pixel of pixels) {
    // Most are as the one before.
    if (pixel === last) continue;
    last = pixel;
    if (!palette.has(pixel)) palette.set(pixel, palette.size);
    if (palette.size > PALETTE_MAX) return null;
  }
  return palette;
}

/**
 * Rows of places in the palette. Each begins with its filter: none, or for one that is as that above
 * it the difference to it, which packs in no time.
 */
function indexedRows(
  pixels: Uint32Array,
  width: number,
  palette: ReadonlyMap<number, number>,
): Uint8Array<ArrayBuffer> {
  const height = pixels.length / width;
  const rows = new Uint8Array((1 + width) * height);
  let last = -1;
  let place = 0;
  for (let y = 0; y < height; y += 1) {
    const [from, to] = [y * width, y * (1 + width) + 1];
    if (isAsAbove(pixels, from, width)) {
      rows[to - 1] = FILTER_UP;
      continue;
    }
    for (let x = 0; x < width; x += 1) {
      const pixel = pixels[from + x] ?? 0;
      if (pixel !== last) {
        last = pixel;
        place = palette.get(pixel) ?? 0;
      }
      rows[to + x] = place;
    }
  }
  return rows;
}

function isAsAbove(pixels: Uint32Array, from: number, width: number): boolean {
  if (from === 0) return false;
  for (let at = from; at < from + width; at += 1) {
    if (pixels[at] !== pixels[at - width]) return false;
  }
  return true;
}

function plainRows(pixels: Uint32Array, width: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(((1 + width * 3) * pixels.length) / width);
  for (const [index, pixel] of pixels.entries()) {
    rows.set(rgb(pixel), 1 + Math.floor(index / width) + index * 3);
  }
  return rows;
}

function rgb(pixel: number): number[] {
  return [(pixel >> 16) & 0xff, (pixel >> 8) & 0xff, pixel & 0xff];
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concatBytes(utf8ToBytes(type), data);
  const framed = new Uint8Array(8 + body.length);
  const view = new DataView(framed.buffer);
  view.setUint32(0, data.length);
  framed.set(body, 4);
  view.setUint32(4 + body.length, checksum(body));
  return framed;
}

/** CRC-32 of each byte (PNG, annex D). */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1;
  }
  return remainder;
});

function checksum(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) {
    remainder = (REMAINDERS[(remainder ^ byte) & 0xff] ?? 0) ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
