/** The page of what people wrote about one trouble: its updates, its postmortem, what was measured. */
import type { AssetPaths } from "../assets/assets.ts";
import type { StatusView } from "../view-model/status-view.ts";
import type { WrittenIncidentView } from "../view-model/written-incident.ts";
import { Banner } from "./headline.tsx";
import { Layout } from "./layout.tsx";
import { Moment } from "./moment.tsx";
import { useHref, useWords } from "./page-language.tsx";
import { Markup, WrittenServices, WrittenTimeline } from "./written-incident.tsx";

interface WrittenPageProps {
  written: WrittenIncidentView;
  /** The page's data as a whole. */
  view: StatusView;
  assets: AssetPaths;
}

/** The page. */
export const WrittenPage = ({ written, view, assets }: WrittenPageProps) => {
  const words = useWords();
  const open = written.resolvedAtMs === null;
  const tone = open ? written.tone : "operational";
  return (
    <Layout
      title={written.title}
      description={`${written.label}: ${written.title}`}
      tone={tone}
      assets={assets}
      refreshMs={open ? view.refreshMs : null}
    >
      <p class="back">
        <a href={useHref()("/")}>{words.t.page.allServices}</a>
      </p>
      <Banner tone={tone} title={written.title} detail={written.label} view={null} />
      <div id="written" data-live>
        <div class="card incident-body">
          <Facts written={written} />
          <WrittenServices written={written} />
        </div>
        {written.postmortem === null ? null : (
          <section aria-labelledby="postmortem-title">
            <h2 id="postmortem-title">{words.t.written.postmortem}</h2>
            <div class="card incident-body">
              <Markup markup={written.postmortem.markup} />
            </div>
          </section>
        )}
        <section aria-labelledby="updates-title">
          <h2 id="updates-title">{words.t.written.updates}</h2>
          <div class="card incident-body">
            <WrittenTimeline updates={written.updates} />
          </div>
        </section>
        <Measured incidents={written.incidents} />
      </div>
    </Layout>
  );
};

const Facts = ({ written }: { written: WrittenIncidentView }) => (
  <dl class="facts">
    <div>
      <dt>{useWords().t.incident.began}</dt>
      <dd>
        <Moment atMs={written.startedAtMs} style="moment" />
      </dd>
    </div>
    {written.resolvedAtMs === null ? null : (
      <div>
        <dt>{useWords().t.incident.ended}</dt>
        <dd>
          <Moment atMs={written.resolvedAtMs} style="moment" />
        </dd>
      </div>
    )}
    <div>
      <dt>{useWords().t.incident[written.resolvedAtMs === null ? "lasting" : "lasted"]}</dt>
      <dd>{written.duration}</dd>
    </div>
  </dl>
);

const Measured = ({ incidents }: { incidents: readonly string[] }) =>
  incidents.length === 0 ? null : (
    <section aria-labelledby="measured-title">
      <h2 id="measured-title">{useWords().t.written.measured}</h2>
      <ul class="card incident-body">
        {incidents.map((id) => (
          <li>
            <a href={useHref()(`/incidents/${id}`)}>{id}</a>
          </li>
        ))}
      </ul>
    </section>
  );
