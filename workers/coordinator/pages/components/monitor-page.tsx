/** The page of one monitor: how it is, how it was, where, and how fast. */
import type { AssetPaths } from "../assets/assets.ts";
import { fill } from "../language/words.ts";
import type { HistoryView } from "../view-model/history.ts";
import type { MonitorPageView } from "../view-model/monitor-page.ts";
import type { StatusView } from "../view-model/status-view.ts";
import { EvidenceSentence } from "./evidence.tsx";
import { Banner } from "./headline.tsx";
import { HistoryBar } from "./history-bar.tsx";
import { PastIncident } from "./incident-card.tsx";
import { LatencyChart } from "./latency-chart.tsx";
import { Layout } from "./layout.tsx";
import { Windows } from "./maintenance.tsx";
import { Moment } from "./moment.tsx";
import { Filled, useHref, useWords } from "./page-language.tsx";
import { RegionRow } from "./region-row.tsx";
import { UptimeFigures } from "./uptime-figures.tsx";

interface MonitorPageProps {
  page: MonitorPageView;
  /** The network's status as a whole: how old it is, and whether it may be believed. */
  view: StatusView;
  assets: AssetPaths;
}

/** The page. */
export const MonitorPage = ({ page, view, assets }: MonitorPageProps) => {
  const { monitor } = page;
  const { t } = useWords();
  return (
    <Layout
      title={`${monitor.name}: ${monitor.label}`}
      description={fill(t.monitor.description, { name: monitor.name })}
      tone={monitor.tone}
      assets={assets}
      refreshMs={view.refreshMs}
    >
      <p class="back">
        <a href={useHref()("/")}>{t.page.allServices}</a>
        {page.group === null ? null : (
          <>
            {" · "}
            <bdi>{page.group}</bdi>
          </>
        )}
      </p>
      <Banner
        tone={monitor.tone}
        title={monitor.name}
        detail={view.headline.current ? monitor.label : `${monitor.label}. ${view.headline.title}.`}
        view={view}
      />
      <div id="monitor" data-live>
        {monitor.trouble === null ? null : (
          <p class="card why">
            <EvidenceSentence evidence={monitor.trouble} />{" "}
            <span class="quiet">
              <Filled
                message={t.monitor.since}
                values={{ moment: <Moment atMs={monitor.sinceMs} style="moment" /> }}
              />
            </span>
          </p>
        )}
        <Uptime page={page} />
        <Latency page={page} />
        <Regions page={page} nowMs={view.nowMs} />
        <Work page={page} />
        <Incidents page={page} />
      </div>
    </Layout>
  );
};

const Uptime = ({ page: { monitor, report } }: { page: MonitorPageView }) => (
  <section aria-labelledby="uptime-title">
    <h2 id="uptime-title">{useWords().t.monitor.uptime}</h2>
    <div class="card block">
      {report === null ? (
        <p class="quiet">{useWords().t.monitor.unreadable}</p>
      ) : (
        <UptimeFigures uptimes={report.uptimes} />
      )}
      {monitor.history === null ? null : <Days history={monitor.history} />}
    </div>
  </section>
);

const Days = ({ history }: { history: HistoryView }) => (
  <>
    <HistoryBar id="monitor-history" history={history} />
    <p class="scale">
      <span>{useWords().count(history.days.length, useWords().t.history.daysAgo)}</span>
      <span class="rule" />
      <span>{useWords().t.history.todayEnd}</span>
    </p>
  </>
);

const Latency = ({ page: { report } }: { page: MonitorPageView }) =>
  report === null || report.chart === null ? null : (
    <section aria-labelledby="latency-title">
      <h2 id="latency-title">{useWords().t.monitor.latencyTitle}</h2>
      <div class="card block">
        <LatencyChart id="latency-chart" chart={report.chart} />
        <table class="latencies">
          <caption class="unseen">{useWords().t.monitor.latencyCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{useWords().t.monitor.region}</th>
              <th scope="col">
                <abbr title={useWords().t.monitor.median}>p50</abbr>
              </th>
              <th scope="col">
                <abbr title={useWords().t.monitor.percentile}>p95</abbr>
              </th>
            </tr>
          </thead>
          <tbody>
            {report.latencies.map(({ label, p50, p95 }) => (
              <tr>
                <th scope="row">{label}</th>
                <td>{p50}</td>
                <td>{p95}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );

const Regions = ({ page: { monitor }, nowMs }: { page: MonitorPageView; nowMs: number }) =>
  monitor.regions.length === 0 ? null : (
    <section aria-labelledby="regions-title">
      <h2 id="regions-title">{monitor.regionsSummary}</h2>
      <ul class="card block regions">
        {monitor.regions.map((region) => (
          <RegionRow id={`region-${region.id}`} region={region} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );

const Work = ({ page: { maintenances } }: { page: MonitorPageView }) =>
  maintenances.length === 0 ? null : (
    <section aria-labelledby="maintenance-title">
      <h2 id="maintenance-title">{useWords().t.maintenance.short}</h2>
      <Windows windows={maintenances} />
    </section>
  );

const Incidents = ({ page: { monitor, incidents } }: { page: MonitorPageView }) => (
  <section aria-labelledby="incidents-title">
    <h2 id="incidents-title">{useWords().t.monitor.incidents}</h2>
    <div class="card block">
      {incidents.length === 0 ? (
        <p class="quiet">{useWords().t.monitor.noIncidents}</p>
      ) : (
        <ul>
          {incidents.map((incident) => (
            <PastIncident incident={incident} level={3} />
          ))}
        </ul>
      )}
      <p class="more">
        <a href={useHref()(`/history?monitor=${monitor.id}`)}>{useWords().t.page.byMonth}</a>
      </p>
    </div>
  </section>
);
