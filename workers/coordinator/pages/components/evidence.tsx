/** What a verdict rests on: a sentence, the reason as it is spelled everywhere, region by region. */
import { fill } from "../language/words.ts";
import type { EvidenceView, VoteView } from "../view-model/evidence.ts";
import { useWords } from "./page-language.tsx";
import { ToneIcon } from "./tone-icon.tsx";

/** The stable spelling of a reason, for those who look it up. */
export const ReasonCode = ({ reason }: { reason: string | null }) =>
  reason === null ? null : <code class="reason">{reason}</code>;

/** A region with the data centre it was seen from. */
export const Place = ({ label, colo }: { label: string; colo: string | null }) => (
  <span class="place">
    {label}
    {colo === null ? null : (
      <abbr class="colo" title={fill(useWords().t.evidence.dataCentre, { colo })}>
        {colo}
      </abbr>
    )}
  </span>
);

/** The regions' votes. */
export const Votes = ({ votes }: { votes: readonly VoteView[] }) =>
  votes.length === 0 ? null : (
    <ul class="votes">
      {votes.map((vote) => (
        <li>
          <ToneIcon tone={vote.tone} />
          <span>
            {vote.places.map((place, index) => (
              <>
                {index === 0 ? null : useWords().t.units.comma}
                <Place label={place.label} colo={place.colo} />
              </>
            ))}
            <br />
            <span class="quiet">{vote.words}</span> <ReasonCode reason={vote.reason} />
          </span>
        </li>
      ))}
    </ul>
  );

/** The sentence with its reason. */
export const EvidenceSentence = ({ evidence }: { evidence: EvidenceView }) => (
  <>
    {evidence.sentence} <ReasonCode reason={evidence.reason} />
  </>
);
