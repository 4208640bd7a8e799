/**
 * The last day's latency, hour by hour and region by region, ready to be drawn: a scale that begins at
 * zero, a series per region with gaps where nothing was timed, and each hour in words. Pure.
 */
import type { WindowFigures } from "../../../../shared/monitor/report.ts";
import { PERIOD_MS } from "../../../../shared/monitor/rollup.ts";
import type { Words } from "../language/words.ts";
import { DAY_MS, fill } from "../language/words.ts";

/** One region's medians. */
export interface SeriesView {
  region: string;
  label: string;
  /** One per hour, oldest first, as a share of the scale (0 … 1); null: nothing was timed. */
  points: Array<number | null>;
}

/** The chart. */
export interface ChartView {
  /** Labels of the scale's lines, from zero up, at equal distances. */
  scale: string[];
  series: SeriesView[];
  /** Each hour's figures, e.g. `20 Nov, 13:00 UTC: US East (Virginia) 48 ms, …`; oldest first. */
  hours: string[];
  /** For those who do not see it. */
  summary: string;
}

const HOURS = DAY_MS / PERIOD_MS.hour;
/** Lines of the scale above zero, at most. */
const STEPS_MAX = 4;

/** Draws up the chart of the hours up to and with the one that is given; null: nothing was timed. */
export function renderChart(
  periods: readonly WindowFigures[],
  lastHourMs: number,
  words: Words,
): ChartView | null {
  const byHour = new Map(
    periods.map((period) => [Math.floor(period.fromMs / PERIOD_MS.hour) * PERIOD_MS.hour, period]),
  );
  const hours = Array.from(
    { length: HOURS },
    (_, index) => lastHourMs - (HOURS - 1 - index) * PERIOD_MS.hour,
  );
  const medianMs = (region: string, hourMs: number) =>
    byHour.get(hourMs)?.regions.get(region)?.latency?.p50Ms ?? null;
  const names = [...new Set(periods.flatMap(({ regions }) => [...regions.keys()]))];
  const regions = names.filter((name) => hours.some((hourMs) => medianMs(name, hourMs) !== null));
  const highestMs = Math.max(
    0,
    ...regions.flatMap((region) => hours.map((hourMs) => medianMs(region, hourMs) ?? 0)),
  );
  if (regions.length === 0) return null;
  const { stepMs, steps } = scaleOf(highestMs);
  return {
    scale: Array.from({ length: steps + 1 }, (_, step) =>
      words.roundLatency(Number((step * stepMs).toPrecision(3))),
    ),
    series: regions.map((region) => ({
      region,
      label: words.place(region),
      points: hours.map((hourMs) => {
        const ms = medianMs(region, hourMs);
        return ms === null ? null : ms / (steps * stepMs);
      }),
    })),
    hours: hours.map((hourMs) => {
      const timed = regions.flatMap((region) => {
        const ms = medianMs(region, hourMs);
        return ms === null ? [] : [`${words.place(region)} ${words.latency(ms)}`];
      });
      const facts = timed.length === 0 ? words.t.monitor.noData : words.enumerate(timed);
      return fill(words.t.monitor.hour, { moment: words.moment(hourMs, "moment"), facts });
    }),
    summary: words.t.monitor.chart,
  };
}

/** Steps of 1, 2 or 5 times a power of ten that reach the highest value. */
function scaleOf(highestMs: number): { stepMs: number; steps: number } {
  const least = Math.max(highestMs, 1e-3) / STEPS_MAX;
  const power = 10 ** Math.floor(Math.log10(least));
  const stepMs = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
  const step = stepMs ?? 10 * power;
  return { stepMs: step, steps: Math.max(1, Math.ceil(highestMs / step - 1e-9)) };
}
