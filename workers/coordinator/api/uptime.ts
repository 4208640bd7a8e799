/**
 * `/monitors/{id}/uptime`: a monitor's uptime over any window, by quorum and by region, as JSON, or by
 * day or hour as CSV. What the figures mean, says `shared/monitor/uptime.ts`.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Window } from "../../../shared/monitor/report.ts";
import { rangesOf, reportPeriods, reportWindow } from "../../../shared/monitor/report.ts";
import type { Rollup } from "../../../shared/monitor/rollup.ts";
import { loadMonitor } from "../db/config-store.ts";
import { joinRows, loadReport, recentRanges } from "../db/report-store.ts";
import type { Env } from "../env.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { momentSchema } from "./moment.ts";
import { ProblemError, notFound } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, problems } from "./router.ts";
import { renderUptimeCsv } from "./uptime-csv.ts";
import { renderReport, reportSchema } from "./uptime-report.ts";

const DAY_MS = 86_400_000;
/** Window that is reported when nobody says which. */
const WINDOW_MS = 30 * DAY_MS;
/** Longest window by day and by hour: what a request can read and answer in its time. */
const WINDOW_MAX_MS = { day: 20 * 366 * DAY_MS, hour: 92 * DAY_MS } as const;

const uptimeRoute = createRoute({
  method: "get",
  path: "/monitors/{id}/uptime",
  tags: ["Reports"],
  summary: "Report uptime over a window",
  description:
    "By quorum and by region. As CSV (`Accept: text/csv`, or `format=csv`) it has a line per day " +
    "or hour for the quorum (region `*`) and for each region.",
  request: {
    params: z.strictObject({ id: z.string().openapi({ description: "Id of the monitor." }) }),
    query: z.strictObject({
      from: momentSchema.optional(),
      to: momentSchema.optional(),
      slo: z.coerce
        .number()
        .gt(0)
        .lt(100)
        .optional()
        .openapi({ type: "number", description: "Objective in percent, e.g. `99.9`." }),
      format: z.enum(["json", "csv"]).optional(),
      by: z
        .enum(["day", "hour"])
        .default("day")
        .openapi({ description: "Lines of the CSV; hours are kept for 92 days." }),
    }),
  },
  responses: {
    200: {
      description: "The report",
      content: {
        "application/json": { schema: reportSchema },
        "text/csv": { schema: z.string() },
      },
    },
    ...problems(400, 401, 404, 503),
  },
});

/** Route of uptime reports. */
export function uptimeRoutes(): Router {
  const router = createRouter();
  router.openapi(uptimeRoute, async (context) => {
    const { id } = context.req.valid("param");
    const query = context.req.valid("query");
    const accepts = context.req.header("accept") ?? "";
    const isCsv = query.format === undefined ? prefersCsv(accepts) : query.format === "csv";
    const by = isCsv ? query.by : "day";
    const window = windowOf(query, by, Date.now());
    const { env } = context;
    if ((await loadMonitor(env.DB, id)) === null) throw notFound("monitor", id);
    const ranges = rangesOf(window, by);
    const [stored, recent] = await Promise.all([
      loadReport(env.DB, id, window, ranges),
      loadRecent(env, id, ranges),
    ]);
    const input = { window, rows: joinRows(stored.rows, recent), changes: stored.changes };
    context.header("vary", "Accept");
    if (isCsv) {
      const file = `attachment; filename="uptime-${id}.csv"`;
      const headers = { "content-type": "text/csv; charset=utf-8", "content-disposition": file };
      return context.body(renderUptimeCsv(id, reportPeriods(input, by)), 200, headers);
    }
    const figures = reportWindow(input);
    return context.json(renderReport(id, figures, stored.incidents, query.slo), 200);
  });
  return router;
}

/** Whether CSV is asked for and JSON is not; quality values between them are not weighed. */
function prefersCsv(accept: string): boolean {
  return /\btext\/csv\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept);
}

/** The window that is asked for, up to now; refuses one that is empty or too long. */
function windowOf(
  query: { from?: number | undefined; to?: number | undefined },
  by: "day" | "hour",
  nowMs: number,
): Window {
  const toMs = Math.min(query.to ?? nowMs, nowMs);
  const fromMs = query.from ?? toMs - WINDOW_MS;
  const days = WINDOW_MAX_MS[by] / DAY_MS;
  const wrong =
    fromMs >= toMs
      ? "expected a moment before `to`, and before now"
      : toMs - fromMs > WINDOW_MAX_MS[by]
        ? `expected at most ${days} days before \`to\``
        : null;
  if (wrong !== null) {
    const errors = [{ field: "from", message: wrong }];
    throw new ProblemError("invalid-query", `from: ${wrong}.`, { errors });
  }
  return { fromMs, toMs };
}

/** The object's rows of what D1 may lack; it need not answer for what is long over. */
async function loadRecent(
  env: Env,
  id: string,
  ranges: ReturnType<typeof rangesOf>,
): Promise<Rollup[]> {
  const recent = recentRanges(ranges, Date.now());
  if (recent.length === 0) return [];
  return askCoordinator(env, (coordinator) => coordinator.rollups(id, recent));
}
