/** What people wrote about trouble: a card while it goes on, a line when it is over. */
import { raw } from "hono/html";
import type { WrittenIncidentView, WrittenUpdateView } from "../view-model/written-incident.ts";
import { Moment } from "./moment.tsx";
import { useHref, useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";

/** Sanitised markup of a view model; nothing where there is none. */
export const Markup = ({ markup }: { markup: string | null }) =>
  markup === null ? null : <div class="markup">{raw(markup)}</div>;

/** What is, or was, declared of each service. */
export const WrittenServices = ({ written }: { written: WrittenIncidentView }) =>
  written.services.length === 0 ? null : (
    <ul class="votes">
      {written.services.map(({ name, tone, words }) => (
        <li>
          <ToneIcon tone={tone} />
          <span>
            <bdi>{name}</bdi>: {words}
          </span>
        </li>
      ))}
    </ul>
  );

/** Updates, newest first. */
export const WrittenTimeline = ({ updates }: { updates: readonly WrittenUpdateView[] }) => (
  <ol class="timeline" reversed>
    {updates.map((update) => (
      <li>
        <ToneIcon tone={update.tone} />
        <div>
          <p class="entry">
            <b>{update.title}</b> <Moment atMs={update.atMs} style="moment" />
          </p>
          <Markup markup={update.markup} />
        </div>
      </li>
    ))}
  </ol>
);

/** One that goes on: its latest update, the others behind a fold. */
export const WrittenCard = ({ written }: { written: WrittenIncidentView }) => {
  const words = useWords();
  const [latest, ...earlier] = written.updates;
  return (
    <article class={`incident tone-${written.tone}`}>
      <h3>
        <ToneIcon tone={written.tone} />
        <a href={useHref()(`/incidents/written/${written.id}`)}>
          <bdi>{written.title}</bdi>
        </a>
      </h3>
      {latest === undefined ? null : (
        <>
          <p class="entry">
            <b>{latest.title}</b> <Moment atMs={latest.atMs} style="moment" />
          </p>
          <Markup markup={latest.markup} />
        </>
      )}
      <WrittenServices written={written} />
      {earlier.length === 0 ? null : (
        <details id={`written-${written.id}`}>
          <summary>{words.t.written.earlier}</summary>
          <WrittenTimeline updates={earlier} />
        </details>
      )}
    </article>
  );
};

interface PastWrittenProps {
  written: WrittenIncidentView;
  /** Of its heading. */
  level?: 3 | 4;
}

/** One in a list of what was. */
export const PastWritten = ({ written, level = 4 }: PastWrittenProps) => {
  const Heading = level === 3 ? "h3" : "h4";
  return (
    <li class="past">
      <ToneIcon tone={written.tone} />
      <div>
        <Heading>
          <a href={useHref()(`/incidents/written/${written.id}`)}>
            <bdi>{written.title}</bdi>
          </a>{" "}
          <span class="quiet">{written.duration}</span>
        </Heading>
        <p class="quiet">
          <Moment atMs={written.startedAtMs} style="moment" />
          {written.postmortem === null ? null : ` · ${useWords().t.written.withPostmortem}`}
        </p>
      </div>
    </li>
  );
};
