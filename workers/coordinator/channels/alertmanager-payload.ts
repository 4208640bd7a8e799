/**
 * The payload that Prometheus Alertmanager's own webhook receiver sends, version 4, for whoever
 * reads that already: prometheus.io/docs/alerting/latest/configuration/#webhook_config and
 * github.com/prometheus/alertmanager, `notify/webhook/webhook.go` and `template/template.go`. Pure.
 */
import { z } from "zod";
import type { AlertMessage } from "../../../shared/alert/alert-message.ts";
import type { AlertmanagerAlert, LabelSet } from "./alertmanager-alert.ts";
import { alertsOf, fingerprint } from "./alertmanager-alert.ts";

const labelsSchema = z.record(z.string(), z.string());
const statusSchema = z.enum(["firing", "resolved"]);

/** Schema of the payload. */
export const alertmanagerPayloadSchema = z.strictObject({
  receiver: z.string(),
  status: statusSchema,
  alerts: z.array(
    z.strictObject({
      status: statusSchema,
      labels: labelsSchema,
      annotations: labelsSchema,
      startsAt: z.iso.datetime({ offset: true }),
      endsAt: z.iso.datetime({ offset: true }),
      generatorURL: z.string(),
      fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
    }),
  ),
  groupLabels: labelsSchema,
  commonLabels: labelsSchema,
  commonAnnotations: labelsSchema,
  externalURL: z.string(),
  version: z.literal("4"),
  groupKey: z.string(),
  truncatedAlerts: z.int().min(0),
});

/** The payload. */
export type AlertmanagerPayload = z.output<typeof alertmanagerPayloadSchema>;

/** Go's zero time: what Alertmanager sends for an alert that has not ended. */
const NOT_ENDED = "0001-01-01T00:00:00Z";

/** Renders a message as Alertmanager would send it to a receiver of this name. */
export function renderAlertmanagerPayload(
  receiver: string,
  message: AlertMessage,
): AlertmanagerPayload {
  const alerts = alertsOf(message);
  const groupLabels = groupLabelsOf(alerts);
  return {
    receiver,
    status: alerts.every(({ endedAt }) => endedAt !== null) ? "resolved" : "firing",
    alerts: alerts.map(({ labels, annotations, startsAt, endedAt, generatorURL }) => ({
      status: endedAt === null ? "firing" : "resolved",
      labels,
      annotations,
      startsAt,
      endsAt: endedAt ?? NOT_ENDED,
      generatorURL,
      fingerprint: fingerprint(labels),
    })),
    groupLabels,
    commonLabels: commonOf(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonOf(alerts.map(({ annotations }) => annotations)),
    externalURL: (message.link ?? "").replace(/\/incidents\/[^/]*$|\/$/, ""),
    version: "4",
    groupKey: `{}:${renderLabels(groupLabels)}`,
    truncatedAlerts: message.moreAlerts ?? 0,
  };
}

/** One alert is a group of its own; several are what they have in common in name. */
function groupLabelsOf(alerts: readonly AlertmanagerAlert[]): LabelSet {
  const { alertname, monitor } = commonOf(alerts.map(({ labels }) => labels));
  return {
    ...(alertname === undefined ? {} : { alertname }),
    ...(monitor === undefined ? {} : { monitor }),
  };
}

function commonOf(sets: readonly LabelSet[]): LabelSet {
  const [first = {}, ...rest] = sets;
  const common = Object.entries(first).filter(([name, value]) =>
    rest.every((set) => set[name] === value),
  );
  return Object.fromEntries(common);
}

/** As Go prints a label set: `{alertname="A", monitor="b"}`. */
function renderLabels(labels: LabelSet): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(", ")}}`;
}
