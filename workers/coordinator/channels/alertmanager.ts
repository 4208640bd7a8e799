/**
 * Prometheus Alertmanager as a channel: `POST /api/v2/alerts`, as Prometheus itself sends alerts.
 *
 * Schema: github.com/prometheus/alertmanager, `api/v2/openapi.yaml`, `postableAlerts`. Alertmanager
 * forgets a firing alert at its `endsAt`, so that lies {@link FIRING_LASTS_MS} ahead; whatever is
 * told again about the incident moves it on. Sending an alert twice is harmless: labels identify it.
 * Pure; sends nothing.
 */
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { AlertmanagerAlert, LabelSet } from "./alertmanager-alert.ts";
import { alertsOf, formerLabels } from "./alertmanager-alert.ts";
import type { ChannelOf, ChannelRequest } from "./channel.ts";

/** For how long Alertmanager believes a firing alert without hearing of it again, in ms. */
export const FIRING_LASTS_MS = 7 * 86_400_000;
/** For how long a test alert is shown, in milliseconds. */
const TEST_LASTS_MS = 5 * 60_000;

/** One alert as it is posted. */
export interface PostableAlert {
  labels: LabelSet;
  annotations: LabelSet;
  startsAt: string;
  endsAt: string;
  generatorURL?: string;
}

/** Renders the request that carries a delivery to Alertmanager, for an attempt at `nowMs`. */
export function renderAlertmanagerRequest(
  channel: ChannelOf<"alertmanager">,
  delivery: Delivery,
  nowMs: number,
): ChannelRequest {
  const { url, authorization } = channel.settings;
  const alerts = alertsOf(delivery.message).flatMap((alert) => postableAlerts(alert, nowMs));
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/+$/, "")}/api/v2/alerts`;
  return {
    url: target.href,
    headers: {
      "content-type": "application/json",
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify(alerts),
  };
}

/** The alert, and its end under the labels that it had before it got worse. */
function postableAlerts(alert: AlertmanagerAlert, nowMs: number): PostableAlert[] {
  const { labels, annotations, startsAt, endedAt, generatorURL } = alert;
  const lastsMs = alert.alert === "test" ? TEST_LASTS_MS : FIRING_LASTS_MS;
  const posted = {
    annotations,
    startsAt,
    ...(generatorURL === "" ? {} : { generatorURL }),
  };
  const endsAt = endedAt ?? new Date(nowMs + lastsMs).toISOString();
  return [
    { ...posted, labels, endsAt },
    ...formerLabels(alert).map((former) => ({
      ...posted,
      labels: former,
      endsAt: new Date(nowMs).toISOString(),
    })),
  ];
}
