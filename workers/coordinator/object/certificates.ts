/**
 * Keeps what the regions see of the monitors' certificates, and has their expiry told. What is told
 * when is decided in `shared/monitor/certificate-watch.ts`; nothing here touches a verdict.
 */
import type { Advisory } from "../../../shared/alert/advisory.ts";
import type { CertificateNews } from "../../../shared/monitor/certificate-watch.ts";
import {
  advanceCertificateWatch,
  initialCertificateWatch,
  lookAtCertificate,
} from "../../../shared/monitor/certificate-watch.ts";
import { findMonitor } from "../../../shared/monitor/config-index.ts";
import { isUnderMaintenance } from "../../../shared/monitor/maintenance.ts";
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import { daysLeft } from "../../../shared/probe/certificate.ts";
import type { RunDigest } from "../../../shared/probe/digest.ts";
import { noteAdvisory } from "./alerts.ts";
import type { Draft } from "./draft.ts";
import type { Court } from "./judge.ts";
import { STALE_JUDGEMENT_MS } from "./limits.ts";

/** Takes in what runs saw of certificates. */
export function noteCertificates(draft: Draft, runs: readonly RunDigest[]): void {
  for (const observation of runs.flatMap((run) => run.observations)) {
    if (observation.certificate === null) continue;
    const monitor = findMonitor(draft.config, observation.monitor);
    if (monitor === undefined) continue;
    const known = draft.certificate(monitor.id);
    // Of another address nothing is known yet, but what was told of the old one is not over.
    const fresh = {
      ...initialCertificateWatch(monitor.id, monitor.url),
      told: known?.told ?? null,
    };
    const before = known?.url === monitor.url ? known : fresh;
    const after = lookAtCertificate(before, observation);
    if (after !== known) draft.saveCertificate(after);
  }
}

/**
 * Tells what has become due; not while catching up, when much may be over already, nor of a monitor
 * under maintenance, which may be there to renew it.
 */
export function tellCertificates(
  draft: Draft,
  monitors: readonly Monitor[],
  atMs: number,
  court: Court,
): void {
  if (court.wallMs - atMs > STALE_JUDGEMENT_MS) return;
  for (const monitor of monitors) {
    const before = draft.certificate(monitor.id);
    if (before === null || before.url !== monitor.url || monitor.paused) continue;
    if (isUnderMaintenance(draft.config?.maintenances ?? [], monitor, atMs)) continue;
    const { watch, news } = advanceCertificateWatch(before, atMs);
    if (watch !== before) draft.saveCertificate(watch);
    if (news !== null) noteAdvisory(draft, advisoryOf(monitor, news, court.wallMs), court);
  }
}

function advisoryOf(monitor: Monitor, news: CertificateNews, nowMs: number): Advisory {
  const { subject, step, over, severity, certificate } = news;
  const left = daysLeft(certificate.notAfterMs, nowMs);
  const when = left === 0 ? "within a day" : `in ${left} day${left === 1 ? "" : "s"}`;
  const on = new Date(certificate.notAfterMs).toISOString().slice(0, 10);
  const whose = `${certificate.subject}, issued by ${certificate.issuer}`;
  return {
    subject,
    step,
    about: "certificate",
    over,
    severity,
    title: over
      ? `The certificate of ${monitor.name} was renewed`
      : `The certificate of ${monitor.name} expires ${when}`,
    text: `It is valid until ${on}: ${whose}.`,
    reason: "certificate_expiring",
    certificate,
    monitor,
  };
}
