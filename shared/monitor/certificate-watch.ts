/**
 * What is known of a monitor's certificate, and when its expiry is told. Pure.
 *
 * It is a fact, not a vote: regions take turns to look at it, and the one that expires first among
 * what each of them saw last is what counts, so that a renewal that has reached only some servers
 * is not taken for done. It never changes a verdict. It is told once for each threshold that it comes
 * under (30, 14, 7, 3, 1 days; for certificates of a short life only thresholds within its last
 * third), and again when it has been renewed. Once expired it is told no more: TLS fails then.
 */
import type { ExpiryThreshold } from "../probe/certificate.ts";
import { expiryThreshold } from "../probe/certificate.ts";
import type { CertificateResult, Observation } from "../probe/observation.ts";

const DAY_MS = 86_400_000;
/** Age at which a look at a certificate says nothing any more, in milliseconds. */
const LOOK_KEPT_MS = 2 * DAY_MS;
/** Days left from which its expiry is critical. */
const CRITICAL_DAYS = 3;

/** What one region saw last. */
export interface CertificateLook {
  atMs: number;
  certificate: CertificateResult;
}

/** What is remembered of a monitor's certificate. */
export interface CertificateWatch {
  monitor: string;
  /** Address of the monitor; another one has another certificate. */
  url: string;
  /** By region. */
  looks: Readonly<Record<string, CertificateLook>>;
  /** What was told and is not over; null: nothing. */
  told: { subject: string; threshold: ExpiryThreshold; step: number } | null;
}

/** What is to be told. */
export interface CertificateNews {
  subject: string;
  step: number;
  over: boolean;
  /** Null: it was renewed. */
  threshold: ExpiryThreshold | null;
  severity: "critical" | "warning";
  certificate: CertificateResult;
}

/** Nothing is known yet. */
export function initialCertificateWatch(monitor: string, url: string): CertificateWatch {
  return { monitor, url, looks: {}, told: null };
}

/** Takes an observation in; one without a certificate, or an older one, changes nothing. */
export function lookAtCertificate(
  watch: CertificateWatch,
  observation: Pick<Observation, "region" | "startedAtMs" | "certificate">,
): CertificateWatch {
  const { region, startedAtMs: atMs, certificate } = observation;
  if (certificate === null || atMs <= (watch.looks[region]?.atMs ?? -Infinity)) return watch;
  return { ...watch, looks: { ...watch.looks, [region]: { atMs, certificate } } };
}

/** The certificate that expires first among those that were seen lately; null: none was. */
export function watchedCertificate(
  watch: CertificateWatch,
  nowMs: number,
): CertificateResult | null {
  let first: CertificateResult | null = null;
  for (const { atMs, certificate } of Object.values(watch.looks)) {
    if (nowMs - atMs > LOOK_KEPT_MS) continue;
    if (first === null || certificate.notAfterMs < first.notAfterMs) first = certificate;
  }
  return first;
}

/** The threshold that a certificate has come under, if its life is long enough for that to tell. */
export function watchThreshold(
  { notBeforeMs, notAfterMs }: Pick<CertificateResult, "notBeforeMs" | "notAfterMs">,
  nowMs: number,
): ExpiryThreshold | null {
  const threshold = expiryThreshold(notAfterMs, nowMs);
  const lifeMs = notAfterMs - notBeforeMs;
  if (threshold === null || 3 * (notAfterMs - nowMs) > lifeMs) return null;
  return threshold;
}

/** Decides what is to be told at a moment. */
export function advanceCertificateWatch(
  watch: CertificateWatch,
  nowMs: number,
): { watch: CertificateWatch; news: CertificateNews | null } {
  const certificate = watchedCertificate(watch, nowMs);
  const { told } = watch;
  if (certificate === null || certificate.notAfterMs < nowMs) return { watch, news: null };
  const threshold = watchThreshold(certificate, nowMs);
  const severity = threshold !== null && threshold <= CRITICAL_DAYS ? "critical" : "warning";
  if (threshold === null) {
    if (told === null) return { watch, news: null };
    const { subject, step } = told;
    const news = { subject, step: step + 1, over: true, threshold, severity, certificate } as const;
    return { watch: { ...watch, told: null }, news };
  }
  if (told !== null && threshold >= told.threshold) return { watch, news: null };
  const subject = told?.subject ?? `certificate-${watch.monitor}-${certificate.notAfterMs}`;
  const step = (told?.step ?? 0) + 1;
  const news = { subject, step, over: false, threshold, severity, certificate } as const;
  return { watch: { ...watch, told: { subject, threshold, step } }, news };
}
