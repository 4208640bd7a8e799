/** Uptime over the usual times, side by side. */
import type { UptimeFigureView } from "../view-model/monitor-report.ts";
import { useWords } from "./page-language.tsx";

/** The figures. */
export const UptimeFigures = ({ uptimes }: { uptimes: readonly UptimeFigureView[] }) => (
  <dl class="figures">
    {uptimes.map(({ label, percent, known }) => (
      <div>
        <dt>{label}</dt>
        <dd class={percent === null ? "quiet" : undefined}>
          {percent ?? useWords().t.monitor.notKnownYet}
          {known === null ? null : <span class="quiet">{known}</span>}
        </dd>
      </div>
    ))}
  </dl>
);
