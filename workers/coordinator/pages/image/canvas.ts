/**
 * Draws filled shapes with smooth edges into pixels: as much of a canvas as a card needs. A shape is
 * polygons that wind the same way, their holes the other way; what overlaps counts once. Pure.
 */

/** A corner, in pixels from the left and the top. */
export type Point = readonly [x: number, y: number];
/** A rectangle, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}
/** Corners of a closed line. */
export type Polygon = readonly Point[];

/**
 * Steps from nothing of a pixel to all of it. Few, so that a picture has few colours and fits into a
 * palette; nobody sees the difference.
 */
const COVERAGE_STEPS = 10;
/** Coverage that comes to no step. */
const LEAST = 0.5 / COVERAGE_STEPS;

/** Pixels, each as 0xRRGGBB. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;

  /** @param colour as `#rrggbb` */
  constructor(width: number, height: number, colour: string) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint32Array(width * height).fill(parseColour(colour));
  }

  /** Fills a shape. */
  fill(shape: readonly Polygon[], colour: string): void {
    const box = this.#boxOf(shape);
    if (box === null) return;
    const area = new Accumulator(box.width, box.height);
    for (const polygon of shape) {
      for (const [index, [x, y]] of polygon.entries()) {
        const [toX, toY] = polygon[(index + 1) % polygon.length] ?? [x, y];
        area.line(x - box.left, y - box.top, toX - box.left, toY - box.top);
      }
    }
    this.#paint(area, box.left, box.top, parseColour(colour));
  }

  /** Fills a rectangle with round corners, at whole pixels: faster than as a shape. */
  fillBox({ left, top, width, height }: Box, radius: number, colour: string): void {
    const [right, bottom] = [left + width, top + height];
    for (let y = top; y < bottom; y += 1) {
      const isCorner = y < top + radius || y >= bottom - radius;
      const inset = isCorner ? radius : 0;
      const row = y * this.width;
      this.pixels.fill(parseColour(colour), row + left + inset, row + right - inset);
    }
    for (const x of [left + radius, right - radius]) {
      for (const y of [top + radius, bottom - radius]) this.fill(disc([x, y], radius), colour);
    }
  }

  /** The part of the canvas that a shape may touch; null: none. */
  #boxOf(shape: readonly Polygon[]): Box | null {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const polygon of shape) {
      for (const [x, y] of polygon) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    left = Math.max(0, Math.floor(left));
    top = Math.max(0, Math.floor(top));
    const width = Math.min(this.width, Math.ceil(right)) - left;
    const height = Math.min(this.height, Math.ceil(bottom)) - top;
    return width > 0 && height > 0 ? { left, top, width, height } : null;
  }

  #paint(area: Accumulator, left: number, top: number, colour: number): void {
    const { areas, stride } = area;
    for (let y = 0; y < area.height; y += 1) {
      let covered = 0;
      const row = (top + y) * this.width + left;
      for (let x = 0; x < area.width; x += 1) {
        covered += areas[y * stride + x] ?? 0;
        // Most pixels of a box are empty.
        if (covered < LEAST && covered > -LEAST) continue;
        const share = Math.min(1, Math.abs(covered));
        const step = Math.round(share * COVERAGE_STEPS);
        const under = this.pixels[row + x] ?? 0;
        this.pixels[row + x] =
          step === COVERAGE_STEPS ? colour : blend(under, colour, step / COVERAGE_STEPS);
      }
    }
  }
}

/**
 * How much of each pixel lies to the right of the lines that were drawn, downward ones counted
 * against upward ones; summed from left to right that is how much of it a shape covers.
 */
