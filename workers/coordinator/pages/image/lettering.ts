/**
 * Text as shapes. `glyphs.json` has outlines of Inter SemiBold 4.1 (© The Inter Project Authors, SIL
 * Open Font License 1.1, see `OFL.txt`) for Latin, Greek and Cyrillic letters, figures and
 * punctuation, in thousandths of the size: the advance, then lines (`L`) and quadratic curves (`Q`)
 * relative to where the last one ended, as in SVG's `l` and `q`. Pure.
 */
import type { Point, Polygon } from "./canvas.ts";
import GLYPHS from "./glyphs.json" with { type: "json" };

interface Glyph {
  /** Thousandths of the size. */
  advance: number;
  contours: Point[][];
}

const EM = 1_000;
/** Height of capital letters, in thousandths of the size. */
export const CAPITAL = 728;
/** Pieces into which a curve is divided. */
const CURVE_PIECES = 5;
const ELLIPSIS = "…";

const outlines = new Map<string, string>(Object.entries(GLYPHS));
const glyphs = new Map<string, Glyph>();

/** Text in the form in which its letters are known; null: one of them is not. */
export function letterable(text: string): string | null {
  const plain = text.normalize("NFC").replaceAll(/\s+/g, " ").trim();
  return [...plain].every((character) => outlines.has(character)) ? plain : null;
}

/** Width of a text, in pixels. */
export function measure(text: string, size: number): number {
  const advance = [...text].reduce((sum, character) => sum + glyphOf(character).advance, 0);
  return (advance * size) / EM;
}

/** Shapes of a text whose baseline begins at a point. */
export function lettering(text: string, [left, baseline]: Point, size: number): Polygon[] {
  const scale = size / EM;
  let pen = left;
  return [...text].flatMap((character) => {
    const { advance, contours } = glyphOf(character);
    const start = pen;
    pen += advance * scale;
    return contours.map((contour) =>
      contour.map(([x, y]): Point => [start + x * scale, baseline - y * scale]),
    );
  });
}

/** Breaks a text into lines that fit; null: it takes more than there may be, or a word is too long. */
export function wrap(text: string, size: number, width: number, linesMax: number): string[] | null {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const joined = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && measure(joined, size) <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
    if (measure(lines.at(-1) ?? "", size) > width) return null;
  }
  return lines.length <= linesMax ? lines : null;
}

/** As much of a text as fits into a line. */
export function shorten(text: string, size: number, width: number): string {
  if (measure(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && measure(characters.join("") + ELLIPSIS, size) > width) {
    characters.pop();
  }
  return `${characters.join("").trimEnd()}${ELLIPSIS}`;
}

function glyphOf(character: string): Glyph {
  const known = glyphs.get(character);
  if (known !== undefined) return known;
  const glyph = parseGlyph(outlines.get(character) ?? "300");
  glyphs.set(character, glyph);
  return glyph;
}

function parseGlyph(outline: string): Glyph {
  const [advance = "0", ...commands] = outline.split(/(?=[MLQ])/);
  const contours: Point[][] = [];
  let [x, y] = [0, 0];
  for (const command of commands) {
    const [a = 0, b = 0, c = 0, d = 0] = (command.match(/-?\d+/g) ?? []).map(Number);
    if (command.startsWith("M")) contours.push([]);
    const contour = contours.at(-1) ?? [];
    const isCurve = command.startsWith("Q");
    if (isCurve) {
      for (let piece = 1; piece < CURVE_PIECES; piece += 1) {
        const t = piece / CURVE_PIECES;
        const [bend, rest] = [2 * t * (1 - t), t * t];
        contour.push([x + bend * a + rest * c, y + bend * b + rest * d]);
      }
    }
    x += isCurve ? c : a;
    y += isCurve ? d : b;
    contour.push([x, y]);
  }
  return { advance: Number(advance), contours };
}
