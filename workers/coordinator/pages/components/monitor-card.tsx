/** One monitor: its verdict, ninety days, uptime, and what each region sees. */
import type { MonitorView } from "../view-model/status-view.ts";
import { EvidenceSentence } from "./evidence.tsx";
import { HistoryBar } from "./history-bar.tsx";
import { Moment } from "./moment.tsx";
import { Filled, useHref, useWords } from "./page-language.tsx";
import { RegionRow } from "./region-row.tsx";
import { ToneIcon } from "./tone-icon.tsx";

interface MonitorCardProps {
  monitor: MonitorView;
  nowMs: number;
}

/** The monitor. */
export const MonitorCard = ({ monitor, nowMs }: MonitorCardProps) => {
  const words = useWords();
  const t = words.t.monitor;
  const id = `monitor-${monitor.id}`;
  return (
    <li class={`monitor tone-${monitor.tone}`} id={id} data-live>
      <div class="monitor-head">
        <h3>
          <a href={useHref()(`/monitors/${monitor.id}`)}>
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
            <Filled
              message={t.since}
              values={{ moment: <Moment atMs={monitor.sinceMs} style="moment" /> }}
            />
          </span>
        </p>
      )}
      {monitor.history === null ? null : (
        <>
          <HistoryBar id={`${id}-history`} history={monitor.history} />
          <p class="scale">
            <span>{words.count(monitor.history.days.length, words.t.history.daysAgo)}</span>
            <span class="rule" />
            <Uptime monitor={monitor} />
            <span class="rule" />
            <span>{words.t.history.todayEnd}</span>
          </p>
        </>
      )}
      {monitor.regions.length === 0 ? null : (
        <details id={`${id}-regions`}>
          <summary>{monitor.regionsSummary}</summary>
          <ul class="regions">
            {monitor.regions.map((region) => (
              <RegionRow id={`${id}-${region.id}`} region={region} nowMs={nowMs} />
            ))}
          </ul>
        </details>
      )}
    </li>
  );
};

const Uptime = ({ monitor }: { monitor: MonitorView }) =>
  monitor.uptime === null ? (
    <span>{useWords().t.monitor.noUptime}</span>
  ) : (
    <span>
      <Filled
        message={useWords().t.monitor.uptimeOver}
        values={{ percent: <b>{monitor.uptime.percent}</b>, period: monitor.uptime.period }}
      />
    </span>
  );
