/** What became of the load on a page, as figures and as a table. Pure. */
import { percentile } from "./detection-figures.ts";

/** One way of serving under load. */
export interface PageLoad {
  name: string;
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** How often the coordinator was asked meanwhile. */
  asked: number;
  seconds: number;
}

/** Sums up what each request took. */
export function summariseLoad(
  name: string,
  latenciesMs: readonly number[],
  elapsedMs: number,
  asked: number,
): PageLoad {
  return {
    name,
    requests: latenciesMs.length,
    requestsPerSecond: (latenciesMs.length * 1_000) / elapsedMs,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    asked,
    seconds: elapsedMs / 1_000,
  };
}

/** Renders the loads as a table. */
export function renderPageLoads(loads: readonly PageLoad[], connections: number): string {
  const rows = loads.map((load) => [
    load.name,
    load.requestsPerSecond.toFixed(0),
    `${load.p50Ms.toFixed(0)} ms`,
    `${load.p99Ms.toFixed(0)} ms`,
    `${load.asked} in ${load.seconds.toFixed(0)} s`,
  ]);
  const head = ["pages", "requests/s", "median", "p99", "coordinator asked"];
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [`${connections} connections`, line(head), rule, ...rows.map(line)].join("\n");
}
