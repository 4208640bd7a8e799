/**
 * One check from beginning to end: DNS, TCP, TLS, then the exchange over whichever transport, all
 * within the check's timeout. It always yields an observation, or asks to be repeated elsewhere;
 * trouble of its own is reported as the probe's, never as the target's.
 */
import { isLocalhost, isPrivateAddress, literalAddress } from "../../shared/probe/address.ts";
import type { TlsMode } from "../../shared/probe/ask.ts";
import type { CheckWindow } from "../../shared/probe/budget.ts";
import { phaseDeadlineMs } from "../../shared/probe/budget.ts";
import { isCloudflareAddress } from "../../shared/probe/cloudflare-ranges.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Evidence } from "../../shared/probe/evidence.ts";
import { concludeCheck, emptyEvidence } from "../../shared/probe/evidence.ts";
import { Exchange } from "../../shared/probe/exchange.ts";
import type { Address, Observation, Transcript } from "../../shared/probe/observation.ts";
import type { Redactor } from "../../shared/probe/redaction.ts";
import { createRedactor } from "../../shared/probe/redaction.ts";
import { CAPTURE_BOUNDS, LOG_BOUNDS, TranscriptRecorder } from "../../shared/probe/transcript.ts";
import type { DeflateCodec } from "../../shared/websocket/deflate-codec.ts";
import { userAgent } from "../../shared/version.ts";
import { recordCertificate } from "./certificate/look.ts";
import type { SlotLease } from "./connection-slots.ts";
import { monotonicNowMs } from "./deadline.ts";
import { dialTarget } from "./dial-target.ts";
import type { Finding } from "./dns.ts";
import { resolveHost } from "./dns.ts";
import { runFetchExchange } from "./fetch-exchange.ts";
import { maskSource, randomBytes, randomHex } from "./random.ts";
import { runExchange } from "./socket-exchange.ts";

/** What all checks of one invocation share. */
export interface CheckContext {
  region: string;
  colo: string | null;
  resolvers: readonly string[];
  /** Whether a refusal by a private address can be the target's own. */
  privateReachable: boolean;
  /** Whether a successful check keeps its transcript. */
  keepTranscript: boolean;
  /** Whether the record of the whole exchange is kept, for a capture; absent: no. */
  keepRecord?: boolean | undefined;
}

/** A check in progress. */
export interface CheckProgress {
  spec: CheckSpec;
  url: URL;
  tls: TlsMode;
  window: CheckWindow;
  context: CheckContext;
  /** Filled in as the check goes on. */
  evidence: Evidence;
  recorder: TranscriptRecorder;
  redactor: Redactor;
  lease: SlotLease;
  /** Whether DNS was asked and no resolver answered in time. */
  dnsSilent: boolean;
}

/** What a check came to; `deferred`: a TLS failure is to be confirmed in a fresh invocation. */
export type CheckOutcome =
  { type: "observed"; observation: Observation; record: Transcript | null } | { type: "deferred" };

/** Performs a check. The caller holds one slot in `lease`, and ends the lease afterwards. */
export async function performCheck(
  spec: CheckSpec,
  tls: TlsMode,
  context: CheckContext,
  lease: SlotLease,
): Promise<CheckOutcome> {
  const redactor = createRedactor(spec);
  const { keepRecord = false } = context;
  const progress: CheckProgress = {
    spec,
    url: new URL(spec.url),
    tls,
    window: { startedAtMs: monotonicNowMs(), timeoutMs: spec.timeoutMs },
    context,
    evidence: emptyEvidence(Date.now(), spec.transport ?? "socket"),
    recorder: new TranscriptRecorder(redactor, keepRecord ? CAPTURE_BOUNDS : LOG_BOUNDS),
    redactor,
    lease,
    dnsSilent: false,
  };
  const { evidence, recorder } = progress;
  try {
    const deferred = await goThroughPhases(progress);
    if (deferred) return { type: "deferred" };
  } catch (error) {
    const name = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
    evidence.failure = { reason: "probe_error", detail: `${redactor.text(name)}.` };
  }
  evidence.timings.totalMs = monotonicNowMs() - progress.window.startedAtMs;
  await recordCertificate(progress);
  const observation = concludeCheck({
    spec,
    region: context.region,
    colo: context.colo,
    evidence,
    transcript: null,
  });
  if (observation.status !== "up" || context.keepTranscript) {
    observation.transcript = recorder.render();
  }
  const record = keepRecord ? recorder.render(CAPTURE_BOUNDS) : null;
  return { type: "observed", observation, record };
}

