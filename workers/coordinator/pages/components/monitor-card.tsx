/** One monitor: its verdict, ninety days, uptime, and what each region sees. */
import type { MonitorView } from "../view-model/status-view.ts";
import { EvidenceSentence } from "./evidence.tsx";
import { HistoryBar } from "./history-bar.tsx";
import { Moment } from "./moment.tsx";
import { RegionRow } from "./region-row.tsx";
import { ToneIcon } from "./tone-icon.tsx";

interface MonitorCardProps {
  monitor: MonitorView;
  nowMs: number;
}

/** The monitor. */
export const MonitorCard = ({ monitor, nowMs }: MonitorCardProps) => {
  const id = `monitor-${monitor.id}`;
  return (
    <li class={`monitor tone-${monitor.tone}`} id={id} data-live>
      <div class="monitor-head">
        <h3>
          <a href={`/monitors/${monitor.id}`}>
            <bdi>{monitor.name}</bdi>
          </a>
        </h3>
        <p class={`pill tone-${monitor.tone}`}>
          <ToneIcon tone={monitor.tone} />
          {monitor.label}
        </p>
      </div>
      {monitor.trouble === null ? null : (
        <p class="why">
          <EvidenceSentence evidence={monitor.trouble} />
          <span class="quiet">
            {" "}
            Since <Moment atMs={monitor.sinceMs} style="moment" />.
          </span>
        </p>
      )}
      <HistoryBar id={`${id}-history`} history={monitor.history} />
      <p class="scale">
        <span>{monitor.history.days.length} days ago</span>
        <span class="rule" />
        <Uptime monitor={monitor} />
        <span class="rule" />
        <span>Today</span>
      </p>
      <details id={`${id}-regions`}>
        <summary>{monitor.regionsSummary}</summary>
        <ul class="regions">
          {monitor.regions.map((region) => (
            <RegionRow id={`${id}-${region.id}`} region={region} nowMs={nowMs} />
          ))}
        </ul>
      </details>
    </li>
  );
};

const Uptime = ({ monitor }: { monitor: MonitorView }) =>
  monitor.uptime === null ? (
    <span>No uptime known yet</span>
  ) : (
    <span>
      <b>{monitor.uptime.percent}</b> uptime over {monitor.uptime.period}
    </span>
  );
