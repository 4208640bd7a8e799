/** The page of one monitor: how it is, how it was, where, and how fast. */
import type { AssetPaths } from "../assets/assets.ts";
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
  return (
    <Layout
      title={`${monitor.name}: ${monitor.label} · Echoquorum status`}
      description={`Whether ${monitor.name} works, and how well it has worked.`}
      tone={monitor.tone}
      assets={assets}
      refreshMs={view.refreshMs}
    >
      <p class="back">
        <a href="/">All services</a>
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
              Since <Moment atMs={monitor.sinceMs} style="moment" />.
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
    <h2 id="uptime-title">Uptime</h2>
    <div class="card block">
      {report === null ? (
        <p class="quiet">The stored history cannot be read at present; the days below are known.</p>
      ) : (
        <UptimeFigures uptimes={report.uptimes} />
      )}
      <HistoryBar id="monitor-history" history={monitor.history} />
      <p class="scale">
        <span>{monitor.history.days.length} days ago</span>
        <span class="rule" />
        <span>Today</span>
      </p>
    </div>
  </section>
);

const Latency = ({ page: { report } }: { page: MonitorPageView }) =>
  report === null || report.chart === null ? null : (
    <section aria-labelledby="latency-title">
      <h2 id="latency-title">Latency of the last 24 hours</h2>
      <div class="card block">
        <LatencyChart id="latency-chart" chart={report.chart} />
        <table class="latencies">
          <caption class="unseen">Latency of whole checks over the last 24 hours</caption>
          <thead>
            <tr>
              <th scope="col">Region</th>
              <th scope="col">
                <abbr title="Median">p50</abbr>
              </th>
              <th scope="col">
                <abbr title="95th percentile">p95</abbr>
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

const Regions = ({ page: { monitor }, nowMs }: { page: MonitorPageView; nowMs: number }) => (
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
      <h2 id="maintenance-title">Maintenance</h2>
      <Windows windows={maintenances} />
    </section>
  );

const Incidents = ({ page: { monitor, incidents } }: { page: MonitorPageView }) => (
  <section aria-labelledby="incidents-title">
    <h2 id="incidents-title">Incidents</h2>
    <div class="card block">
      {incidents.length === 0 ? (
        <p class="quiet">None in the last 90 days.</p>
      ) : (
        <ul>
          {incidents.map((incident) => (
            <PastIncident incident={incident} level={3} />
          ))}
        </ul>
      )}
      <p class="more">
        <a href={`/history?monitor=${monitor.id}`}>History by month</a>
      </p>
    </div>
  </section>
);
