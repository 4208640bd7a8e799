/**
 * The public pages: the status page at `/`, one page per incident, and the files they need.
 *
 * Reads the network's status, renders a view model of it, and answers with HTML. Only view models
 * reach the components: no row, configuration or environment does.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Context } from "hono";
import { Hono } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Env } from "../env.ts";
import { coordinatorOf } from "../env.ts";
import { ASSETS, findAsset, findPresentVersion } from "./assets/assets.ts";
import { HistoryPage } from "./components/history-page.tsx";
import { IncidentPage } from "./components/incident-page.tsx";
import { MonitorPage } from "./components/monitor-page.tsx";
import { NoticePage } from "./components/notice-page.tsx";
import { InLanguage } from "./components/page-language.tsx";
import { StatusPage } from "./components/status-page.tsx";
import { chooseLanguage, OFFERED, wordsOf } from "./language/languages.ts";
import type { Words } from "./language/words.ts";
import {
  ASSET_CACHING,
  NO_CACHING,
  OUTDATED_ASSET_CACHING,
  pageCaching,
  pageHeaders,
} from "./page-headers.ts";
import type { PageSources } from "./status-source.ts";
import { findIncident, loadMonitorReport, loadMonth, renderFrom } from "./status-source.ts";
import { findMonitorView, renderMonitorPage } from "./view-model/monitor-page.ts";
import { monthAt, parseMonth, renderMonth } from "./view-model/month.ts";
import { renderPublicIncident, renderStatus } from "./view-model/status-view.ts";

/** Longest wait for the coordinator, and then for D1. */
const SOURCE_DEADLINE_MS = 3_000;
/** How soon a visitor of a page without data may look again. */
const OUTAGE_REFRESH_MS = 10_000;

/** Where the pages are. */
const PATHS = ["/", "/incidents/*", "/monitors/*", "/history/*", "/assets/*", "/favicon.ico"];
/** How long a month of history may be kept by caches: others than the present hardly change. */
const HISTORY_REFRESH_MS = 30_000;

type PageContext = Context<{ Bindings: Env }>;

/** Routes of the public pages; `now` gives the moment they speak of. */
export function pageRoutes(now: () => number = Date.now): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>();
  for (const path of PATHS) app.use(path, pageHeaders());
  app.get("/", (context) => showStatus(context, now()));
  app.get("/incidents/:id", (context) => showIncident(context, now()));
  app.get("/monitors/:id", (context) => showMonitor(context, now()));
  app.get("/history", (context) => showHistory(context, monthAt(now()).id, now()));
  app.get("/history/:month", (context) => showHistory(context, context.req.param("month"), now()));
  app.get("/assets/:file", sendAsset);
  app.get("/favicon.ico", (context) => context.redirect(ASSETS.icon("unknown"), 302));
  return app;
}

async function showStatus(context: PageContext, nowMs: number): Promise<Response> {
  const words = wordsFor(context);
  const view = await renderFrom(sourcesOf(context.env), ({ status, source }) =>
    renderStatus(status, { source, nowMs, words }),
  );
  if (view === null) return sayOutage(context);
  return sendPage(context, <StatusPage view={view} assets={ASSETS} />, view.refreshMs);
}

async function showIncident(context: PageContext, nowMs: number): Promise<Response> {
  const words = wordsFor(context);
  const id = context.req.param("id") ?? "";
  const sources = sourcesOf(context.env);
  const found = await renderFrom(sources, async (sourced) => {
    const { status, source } = sourced;
    const incident = await findIncident(sources, sourced, id);
    return {
      view: renderStatus(status, { source, nowMs, words }),
      incident: incident && renderPublicIncident(incident, status.monitors, nowMs, words),
    };
  });
  if (found === null) return sayOutage(context);
  const { view, incident } = found;
  // A snapshot holds only the latest incidents: what it lacks may exist.
  if (incident === null) {
    return view.source === "snapshot" ? sayOutage(context) : sayNotFound(context, "incident");
  }
  const page = <IncidentPage incident={incident} view={view} assets={ASSETS} />;
  return sendPage(context, page, view.refreshMs);
}

