/** The banner on top of a page: a verdict, with the age of the data it rests on. */
import type { StatusView } from "../view-model/status-view.ts";
import type { WrittenIncidentView } from "../view-model/written-incident.ts";
import type { Tone } from "../view-model/words.ts";
import { Age, Moment } from "./moment.tsx";
import { Filled, useHref, useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";

interface BannerProps {
  tone: Tone;
  title: string;
  detail: string | null;
  /** What people tell of and have not called over, which it names; absent: nothing. */
  handled?: readonly WrittenIncidentView[];
  /** Null: nothing is known about the data. */
  view: StatusView | null;
}

/** Most that are named; all of them stand beneath the banner. */
const HANDLED_MAX = 3;

/** The banner; the live script finds in it when the page was made and when its data gets old. */
export const Banner = ({ tone, title, detail, handled = [], view }: BannerProps) => (
  <section
    id="headline"
    class={`headline tone-${tone}`}
    data-live
    data-now-ms={view?.nowMs}
    data-stale-ms={view?.staleAtMs ?? undefined}
  >
    <ToneIcon tone={tone} />
    <div>
      <h1>{title}</h1>
      {detail === null ? null : <p class="detail">{detail}</p>}
      {handled.length === 0 ? null : <Handled written={handled.slice(0, HANDLED_MAX)} />}
      {view === null ? null : <DataAge view={view} />}
    </div>
  </section>
);

const Handled = ({ written }: { written: readonly WrittenIncidentView[] }) => {
  const { t } = useWords();
  const href = useHref();
  const titles = written.map(({ id, title }, index) => (
    <>
      {index === 0 ? "" : t.units.comma}
      <a href={href(`/incidents/written/${id}`)}>
        <bdi>{title}</bdi>
      </a>
    </>
  ));
  return (
    <p>
      <Filled message={t.headline.handled} values={{ titles: <>{titles}</> }} />
    </p>
  );
};

const DataAge = ({ view }: { view: StatusView }) => {
  const words = useWords();
  const t = words.t.headline;
  const some = words.number(view.reportingRegions);
  return (
    <p class="data-age">
      {view.source === "snapshot" ? <span>{t.snapshot}</span> : null}
      {view.dataAtMs === null ? null : (
        <span>
          <Filled
            message={t.dataFrom}
            values={{ age: <Age atMs={view.dataAtMs} nowMs={view.nowMs} /> }}
          />{" "}
          <span class="quiet">
            (<Moment atMs={view.dataAtMs} style="clock" />)
          </span>
        </span>
      )}
      {view.regions.length === 0 ? null : (
        <span>{words.count(view.regions.length, t.reporting, { some })}</span>
      )}
    </p>
  );
};
