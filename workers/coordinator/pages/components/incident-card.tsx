/** Incidents: a card for one that is open, a line for one that is over, and the timeline of both. */
import { fill } from "../language/words.ts";
import type { IncidentView, TimelineEntryView } from "../view-model/incident.ts";
import { incidentRegions } from "../view-model/incident.ts";
import { EvidenceSentence, ReasonCode, Votes } from "./evidence.tsx";
import { Moment } from "./moment.tsx";
import { Filled, useHref, useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";
import { Markup } from "./written-incident.tsx";

/** What happened, oldest first. */
export const Timeline = ({ entries }: { entries: readonly TimelineEntryView[] }) => (
  <ol class="timeline">
    {entries.map((entry) => (
      <li>
        <ToneIcon tone={entry.tone} />
        <div>
          <p class="entry">
            <b>{entry.title}</b> <Moment atMs={entry.atMs} style="instant" />
          </p>
          <Markup markup={entry.markup ?? null} />
          {entry.evidence === null ? null : (
            <>
              <p>
                <EvidenceSentence evidence={entry.evidence} />
              </p>
              {entry.evidence.companion === null ? null : (
                <p class="quiet">{entry.evidence.companion}</p>
              )}
              <Votes votes={entry.evidence.votes} />
            </>
          )}
        </div>
      </li>
    ))}
  </ol>
);

/** When an incident began and ended, how long it took, and where. */
export const IncidentFacts = ({ incident }: { incident: IncidentView }) => {
  const words = useWords();
  const t = words.t.incident;
  return (
    <dl class="facts">
      <div>
        <dt>{t.began}</dt>
        <dd>
          <Moment atMs={incident.startedAtMs} style="moment" />
        </dd>
      </div>
      {incident.endedAtMs === null ? null : (
        <div>
          <dt>{t.ended}</dt>
          <dd>
            <Moment atMs={incident.endedAtMs} style="moment" />
          </dd>
        </div>
      )}
      <div>
        <dt>{incident.endedAtMs === null ? t.lasting : t.lasted}</dt>
        <dd>{incident.duration}</dd>
      </div>
      {incident.regions.length === 0 ? null : (
        <div>
          <dt>{t.regionsTitle}</dt>
          <dd>{incidentRegions(incident, words)}</dd>
        </div>
      )}
      {incident.acknowledged ? (
        <div>
          <dt>{t.acknowledgedTitle}</dt>
          <dd>{t.acknowledgedFact}</dd>
        </div>
      ) : null}
    </dl>
  );
};

/** What is wrong, with the reason as it is spelled everywhere. */
export const IncidentCause = ({ incident }: { incident: IncidentView }) =>
  incident.cause === null ? null : (
    <p class="cause">
      {incident.cause} <ReasonCode reason={incident.reason} />
    </p>
  );

/** An open incident. */
export const IncidentCard = ({ incident }: { incident: IncidentView }) => (
  <article class={`incident tone-${incident.tone}`}>
    <h3>
      <ToneIcon tone={incident.tone} />
      <a href={useHref()(`/incidents/${incident.id}`)}>{incident.title}</a>
    </h3>
    <IncidentCause incident={incident} />
    <IncidentFacts incident={incident} />
    <details id={`incident-${incident.id}`}>
      <summary>{useWords().t.incident.timeline}</summary>
      <Timeline entries={incident.timeline} />
    </details>
  </article>
);

interface PastIncidentProps {
  incident: IncidentView;
  /** Level of its heading. */
  level?: 3 | 4 | undefined;
}

/** An incident in a list of what was. */
export const PastIncident = ({ incident, level = 4 }: PastIncidentProps) => {
  const words = useWords();
  const t = words.t.incident;
  const Heading = level === 3 ? "h3" : "h4";
  return (
    <li class="past">
      <ToneIcon tone={incident.tone} />
      <div>
        <Heading>
          <a href={useHref()(`/incidents/${incident.id}`)}>{incident.title}</a>{" "}
          <span class="quiet">{fill(t.lastedFor, { duration: incident.duration })}</span>
        </Heading>
        <IncidentCause incident={incident} />
        <p class="quiet">
          {incident.regions.length === 0 ? (
            <Moment atMs={incident.startedAtMs} style="moment" />
          ) : (
            <Filled
              message={t.seenFrom}
              values={{
                moment: <Moment atMs={incident.startedAtMs} style="moment" />,
                places: incidentRegions(incident, words),
              }}
            />
          )}
        </p>
      </div>
    </li>
  );
};
