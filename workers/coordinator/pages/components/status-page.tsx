/** The public status page. */
import type { AssetPaths } from "../assets/assets.ts";
import type { GroupView, StatusView } from "../view-model/status-view.ts";
import { Banner } from "./headline.tsx";
import { IncidentCard, PastIncident } from "./incident-card.tsx";
import { Layout } from "./layout.tsx";
import { Maintenances } from "./maintenance.tsx";
import { Day } from "./moment.tsx";
import { MonitorCard } from "./monitor-card.tsx";
import { useHref, useWords } from "./page-language.tsx";
import { RegionHealth } from "./region-health.tsx";
import { PastWritten, WrittenCard } from "./written-incident.tsx";

interface StatusPageProps {
  view: StatusView;
  assets: AssetPaths;
}

/** The page. */
export const StatusPage = ({ view, assets }: StatusPageProps) => (
  <Layout
    title={view.headline.title}
    description={useWords().t.page.description}
    tone={view.headline.tone}
    assets={assets}
    refreshMs={view.refreshMs}
  >
    <Banner
      tone={view.headline.tone}
      title={view.headline.title}
      detail={view.headline.detail}
      handled={view.openWritten}
      view={view}
    />
    <OpenIncidents view={view} />
    <Maintenances windows={view.maintenances} />
    <Services view={view} />
    {view.regions.length === 0 ? null : <RegionHealth regions={view.regions} nowMs={view.nowMs} />}
    <PastIncidents view={view} />
  </Layout>
);

const OpenIncidents = ({ view }: { view: StatusView }) => (
  <div id="open-incidents" data-live>
    {view.openIncidents.length + view.openWritten.length === 0 ? null : (
      <section aria-labelledby="open-title">
        <h2 id="open-title">{useWords().t.page.happening}</h2>
        {view.openWritten.map((written) => (
          <WrittenCard written={written} />
        ))}
        {view.openIncidents.map((incident) => (
          <IncidentCard incident={incident} />
        ))}
      </section>
    )}
  </div>
);

const Services = ({ view }: { view: StatusView }) => (
  <div id="services">
    {view.groups.map((group, index) => (
      <Group group={group} id={`group-${index}`} nowMs={view.nowMs} />
    ))}
    {view.groups.length === 0 ? null : <Legend />}
  </div>
);

/** What the bars' shapes mean. */
const Legend = () => {
  const { tones, history } = useWords().t;
  const shown = ["operational", "degraded", "partial", "down", "maintenance"] as const;
  return (
    <ul class="legend" aria-label={history.legend}>
      {shown.map((tone) => (
        <li class={`tone-${tone}`}>{tones[tone]}</li>
      ))}
      <li class="tone-none">{history.legendNone}</li>
    </ul>
  );
};

const Group = ({ group, id, nowMs }: { group: GroupView; id: string; nowMs: number }) => (
  <section aria-labelledby={id}>
    <h2 id={id}>
      <bdi>{group.name ?? useWords().t.page.services}</bdi>
    </h2>
    <ul class="card monitors">
      {group.monitors.map((monitor) => (
        <MonitorCard monitor={monitor} nowMs={nowMs} />
      ))}
    </ul>
  </section>
);

const PastIncidents = ({ view }: { view: StatusView }) => (
  <section id="history" aria-labelledby="history-title">
    <h2 id="history-title">{useWords().t.page.past}</h2>
    <div class="card" id="past-incidents" data-live>
      {view.pastDays.length === 0 ? (
        <p class="empty">{useWords().t.page.noPast}</p>
      ) : (
        view.pastDays.map(({ dayMs, written, incidents }) => (
          <section class="past-day">
            <h3>
              <Day dayMs={dayMs} />
            </h3>
            <ul>
              {written.map((each) => (
                <PastWritten written={each} />
              ))}
              {incidents.map((incident) => (
                <PastIncident incident={incident} />
              ))}
            </ul>
          </section>
        ))
      )}
    </div>
    <p class="more">
      <a href={useHref()("/history")}>{useWords().t.page.byMonth}</a>
    </p>
  </section>
);
