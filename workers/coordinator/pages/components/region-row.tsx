/** What one region sees of a monitor: its last check in words, how fast it was, ninety days. */
import type { MonitorRegionView } from "../view-model/status-view.ts";
import { Place, ReasonCode } from "./evidence.tsx";
import { HistoryBar } from "./history-bar.tsx";
import { Age } from "./moment.tsx";
import { useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";

interface RegionRowProps {
  id: string;
  region: MonitorRegionView;
  nowMs: number;
}

/** The region. */
export const RegionRow = ({ id, region, nowMs }: RegionRowProps) => (
  <li class="region">
    <ToneIcon tone={region.tone} />
    <div class="region-name">
      <Place label={region.label} colo={region.colo} />
      <p class="quiet">
        {region.words} <ReasonCode reason={region.reason} />
        {region.atMs === null ? null : (
          <>
            {" · "}
            <Age atMs={region.atMs} nowMs={nowMs} />
          </>
        )}
      </p>
    </div>
    <Latency region={region} />
    {region.history === null ? null : (
      <HistoryBar id={`${id}-history`} history={region.history} dense />
    )}
  </li>
);

const Latency = ({ region: { latency, quantiles } }: { region: MonitorRegionView }) => (
  <div class="latency">
    {latency === null ? (
      <p class="quiet">
        <span aria-hidden="true">–</span>
        <span class="unseen">{useWords().t.monitor.noLatency}</span>
      </p>
    ) : (
      <p>
        <span class="unseen">{useWords().t.monitor.latency} </span>
        {latency}
      </p>
    )}
    {quantiles === null ? null : (
      <p class="quantiles" title={useWords().t.monitor.quantiles}>
        p50 <bdi>{quantiles.p50}</bdi> · p95 <bdi>{quantiles.p95}</bdi>
      </p>
    )}
  </div>
);
