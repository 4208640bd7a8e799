/**
 * `/metrics`: the network's state for Prometheus (text exposition format 0.0.4).
 *
 * Everybody may read the metrics of what the page of the host name shows; all monitors appear to who
 * sends the API's token.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { VERSION } from "../../../shared/version.ts";
import type { VerdictKind } from "../../../shared/monitor/verdict.ts";
import { INCIDENT_KINDS } from "../../../shared/monitor/verdict.ts";
import type { Status } from "../../../shared/probe/reason.ts";
import type { MonitorStatus, NetworkStatus, RegionStatus } from "../object/rpc.ts";
import { pageStatus } from "../page-settings/page-status.ts";
import { decideAccess, refuseUnlessGranted } from "./bearer-auth.ts";
import type { Publication } from "../pages/publication.ts";
import { askCoordinator } from "./coordinator-calls.ts";
import { findPublicPage } from "./public-status.ts";
import type { Router } from "./router.ts";
import { createRouter, problems } from "./router.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const VERDICTS = ["operational", "degraded", "partial", "down", "unknown", "maintenance"] as const;
const STATUSES = ["up", "degraded", "down", "unknown"] as const;
const STATES = ["active", "waiting", "silent", "misplaced", "suspended"] as const;

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  tags: ["Monitoring of the monitoring"],
  summary: "Read the network's state for Prometheus",
  description: "What the page of the host name does not show is in it only when the token is sent.",
  security: [{}, { bearer: [] }],
  responses: {
    200: {
      description: "Text exposition format 0.0.4",
      content: { "text/plain": { schema: z.string() } },
    },
    ...problems(401, 503),
  },
});

/** Route of `/metrics`. */
export function metricsRoutes(publication: Publication): Router {
  const router = createRouter();
  router.openapi(metricsRoute, async (context) => {
    const authorization = context.req.header("authorization");
    const access = await decideAccess(authorization, context.env.ECHOQUORUM_ADMIN_TOKEN);
    const page = access === "granted" ? null : await findPublicPage(context, publication);
    // Whom a private page lets in has brought its token, or has signed in.
    const isKnown = page?.scope.isPrivate === true;
    if (authorization !== undefined && !isKnown) refuseUnlessGranted(access);
    const whole = await askCoordinator(context.env, () => publication.status(context.env));
    const status = page === null ? whole : pageStatus(whole, page.scope);
    const text = renderMetrics(status, publication.now());
    return context.text(text, 200, { "content-type": CONTENT_TYPE, "cache-control": "no-store" });
  });
  return router;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** Renders the metrics of a status; monitors that must not be shown are left out beforehand. */
export function renderMetrics(status: NetworkStatus, nowMs: number): string {
  const shown = new Set(status.monitors.map((monitor) => monitor.id));
  const open = status.openIncidents.filter((incident) => shown.has(incident.monitor));
  const { newestRunAtMs } = status;
  return [
    family("build_info", "Version of Echoquorum.", [[{ version: VERSION }, 1]]),
    family("config_version", "Version of the published configuration.", [
      [{}, status.config.version],
    ]),
    family(
      "last_run_age_seconds",
      "Age of the newest run that was taken in; absent before the first.",
      newestRunAtMs === null ? [] : [[{}, Math.max(0, nowMs - newestRunAtMs) / 1_000]],
    ),
    family(
      "incidents_open",
      "Open incidents by kind.",
      INCIDENT_KINDS.map((kind) => [{ kind }, open.filter((each) => each.kind === kind).length]),
    ),
    ...renderMonitorFamilies(status.monitors),
    ...renderRegionFamilies(status.regions),
  ].join("");
}

function renderMonitorFamilies(monitors: readonly MonitorStatus[]): string[] {
  const observed = monitors.flatMap((monitor) =>
    monitor.regions.flatMap(({ region, last }) =>
      last === null ? [] : [{ labels: { monitor: monitor.id, region }, last }],
    ),
  );
  return [
    family(
      "monitor_info",
      "Name and group of a monitor.",
      monitors.map(({ id, name, group }) => [{ monitor: id, name, group: group ?? "" }, 1]),
    ),
    family(
      "monitor_paused",
      "Whether a monitor is paused.",
      monitors.map(({ id, paused }) => [{ monitor: id }, Number(paused)]),
    ),
    family(
      "verdict",
      "What the quorum concludes: 1 for the present verdict, 0 for the others.",
      monitors.flatMap(({ id, verdict }) =>
        oneOf<VerdictKind>("verdict", VERDICTS, verdict.kind, { monitor: id }),
      ),
    ),
    family(
      "verdict_since_timestamp_seconds",
      "Since when the verdict holds.",
      monitors.map(({ id, verdict }) => [{ monitor: id }, verdict.sinceMs / 1_000]),
    ),
    family(
      "observation_status",
      "What a region saw last: 1 for the status, 0 for the others.",
      observed.flatMap(({ labels, last }) =>
        oneOf<Status>("status", STATUSES, last.status, labels),
      ),
    ),
    family(
      "observation_timestamp_seconds",
      "When a region's last observation began.",
      observed.map(({ labels, last }) => [labels, last.startedAtMs / 1_000]),
    ),
    family(
      "observation_duration_seconds",
      "How long a region's last check took in all, to fail too.",
      observed.flatMap(({ labels, last }): Sample[] =>
        last.totalMs === null ? [] : [[labels, last.totalMs / 1_000]],
      ),
    ),
  ];
}

function renderRegionFamilies(regions: readonly RegionStatus[]): string[] {
  return [
    family(
      "region_state",
      "How a region's probe is doing: 1 for the present state, 0 for the others.",
      regions.flatMap(({ id, state }) =>
        oneOf<RegionStatus["state"]>("state", STATES, state, { region: id }),
      ),
    ),
    family(
      "region_last_run_timestamp_seconds",
      "When a region's last run began; absent before the first.",
      regions.flatMap(({ id, lastRunAtMs }): Sample[] =>
        lastRunAtMs === null ? [] : [[{ region: id }, lastRunAtMs / 1_000]],
      ),
    ),
  ];
}

/** One sample per alternative, of which exactly one is 1. */
function oneOf<T extends string>(
  label: string,
  alternatives: readonly T[],
  present: T,
  labels: Labels,
): Sample[] {
  return alternatives.map((each) => [{ ...labels, [label]: each }, Number(each === present)]);
}

function family(name: string, help: string, samples: readonly Sample[]): string {
  const metric = `echoquorum_${name}`;
  const lines = samples.map(([labels, value]) => `${metric}${renderLabels(labels)} ${value}\n`);
  return `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${lines.join("")}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