class Accumulator {
  readonly width: number;
  readonly height: number;
  /** Places of a row in {@link areas}. */
  readonly stride: number;
  readonly areas: Float32Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.stride = width + 2;
    this.areas = new Float32Array(this.stride * height);
  }

  line(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return;
    const isDown = fromY < toY;
    const [topX, topY, bottomX, bottomY] = isDown
      ? [fromX, fromY, toX, toY]
      : [toX, toY, fromX, fromY];
    const slope = (bottomX - topX) / (bottomY - topY);
    const first = Math.max(0, Math.floor(topY));
    const last = Math.min(this.height, Math.ceil(bottomY));
    for (let y = first; y < last; y += 1) {
      const startY = Math.max(y, topY);
      const endY = Math.min(y + 1, bottomY);
      const height = (endY - startY) * (isDown ? 1 : -1);
      this.#row(y, topX + (startY - topY) * slope, topX + (endY - topY) * slope, height);
    }
  }

  /** Enters the piece of a line within one row: it covers each pixel that it crosses in part. */
  #row(y: number, oneX: number, otherX: number, height: number): void {
    const clamp = (x: number) => Math.max(0, Math.min(this.width, x));
    const [left, right] = [clamp(Math.min(oneX, otherX)), clamp(Math.max(oneX, otherX))];
    const row = y * this.stride;
    const add = (x: number, area: number) => {
      this.areas[row + x] = (this.areas[row + x] ?? 0) + area;
    };
    const first = Math.floor(left);
    const last = Math.max(first, Math.ceil(right) - 1);
    const width = right - left;
    let before = 0;
    for (let x = first; x <= last; x += 1) {
      // Share of the piece's height that lies within this pixel, and how far right on average.
      const enter = Math.max(left, x);
      const leave = Math.min(right, x + 1);
      const share = width === 0 ? 1 : (leave - enter) / width;
      const rightOf = x + 1 - (enter + leave) / 2;
      const covered = height * share * rightOf;
      add(x, covered + before);
      before = height * share - covered;
    }
    add(last + 1, before);
  }
}

/** A colour written as `#rrggbb`, as a number. */
function parseColour(colour: string): number {
  return Number.parseInt(colour.slice(1), 16);
}

function blend(under: number, over: number, share: number): number {
  const channel = (shift: number) => {
    const [from, to] = [(under >> shift) & 0xff, (over >> shift) & 0xff];
    return Math.round(from + (to - from) * share) << shift;
  };
  return channel(16) | channel(8) | channel(0);
}

/** A colour between two, as `#rrggbb`; share of the second 0 … 1. */
export function mixColours(one: string, other: string, share: number): string {
  return `#${blend(parseColour(one), parseColour(other), share).toString(16).padStart(6, "0")}`;
}

const TURN = 2 * Math.PI;

/** Part of a circle, as points; angles in turns, clockwise from the right. */
export function arc(centre: Point, radius: number, from = 0, to = 1): Point[] {
  const steps = Math.max(8, Math.ceil(Math.abs(to - from) * (16 + radius)));
  return Array.from({ length: steps + 1 }, (_, index): Point => {
    const angle = (from + ((to - from) * index) / steps) * TURN;
    return [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle)];
  });
}

/** A disc. */
export function disc(centre: Point, radius: number): Polygon[] {
  return [arc(centre, radius)];
}

/** A ring. */
export function ring(centre: Point, radius: number, thickness: number): Polygon[] {
  return [arc(centre, radius + thickness / 2), arc(centre, radius - thickness / 2).toReversed()];
}

/** A rectangle with round corners. */
export function roundedBox(
  left: number,
  top: number,
  width: number,
  height: number,
  radius: number,
): Polygon[] {
  const [right, bottom] = [left + width, top + height];
  return [
    [
      ...arc([right - radius, top + radius], radius, 0.75, 1),
      ...arc([right - radius, bottom - radius], radius, 0, 0.25),
      ...arc([left + radius, bottom - radius], radius, 0.25, 0.5),
      ...arc([left + radius, top + radius], radius, 0.5, 0.75),
    ],
  ];
}

/** A line of some thickness with round ends and corners. */
export function stroke(points: readonly Point[], thickness: number): Polygon[] {
  const radius = thickness / 2;
  if (points.length === 1 && points[0] !== undefined) return disc(points[0], radius);
  return points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    const angle = Math.atan2(to[1] - from[1], to[0] - from[0]) / TURN;
    return [
      ...arc(to, radius, angle - 0.25, angle + 0.25),
      ...arc(from, radius, angle + 0.25, angle + 0.75),
    ];
  });
}
