/**
 * Ninety days as one bar, drawn on the server as SVG: a path per kind of day instead of ninety
 * shapes, a shape per trouble, and a hover area with the day's figures.
 *
 * Days without data are low stubs, trouble grows from the bottom: the bar can be read without
 * colours. To assistive technology it is an image with a summary; the live script makes it one
 * focusable slider that tells the days one by one.
 */
import { raw } from "hono/html";
import type { DayView, HistoryView } from "../view-model/history.ts";

/** Width of one day in units of the view box: three of bar, one of gap. */
const CELL = 4;
const BAR = 3;
const HEIGHT = 32;
/** Height of a day without data. */
const STUB = 5;

interface HistoryBarProps {
  id: string;
  history: HistoryView;
  /** Dense bars tell only the days with trouble on hover without script. */
  dense?: boolean | undefined;
}

/** The bar. */
export const HistoryBar = ({ id, history, dense = false }: HistoryBarProps) => {
  const { days, summary } = history;
  const width = days.length * CELL - (CELL - BAR);
  return (
    <svg
      id={id}
      class={dense ? "bar dense" : "bar"}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={summary}
      data-bar={days.length}
    >
      {raw(
        drawRun(days, "none", STUB, (day) => day.tone === "unknown") +
          drawRun(days, "operational", HEIGHT, (day) => day.tone !== "unknown" && day.trouble < 1) +
          days.map(drawTrouble).join("") +
          days
            .map((day, index) => (dense && day.trouble === 0 ? "" : drawArea(day, index)))
            .join(""),
      )}
    </svg>
  );
};

// A page has thousands of these shapes: written as text, they cost a fraction of elements.

/** All days of a kind as one dashed line: each dash is a day, each subpath an unbroken series. */
function drawRun(
  days: readonly DayView[],
  name: string,
  height: number,
  holds: (day: DayView) => boolean,
): string {
  const y = HEIGHT - height / 2;
  let path = "";
  let from: number | null = null;
  for (let index = 0; index <= days.length; index += 1) {
    const day = days[index];
    const inside = day !== undefined && holds(day);
    if (inside && from === null) from = index;
    if (!inside && from !== null) {
      path += `M${from * CELL} ${y}H${index * CELL - (CELL - BAR)}`;
      from = null;
    }
  }
  return path === "" ? "" : `<path class="run ${name}" d="${path}" stroke-width="${height}"/>`;
}

function drawTrouble(day: DayView, index: number): string {
  if (day.trouble === 0) return "";
  const height = Math.round(day.trouble * HEIGHT);
  const box = `x="${index * CELL}" y="${HEIGHT - height}" width="${BAR}" height="${height}"`;
  return `<rect class="tone-${day.tone}" ${box}/>`;
}

function drawArea(day: DayView, index: number): string {
  const box = `x="${index * CELL}" width="${CELL}" height="${HEIGHT}"`;
  return `<rect class="day" ${box}><title>${escapeText(day.words)}</title></rect>`;
}

function escapeText(text: string): string {
  return /[&<>]/.test(text)
    ? text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    : text;
}
