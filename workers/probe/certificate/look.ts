/**
 * When a check looks at the certificate: after its TLS has failed, to say why; and after it has
 * succeeded, where the check asks for it, to record what the certificate says.
 *
 * It uses the slot that the check still holds, and what is left of the check's time. The inspector
 * is loaded only then: most checks do without.
 */
import { checkDeadlineMs } from "../../../shared/probe/budget.ts";
import type { CertificateInspection } from "../../../shared/probe/certificate.ts";
import {
  certificateResult,
  explainExpiry,
  explainTlsFailure,
} from "../../../shared/probe/certificate.ts";
import type { Failure } from "../../../shared/probe/evidence.ts";
import { monotonicNowMs } from "../deadline.ts";
import type { CheckProgress } from "../progress.ts";
import type { Endpoint } from "../sockets.ts";
import { endpointOf } from "../sockets.ts";

/** Explains a TLS failure; null: nothing more could be found out. */
export async function explainByCertificate(
  progress: CheckProgress,
  endpoint: Endpoint,
): Promise<Failure | null> {
  const inspection = await look(progress, endpoint);
  if (inspection === null) return null;
  if (inspection.type === "failed" && inspection.cause === "connect") return null;
  return explainTlsFailure(inspection, endpoint.hostname, Date.now());
}

/**
 * Records the certificate behind a check that has gone through, where that is asked for.
 *
 * A certificate that expires soon is noted; whether that degrades the target is not for one region
 * to say.
 */
export async function recordCertificate(progress: CheckProgress): Promise<void> {
  const { spec, url, evidence } = progress;
  const wanted = spec.inspectCertificate === true && url.protocol === "wss:";
  if (!wanted || evidence.failure !== null || evidence.transport === "fetch") return;
  const inspection = await look(progress, endpointOf(url));
  const expiry = inspection === null ? null : explainExpiry(inspection, Date.now());
  if (expiry !== null) evidence.notes.push(`The certificate expires soon. ${expiry.detail}`);
}

async function look(
  progress: CheckProgress,
  endpoint: Endpoint,
): Promise<CertificateInspection | null> {
  const { evidence, window, lease } = progress;
  const deadlineMs = checkDeadlineMs(window);
  if (monotonicNowMs() >= deadlineMs || lease.held === 0) return null;
  const { inspectCertificate } = await import("./inspect.ts");
  const inspection = await inspectCertificate({
    endpoint,
    deadlineMs,
    abandon: () => lease.abandon(),
  });
  evidence.certificate = certificateResult(inspection, Date.now());
  return inspection;
}
