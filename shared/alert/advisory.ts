/**
 * What is told besides incidents: facts that no quorum votes on, about a monitor (its certificate
 * expires, nobody can judge it) or about Echoquorum itself (a region cannot vote, or none can, or
 * what it missed while away).
 *
 * An advisory is told once per step, under an id that a replay repeats. Who hears of it is decided
 * by the same stages as for incidents. Pure.
 */
import type { Reason } from "../probe/reason.ts";
import type { AlertMessage, AlertTopic, Severity } from "./alert-message.ts";
import type { CertificateFacts } from "./message.ts";
import type { AlertMonitor } from "./subject.ts";

/** A fact to be told, or that it is over. */
export interface Advisory {
  /** What it is about, one episode of it, e.g. `monitoring-1763640000000`; takes no full stop. */
  subject: string;
  /** Counts what is told about the subject. */
  step: number;
  /** `history`: incidents that are over; nothing about it will be resolved. */
  about: AlertTopic;
  over: boolean;
  severity: Severity;
  title: string;
  text: string;
  reason: Reason | null;
  /** The certificate that it is about; absent: it is about none. */
  certificate?: CertificateFacts | undefined;
  /** Incidents that are over, of which it is the first that is heard; absent: none. */
  ended?: AlertMessage["ended"];
  /** Id of the region that it is about; absent: it is about none. */
  region?: string | undefined;
  /** Null: it is about Echoquorum itself. */
  monitor: AlertMonitor | null;
}
