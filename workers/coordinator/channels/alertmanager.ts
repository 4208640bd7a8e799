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

/**
 * For how long an alert fires that was over before anything was told of it, in milliseconds.
 * Alertmanager tells nobody of an alert that it first hears of when it is over, so it must fire for
 * as long as a group waits there: `group_interval`, 5 min by default.
 */
export const BELATED_LASTS_MS = 10 * 60_000;

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

function lastsForMs({ alert, isBelated }: AlertmanagerAlert): number {
  if (isBelated) return BELATED_LASTS_MS;
  return alert === "test" ? TEST_LASTS_MS : FIRING_LASTS_MS;
}

/** The alert, and its end under the labels that it had before it got worse. */
function postableAlerts(alert: AlertmanagerAlert, nowMs: number): PostableAlert[] {
  const { labels, annotations, startsAt, endedAt, generatorURL } = alert;
  const lastsMs = lastsForMs(alert);
  const posted = {
    annotations,
    startsAt,
    ...(generatorURL === "" ? {} : { generatorURL }),
  };
  const fires = endedAt === null || alert.isBelated;
  const endsAt = fires ? new Date(nowMs + lastsMs).toISOString() : endedAt;
  return [
    { ...posted, labels, endsAt },
    ...formerLabels(alert).map((former) => ({
      ...posted,
      labels: former,
      endsAt: new Date(nowMs).toISOString(),
    })),
  ];
}
