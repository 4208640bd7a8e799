/** The page of one incident: what was wrong, where, and how it went. */
import type { AssetPaths } from "../assets/assets.ts";
import type { Words } from "../language/words.ts";
import type { IncidentView } from "../view-model/incident.ts";
import type { StatusView } from "../view-model/status-view.ts";
import { Banner } from "./headline.tsx";
import { IncidentCause, IncidentFacts, Timeline } from "./incident-card.tsx";
import { Layout } from "./layout.tsx";
import { useHref, useWords } from "./page-language.tsx";

interface IncidentPageProps {
  incident: IncidentView;
  /** The page's data as a whole: how old it is, and whether it may be believed. */
  view: StatusView;
  assets: AssetPaths;
}

/** The page. */
export const IncidentPage = ({ incident, view, assets }: IncidentPageProps) => {
  const words = useWords();
  const open = incident.endedAtMs === null;
  const tone = open ? incident.tone : "operational";
  return (
    <Layout
      title={incident.title}
      description={incident.cause ?? incident.title}
      tone={tone}
      assets={assets}
      refreshMs={open ? view.refreshMs : null}
    >
      <p class="back">
        <a href={useHref()("/")}>{words.t.page.allServices}</a>
      </p>
      <Banner
        tone={tone}
        title={incident.title}
        detail={standing(open, view.headline.current, words)}
        view={open ? view : null}
      />
      <div id="incident" data-live>
        <div class="card incident-body">
          <IncidentCause incident={incident} />
          <IncidentFacts incident={incident} />
        </div>
        <section aria-labelledby="timeline-title">
          <h2 id="timeline-title">{words.t.incident.timeline}</h2>
          <div class="card incident-body">
            <Timeline entries={incident.timeline} />
          </div>
        </section>
      </div>
    </Layout>
  );
};

function standing(open: boolean, current: boolean, words: Words): string {
  const { isOpen, wasOpen, isResolved } = words.t.incident;
  if (!open) return isResolved;
  return current ? isOpen : wasOpen;
}
