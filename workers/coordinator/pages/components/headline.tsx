/** The verdict over everything, with the age of the data it rests on. */
import type { StatusView } from "../view-model/status-view.ts";
import { countWords } from "../view-model/words.ts";
import { Age, Moment } from "./moment.tsx";
import { ToneIcon } from "./tone-icon.tsx";

/** The headline. */
export const HeadlineBanner = ({ view }: { view: StatusView }) => {
  const { headline, regions } = view;
  return (
    <section
      id="headline"
      class={`headline tone-${headline.tone}`}
      data-live
      data-now-ms={view.nowMs}
      data-stale-ms={view.staleAtMs ?? undefined}
    >
      <ToneIcon tone={headline.tone} />
      <div>
        <h1>{headline.title}</h1>
        {headline.detail === null ? null : <p class="detail">{headline.detail}</p>}
        <p class="data-age">
          {view.source === "snapshot" ? (
            <span>The coordinator does not answer; this is its last snapshot.</span>
          ) : null}
          {view.dataAtMs === null ? null : (
            <span>
              Data from <Age atMs={view.dataAtMs} nowMs={view.nowMs} />{" "}
              <span class="quiet">
                (<Moment atMs={view.dataAtMs} style="clock" />)
              </span>
            </span>
          )}
          {regions.length === 0 ? null : (
            <span>
              {view.reportingRegions} of {countWords(regions.length, "region")} reporting
            </span>
          )}
        </p>
      </div>
    </section>
  );
};
