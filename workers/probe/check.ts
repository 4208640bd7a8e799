/**
 * One check from beginning to end: DNS, TCP, TLS, then the exchange over whichever transport, all
 * within the check's timeout. It always yields an observation, or asks to be repeated elsewhere;
 * trouble of its own is reported as the probe's, never as the target's.
 */
import type { TlsMode } from "../../shared/probe/ask.ts";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import { concludeCheck, emptyEvidence } from "../../shared/probe/evidence.ts";
import { Exchange } from "../../shared/probe/exchange.ts";
import type { Observation, Transcript } from "../../shared/probe/observation.ts";
import type { Redactor } from "../../shared/probe/redaction.ts";
import { createRedactor } from "../../shared/probe/redaction.ts";
import { CAPTURE_BOUNDS, LOG_BOUNDS, TranscriptRecorder } from "../../shared/probe/transcript.ts";
import type { DeflateCodec } from "../../shared/websocket/deflate-codec.ts";
import { userAgent } from "../../shared/version.ts";
import { recordCertificate } from "./certificate/look.ts";
import { startCompanion } from "./companion.ts";
import type { SlotLease } from "./connection-slots.ts";
import { monotonicNowMs } from "./deadline.ts";
import { dialTarget } from "./dial-target.ts";
import { runFetchExchange } from "./fetch-exchange.ts";
import { enterNextHop } from "./hop.ts";
import { locate } from "./locate.ts";
import type { CheckContext, CheckProgress } from "./progress.ts";
import { fail } from "./progress.ts";
import { maskSource, randomBytes, randomHex } from "./random.ts";
import { runExchange } from "./socket-exchange.ts";

/** What a check came to; `deferred`: a TLS failure is to be confirmed in a fresh invocation. */
export type CheckOutcome =
  { type: "observed"; observation: Observation; record: Transcript | null } | { type: "deferred" };

/** Connections that a check needs to begin with. */
export function connectionsOf({ http }: Pick<CheckSpec, "http">): number {
  return http === undefined ? 1 : 2;
}

/**
 * Performs a check. The caller holds {@link connectionsOf} it in `lease`, and ends the lease
 * afterwards.
 */
export async function performCheck(
  spec: CheckSpec,
  tls: TlsMode,
  context: CheckContext,
  lease: SlotLease,
): Promise<CheckOutcome> {
  const { keepRecord = false } = context;
  // Redirects add to what is secret, so the recorder asks the redactor of the moment.
  const secrets: Pick<Redactor, "text" | "bytes"> = {
    text: (text) => progress.redactor.text(text),
    bytes: (bytes) => progress.redactor.bytes(bytes),
  };
  const progress: CheckProgress = {
    spec,
    url: new URL(spec.url),
    tls,
    window: { startedAtMs: monotonicNowMs(), timeoutMs: spec.timeoutMs },
    context,
    evidence: emptyEvidence(Date.now(), spec.transport ?? "socket"),
    recorder: new TranscriptRecorder(secrets, keepRecord ? CAPTURE_BOUNDS : LOG_BOUNDS),
    redactor: createRedactor(spec),
    lease,
    dnsSilent: false,
    dialledAtMs: null,
  };
  const { evidence, recorder, window } = progress;
  const companion =
    spec.http === undefined ? null : startCompanion(spec.http, window, context, lease.split());
  try {
    const deferred = await goThroughHops(progress);
    if (deferred) {
      companion?.cancel();
      return { type: "deferred" };
    }
  } catch (error) {
    const name = error instanceof Error ? `${error.name}: ${error.message}` : "unknown error";
    evidence.failure = { reason: "probe_error", detail: `${progress.redactor.text(name)}.` };
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
  const http = (await companion?.result) ?? null;
  if (http !== null) observation.http = http;
  const record = keepRecord ? recorder.render(CAPTURE_BOUNDS) : null;
  return { type: "observed", observation, record };
}

/** Goes where redirects lead, as far as the monitor allows; @returns as {@link goThroughPhases} */
async function goThroughHops(progress: CheckProgress): Promise<boolean> {
  const original = progress.spec;
  const visited = [progress.url.href];
  for (;;) {
    const deferred = await goThroughPhases(progress);
    if (deferred || !enterNextHop(progress, original, visited)) return deferred;
  }
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
    await runExchange(exchange, dialled.socket, progress.dialledAtMs ?? monotonicNowMs());
  } finally {
    if (!(await dialled.socket.close())) progress.lease.abandon();
  }
  return false;
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
    fail(progress, "config_invalid", `${redactor.text(error.message)}.`);
    return null;
  }
}

/** Loads the compressor only where it is needed: most checks do without. */
async function loadDeflateCodec(): Promise<DeflateCodec> {
  const { PAKO_CODEC } = await import("../../shared/websocket/pako-codec.ts");
  return PAKO_CODEC;
}
