/**
 * What is known of one monitor over time, for its own page: uptime over a day, a week, a month, a
 * quarter and a year, latency by region, and the last day's latency hour by hour. A figure of which
 * nothing is known is null, and a longer time that knows nothing more than a shorter one has none.
 *
 * Pure: `now` is an argument.
 */
import { addToDays, noDays } from "../../../../shared/monitor/day-status.ts";
import { medianAndTail } from "../../../../shared/monitor/latency-histogram.ts";
import type {
  LatencyFigures,
  ReportInput,
  Window,
  WindowFigures,
} from "../../../../shared/monitor/report.ts";
import { rangesOf, reportPeriods, reportWindow } from "../../../../shared/monitor/report.ts";
import { dayStartMs, PERIOD_MS } from "../../../../shared/monitor/rollup.ts";
import { NO_TIME, observedMs, uptimeOf } from "../../../../shared/monitor/uptime.ts";
import type { MonitorStatus, RollupRanges } from "../../object/rpc.ts";
import type { Words } from "../language/words.ts";
import { DAY_MS, fill } from "../language/words.ts";
import type { ChartView } from "./latency-chart.ts";
import { HISTORY_DAYS, WHOLE_SHARE } from "./history.ts";
import { renderChart } from "./latency-chart.ts";

/** Uptime over one of the usual times. */
export interface UptimeFigureView {
  /** E.g. `24 hours`. */
  label: string;
  /** Null: not known. */
  percent: string | null;
  /** What of that time is known, e.g. `34 days known`; null: all of it, or nothing. */
  known: string | null;
}

/** Latency of one region over the last day. */
export interface RegionLatencyView {
  region: string;
  label: string;
  p50: string;
  p95: string;
}

/** What is known of a monitor over time. */
export interface MonitorReportView {
  uptimes: UptimeFigureView[];
  /** Regions with a timed check in the last day. */
  latencies: RegionLatencyView[];
  /** Null: no check was timed in the last day. */
  chart: ChartView | null;
}

/** Days of the times whose uptime is told; the first is the last 24 hours, the rest UTC days. */
const PERIOD_DAYS = [1, 7, 30, 90, 365] as const;
const YEAR_DAYS = 365;

/** The last 24 hours: of all that is reported, the only time that is cut within a day of the past. */
export function lastDay(nowMs: number): Window {
  return { fromMs: nowMs - DAY_MS, toMs: nowMs };
}

/** The last `days` UTC days, today so far included. */
function lastDays(days: number, nowMs: number): Window {
  return { fromMs: dayStartMs(nowMs) - (days - 1) * DAY_MS, toMs: nowMs };
}

/** The rows that the report is made from. */
export function reportedRanges(nowMs: number): RollupRanges {
  return [
    { resolution: "day", ...lastDays(YEAR_DAYS, nowMs) },
    ...rangesOf(lastDay(nowMs), "hour").map((range) =>
      // The hours of yesterday and today whole: the days are cut by them.
      range.resolution === "hour" ? { ...range, fromMs: lastDays(2, nowMs).fromMs } : range,
    ),
  ];
}

/** A monitor with the 90 days that its report has rows of; without a report it stays as it is. */
export function withDays(
  monitor: MonitorStatus,
  report: Pick<ReportInput, "rows"> | null,
  nowMs: number,
): MonitorStatus {
  if (report === null) return monitor;
  const { fromMs } = lastDays(HISTORY_DAYS, nowMs);
  const known = noDays();
  for (const row of report.rows) {
    if (row.resolution !== "day" || row.bucketStartMs < fromMs) continue;
    addToDays(known, row, dayStartMs(nowMs) - DAY_MS);
  }
  return {
    ...monitor,
    days: known.quorum,
    regions: monitor.regions.map((seen) => {
      const { days = [], latency = "" } = known.regions.get(seen.region) ?? {};
      return { ...seen, days, latency: medianAndTail(latency) };
    }),
  };
}

/** Renders the report from a monitor's rows and transitions. */
export function renderMonitorReport(
  { rows, changes }: Pick<ReportInput, "rows" | "changes">,
  nowMs: number,
  words: Words,
): MonitorReportView {
  const input = { rows: [...rows], changes };
  const figures = PERIOD_DAYS.map((days) =>
    reportWindow({ window: days === 1 ? lastDay(nowMs) : lastDays(days, nowMs), ...input }),
  );
  const hours = reportPeriods({ window: lastDay(nowMs), ...input }, "hour");
  const regions = [...(figures[0]?.regions ?? [])];
  return {
    uptimes: PERIOD_DAYS.map((days, index) => ({
      label: periodLabel(days, words),
      ...renderUptime(figures[index], figures[index - 1], words),
    })),
    latencies: regions.flatMap(([region, { latency }]) => renderLatency(region, latency, words)),
    chart: renderChart(hours, Math.floor(nowMs / PERIOD_MS.hour) * PERIOD_MS.hour, words),
  };
}

function periodLabel(days: number, words: Words): string {
  const { hours, year } = words.t.units;
  if (days === 1) return words.count(24, hours);
  return days === YEAR_DAYS ? words.count(1, year) : words.days(days);
}

function renderUptime(
  figures: WindowFigures | undefined,
  shorter: WindowFigures | undefined,
  words: Words,
): Pick<UptimeFigureView, "percent" | "known"> {
  const times = figures?.times ?? NO_TIME;
  const uptime = uptimeOf(times);
  const knownMs = observedMs(times);
  const nothing = { percent: null, known: null };
  if (figures === undefined || uptime === null) return nothing;
  if (shorter !== undefined && knownMs <= observedMs(shorter.times)) return nothing;
  const askedMs = figures.toMs - figures.fromMs - times.maintenanceMs;
  const known =
    knownMs >= WHOLE_SHARE * askedMs
      ? null
      : fill(words.t.monitor.known, { period: words.period(knownMs) });
  return { percent: words.percent(uptime), known };
}

function renderLatency(
  region: string,
  latency: LatencyFigures | null,
  words: Words,
): RegionLatencyView[] {
  if (latency === null || latency.p50Ms === null || latency.p95Ms === null) return [];
  const [p50, p95] = [words.latency(latency.p50Ms), words.latency(latency.p95Ms)];
  return [{ region, label: words.place(region), p50, p95 }];
}
