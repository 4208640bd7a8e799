/** The page of one incident: what was wrong, where, and how it went. */
import type { AssetPaths } from "../assets/assets.ts";
import type { IncidentView } from "../view-model/incident.ts";
import { IncidentCause, IncidentFacts, Timeline } from "./incident-card.tsx";
import { Layout } from "./layout.tsx";
import { ToneIcon } from "./tone-icon.tsx";

interface IncidentPageProps {
  incident: IncidentView;
  assets: AssetPaths;
  refreshMs: number;
}

/** The page. */
export const IncidentPage = ({ incident, assets, refreshMs }: IncidentPageProps) => {
  const open = incident.endedAtMs === null;
  return (
    <Layout
      title={`${incident.title} · Echoquorum status`}
      description={incident.cause ?? incident.title}
      tone={open ? incident.tone : "operational"}
      assets={assets}
      refreshMs={open ? refreshMs : null}
    >
      <p class="back">
        <a href="/">All services</a>
      </p>
      <div id="incident" data-live>
        <section class={`headline tone-${open ? incident.tone : "operational"}`}>
          <ToneIcon tone={open ? incident.tone : "operational"} />
          <div>
            <h1>
              <bdi>{incident.title}</bdi>
            </h1>
            <p class="detail">{open ? "This incident is open." : "This incident is resolved."}</p>
          </div>
        </section>
        <div class="card incident-body">
          <IncidentCause incident={incident} />
          <IncidentFacts incident={incident} />
        </div>
        <section aria-labelledby="timeline-title">
          <h2 id="timeline-title">Timeline</h2>
          <div class="card incident-body">
            <Timeline entries={incident.timeline} />
          </div>
        </section>
      </div>
    </Layout>
  );
};
