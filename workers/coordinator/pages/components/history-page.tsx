/** A month of history, with links to the months before and after. */
import type { AssetPaths } from "../assets/assets.ts";
import { fill } from "../language/words.ts";
import type { DayOfMonthView, MonthView } from "../view-model/month.ts";
import { PastIncident } from "./incident-card.tsx";
import { Layout } from "./layout.tsx";
import { Windows } from "./maintenance.tsx";
import { Day } from "./moment.tsx";
import { useHref, useWords } from "./page-language.tsx";
import { PastWritten } from "./written-incident.tsx";

interface HistoryPageProps {
  month: MonthView;
  assets: AssetPaths;
}

/** The page. */
export const HistoryPage = ({ month, assets }: HistoryPageProps) => {
  const words = useWords();
  const href = useHref();
  const t = words.t.month;
  const title = month.monitor === null ? t.title : fill(t.titleOf, { name: month.monitor.name });
  return (
    <Layout
      title={`${title} · ${month.title}`}
      description={fill(t.description, { title, month: month.title })}
      tone="unknown"
      assets={assets}
      refreshMs={null}
    >
      <p class="back">
        <a href={href("/")}>{words.t.page.allServices}</a>
        {month.monitor === null ? null : (
          <>
            {" · "}
            <a href={href(`/monitors/${month.monitor.id}`)}>
              <bdi>{month.monitor.name}</bdi>
            </a>
          </>
        )}
      </p>
      <h1 class="month">
        <span class="quiet">{t.title}</span> {month.title}
      </h1>
      <Months month={month} />
      {month.complete ? null : <p class="card block">{t.unreadable}</p>}
      <div class="card" id="month">
        {month.days.length === 0 ? (
          <p class="empty">{month.complete ? t.nothing : t.nothingKnown}</p>
        ) : (
          month.days.map((day) => <MonthDay day={day} />)
        )}
      </div>
    </Layout>
  );
};

const Months = ({ month: { before, after } }: { month: MonthView }) => {
  const t = useWords().t.month;
  const href = useHref();
  return (
    <nav class="months" aria-label={t.months}>
      {before === null ? null : (
        <a href={href(before)} rel="prev">
          {t.before}
        </a>
      )}
      {after === null ? null : (
        <a href={href(after)} rel="next">
          {t.after}
        </a>
      )}
    </nav>
  );
};

const MonthDay = ({ day }: { day: DayOfMonthView }) => (
  <section class="past-day">
    <h2>
      <Day dayMs={day.dayMs} />
    </h2>
    {day.incidents.length === 0 ? null : (
      <ul>
        {day.incidents.map((incident) =>
          incident.written ? (
            <PastWritten written={incident} level={3} />
          ) : (
            <PastIncident incident={incident} level={3} />
          ),
        )}
      </ul>
    )}
    {day.maintenances.length === 0 ? null : <Windows windows={day.maintenances} />}
  </section>
);
