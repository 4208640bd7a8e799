/** Monitors and observations for tests: complete ones, of which a test names what matters. */
import type { Monitor } from "../../shared/monitor/monitor.ts";
import { monitorSchema } from "../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../shared/monitor/published-config.ts";
import type { CertificateResult, Observation } from "../../shared/probe/observation.ts";
import { emptyTimings } from "../../shared/probe/observation.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import { reasonFacts } from "../../shared/probe/reason.ts";

/** A validated monitor called `chat` unless it says otherwise. */
export function makeMonitor(fields: Record<string, unknown> = {}): Monitor {
  return monitorSchema.parse({
    id: "chat",
    name: "Chat",
    url: "wss://chat.example.com/socket",
    ...fields,
  });
}

/** A published configuration; four regions and a minute's interval unless it says otherwise. */
export function makeConfig(fields: Partial<PublishedConfig> = {}): PublishedConfig {
  return {
    version: 1,
    regions: ["us-east", "sa-east", "eu-central", "ap-southeast"],
    defaultIntervalMs: 60_000,
    monitors: [makeMonitor()],
    ...fields,
  };
}

/** A sound certificate of 90 days, of which some are left at a moment. */
export function makeCertificate(days: number, nowMs: number, lifeDays = 90): CertificateResult {
  const notAfterMs = nowMs + days * 86_400_000;
  return {
    subject: "CN=chat.example.com",
    issuer: "CN=Example CA",
    names: ["chat.example.com"],
    matchesHost: true,
    notBeforeMs: notAfterMs - lifeDays * 86_400_000,
    notAfterMs,
    daysLeft: Math.floor(days),
    key: "ECDSA P-256",
    signature: "ECDSA SHA-256",
    chain: "complete",
    version: "TLS 1.3",
    ocspStapled: false,
  };
}

/** An observation of `chat`: `up`, or what its reason makes it. */
export function makeObservation(
  fields: Pick<Observation, "region" | "startedAtMs"> &
    Partial<Observation> & { reason?: Reason | null; totalMs?: number },
): Observation {
  const { reason = null, totalMs, ...rest } = fields;
  const facts = reason === null ? null : reasonFacts(reason);
  return {
    monitor: "chat",
    colo: null,
    transport: "socket",
    status: facts?.status ?? "up",
    phase: facts?.phase ?? null,
    reason,
    blame: facts?.blame ?? null,
    message: facts?.meaning ?? "Echoed.",
    timings: { ...emptyTimings(), totalMs: totalMs ?? null },
    echo: null,
    ping: null,
    address: null,
    handshake: null,
    close: null,
    certificate: null,
    transcript: null,
    ...rest,
  };
}
