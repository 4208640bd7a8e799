/** Where the checks come from and how the probes there are doing: a fact about monitoring itself. */
import type { RegionView } from "../view-model/status-view.ts";
import { Place } from "./evidence.tsx";
import { Age } from "./moment.tsx";
import { Filled, useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";
import { WorldMap } from "./world-map.tsx";

interface RegionHealthProps {
  regions: readonly RegionView[];
  nowMs: number;
}

/** The regions. */
export const RegionHealth = ({ regions, nowMs }: RegionHealthProps) => (
  <section id="regions" class="network" aria-labelledby="regions-title">
    <h2 id="regions-title">{useWords().t.regions.title}</h2>
    <div class="card" id="region-health" data-live>
      <WorldMap regions={regions} />
      <ul class="probes">
        {regions.map((region) => (
          <li>
            <ToneIcon tone={region.tone} />
            <div>
              <Place label={region.label} colo={region.colo} />
              <p class="quiet">
                {region.lastRunAtMs === null ? (
                  region.words
                ) : (
                  <Filled
                    message={useWords().t.regions.lastRun}
                    values={{
                      state: region.words,
                      age: <Age atMs={region.lastRunAtMs} nowMs={nowMs} />,
                    }}
                  />
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  </section>
);
