/**
 * Draws the picture that social networks and messengers show beside a link to a page (Open Graph):
 * 1200 × 630 pixels, in the look of the page's light scheme. Pure.
 */
import { SCHEMES } from "../../page-settings/contrast.ts";
import type { CardView } from "../view-model/card.ts";
import type { Tone } from "../view-model/words.ts";
import { Canvas, arc, disc, mixColours, ring, roundedBox, stroke } from "./canvas.ts";
import type { Point } from "./canvas.ts";
import { CAPITAL, lettering, measure, shorten, wrap } from "./lettering.ts";

/** Pixels, as social networks ask for. */
export const CARD_WIDTH = 1_200;
export const CARD_HEIGHT = 630;

/** Colours of a card that are the page's own. */
export interface CardColours {
  background: string;
  /** Null: as the text. */
  accent: string | null;
}

const { ink: INK, quiet: QUIET, card: CARD } = SCHEMES.light;
const NO_DATA = "#c3ccd8";
const GOOD = "#42ad81";

/** As in the stylesheet: the tone itself, text in it, and its background. */
const TONES: Readonly<Record<Tone, readonly [tone: string, ink: string, tint: string]>> = {
  operational: ["#159a61", "#0a6840", "#e2f6eb"],
  degraded: ["#c17f00", "#774d00", "#fdf2d8"],
  partial: ["#e0600c", "#963b00", "#fdebdf"],
  down: ["#d62c3b", "#a51522", "#fde7e9"],
  unknown: ["#76808f", "#49525f", "#ebeef3"],
  paused: ["#76808f", "#49525f", "#ebeef3"],
  maintenance: ["#3b76e1", "#1f4fa8", "#e6eefd"],
};

/** Shapes of the icons on a grid of 16, as on the page. */
const ICONS: Readonly<Record<Tone, ReadonlyArray<readonly Point[]>>> = {
  operational: [
    [
      [4.6, 8.3],
      [6.9, 10.6],
      [11.4, 5.7],
    ],
  ],
  degraded: [
    [
      [8, 4.4],
      [8, 8.8],
    ],
    [[8, 11.5]],
  ],
  partial: [
    [
      [8, 4.4],
      [8, 8.8],
    ],
    [[8, 11.5]],
  ],
  down: [
    [
      [5.4, 5.4],
      [10.6, 10.6],
    ],
    [
      [10.6, 5.4],
      [5.4, 10.6],
    ],
  ],
  // A question mark, in letters.
  unknown: [],
  maintenance: [
    [
      [8, 4.6],
      [8, 8.2],
      [10.3, 9.7],
    ],
  ],
  paused: [
    [
      [6.3, 5.2],
      [6.3, 10.8],
    ],
    [
      [9.7, 5.2],
      [9.7, 10.8],
    ],
  ],
};

const MARGIN = 64;
const INNER = CARD_WIDTH - 2 * MARGIN;
const PANEL = { top: 136, height: 286, radius: 32, text: 238 };
/** Sizes of the text below the title, and the distance of its lines. */
const DETAIL = { size: 30, pitch: 40, before: 58 };

/** Room for texts in the panel. */
const TEXT_WIDTH = CARD_WIDTH - MARGIN - 44 - PANEL.text;

/** Draws the picture. */
export function drawCard(view: CardView, colours: CardColours): Canvas {
  const canvas = new Canvas(CARD_WIDTH, CARD_HEIGHT, colours.background);
  drawHead(canvas, view, colours);
  drawVerdict(canvas, view, colours);
  if (view.days.length > 0) drawDays(canvas, view);
  return canvas;
}

/** Name and moment. */
function drawHead(canvas: Canvas, { name, moment }: CardView, { accent }: CardColours): void {
  const [markX, markY] = [MARGIN + 24, 76];
  const mark = accent ?? INK;
  canvas.fill(disc([markX, markY], 5.4), mark);
  for (const [radius, half] of [
    [14, 0.125],
    [24, 0.125],
  ] as const) {
    for (const side of [0, 0.5]) {
      canvas.fill(stroke(arc([markX, markY], radius, side - half, side + half), 4.6), mark);
    }
  }
  const aside = moment === null ? 0 : measure(moment, 26);
  if (moment !== null) write(canvas, moment, [CARD_WIDTH - MARGIN - aside, 86], 26, QUIET);
  const shown = shorten(name, 36, INNER - 66 - aside - 40);
  write(canvas, shown, [MARGIN + 66, 89], 36, INK);
}

