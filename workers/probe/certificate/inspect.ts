/**
 * Looks at the certificate behind an address: opens a connection of its own, speaks TLS as far as
 * the certificate, closes it. Loaded only when it is needed: parsing X.509 takes much code.
 */
import type { CertificateInspection } from "../../../shared/probe/certificate.ts";
import { matchesHost } from "../../../shared/probe/certificate.ts";
import { TlsAlert } from "../../../shared/tls/alert.ts";
import { versionName } from "../../../shared/tls/parameters.ts";
import { TlsViolation } from "../../../shared/tls/violation.ts";
import { settleBy } from "../deadline.ts";
import type { Endpoint, OpenSocket } from "../sockets.ts";
import { dialTcp } from "../sockets.ts";
import { readChain } from "./chain.ts";
import type { ByteStream } from "./server-flight.ts";
import { readServerFlight } from "./server-flight.ts";

/** What to inspect, and until when. */
export interface InspectionRequest {
  endpoint: Endpoint;
  /** Moment of `monotonicNowMs`. */
  deadlineMs: number;
  /** Called when the connection cannot be given up and goes on until the invocation ends. */
  abandon(): void;
}

/**
 * Inspects the certificate of a server. Never rejects: what goes wrong is the result. It opens one
 * connection, which the caller accounts for.
 */
export async function inspectCertificate({
  endpoint,
  deadlineMs,
  abandon,
}: InspectionRequest): Promise<CertificateInspection> {
  const dialled = await dialTcp(endpoint, false, deadlineMs);
  if (dialled.type === "timeout") {
    abandon();
    return timedOut();
  }
  if (dialled.type === "failed") {
    return { type: "failed", cause: "connect", message: "no connection could be opened again" };
  }
  const socket = dialled.connection.open();
  const outcome = await settleBy(inspect(streamOf(socket), endpoint.hostname), deadlineMs);
  if (!(await socket.close())) abandon();
  if (outcome.type === "timeout") return timedOut();
  return outcome.type === "value" ? outcome.value : explainError(outcome.error);
}

async function inspect(stream: ByteStream, hostname: string): Promise<CertificateInspection> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const isAddress = host.includes(":") || /^\d+(\.\d+){3}$/.test(host);
  const flight = await readServerFlight(stream, isAddress ? null : host);
  const { certificates: chain, state } = readChain(flight.certificates);
  return {
    type: "inspected",
    version: versionName(flight.version),
    chain,
    state,
    matchesHost: matchesHost(chain[0].names, host),
    ocspStapled: flight.stapled,
    clientCertificateRequested: flight.clientCertificateRequested,
  };
}

function streamOf(socket: OpenSocket): ByteStream {
  return {
    async read() {
      const { done, value } = await socket.reader.read();
      return done ? null : value;
    },
    write: (bytes) => socket.writer.write(bytes),
  };
}

function timedOut(): CertificateInspection {
  return { type: "failed", cause: "timeout", message: "the server did not show its certificate" };
}

function explainError(error: unknown): CertificateInspection {
  if (error instanceof TlsAlert) {
    return { type: "failed", cause: "alert", message: error.message };
  }
  if (error instanceof TlsViolation) {
    return { type: "failed", cause: error.kind, message: error.message };
  }
  // The stream broke: the runtime's words for it say nothing more.
  return { type: "failed", cause: "closed", message: "the server broke the connection" };
}
