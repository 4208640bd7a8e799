/**
 * Makes the answers of the public pages: reads the network's status, renders a view model of it, and
 * writes HTML. Only view models reach the components: no row, configuration or environment does. An
 * answer depends on nothing but what {@link Asked} holds, so that it may be kept.
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import { ASSETS } from "./assets/assets.ts";
import { HistoryPage } from "./components/history-page.tsx";
import { IncidentPage } from "./components/incident-page.tsx";
import { MonitorPage } from "./components/monitor-page.tsx";
import { NoticePage } from "./components/notice-page.tsx";
import { StatusPage } from "./components/status-page.tsx";
import { WrittenPage } from "./components/written-page.tsx";
import { renderDocument } from "./document.tsx";
import { statusFreshMs } from "./fresh-status.ts";
import type { Words } from "./language/words.ts";
import type { Answer } from "./page-cache.ts";
import { NO_CACHING, etagOf, pageCaching } from "./page-headers.ts";
import type { PageSources } from "./status-source.ts";
import {
  findIncident,
  findWritten,
  completeMonitor,
  loadMonitorReport,
  loadMonth,
  renderFrom,
} from "./status-source.ts";
import { renderMonitorPage } from "./view-model/monitor-page.ts";
import { parseMonth, renderMonth } from "./view-model/month.ts";
import type { SiteView } from "./view-model/site.ts";
import { renderPublicIncident, renderStatus } from "./view-model/status-view.ts";
import { publicWritten, renderWritten } from "./view-model/written-incident.ts";

/** What a page is made of and depends on. */
export interface Asked {
  words: Words;
  site: SiteView;
  /** Whether the address names the language. */
  named: boolean;
  /** Id of the monitor to which a month is limited; null: all. */
  monitor: string | null;
  nowMs: number;
  sources: PageSources;
}

/** How soon a visitor of a page without data may look again. */
const OUTAGE_REFRESH_MS = 10_000;
/** How long a month of history may be kept by caches. */
const HISTORY_REFRESH_MS = 30_000;

/** The status page. */
export async function answerStatus(asked: Asked): Promise<Answer> {
  const { words, nowMs, sources } = asked;
  const view = await renderFrom(sources, ({ status, source }) =>
    renderStatus(status, { source, nowMs, words }),
  );
  if (view === null) return answerOutage(asked);
  return answerPage(asked, <StatusPage view={view} assets={ASSETS} />, view.refreshMs);
}

/** The page of an incident. */
export async function answerIncident(asked: Asked, id: string): Promise<Answer> {
  const { words, nowMs, sources } = asked;
  const found = await renderFrom(sources, async (sourced) => {
    const { status, source } = sourced;
    const incident = await findIncident(sources, sourced, id);
    return {
      view: renderStatus(status, { source, nowMs, words }),
      incident: incident && renderPublicIncident(incident, status, nowMs, words),
    };
  });
  if (found === null) return answerOutage(asked);
  const { view, incident } = found;
  // A snapshot holds only the latest incidents: what it lacks may exist.
  if (incident === null) {
    return view.source === "snapshot" ? answerOutage(asked) : answerMissing(asked, "incident");
  }
  const page = <IncidentPage incident={incident} view={view} assets={ASSETS} />;
  return answerPage(asked, page, view.refreshMs);
}

/** The page of what people wrote about one trouble. */
export async function answerWritten(asked: Asked, id: string): Promise<Answer> {
  const { words, nowMs, sources } = asked;
  const found = await renderFrom(sources, async ({ status, source }) => {
    const written = await findWritten(sources, status, id);
    const shown = written && publicWritten(written, status);
    return {
      view: renderStatus(status, { source, nowMs, words }),
      written: shown && renderWritten(shown, status.monitors, nowMs, words),
    };
  });
  if (found === null) return answerOutage(asked);
  const { view, written } = found;
  if (written === null) return answerMissing(asked, "incident");
  const page = <WrittenPage written={written} view={view} assets={ASSETS} />;
  return answerPage(asked, page, view.refreshMs);
}

/** The page of a monitor. */
export async function answerMonitor(asked: Asked, id: string): Promise<Answer> {
  const { words, nowMs, sources } = asked;
  const found = await renderFrom(sources, async (sourced) => {
    const { source } = sourced;
    const isShown = sourced.status.monitors.some((monitor) => monitor.id === id && monitor.public);
    const stored = isShown ? await loadMonitorReport(sources, sourced, id, nowMs) : null;
    const status = isShown ? await completeMonitor(sources, sourced, id, stored) : sourced.status;
    const view = renderStatus(status, { source, nowMs, words });
    return { view, page: renderMonitorPage(status, view, id, stored, words) };
  });
  if (found === null) return answerOutage(asked);
  const { view, page } = found;
  if (page === null) return answerMissing(asked, "monitor");
  const html = <MonitorPage page={page} view={view} assets={ASSETS} />;
  return answerPage(asked, html, view.refreshMs);
}

/** A month of history. */
export async function answerMonth(asked: Asked, id: string): Promise<Answer> {
  const { words, nowMs, sources, monitor } = asked;
  const month = parseMonth(id, nowMs);
  if (month === null) return answerMissing(asked, "month");
  const found = await renderFrom(sources, async ({ status }) => {
    const stored = await loadMonth(sources, month);
    return { view: renderMonth(month, status, stored, monitor, nowMs, words) };
  });
  if (found === null) return answerOutage(asked);
  if (found.view === null) return answerMissing(asked, "monitor");
  const html = <HistoryPage month={found.view} assets={ASSETS} />;
  return answerPage(asked, html, HISTORY_REFRESH_MS);
}

/** Renders a page in the language that is asked for. */
function markup(
  { words, site, named, monitor }: Omit<Asked, "nowMs" | "sources">,
  page: JSX.Element,
): string {
  const query = monitor === null ? "" : `monitor=${encodeURIComponent(monitor)}&`;
  return renderDocument({ words, site, named }, (tag) => `?${query}lang=${tag}`, page);
}

function headersOf({ words }: Pick<Asked, "words">, caching: string) {
  return {
    "content-type": "text/html; charset=UTF-8",
    "content-language": words.language.tag,
    vary: "Accept-Language",
    "cache-control": caching,
  };
}

async function answerPage(asked: Asked, page: JSX.Element, refreshMs: number): Promise<Answer> {
  const body = markup(asked, page);
  const headers = { ...headersOf(asked, pageCaching(refreshMs)), etag: await etagOf(body) };
  return { status: 200, body, headers, freshMs: statusFreshMs(2 * refreshMs) };
}

/** What is shown when nothing is known. */
export function answerOutage(asked: Omit<Asked, "nowMs" | "sources">): Answer {
  const t = asked.words.t.notice;
  const page = (
    <NoticePage
      title={t.outage}
      detail={t.outageDetail}
      tone="unknown"
      assets={ASSETS}
      refreshMs={OUTAGE_REFRESH_MS}
    />
  );
  const retry = { "retry-after": String(OUTAGE_REFRESH_MS / 1_000) };
  const headers = { ...headersOf(asked, NO_CACHING), ...retry };
  return { status: 503, body: markup(asked, page), headers, freshMs: null };
}

function answerMissing(asked: Asked, what: "incident" | "monitor" | "month"): Answer {
  const t = asked.words.t.notice;
  const page = (
    <NoticePage title={t[what]} detail={t.detail} tone="unknown" assets={ASSETS} refreshMs={null} />
  );
  const headers = headersOf(asked, NO_CACHING);
  return { status: 404, body: markup(asked, page), headers, freshMs: null };
}
