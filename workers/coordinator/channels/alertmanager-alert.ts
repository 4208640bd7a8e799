/**
 * A message as Prometheus Alertmanager knows alerts: labels that identify, annotations that explain.
 *
 * Labels must be the same from the first message about an incident to its last, or Alertmanager
 * takes it for another alert. All are, but the severity, which rises when an incident gets worse:
 * then the alert ends under the old one ({@link formerLabels}). Names of labels:
 * prometheus.io/docs/concepts/data_model. Fingerprint: github.com/prometheus/common,
 * `model/signature.go`, `labelSetToFingerprint` (FNV-1a, 64 bits). Pure.
 */
import type { AlertMessage, GroupedAlert, Severity } from "../../../shared/alert/alert-message.ts";

/** What Alertmanager calls a label set; names are sorted. */
export type LabelSet = Record<string, string>;

/** One alert in Alertmanager's words. */
export interface AlertmanagerAlert {
  alert: AlertMessage["alert"];
  labels: LabelSet;
  annotations: LabelSet;
  /** ISO 8601. */
  startsAt: string;
  /** ISO 8601; null: it has not ended. */
  endedAt: string | null;
  /** It was over before anything was told of it, and nothing will follow. */
  isBelated: boolean;
  /** Page of the incident; empty: no public address is set. */
  generatorURL: string;
}

const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];
const NAMES = {
  incident: "EchoquorumIncident",
  certificate: "EchoquorumCertificate",
  monitoring: "EchoquorumMonitoring",
  history: "EchoquorumHistory",
  unknown: "EchoquorumUnknown",
  region: "EchoquorumRegion",
  test: "EchoquorumTest",
} as const;

const FNV_OFFSET = 14_695_981_039_346_656_037n;
const FNV_PRIME = 1_099_511_628_211n;
/** Stands between names and values: no byte of UTF-8. */
const SEPARATOR = 0xff;

/** The alerts of a message: its own, or those that it tells together. */
export function alertsOf(message: AlertMessage): AlertmanagerAlert[] {
  return message.alerts === undefined
    ? [renderAlert(message, message)]
    : message.alerts.map((alert) => renderAlert(alert, message));
}

/** Labels under which an alert was told before it got worse: those of every other severity. */
export function formerLabels({ alert, labels }: AlertmanagerAlert): LabelSet[] {
  if (alert !== "changed") return [];
  return SEVERITIES.filter((severity) => severity !== labels["severity"]).map((severity) => ({
    ...labels,
    severity,
  }));
}

/** Alertmanager's own key of a label set: 16 hexadecimal digits. */
export function fingerprint(labels: LabelSet): string {
  const encoder = new TextEncoder();
  let hash = FNV_OFFSET;
  const add = (byte: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  };
  for (const name of Object.keys(labels).sort()) {
    for (const part of [name, labels[name] ?? ""]) {
      for (const byte of encoder.encode(part)) add(byte);
      add(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, "0");
}

function renderAlert(told: GroupedAlert | AlertMessage, message: AlertMessage): AlertmanagerAlert {
  const { incident, link } = told;
  return {
    alert: told.alert,
    labels: renderLabels(told, message),
    annotations: renderAnnotations(told, message),
    startsAt: incident?.startedAt ?? message.at,
    isBelated: told.unheard === true || told.about === "history",
    endedAt: told.alert === "resolved" ? (incident?.endedAt ?? message.at) : null,
    generatorURL: link ?? "",
  };
}

function renderLabels(told: GroupedAlert | AlertMessage, message: AlertMessage): LabelSet {
  const { monitor, severity } = told;
  const own = Object.entries(monitor?.labels ?? {}).map(
    ([name, value]) => [labelName(name), value] as const,
  );
  const about = message.alert === "test" ? "test" : (told.about ?? "incident");
  return sorted({
    ...Object.fromEntries(own),
    alertname: NAMES[about],
    severity,
    monitor: monitor?.id ?? "",
    group: monitor?.group ?? "",
    // A monitor's own label of that name stays.
    ...(told.region === undefined ? {} : { region: told.region }),
  });
}

function renderAnnotations(told: GroupedAlert | AlertMessage, message: AlertMessage): LabelSet {
  const regions = told === message ? message.regions : [];
  const meaning = told === message ? message.meaning : undefined;
  return sorted({
    summary: told.title,
    description: told.text,
    monitor_name: told.monitor?.name ?? "",
    incident: told.incident?.id ?? "",
    kind: told.incident?.kind ?? "",
    reason: told.reason ?? "",
    meaning: meaning ?? "",
    cause: told.cause ?? "",
    http: told.diagnosis?.text ?? "",
    regions: regions.map(({ label, status, reason }) => `${label}: ${reason ?? status}`).join("; "),
  });
}

/** Without empty values, which to Alertmanager are the same as none. */
function sorted(labels: LabelSet): LabelSet {
  const present = Object.entries(labels).filter(([, value]) => value !== "");
  return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A name that Alertmanager takes: letters, digits and underscores, no digit first. */
function labelName(name: string): string {
  const spelled = name.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return /^[A-Za-z_]/.test(spelled) ? spelled : `_${spelled}`;
}
