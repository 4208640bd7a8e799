/**
 * Dials the target of a check and, for wss, performs TLS: timed apart from TCP where the runtime
 * can, and confirmed over a second connection before a TLS failure is blamed on the target.
 */
import { phaseDeadlineMs } from "../../shared/probe/budget.ts";
import { explainByCertificate } from "./certificate/look.ts";
import { monotonicNowMs } from "./deadline.ts";
import { isRefused } from "./locate.ts";
import type { CheckProgress } from "./progress.ts";
import { fail, note } from "./progress.ts";
import type { Dialled, Endpoint, OpenSocket } from "./sockets.ts";
import { dialTcp, dialTls, endpointOf } from "./sockets.ts";

/** How dialling ended; `failed`: the failure is in the evidence. */
export type DialOutcome =
  { type: "open"; socket: OpenSocket } | { type: "failed" } | { type: "deferred" };

/** Dials. A connection that cannot be given up is abandoned in the check's lease. */
export async function dialTarget(progress: CheckProgress): Promise<DialOutcome> {
  const { url, evidence, window } = progress;
  const secure = url.protocol === "wss:";
  const endpoint = endpointOf(url);
  const startedAtMs = monotonicNowMs();
  progress.dialledAtMs ??= startedAtMs;
  note(progress, `Dialling ${url.hostname} port ${endpoint.port}.`);
  if (secure && progress.tls === "together") {
    return await confirmTls(progress, endpoint, null);
  }
  const deadlineMs = phaseDeadlineMs("connect", window, startedAtMs);
  const dialled = await dialTcp(endpoint, secure, deadlineMs);
  if (dialled.type !== "open") return failConnect(progress, dialled);
  evidence.timings.tcpMs = dialled.elapsedMs;
  note(progress, "TCP connection open.");
  if (!secure) return { type: "open", socket: dialled.connection.open() };
  const tlsDeadlineMs = phaseDeadlineMs("tls", window, monotonicNowMs());
  const secured = await dialled.connection.startTls(tlsDeadlineMs);
  if (secured.type === "open") {
    evidence.timings.tlsMs = secured.elapsedMs;
    note(progress, "TLS established.");
    return { type: "open", socket: secured.connection };
  }
  note(progress, secured.type === "failed" ? "TLS failed." : "TLS got no answer.");
  if (secured.type === "timeout") {
    progress.lease.abandon();
    if (!progress.lease.tryExtend()) return { type: "deferred" };
  }
  return await confirmTls(progress, endpoint, secured.type);
}

/**
 * Opens TCP and TLS in one step, the runtime's other way to the same end.
 *
 * @param first how the way with both apart had ended; null: in an invocation before this one
 */
async function confirmTls(
  progress: CheckProgress,
  endpoint: Endpoint,
  first: "failed" | "timeout" | null,
): Promise<DialOutcome> {
  const { evidence, window } = progress;
  const deadlineMs = phaseDeadlineMs("tls_confirmation", window, monotonicNowMs());
  const second = await dialTls(endpoint, deadlineMs);
  if (second.type === "open") {
    note(progress, "TLS established over a second connection.");
    evidence.timings.tlsMs = null;
    evidence.notes.push("The runtime could not time TLS apart from TCP.");
    return { type: "open", socket: second.connection };
  }
  if (second.type === "timeout") progress.lease.abandon();
  const hung = second.type === "timeout" && first !== "failed";
  note(progress, "A second connection over TLS could not be established either.");
  if (second.type === "failed") {
    const explanation = await explainByCertificate(progress, endpoint);
    if (explanation !== null) {
      note(progress, `Certificate inspected: ${explanation.detail}`);
      fail(progress, explanation.reason, explanation.detail);
    }
  }
  fail(progress, hung ? "tls_timeout" : "tls_failed", "Two attempts ended alike.");
  return { type: "failed" };
}

function failConnect(
  progress: CheckProgress,
  dialled: Exclude<Dialled<unknown>, { type: "open" }>,
): DialOutcome {
  const { dnsSilent, evidence } = progress;
  if (dialled.type === "timeout") {
    progress.lease.abandon();
    note(progress, "No answer to the connection attempt.");
    fail(progress, dnsSilent ? "dns_timeout" : "connect_timeout", "");
    return { type: "failed" };
  }
  note(progress, "The connection attempt failed.");
  if (isRefused(progress)) {
    fail(progress, "address_blocked", "");
  } else if (dnsSilent) {
    fail(progress, "dns_timeout", "A connection by name failed too.");
  } else {
    const { address } = evidence;
    const shown = address === null || address.ip === progress.url.hostname ? "" : address.ip;
    fail(progress, "connect_failed", shown === "" ? "" : `The address is ${shown}.`);
  }
  return { type: "failed" };
}