async function showMonitor(context: PageContext, nowMs: number): Promise<Response> {
  const words = wordsFor(context);
  const id = context.req.param("id") ?? "";
  const sources = sourcesOf(context.env);
  const found = await renderFrom(sources, async (sourced) => {
    const { status, source } = sourced;
    const view = renderStatus(status, { source, nowMs, words });
    if (findMonitorView(view, id) === null) return { view, page: null };
    const stored = await loadMonitorReport(sources, sourced, id, nowMs);
    return { view, page: renderMonitorPage(status, view, id, stored, words) };
  });
  if (found === null) return sayOutage(context);
  const { view, page } = found;
  if (page === null) return sayNotFound(context, "monitor");
  const html = <MonitorPage page={page} view={view} assets={ASSETS} />;
  return sendPage(context, html, view.refreshMs);
}

async function showHistory(context: PageContext, id: string, nowMs: number): Promise<Response> {
  const words = wordsFor(context);
  const month = parseMonth(id, nowMs);
  if (month === null) return sayNotFound(context, "month");
  const monitor = context.req.query("monitor") ?? null;
  const sources = sourcesOf(context.env);
  const found = await renderFrom(sources, async ({ status }) => {
    const stored = await loadMonth(sources, month);
    return { view: renderMonth(month, status, stored, monitor, nowMs, words) };
  });
  if (found === null) return sayOutage(context);
  if (found.view === null) return sayNotFound(context, "monitor");
  const html = <HistoryPage month={found.view} assets={ASSETS} />;
  return sendPage(context, html, HISTORY_REFRESH_MS);
}

function sourcesOf(env: Env): PageSources {
  return {
    coordinator: () => coordinatorOf(env),
    db: env.DB,
    deadlineMs: SOURCE_DEADLINE_MS,
    report: (source, error) => {
      const message = error instanceof Error ? error.message : "unknown error";
      // oxlint-disable-next-line no-console -- structured log line, collected by the platform
      console.error(JSON.stringify({ event: "page_source_failed", source, message }));
    },
  };
}

function wordsFor(context: PageContext): Words {
  return wordsOf(chooseLanguage(context).tag);
}

/** Renders a page in the language of the request. */
function markup(context: PageContext, page: JSX.Element): string {
  const { tag, named } = chooseLanguage(context);
  const address = new URL(context.req.url);
  const offered = OFFERED.map((language) => {
    address.searchParams.set("lang", language.tag);
    return { ...language, href: address.search };
  });
  const value = { words: wordsOf(tag), named, offered };
  return `<!doctype html>${String(<InLanguage value={value}>{page}</InLanguage>)}`;
}

/** Headers that say in which language a page is, and what decided it. */
function languageHeaders(context: PageContext) {
  return { "content-language": chooseLanguage(context).tag, vary: "Accept-Language" };
}

async function sendPage(
  context: PageContext,
  page: JSX.Element,
  refreshMs: number,
): Promise<Response> {
  const body = markup(context, page);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  const etag = `"${bytesToHex(new Uint8Array(digest)).slice(0, 32)}"`;
  const caching = { "cache-control": pageCaching(refreshMs), etag };
  const headers = { ...caching, ...languageHeaders(context) };
  if (context.req.header("if-none-match")?.replace(/^W\//, "") === etag) {
    return context.body(null, 304, headers);
  }
  return context.html(body, 200, headers);
}

function sayOutage(context: PageContext) {
  const t = wordsFor(context).t.notice;
  const page = (
    <NoticePage
      title={t.outage}
      detail={t.outageDetail}
      tone="unknown"
      assets={ASSETS}
      refreshMs={OUTAGE_REFRESH_MS}
    />
  );
  return context.html(markup(context, page), 503, {
    ...languageHeaders(context),
    "cache-control": NO_CACHING,
    "retry-after": String(OUTAGE_REFRESH_MS / 1_000),
  });
}

function sayNotFound(context: PageContext, what: "incident" | "monitor" | "month") {
  const t = wordsFor(context).t.notice;
  const page = (
    <NoticePage title={t[what]} detail={t.detail} tone="unknown" assets={ASSETS} refreshMs={null} />
  );
  return context.html(markup(context, page), 404, {
    ...languageHeaders(context),
    "cache-control": NO_CACHING,
  });
}

function sendAsset(context: PageContext) {
  const path = context.req.path;
  const asset = findAsset(path);
  const found = asset ?? findPresentVersion(path);
  if (found === undefined) return context.notFound();
  return context.body(found.body, 200, {
    "content-type": found.type,
    "cache-control": asset === undefined ? OUTDATED_ASSET_CACHING : ASSET_CACHING,
  });
}
