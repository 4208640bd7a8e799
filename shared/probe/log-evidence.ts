/**
 * The evidence of a run: what of its observations the digest does not have, without names, in the
 * digest's order. With names a row would be three times as long, and a small database full in days.
 * Nothing is lost: digest and evidence together are the observations. Pure.
 */
import type { ObservationDigest } from "./digest.ts";
import { parseList, withoutEmptyEnd } from "./digest.ts";
import type {
  EchoResult,
  HandshakeResult,
  HttpResult,
  Observation,
  PingResult,
  RttSpread,
  Timings,
} from "./observation.ts";

/** One number where all round trips took as long. */
type PackedRtt = [min: number, mean: number, p50: number, p95: number, max: number] | number | null;

type PackedEcho = [
  count: number,
  received: number,
  lost: number,
  corrupted: number,
  reordered: number,
  duplicated: number,
  rttMs: PackedRtt,
  jitterMs: number | null,
  messagesPerSecond: number | null,
  bytesPerSecond: number | null,
];

type PackedPing = [
  sent: number,
  received: number,
  successRatio: number,
  rttMs: PackedRtt,
  jitterMs: number | null,
];

/** Durations in their stored order; append only. */
const DURATIONS = [
  "dnsMs",
  "tcpMs",
  "tlsMs",
  "upgradeMs",
  "firstMessageMs",
  "closeMs",
  "redirectMs",
] as const satisfies ReadonlyArray<keyof Timings>;

/** What of an observation is evidence; fields are only ever appended, and empty ones at the end left out. */
type Packed = [
  transport: Observation["transport"],
  timings?: Array<number | null> | null,
  echo?: PackedEcho | null,
  ping?: PackedPing | null,
  address?: [ip: string, family: 4 | 6] | null,
  handshake?: [status: number, subprotocol?: string | null, extensions?: string | null] | null,
  close?: [code: number, reason: string, clean: boolean] | null,
  redirects?: string[] | null,
  http?: [totalMs: number, message: string] | null,
  transcript?: Observation["transcript"],
];

function packRtt(rtt: RttSpread | null): PackedRtt {
  if (rtt === null) return null;
  const { min, mean, p50, p95, max } = rtt;
  const isOne = [mean, p50, p95, max].every((value) => value === min);
  return isOne ? min : [min, mean, p50, p95, max];
}

function unpackRtt(packed: PackedRtt): RttSpread | null {
  if (packed === null) return null;
  if (typeof packed === "number") {
    return { min: packed, mean: packed, p50: packed, p95: packed, max: packed };
  }
  const [min, mean, p50, p95, max] = packed;
  return { min, mean, p50, p95, max };
}

function packEcho(echo: EchoResult): PackedEcho {
  return [
    echo.count,
    echo.received,
    echo.lost,
    echo.corrupted,
    echo.reordered,
    echo.duplicated,
    packRtt(echo.rttMs),
    echo.jitterMs,
    echo.messagesPerSecond,
    echo.bytesPerSecond,
  ];
}

function unpackEcho(packed: PackedEcho): EchoResult {
  const [count, received, lost, corrupted, reordered, duplicated] = packed;
  const [, , , , , , rtt, jitterMs, messagesPerSecond, bytesPerSecond] = packed;
  return {
    count,
    received,
    lost,
    corrupted,
    reordered,
    duplicated,
    rttMs: unpackRtt(rtt),
    jitterMs,
    messagesPerSecond,
    bytesPerSecond,
  };
}

function packPing(ping: PingResult): PackedPing {
  return [ping.sent, ping.received, ping.successRatio, packRtt(ping.rttMs), ping.jitterMs];
}

function unpackPing([sent, received, successRatio, rtt, jitterMs]: PackedPing): PingResult {
  return { sent, received, successRatio, rttMs: unpackRtt(rtt), jitterMs };
}

function unpackHandshake([status, subprotocol, extensions]: NonNullable<Packed[5]>) {
  const handshake: HandshakeResult = {
    status,
    subprotocol: subprotocol ?? null,
    extensions: extensions ?? null,
  };
  return handshake;
}

/** What a function makes of a value, of none nothing. */
function given<T, R>(value: T | null | undefined, make: (value: T) => R): R | null {
  return value === null || value === undefined ? null : make(value);
}

function pack(observation: Observation): unknown[] {
  const { transport, timings, echo, ping, address, handshake, close } = observation;
  const { redirects, http, transcript } = observation;
  const durations = withoutEmptyEnd(DURATIONS.map((name) => timings[name]));
  return withoutEmptyEnd([
    transport,
    durations.length === 0 ? null : durations,
    given(echo, packEcho),
    given(ping, packPing),
    given(address, ({ ip, family }) => [ip, family]),
    given(handshake, ({ status, subprotocol, extensions }) =>
      withoutEmptyEnd([status, subprotocol, extensions]),
    ),
    given(close, ({ code, reason, clean }) => [code, reason, clean]),
    redirects ?? null,
    given(http, ({ totalMs, message }) => [totalMs, message]),
    transcript,
  ]);
}

/** Encodes the evidence of observations: JSON, of each an array. */
export function encodeEvidence(observations: readonly Observation[]): string {
  return JSON.stringify(observations.map(pack));
}

/** Puts an observation together again. */
function join(digest: ObservationDigest, packed: Packed): Observation {
  const { http, timings, certificate, ...decisive } = digest;
  const [transport, durations, echo, ping, address, handshake, close] = packed;
  const [, , , , , , , redirects, httpRest, transcript] = packed;
  const duration = (name: (typeof DURATIONS)[number]) =>
    durations?.[DURATIONS.indexOf(name)] ?? null;
  return {
    ...decisive,
    transport,
    timings: {
      redirectMs: duration("redirectMs"),
      dnsMs: duration("dnsMs"),
      tcpMs: duration("tcpMs"),
      tlsMs: duration("tlsMs"),
      upgradeMs: duration("upgradeMs"),
      firstMessageMs: duration("firstMessageMs"),
      closeMs: duration("closeMs"),
      totalMs: timings.totalMs,
    },
    echo: given(echo, unpackEcho),
    ping: given(ping, unpackPing),
    address: given(address, ([ip, family]) => ({ ip, family })),
    handshake: given(handshake, unpackHandshake),
    close: given(close, ([code, reason, clean]) => ({ code, reason, clean })),
    certificate,
    ...(redirects == null ? {} : { redirects }),
    ...(http === undefined ? {} : { http: joinHttp(http, httpRest) }),
    transcript: transcript ?? null,
  };
}

function joinHttp(
  { status, reason, code }: NonNullable<ObservationDigest["http"]>,
  rest: Packed[8],
): HttpResult {
  // What was not measured is never nought: without the rest this is no result.
  if (rest == null) throw new SyntaxError("damaged evidence");
  const [totalMs, message] = rest;
  return { status, reason, code, totalMs, message };
}

/**
 * The observations of a digest and its evidence.
 *
 * @param text as {@link encodeEvidence} has made it of the same observations
 * @throws SyntaxError when the text is damaged
 */
export function decodeEvidence(text: string, digests: readonly ObservationDigest[]): Observation[] {
  const all = parseList(text);
  return digests.map((digest, index) => {
    const packed = all[index];
    if (!Array.isArray(packed)) throw new SyntaxError("damaged evidence");
    return join(digest, packed as Packed);
  });
}
