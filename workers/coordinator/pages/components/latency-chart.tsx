/**
 * Latency of the last day as lines, drawn on the server as SVG that stretches with the page; its
 * labels are text beside it, so that they keep their size. Series differ in dashes besides colours.
 */
import { raw } from "hono/html";
import type { ChartView, SeriesView } from "../view-model/latency-chart.ts";
import { useWords } from "./page-language.tsx";

/** Units of the view box: an hour is twenty wide. */
const CELL = 20;
const HEIGHT = 100;

interface LatencyChartProps {
  id: string;
  chart: ChartView;
}

/** The chart with its scale and legend. */
export const LatencyChart = ({ id, chart }: LatencyChartProps) => {
  const width = chart.hours.length * CELL;
  return (
    <figure class="chart">
      <ol class="chart-scale" aria-hidden="true">
        {chart.scale.map((label) => (
          <li>{label}</li>
        ))}
      </ol>
      <svg
        id={id}
        class="plot"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={chart.summary}
        data-bar={chart.hours.length}
      >
        {raw(
          drawGrid(chart.scale.length, width) +
            chart.series.map((series, index) => drawSeries(series, index)).join(""),
        )}
        {chart.hours.map((words, index) => (
          <rect class="day" x={index * CELL} width={CELL} height={HEIGHT}>
            <title>{words}</title>
          </rect>
        ))}
      </svg>
      <p class="chart-hours" aria-hidden="true">
        <span>{useWords().t.monitor.hoursAgo}</span>
        <span>{useWords().t.monitor.now}</span>
      </p>
      <figcaption>
        <ul class="chart-legend">
          {chart.series.map(({ label }, index) => (
            <li>
              <svg viewBox="0 0 24 4" aria-hidden="true" focusable="false">
                <path class={`series s${index}`} d="M1 2h22" />
              </svg>
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
};

function drawGrid(lines: number, width: number): string {
  const path = Array.from(
    { length: lines },
    (_, line) => `M0 ${round(HEIGHT - (line * HEIGHT) / (lines - 1))}H${width}`,
  );
  return `<path class="grid" d="${path.join("")}"/>`;
}

/** A line through the middle of each hour; what stands alone between gaps is a dot. */
function drawSeries({ points }: SeriesView, index: number): string {
  let path = "";
  let open = false;
  for (const [hour, point] of points.entries()) {
    if (point !== null) {
      const place = `${(hour + 0.5) * CELL} ${round(HEIGHT - point * HEIGHT)}`;
      path += open ? `L${place}` : `M${place}h.01`;
    }
    open = point !== null;
  }
  return `<path class="series s${index}" d="${path}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
