/** Announced maintenance: what goes on, and what is to come. */
import type { MaintenanceView } from "../view-model/maintenance.ts";
import { Moment } from "./moment.tsx";
import { ToneIcon } from "./tone-icon.tsx";

/** The list of windows; nothing where there are none. */
export const Maintenances = ({ windows }: { windows: readonly MaintenanceView[] }) => (
  <div id="maintenances" data-live>
    {windows.length === 0 ? null : (
      <section aria-labelledby="maintenance-title">
        <h2 id="maintenance-title">Announced maintenance</h2>
        <ul class="card works tone-maintenance">
          {windows.map((window) => (
            <Window window={window} />
          ))}
        </ul>
      </section>
    )}
  </div>
);

const Window = ({ window }: { window: MaintenanceView }) => (
  <li id={`maintenance-${window.id}`} class="work">
    <ToneIcon tone="maintenance" />
    <div>
      <h3>
        <bdi>{window.name}</bdi> {window.active ? <span class="pill">Going on</span> : null}
      </h3>
      <p class="quiet">
        <Moment atMs={window.startsAtMs} style="moment" /> to{" "}
        <Moment atMs={window.endsAtMs} style="moment" /> · <bdi>{window.services}</bdi>
      </p>
      {window.description === null ? null : <p>{window.description}</p>}
    </div>
  </li>
);
