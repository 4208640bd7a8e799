/**
 * What a check has gathered so far, and the observation that it comes to. The only place where a
 * failure gets its phase, status and blame, and where the sentence for people is written. Pure.
 */
import type { CheckSpec, LatencyBudgets } from "./check-spec.ts";
import type {
  Address,
  CertificateResult,
  CloseResult,
  EchoResult,
  HandshakeResult,
  Observation,
  PingResult,
  Timings,
  Transcript,
  Transport,
} from "./observation.ts";
import { emptyTimings } from "./observation.ts";
import type { Reason } from "./reason.ts";
import { reasonFacts } from "./reason.ts";
import type { RedirectAnswer } from "./redirect.ts";

/** Why a check is not up. */
export interface Failure {
  reason: Reason;
  /** What exactly was seen, as whole sentences without secrets; empty: the reason says it all. */
  detail: string;
}

/** Facts gathered during one check. */
export interface Evidence {
  /** UTC epoch milliseconds. */
  startedAtMs: number;
  transport: Transport;
  timings: Timings;
  address: Address | null;
  handshake: HandshakeResult | null;
  echo: EchoResult | null;
  ping: PingResult | null;
  close: CloseResult | null;
  certificate: CertificateResult | null;
  /** The last answer that was not an upgrade, if it may be a redirect; null: none was. */
  redirect: RedirectAnswer | null;
  /** Addresses that redirects were followed to, without secrets. */
  redirects: string[];
  failure: Failure | null;
  /** What could not be measured and why, as whole sentences. */
  notes: string[];
}

/** Evidence of a check that begins. */
export function emptyEvidence(startedAtMs: number, transport: Transport): Evidence {
  return {
    startedAtMs,
    transport,
    timings: emptyTimings(),
    address: null,
    handshake: null,
    echo: null,
    ping: null,
    close: null,
    certificate: null,
    redirect: null,
    redirects: [],
    failure: null,
    notes: [],
  };
}

/**
 * Makes evidence ready for the next hop of a check that was redirected: it is about the last hop,
 * which alone is what a client gets in the end.
 */
export function beginHop(
  evidence: Evidence,
  hop: {
    /** Address of the hop, without secrets. */
    url: string;
    transport: Transport;
    /** Time that the hops before it took, in milliseconds. */
    elapsedMs: number;
    /** Whether headers of the monitor are not sent to it. */
    headersLeft: boolean;
  },
): void {
  const { startedAtMs, redirects } = evidence;
  Object.assign(evidence, emptyEvidence(startedAtMs, hop.transport));
  evidence.redirects = [...redirects, hop.url];
  evidence.timings.redirectMs = hop.elapsedMs;
  const times =
    evidence.redirects.length === 1 ? "" : ` ${evidence.redirects.length} times, at last`;
  evidence.notes.push(`Redirected${times} to ${hop.url}.`);
  if (hop.headersLeft) evidence.notes.push("The monitor's headers were not sent there.");
}

/** Longest message of an observation, in characters. */
const MESSAGE_MAX = 500;

/** Turns evidence into the observation; without a failure, latency budgets decide. */
export function concludeCheck(conclusion: {
  spec: Pick<CheckSpec, "monitor" | "budgets">;
  region: string;
  colo: string | null;
  evidence: Evidence;
  /** Null: none is to be kept. */
  transcript: Transcript | null;
}): Observation {
  const { spec, region, colo, evidence, transcript } = conclusion;
  const failure = evidence.failure ?? latencyFailure(evidence, spec.budgets);
  const facts = failure === null ? null : reasonFacts(failure.reason);
  const sentences =
    failure === null || facts === null
      ? [successSentence(evidence)]
      : [facts.meaning, failure.detail];
  return {
    monitor: spec.monitor,
    region,
    colo,
    transport: evidence.transport,
    startedAtMs: evidence.startedAtMs,
    status: facts?.status ?? "up",
    phase: facts?.phase ?? null,
    reason: failure?.reason ?? null,
    blame: facts?.blame ?? null,
    message: bounded([...sentences, ...evidence.notes].filter((text) => text !== "").join(" ")),
    timings: evidence.timings,
    echo: evidence.echo,
    ping: evidence.ping,
    address: evidence.address,
    handshake: evidence.handshake,
    close: evidence.close,
    certificate: evidence.certificate,
    ...(evidence.redirects.length === 0 ? {} : { redirects: evidence.redirects }),
    transcript,
  };
}

/** The first budget that was exceeded, in the order of the phases; null: none. */
function latencyFailure(evidence: Evidence, budgets: LatencyBudgets): Failure | null {
  const { timings, echo } = evidence;
  const measured: ReadonlyArray<readonly [string, number | null, number | undefined]> = [
    ["TCP connection", timings.tcpMs, budgets.tcpMs],
    ["TLS handshake", timings.tlsMs, budgets.tlsMs],
    ["Upgrade", timings.upgradeMs, budgets.upgradeMs],
    ["First message", timings.firstMessageMs, budgets.firstMessageMs],
    ["Echo (95th percentile)", echo?.rttMs?.p95 ?? null, budgets.echoMs],
    ["The whole check", timings.totalMs, budgets.totalMs],
  ];
  const over = measured.flatMap(([what, valueMs, budgetMs]) =>
    valueMs === null || budgetMs === undefined || valueMs <= budgetMs
      ? []
      : [`${what} took ${duration(valueMs)}, budget ${duration(budgetMs)}.`],
  );
  return over.length === 0 ? null : { reason: "latency_over_budget", detail: over.join(" ") };
}

function successSentence(evidence: Evidence): string {
  const { timings, echo, ping, handshake } = evidence;
  const parts: string[] = [];
  if (timings.tcpMs !== null) parts.push(`connected in ${duration(timings.tcpMs)}`);
  if (timings.tlsMs !== null) parts.push(`TLS in ${duration(timings.tlsMs)}`);
  if (timings.upgradeMs !== null) parts.push(`upgraded in ${duration(timings.upgradeMs)}`);
  const subprotocol = handshake?.subprotocol ?? null;
  if (subprotocol !== null) parts.push(`speaking ${subprotocol}`);
  if (echo !== null) {
    const rtt = echo.rttMs === null ? "" : ` in ${duration(echo.rttMs.p95)}`;
    parts.push(
      echo.count === 1 ? `echo${rtt}` : `${echo.received} of ${echo.count} echoes, p95${rtt}`,
    );
  }
  if (ping?.rttMs) parts.push(`ping ${duration(ping.rttMs.p50)}`);
  if (evidence.close?.clean === true) parts.push("closed cleanly");
  const sentence = parts.length === 0 ? "the target answered" : parts.join(", ");
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** Milliseconds for people: whole above ten, else one decimal at most. */
function duration(durationMs: number): string {
  return `${durationMs >= 10 ? Math.round(durationMs) : Math.round(durationMs * 10) / 10} ms`;
}

function bounded(text: string): string {
  return text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX - 1)}…` : text;
}
