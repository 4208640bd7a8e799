/**
 * What is told besides incidents: facts that no quorum votes on, about a monitor (its certificate
 * expires) or about Echoquorum itself (no region can see anything, or what it missed while away).
 *
 * An advisory is told once per step, under an id that a replay repeats; its end is told to exactly
 * those channels that heard of it. Deliveries about one subject are sent in order. Pure.
 */
import type { Monitor } from "../monitor/monitor.ts";
import type { Reason } from "../probe/reason.ts";
import { reasonFacts } from "../probe/reason.ts";
import type { AlertMessage } from "./alert-message.ts";
import type { Delivery } from "./delivery.ts";
import type { Severity } from "./message.ts";
import type { CertificateFacts } from "./message.ts";
import { pageLink, renderCertificate } from "./message.ts";
import { newDelivery } from "./policy.ts";

/** A fact to be told, or that it is over. */
export interface Advisory {
  /** What it is about, one episode of it, e.g. `monitoring-1763640000000`; takes no full stop. */
  subject: string;
  /** Counts what is told about the subject. */
  step: number;
  /** `history`: incidents that are over; nothing about it will be resolved. */
  about: "certificate" | "monitoring" | "history";
  over: boolean;
  severity: Severity;
  title: string;
  text: string;
  reason: Reason | null;
  /** The certificate that it is about; absent: it is about none. */
  certificate?: CertificateFacts | undefined;
  /** Incidents that are over, of which it is the first that is heard; absent: none. */
  ended?: AlertMessage["ended"];
  /** Null: it is about Echoquorum itself, and every channel hears of it. */
  monitor: Pick<Monitor, "id" | "name" | "group" | "notify"> | null;
}

/** Deliveries that an advisory calls for, due at once. */
export function decideAdvisory(facts: {
  advisory: Advisory;
  channels: ReadonlyArray<{ id: string }>;
  /** Deliveries about the same subject so far. */
  previous: readonly Delivery[];
  publicUrl: string | null;
  nowMs: number;
}): Delivery[] {
  const { advisory, channels, previous, publicUrl, nowMs } = facts;
  const { subject, step, monitor, over, severity, title, text, reason, certificate, ended } =
    advisory;
  const told = new Set(
    previous.filter(({ state }) => state !== "dead").map(({ channel }) => channel),
  );
  return channels.flatMap(({ id: channel }) => {
    const wanted = monitor?.notify?.includes(channel) ?? true;
    if (!told.has(channel) && (over || !wanted)) return [];
    const alert = over ? "resolved" : told.has(channel) ? "changed" : "fired";
    const transition = `${subject}.${step}`;
    return [
      newDelivery({
        id: `${transition}.${channel}`,
        channel,
        alert,
        monitor: monitor?.id ?? null,
        incident: subject,
        transition,
        severity,
        impact: null,
        message: {
          about: advisory.about,
          alert,
          title,
          text,
          severity,
          monitor:
            monitor === null ? null : { id: monitor.id, name: monitor.name, group: monitor.group },
          incident: null,
          reason,
          ...(reason === null ? {} : { meaning: reasonFacts(reason).meaning }),
          cause: reason === null ? null : reasonFacts(reason).cause,
          regions: [],
          ...(ended === undefined ? {} : { ended }),
          ...(certificate === undefined
            ? {}
            : { certificate: renderCertificate(certificate, nowMs) }),
          link: pageLink(publicUrl),
          at: new Date(nowMs).toISOString(),
        },
        createdAtMs: nowMs,
      }),
    ];
  });
}
