/** Uptime by day or hour as CSV: a line per period for the quorum, and one for each region. Pure. */
import type { LatencyFigures, WindowFigures } from "../../../shared/monitor/report.ts";
import { QUORUM_REGION } from "../../../shared/monitor/rollup.ts";
import {
  observedMs,
  regionChecks,
  regionUptimeOf,
  uptimeOf,
} from "../../../shared/monitor/uptime.ts";
import type { CsvValue } from "./csv.ts";
import { encodeCsv } from "./csv.ts";
import { renderMoment } from "./moment.ts";
import { renderLatency } from "./uptime-report.ts";

const COLUMNS = [
  "monitor",
  "region",
  "from",
  "to",
  "uptime",
  "observed_ms",
  "operational_ms",
  "degraded_ms",
  "partial_ms",
  "down_ms",
  "unknown_ms",
  "maintenance_ms",
  "checks",
  "up",
  "degraded",
  "down",
  "unknown",
  "latency_mean_ms",
  "latency_p50_ms",
  "latency_p95_ms",
  "latency_p99_ms",
  "resolution",
] as const;

/** A line by column; columns that do not apply are left empty. */
type Line = Partial<Record<(typeof COLUMNS)[number], CsvValue>>;

function latencyColumns(latency: LatencyFigures | null): Line {
  const rendered = renderLatency(latency);
  if (rendered === null) return {};
  const { mean, p50, p95, p99 } = rendered;
  return {
    latency_mean_ms: mean,
    latency_p50_ms: p50,
    latency_p95_ms: p95,
    latency_p99_ms: p99,
  };
}

function quorumLine({ times, timesRounding, latency }: WindowFigures): Line {
  return {
    region: QUORUM_REGION,
    uptime: uptimeOf(times),
    observed_ms: observedMs(times),
    operational_ms: times.operationalMs,
    degraded_ms: times.degradedMs,
    partial_ms: times.partialMs,
    down_ms: times.downMs,
    unknown_ms: times.unknownMs,
    maintenance_ms: times.maintenanceMs,
    ...latencyColumns(latency),
    resolution: timesRounding,
  };
}

function regionLines({ regions, regionsRounding }: WindowFigures): Line[] {
  return [...regions].map(([region, counts]) => {
    const { up, degraded, down, unknown, latency } = counts;
    return {
      region,
      uptime: regionUptimeOf(counts),
      checks: regionChecks(counts),
      up,
      degraded,
      down,
      unknown,
      ...latencyColumns(latency),
      resolution: regionsRounding,
    };
  });
}

/** Renders the periods of a window. */
export function renderUptimeCsv(monitor: string, periods: readonly WindowFigures[]): string {
  const lines = periods.flatMap((period): Line[] => {
    const { fromMs, toMs } = period;
    const edges = { monitor, from: renderMoment(fromMs), to: renderMoment(toMs) };
    return [quorumLine(period), ...regionLines(period)].map((line) => ({ ...edges, ...line }));
  });
  return encodeCsv(
    COLUMNS,
    lines.map((line) => COLUMNS.map((column) => line[column] ?? null)),
  );
}
