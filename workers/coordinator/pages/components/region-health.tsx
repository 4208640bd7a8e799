/** Where the checks come from and how the probes there are doing: a fact about monitoring itself. */
import type { RegionView } from "../view-model/status-view.ts";
import { Place } from "./evidence.tsx";
import { Age } from "./moment.tsx";
import { ToneIcon } from "./tone-icon.tsx";
import { WorldMap } from "./world-map.tsx";

interface RegionHealthProps {
  regions: readonly RegionView[];
  nowMs: number;
}

/** The regions. */
export const RegionHealth = ({ regions, nowMs }: RegionHealthProps) => (
  <section id="regions" class="network" aria-labelledby="regions-title">
    <h2 id="regions-title">Where we check from</h2>
    <div class="card" id="region-health" data-live>
      <WorldMap regions={regions} />
      <ul class="probes">
        {regions.map((region) => (
          <li>
            <ToneIcon tone={region.tone} />
            <div>
              <Place label={region.label} colo={region.colo} />
              <p class="quiet">
                {region.words}
                {region.lastRunAtMs === null ? null : (
                  <>
                    {", last run "}
                    <Age atMs={region.lastRunAtMs} nowMs={nowMs} />
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  </section>
);
