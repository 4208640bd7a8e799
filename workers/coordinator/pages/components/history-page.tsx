/** A month of history, with links to the months before and after. */
import type { AssetPaths } from "../assets/assets.ts";
import type { DayOfMonthView, MonthView } from "../view-model/month.ts";
import { momentWords } from "../view-model/words.ts";
import { PastIncident } from "./incident-card.tsx";
import { Layout } from "./layout.tsx";
import { Windows } from "./maintenance.tsx";

interface HistoryPageProps {
  month: MonthView;
  assets: AssetPaths;
}

/** The page. */
export const HistoryPage = ({ month, assets }: HistoryPageProps) => {
  const of = month.monitor === null ? "" : ` of ${month.monitor.name}`;
  return (
    <Layout
      title={`${month.title}${of} · Echoquorum status`}
      description={`Incidents and maintenance${of} in ${month.title}.`}
      tone="unknown"
      assets={assets}
      refreshMs={null}
    >
      <p class="back">
        <a href="/">All services</a>
        {month.monitor === null ? null : (
          <>
            {" · "}
            <a href={`/monitors/${month.monitor.id}`}>
              <bdi>{month.monitor.name}</bdi>
            </a>
          </>
        )}
      </p>
      <h1 class="month">
        <span class="quiet">Incidents and maintenance</span> {month.title}
      </h1>
      <Months month={month} />
      {month.complete ? null : (
        <p class="card block">
          The stored history cannot be read at present; this is what is known without it.
        </p>
      )}
      <div class="card" id="month">
        {month.days.length === 0 ? (
          <p class="empty">
            {month.complete ? "Nothing happened in this month." : "Nothing is known of this month."}
          </p>
        ) : (
          month.days.map((day) => <Day day={day} />)
        )}
      </div>
    </Layout>
  );
};

const Months = ({ month: { before, after } }: { month: MonthView }) => (
  <nav class="months" aria-label="Months">
    {before === null ? null : (
      <a href={before} rel="prev">
        Month before
      </a>
    )}
    {after === null ? null : (
      <a href={after} rel="next">
        Month after
      </a>
    )}
  </nav>
);

const Day = ({ day }: { day: DayOfMonthView }) => (
  <section class="past-day">
    <h2>
      <time datetime={new Date(day.dayMs).toISOString().slice(0, 10)}>
        {momentWords(day.dayMs, "day")}
      </time>
    </h2>
    {day.incidents.length === 0 ? null : (
      <ul>
        {day.incidents.map((incident) => (
          <PastIncident incident={incident} level={3} />
        ))}
      </ul>
    )}
    {day.maintenances.length === 0 ? null : <Windows windows={day.maintenances} />}
  </section>
);
