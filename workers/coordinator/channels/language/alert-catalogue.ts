/**
 * The form of what alerts say in another language than English, beside what they share with the
 * public pages (states, reasons, places, units). `{name}` stands for what is filled in; where a
 * number decides the form it is `{n}`, with the forms of `Intl.PluralRules`. Types only.
 */
import type { Severity } from "../../../../shared/alert/alert-message.ts";
import type { Reason } from "../../../../shared/probe/reason.ts";
import type { Plural } from "../../pages/language/catalogue.ts";

/** What alerts say in one language. */
export interface AlertCatalogue {
  severities: Readonly<Record<Severity, string>>;
  titles: {
    /** `{title}`, seen by `{some}` of `{n}` regions. */
    seen: Plural;
    /** It was told as another kind before: `{title}`. */
    now: string;
    /** It was told before and goes on: `{title}`. */
    still: string;
    /** `{name}` has recovered after `{duration}`. */
    recovered: string;
    /** `{past}` (a whole sentence) for `{duration}`, and is over. */
    unheard: string;
    /** `{title}`, as a test. */
    test: string;
    alerts: Plural;
    resolved: Plural;
    /** `{alerts}`, and `{resolved}`. */
    both: string;
    /** The certificate of `{name}` expires in `{n}` days. */
    expires: Plural;
    /** The certificate of `{name}` has expired. */
    expired: string;
    /** What was told of the certificate of `{name}` is over. */
    certificateOver: string;
    blind: string;
    blindOver: string;
    /** Nothing is known about `{name}`. */
    unknown: string;
    /** That nothing is known about `{name}` is over. */
    unknownOver: string;
    /** The region `{place}` cannot vote. */
    region: string;
    /** That the region `{place}` cannot vote is over. */
    regionOver: string;
    /** `{n}` incidents began and ended while Echoquorum was away. */
    history: Plural;
  };
  texts: {
    /** `{quorum}` (a sentence). It lasted `{duration}`, `{from}` to `{to}`. */
    recovered: string;
    /** A test of `{channel}`; a real alert says `{quorum}`. */
    test: string;
    /** `{n}` monitors are down. */
    down: Plural;
    /** `{titles}`, and `{n}` others. */
    others: Plural;
    blind: string;
    blindOver: string;
    unknown: string;
    unknownOver: string;
    region: string;
    regionOver: string;
    history: string;
  };
  labels: {
    monitor: string;
    severity: string;
    since: string;
    until: string;
    duration: string;
    reason: string;
    meaning: string;
    cause: string;
    certificate: string;
    timeline: string;
    diagnosis: string;
    incident: string;
    page: string;
    evidence: string;
    /** … and `{n}` more. */
    more: Plural;
    uncounted: string;
    /** `{subject}`, issued by `{issuer}`, valid until `{until}`: `{n}` days. */
    valid: Plural;
    /** `{subject}`, issued by `{issuer}`, expired on `{until}`. */
    expired: string;
  };
  /** What usually lies behind a reason. */
  causes: Readonly<Record<Reason, string>>;
}
