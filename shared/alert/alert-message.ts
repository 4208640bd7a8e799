/**
 * What an alert says: the one model that every channel renders in its own form. Types only.
 *
 * Messages are stored with their deliveries. So a field that was added later is optional, and what
 * renders a message copes with its absence. Times are ISO 8601: this is what leaves the system.
 */
import type { CompanionCase } from "../probe/companion.ts";
import type { IncidentKind, Transition, VerdictKind } from "../monitor/verdict.ts";

/** What a message tells. */
export type AlertKind = "fired" | "changed" | "resolved" | "test";

/** How urgent a message is. */
export type Severity = "critical" | "warning" | "info";

/** The monitor that a message is about. */
export interface AlertMonitor {
  id: string;
  name: string;
  group: string | null;
  /** The monitor's own labels. */
  labels?: Readonly<Record<string, string>> | undefined;
}

/** The incident that a message is about. */
export interface AlertIncident {
  id: string;
  /** Present kind; the worst one once it is resolved. */
  kind: IncidentKind;
  /** First failing observation of the votes that agreed. */
  startedAt: string;
  endedAt: string | null;
  /** Whole seconds; null while open. */
  durationSeconds: number | null;
  /** Whole seconds from its beginning to the moment of the message. */
  lastedSeconds?: number | undefined;
}

/** What came of an HTTP request beside a check. */
export interface AlertHttp {
  status: "up" | "down";
  reason: string | null;
  /** HTTP status; null: there was no answer. */
  code: number | null;
}

/** What the HTTP requests beside the checks say: which of the four cases it is. */
export interface AlertDiagnosis {
  case: CompanionCase;
  /** What it means, where to look, and where the regions do not agree how many say so. */
  text: string;
}

/** What one region saw, at the moment of the message. */
export interface AlertRegion {
  region: string;
  label: string;
  status: string;
  reason: string | null;
  message: string;
  /** Data centre from which it was observed; null: not known. */
  colo?: string | null | undefined;
  /** When it was observed; null: never. */
  at?: string | null | undefined;
  /** Whether its vote counted. */
  counted?: boolean | undefined;
  /** What came of the HTTP request beside the check; absent: none was made. */
  http?: AlertHttp | undefined;
  /** Address of the packet capture of a failing check; it takes a token of the API. */
  evidence?: string | undefined;
}

/** An incident that is over and of which nothing was told before. */
export interface AlertEnded {
  id: string;
  monitor: { id: string; name: string };
  /** The worst one. */
  kind: IncidentKind;
  startedAt: string;
  endedAt: string;
}

/** The certificate that the monitor's server shows. */
export interface AlertCertificate {
  subject: string;
  issuer: string;
  /** Valid until. */
  notAfter: string;
  /** Whole days until then, at the moment of the message; negative once it has expired. */
  daysLeft: number;
}

/** One step of an incident. */
export interface AlertStep {
  at: string;
  text: string;
  /** What happened; absent: the message is of an earlier release, and so with the next two. */
  kind?: Transition["kind"] | undefined;
  /** Verdict that it led to. */
  to?: VerdictKind | undefined;
  /** Commonest reason; null: none. */
  reason?: string | null | undefined;
}

/** How many regions see what an incident is about, and how many counted. */
export interface AlertSeen {
  bad: number;
  counted: number;
}

/** What a message may be about where that is no incident. */
export type AlertTopic = "certificate" | "monitoring" | "history" | "unknown" | "region";

/** One of several alerts that are told together. */
export interface GroupedAlert {
  /** What it is about where that is no incident. */
  about?: AlertTopic | undefined;
  /** Id of the region that it is about, where it is about one. */
  region?: string | undefined;
  alert: Exclude<AlertKind, "test">;
  /** It was told before, and goes on. */
  reminder?: true | undefined;
  /** Nothing arrived of it before its end: this tells of both. */
  unheard?: true | undefined;
  title: string;
  text: string;
  severity: Severity;
  monitor: AlertMonitor | null;
  incident: AlertIncident | null;
  /** Absent: no vote shows it, or it is over. */
  seen?: AlertSeen | undefined;
  reason: string | null;
  cause: string | null;
  /** Whether HTTP works beside WebSocket; absent: nobody asked. */
  diagnosis?: AlertDiagnosis | undefined;
  link: string | null;
}

/** One model for all channels. */
export interface AlertMessage {
  /** What it is about where that is no incident; absent: one incident, or several (`alerts`). */
  about?: AlertTopic | undefined;
  /** Id of the region that it is about, where it is about one. */
  region?: string | undefined;
  alert: AlertKind;
  /** It was told before, and goes on. */
  reminder?: true | undefined;
  /** Nothing arrived of it before its end: this tells of both. */
  unheard?: true | undefined;
  /** E.g. `Chat is down in 3 of 4 regions`. */
  title: string;
  /** The quorum in words. */
  text: string;
  severity: Severity;
  monitor: AlertMonitor | null;
  incident: AlertIncident | null;
  /** Absent: no vote shows it, or it is over. */
  seen?: AlertSeen | undefined;
  reason: string | null;
  /** What the reason means, in one sentence; absent: no reason. */
  meaning?: string | undefined;
  /** What usually lies behind the reason; null: no reason. */
  cause: string | null;
  /** Whether HTTP works beside WebSocket; absent: nobody asked. */
  diagnosis?: AlertDiagnosis | undefined;
  regions: AlertRegion[];
  /** Absent: it is not known. */
  certificate?: AlertCertificate | undefined;
  /** What happened in the incident, oldest first, bounded; only in a message that resolves. */
  timeline?: AlertStep[] | undefined;
  /** Incidents that are over, of which it is the first that is heard, bounded; absent: none. */
  ended?: AlertEnded[] | undefined;
  /** The alerts of a message that tells several; then there is no monitor and no incident. */
  alerts?: GroupedAlert[] | undefined;
  /** How many alerts the list leaves out; absent: none. */
  moreAlerts?: number | undefined;
  /** Absolute URL of the incident or the page; null: the public address is not configured. */
  link: string | null;
  at: string;
}
