/**
 * A stand-in for Prometheus Alertmanager: takes alerts by its API and keeps them by their labels, as
 * it does, so that what fires twice is one alert and what ends is gone.
 *
 * Schema: github.com/prometheus/alertmanager, `api/v2/openapi.yaml` (`postableAlerts`); rules beyond
 * it: `types/types.go`, `Alert.Validate` of github.com/prometheus/common, `model/alert.go`.
 */
import { Hono } from "hono";
import { z } from "zod";

const labelNameSchema = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "invalid label name");
const labelsSchema = z.record(labelNameSchema, z.string());

const postableAlertSchema = z
  .strictObject({
    labels: labelsSchema.refine(
      (labels) => Object.values(labels).some((value) => value !== ""),
      "at least one label pair required",
    ),
    annotations: labelsSchema.optional(),
    startsAt: z.iso.datetime({ offset: true }).optional(),
    endsAt: z.iso.datetime({ offset: true }).optional(),
    generatorURL: z.url().optional(),
  })
  .refine(
    ({ startsAt, endsAt }) =>
      startsAt === undefined || endsAt === undefined || Date.parse(endsAt) >= Date.parse(startsAt),
    "start time must be before end time",
  );

/** An alert that is known. */
export interface KnownAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL: string | null;
}

/** Longest life of an alert without `endsAt`: the default of `resolve_timeout`. */
const RESOLVE_TIMEOUT_MS = 5 * 60_000;

/** What is known, firing or over. */
export class AlertBoard {
  readonly #alerts = new Map<string, KnownAlert>();
  readonly #nowMs: () => number;
  /** What was refused, and why; oldest first. */
  readonly refusals: string[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Alerts that have not ended, in order of their beginning. */
  firing(): KnownAlert[] {
    return this.all().filter(({ endsAt }) => Date.parse(endsAt) > this.#nowMs());
  }

  /** Every alert in order of its beginning. */
  all(): KnownAlert[] {
    return [...this.#alerts.values()].sort(
      (a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt),
    );
  }

  add(alerts: ReadonlyArray<z.output<typeof postableAlertSchema>>): void {
    const now = new Date(this.#nowMs()).toISOString();
    const timeout = new Date(this.#nowMs() + RESOLVE_TIMEOUT_MS).toISOString();
    for (const alert of alerts) {
      const { labels, annotations = {}, startsAt = now, endsAt = timeout } = alert;
      const generatorURL = alert.generatorURL ?? null;
      const key = JSON.stringify(Object.entries(labels).sort());
      this.#alerts.set(key, { labels, annotations, startsAt, endsAt, generatorURL });
    }
  }
}

/** Routes of the API, as far as alerts use it. */
export function alertmanagerApp(board: AlertBoard): Hono {
  const app = new Hono();
  app.get("/api/v2/alerts", (context) => context.json(board.firing()));
  app.post("/api/v2/alerts", async (context) => {
    const body = await context.req.json<unknown>().catch(() => null);
    const parsed = z.array(postableAlertSchema).safeParse(body);
    if (!parsed.success) {
      const why = z.prettifyError(parsed.error);
      board.refusals.push(why);
      return context.json(why, 400);
    }
    board.add(parsed.data);
    return context.body(null, 200);
  });
  return app;
}