/** The verdict in its panel. */
function drawVerdict(canvas: Canvas, view: CardView, { background }: CardColours): void {
  const [tone, ink, tint] = TONES[view.tone];
  const { top, height, radius, text } = PANEL;
  const border = mixColours(background, tone, 0.36);
  const frame = { left: MARGIN - 2, top: top - 2, width: INNER + 4, height: height + 4 };
  canvas.fillBox(frame, radius + 2, border);
  canvas.fillBox({ left: MARGIN, top, width: INNER, height }, radius, tint);
  const halo = mixColours(tint, tone, 0.14);
  for (const far of [34, 66, 98, 130]) {
    canvas.fill(ring([CARD_WIDTH - MARGIN - 143, top + height / 2], far, 3), halo);
  }
  const { lines, size } = fit(view.title);
  const pitch = size * 1.16;
  const detail = detailLines(view.detail, lines.length);
  const below = detail.length === 0 ? 0 : DETAIL.before + (detail.length - 1) * DETAIL.pitch;
  const block = (lines.length - 1) * pitch + (size * CAPITAL) / 1_000 + below;
  let baseline = top + (height - block) / 2 + (size * CAPITAL) / 1_000;
  const icon: Point = [MARGIN + 96, baseline - (size * CAPITAL) / 2_000];
  drawIcon(canvas, view.tone, icon, tone);
  for (const line of lines) {
    write(canvas, line, [text, baseline], size, INK);
    baseline += pitch;
  }
  for (const [index, line] of detail.entries()) {
    const at = baseline - pitch + DETAIL.before + index * DETAIL.pitch;
    write(canvas, line, [text, at], DETAIL.size, ink);
  }
}

/** The text below the title: two lines, or one where the title has several. */
function detailLines(detail: string | null, titleLines: number): string[] {
  if (detail === null) return [];
  const linesMax = titleLines > 1 ? 1 : 2;
  const [sentence = detail] = detail.split(/(?<=\.) /);
  return (
    wrap(detail, DETAIL.size, TEXT_WIDTH, linesMax) ??
    wrap(sentence, DETAIL.size, TEXT_WIDTH, linesMax) ?? [shorten(detail, DETAIL.size, TEXT_WIDTH)]
  );
}

/** The largest lettering in which a title fits. */
function fit(title: string): { lines: string[]; size: number } {
  for (const [size, linesMax] of [
    [72, 1],
    [60, 1],
    [58, 2],
    [48, 3],
    [42, 4],
  ] as const) {
    const lines = wrap(title, size, TEXT_WIDTH, linesMax);
    if (lines !== null) return { lines, size };
  }
  return { lines: [shorten(title, 42, TEXT_WIDTH)], size: 42 };
}

function drawIcon(canvas: Canvas, tone: Tone, [x, y]: Point, colour: string): void {
  const radius = 44;
  const scale = radius / 8;
  canvas.fill(disc([x, y], radius), colour);
  if (tone === "unknown") {
    const size = 62;
    const left = x - measure("?", size) / 2;
    write(canvas, "?", [left, y + (size * CAPITAL) / 2_000], size, CARD);
    return;
  }
  const lines = ICONS[tone].flatMap((line) =>
    stroke(
      line.map(([dx, dy]): Point => [x + (dx - 8) * scale, y + (dy - 8) * scale]),
      1.8 * scale,
    ),
  );
  canvas.fill(lines, CARD);
}

/** Ninety days, with uptime below. */
function drawDays(canvas: Canvas, { days, uptime }: CardView): void {
  const [top, height] = [462, 74];
  const pitch = INNER / days.length;
  for (const [index, { tone, trouble }] of days.entries()) {
    const left = MARGIN + index * pitch;
    const bar = (share: number, colour: string) => {
      const tall = Math.max(5, height * share);
      canvas.fill(roundedBox(left, top + height - tall, pitch - 3, tall, 2.5), colour);
    };
    if (tone === "unknown") bar(0, NO_DATA);
    else {
      bar(1, GOOD);
      if (tone !== "operational") bar(trouble, TONES[tone][0]);
    }
  }
  const baseline = 586;
  write(canvas, `${days.length} days ago`, [MARGIN, baseline], 26, QUIET);
  write(canvas, "Today", [CARD_WIDTH - MARGIN - measure("Today", 26), baseline], 26, QUIET);
  if (uptime === null) return;
  const [size, left] = [28, (CARD_WIDTH - measure(uptime, 28)) / 2];
  write(canvas, uptime, [left, baseline], size, INK);
}

function write(canvas: Canvas, text: string, at: Point, size: number, colour: string): void {
  canvas.fill(lettering(text, at, size), colour);
}
