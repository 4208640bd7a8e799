/** The public JSON form of an uptime report, with its schema for the OpenAPI description. Pure. */
import { z } from "@hono/zod-openapi";
import type { LatencyFigures, WindowFigures } from "../../../shared/monitor/report.ts";
import {
  errorBudget,
  observedMs,
  regionChecks,
  regionUptimeOf,
  uptimeOf,
} from "../../../shared/monitor/uptime.ts";
import { isoSchema, renderMoment } from "./moment.ts";

const uptimeSchema = z.number().min(0).max(1).nullable();
const roundingSchema = z.enum(["exact", "5min", "hour", "day"]).openapi({
  description: "To what the window's edges were rounded, outwards.",
});
const latencySchema = z
  .strictObject({
    count: z.int().openapi({ description: "Checks that were timed." }),
    mean: z.number(),
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
  })
  .nullable()
  .openapi({
    description:
      "Of whole checks that were up or degraded; quantiles within 5 %. Null: none was timed.",
  });

/** A report in its public form. */
export const reportSchema = z
  .strictObject({
    monitor: z.string(),
    from: isoSchema,
    to: isoSchema,
    quorum: z.strictObject({
      uptime: uptimeSchema.openapi({
        description: "Observed time that was not down over observed time; null: none was observed.",
      }),
      observedMs: z.number(),
      operationalMs: z.number(),
      degradedMs: z.number(),
      partialMs: z.number(),
      downMs: z.number(),
      unknownMs: z.number(),
      maintenanceMs: z.number(),
      resolution: roundingSchema,
    }),
    slo: z
      .strictObject({
        objective: z.number().openapi({ description: "In percent." }),
        met: z.boolean().nullable(),
        budgetMs: z.number(),
        spentMs: z.number(),
        leftMs: z.number().openapi({ description: "Negative: overspent." }),
        burnRate: z.number().nullable().openapi({ description: "Spent over budget." }),
      })
      .nullable(),
    incidents: z.int().openapi({ description: "Incidents that were open in the window." }),
    latencyMs: latencySchema,
    regions: z.array(
      z.strictObject({
        region: z.string(),
        uptime: uptimeSchema.openapi({
          description: "Checks that were up or degraded over those that were up, degraded or down.",
        }),
        checks: z.int(),
        up: z.int(),
        degraded: z.int(),
        down: z.int(),
        unknown: z.int(),
        latencyMs: latencySchema,
      }),
    ),
    regionsResolution: roundingSchema,
  })
  .meta({ id: "UptimeReport" });

/** No more digits than a histogram knows; rounded milliseconds would lose short ones. */
function round(ms: number): number {
  return Number(ms.toPrecision(4));
}

function roundOrNull(ms: number | null): number | null {
  return ms === null ? null : round(ms);
}

/** Latencies in their public form. */
export function renderLatency(latency: LatencyFigures | null): z.output<typeof latencySchema> {
  if (latency === null) return null;
  return {
    count: latency.count,
    mean: round(latency.meanMs),
    p50: roundOrNull(latency.p50Ms),
    p95: roundOrNull(latency.p95Ms),
    p99: roundOrNull(latency.p99Ms),
  };
}

/**
 * Renders a report.
 *
 * @param objective in percent; undefined: nobody asked
 */
export function renderReport(
  monitor: string,
  figures: WindowFigures,
  incidents: number,
  objective: number | undefined,
): z.output<typeof reportSchema> {
  const { times } = figures;
  const { operationalMs, degradedMs, partialMs, downMs, unknownMs, maintenanceMs } = times;
  const budget = objective === undefined ? null : errorBudget(times, objective);
  return {
    monitor,
    from: renderMoment(figures.fromMs),
    to: renderMoment(figures.toMs),
    quorum: {
      uptime: uptimeOf(times),
      observedMs: observedMs(times),
      operationalMs,
      degradedMs,
      partialMs,
      downMs,
      unknownMs,
      maintenanceMs,
      resolution: figures.timesRounding,
    },
    slo:
      budget === null || objective === undefined
        ? null
        : { objective, met: budget.burnRate === null ? null : budget.leftMs >= 0, ...budget },
    incidents,
    latencyMs: renderLatency(figures.latency),
    regions: [...figures.regions].map(([region, counts]) => {
      const { up, degraded, down, unknown } = counts;
      return {
        region,
        uptime: regionUptimeOf(counts),
        checks: regionChecks(counts),
        up,
        degraded,
        down,
        unknown,
        latencyMs: renderLatency(counts.latency),
      };
    }),
    regionsResolution: figures.regionsRounding,
  };
}