/** @returns whether the check is to be repeated elsewhere */
async function goThroughPhases(progress: CheckProgress): Promise<boolean> {
  const { evidence } = progress;
  await locate(progress);
  if (evidence.failure !== null) return false;
  if (evidence.transport === "fetch") {
    await runFetchExchange(progress);
    return false;
  }
  const exchange = await createExchange(progress);
  if (exchange === null) return false;
  const dialled = await dialTarget(progress);
  if (dialled.type === "deferred") return true;
  if (dialled.type === "failed") return false;
  try {
    await runExchange(exchange, dialled.socket, dialled.dialledAtMs);
  } finally {
    if (!(await dialled.socket.close())) progress.lease.abandon();
  }
  return false;
}

/** The DNS phase: finds the address, where the host is a name that public DNS may know. */
async function locate(progress: CheckProgress): Promise<void> {
  const { url, evidence, context, window, lease } = progress;
  const literal = literalAddress(url.hostname);
  evidence.address = literal;
  if (literal !== null) chooseTransport(progress, [literal]);
  if (literal !== null || isLocalhost(url.hostname) || context.resolvers.length === 0) return;
  const resolution = await resolveHost({
    hostname: url.hostname,
    resolvers: context.resolvers,
    userAgent: userAgent(context.region),
    deadlineMs: phaseDeadlineMs("dns", window, monotonicNowMs()),
    lease,
  });
  if (resolution.type === "unavailable") {
    // The connection attempt will tell: a name that connects is a name that resolves.
    progress.dnsSilent = resolution.timedOut;
    evidence.notes.push("No DNS resolver answered the probe.");
    return;
  }
  evidence.timings.dnsMs = resolution.elapsedMs;
  noteBeforeDialling(progress, findingLine(url.hostname, resolution));
  if (resolution.type === "failed") {
    evidence.failure = { reason: resolution.reason, detail: resolution.detail };
    return;
  }
  evidence.address = resolution.addresses[0] ?? null;
  chooseTransport(progress, resolution.addresses);
}

/** What DNS says, in one line: `DNS: chat.example.com → edge.example.net → 192.0.2.1.` */
function findingLine(hostname: string, resolution: Finding & { elapsedMs: number | null }): string {
  const { type, chain, elapsedMs } = resolution;
  const end = type === "found" ? resolution.addresses.map(({ ip }) => ip).join(", ") : "no address";
  const kept = elapsedMs === null ? " (known from a check before)" : "";
  return `DNS: ${[hostname, ...chain, end].join(" → ")}${kept}.`;
}

/** Goes over fetch where raw sockets may not go, unless the monitor says which way to take. */
function chooseTransport(progress: CheckProgress, addresses: readonly Address[]): void {
  const { spec, evidence } = progress;
  if (spec.transport !== null || !addresses.some(isCloudflareAddress)) return;
  evidence.transport = "fetch";
  noteBeforeDialling(progress, "The address is Cloudflare's: going over fetch.");
}

function noteBeforeDialling({ recorder }: CheckProgress, text: string): void {
  recorder.add({ atMs: 0, direction: "note", kind: "note", bytes: null, text: () => text });
}

/** Prepares the exchange; null, with the failure noted, when the spec cannot be put on the wire. */
async function createExchange(progress: CheckProgress): Promise<Exchange | null> {
  const { spec, window, evidence, recorder, redactor, context } = progress;
  const deflateCodec = spec.compression ? await loadDeflateCodec() : null;
  try {
    return new Exchange({
      spec,
      window,
      userAgent: userAgent(context.region),
      keyBytes: randomBytes(16),
      nextMask: maskSource(),
      nonce: randomHex(8),
      deflateCodec,
      evidence,
      recorder,
      redactor,
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    evidence.failure = { reason: "config_invalid", detail: `${redactor.text(error.message)}.` };
    return null;
  }
}

/** Loads the compressor only where it is needed: most checks do without. */
async function loadDeflateCodec(): Promise<DeflateCodec> {
  const { PAKO_CODEC } = await import("../../shared/websocket/pako-codec.ts");
  return PAKO_CODEC;
}

/** Whether the address that is dialled is one that the platform may refuse. */
export function mayBeBlocked({ url, evidence, context }: CheckProgress): boolean {
  if (context.privateReachable) return false;
  if (isLocalhost(url.hostname) || url.port === "25") return true;
  const { address } = evidence;
  return address !== null && (isPrivateAddress(address) || isCloudflareAddress(address));
}
