/** Announced maintenance: what goes on, and what is to come. */
import type { MaintenanceView } from "../view-model/maintenance.ts";
import { Moment } from "./moment.tsx";
import { Filled, useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";

/** The list of windows; nothing where there are none. */
export const Maintenances = ({ windows }: { windows: readonly MaintenanceView[] }) => (
  <div id="maintenances" data-live>
    {windows.length === 0 ? null : (
      <section aria-labelledby="maintenance-title">
        <h2 id="maintenance-title">{useWords().t.maintenance.title}</h2>
        <Windows windows={windows} />
      </section>
    )}
  </div>
);

/** Windows, one below the other. */
export const Windows = ({ windows }: { windows: readonly MaintenanceView[] }) => (
  <ul class="card works tone-maintenance">
    {windows.map((window) => (
      <Window window={window} />
    ))}
  </ul>
);

const Window = ({ window }: { window: MaintenanceView }) => (
  <li id={`maintenance-${window.id}`} class="work">
    <ToneIcon tone="maintenance" />
    <div>
      <h3>
        <bdi>{window.name}</bdi> <Standing window={window} />
      </h3>
      <p class="quiet">
        <Filled
          message={useWords().t.maintenance.fromTo}
          values={{
            from: <Moment atMs={window.startsAtMs} style="moment" />,
            to: <Moment atMs={window.endsAtMs} style="moment" />,
          }}
        />
        {" · "}
        <bdi>{window.services}</bdi>
      </p>
      {window.description === null ? null : <p>{window.description}</p>}
    </div>
  </li>
);

const Standing = ({ window: { active, past } }: { window: MaintenanceView }) => {
  const t = useWords().t.maintenance;
  if (active) return <span class="pill">{t.active}</span>;
  return past ? <span class="pill tone-unknown">{t.over}</span> : null;
};
