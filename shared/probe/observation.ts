/**
 * What one region saw of one monitor in one run, and its public JSON form.
 *
 * Inside, times are UTC epoch milliseconds and what was not measured is `null`; on the public side
 * `startedAt` is ISO 8601. Pure; the probe fills it, everything else reads it.
 */
import type { Blame, Phase, Reason, Status } from "./reason.ts";

/** How the target was reached: our own client over a raw socket, or the platform's `fetch`. */
export type Transport = "socket" | "fetch";

/** Duration of each phase in milliseconds, fractional where the clock allows; null: not measured. */
export interface Timings {
  /** Hops before the last, where redirects were followed; all else but `totalMs` is of the last. */
  redirectMs: number | null;
  /** DNS over HTTPS, from query to usable answer. */
  dnsMs: number | null;
  /** From dialling to the open TCP connection. */
  tcpMs: number | null;
  /** TLS handshake, after TCP. */
  tlsMs: number | null;
  /** From the upgrade request to the complete head of the answer. */
  upgradeMs: number | null;
  /** From the end of the upgrade to the first data message of the server. */
  firstMessageMs: number | null;
  /** From our close frame to the end of the closing handshake. */
  closeMs: number | null;
  /** The whole check, from the start of DNS to the closed connection. */
  totalMs: number | null;
}

/** Spread of round-trip times in milliseconds; percentiles by nearest rank. */
export interface RttSpread {
  min: number;
  mean: number;
  p50: number;
  p95: number;
  max: number;
}

/** Messages sent to be echoed, and what came back: `count = received + corrupted + lost`. */
export interface EchoResult {
  /** Messages sent. */
  count: number;
  /** Messages that came back intact. */
  received: number;
  /** Messages that had not come back when the exchange ended. */
  lost: number;
  /** Messages that came back changed. */
  corrupted: number;
  /** Intact messages that came back after one that was sent later. */
  reordered: number;
  /** Further copies of messages that had come back. */
  duplicated: number;
  rttMs: RttSpread | null;
  /** Mean difference between consecutive round trips in milliseconds; null with less than two. */
  jitterMs: number | null;
  /** Echoed messages per second of the exchange; null when nothing came back. */
  messagesPerSecond: number | null;
  /** Their payload, in bytes per second of the exchange and in one direction; null likewise. */
  bytesPerSecond: number | null;
}

/** Pings sent (RFC 6455 §5.5.2) and pongs that answered them. */
export interface PingResult {
  sent: number;
  /** Pings that were answered. */
  received: number;
  /** Part of the pings that were answered, 0 … 1. */
  successRatio: number;
  rttMs: RttSpread | null;
  /** As for echoes. */
  jitterMs: number | null;
}

/** Resolved address that DNS gave, or the literal address of the URL. */
export interface Address {
  ip: string;
  family: 4 | 6;
}

/** What the server answered to the upgrade request. */
export interface HandshakeResult {
  /** HTTP status code. */
  status: number;
  /** Negotiated subprotocol; null: none. */
  subprotocol: string | null;
  /** Value of `Sec-WebSocket-Extensions`; null: none. */
  extensions: string | null;
}

/** How the connection ended. */
export interface CloseResult {
  /** Close code received (RFC 6455 §7.4); 1005 for a close frame without one, 1006 for none. */
  code: number;
  reason: string;
  /** Whether the closing handshake was completed both ways. */
  clean: boolean;
}

/** Facts of the server's certificate, as far as they could be read. */
export interface CertificateResult {
  subject: string;
  issuer: string;
  /** Subject alternative names. */
  names: string[];
  /** Whether one of the names is the host's (RFC 9525). */
  matchesHost: boolean;
  notBeforeMs: number;
  notAfterMs: number;
  /** Whole days until expiry at the time of the check; negative once expired. */
  daysLeft: number;
  /** E.g. `RSA 2048`, `ECDSA P-256`. */
  key: string;
  /** E.g. `RSA SHA-256`. */
  signature: string;
  /** Whether the server sent what leads from its certificate to an authority. */
  chain: "complete" | "incomplete" | "self_signed";
  /** Negotiated version, e.g. `TLS 1.3`. */
  version: string;
  /** Whether an OCSP answer came with it. */
  ocspStapled: boolean;
}

/** Header of a recorded frame (RFC 6455 §5.2); what the probe sends is masked, the rest is not. */
export interface TranscriptFrame {
  /** 0 … 15. */
  opcode: number;
  fin: boolean;
  /** Set on the first frame of a compressed message (RFC 7692 §6). */
  rsv1: boolean;
  /** Size of the whole payload in bytes, as it travelled. */
  payloadBytes: number;
}

/** One line of a transcript. */
export interface TranscriptEntry {
  /** Milliseconds since dialling. */
  atMs: number;
  /** `sent` and `received` are bytes on the wire; `note` is the probe's own remark. */
  direction: "sent" | "received" | "note";
  /**
   * `head` for HTTP, `body` for the beginning of a rejection's body, the kind of frame (`text`,
   * `binary`, `ping`, `pong`, `close`, `continuation`), `data` for bytes that make up no whole head
   * or frame, `end` and `reset` for how the server ended the connection.
   */
  kind: string;
  /** Size on the wire in bytes, before truncation of `text`; null for notes. */
  bytes: number | null;
  /** Printable, redacted and bounded content. */
  text: string;
  /** Header of the frame; absent for what is none. */
  frame?: TranscriptFrame | undefined;
  /**
   * Beginning of the payload of a frame, or of `data`, in base64; bytes of a secret are replaced by
   * `*`. Absent where `text` says the same (see `transcript-payload.ts`), and for all else.
   */
  payload?: string | undefined;
}

/** Bounded, redacted record of an exchange, favouring its end. */
export interface Transcript {
  entries: TranscriptEntry[];
  /** Entries left out of the middle. */
  omitted: number;
}

/** What came of the HTTP request beside the check; the check's own status does not depend on it. */
export interface HttpResult {
  status: "up" | "down";
  /** One of the `http` phase; null when up. */
  reason: Reason | null;
  /** HTTP status code; null: there was no answer. */
  code: number | null;
  /** From the request to the head of the answer, in milliseconds. */
  totalMs: number;
  /** One sentence or two for people, without secrets. */
  message: string;
}

/** What one region saw of one monitor in one run. */
export interface Observation {
  /** Monitor id. */
  monitor: string;
  /** Region id. */
  region: string;
  /** IATA code of the data centre where the probe in truth ran; null: not known. */
  colo: string | null;
  transport: Transport;
  /** When the check began (UTC epoch milliseconds). */
  startedAtMs: number;
  status: Status;
  /** Where it failed; null when up. */
  phase: Phase | null;
  reason: Reason | null;
  blame: Blame | null;
  /** One sentence for people, without secrets; for `up` too. */
  message: string;
  timings: Timings;
  echo: EchoResult | null;
  ping: PingResult | null;
  address: Address | null;
  handshake: HandshakeResult | null;
  close: CloseResult | null;
  certificate: CertificateResult | null;
  /** Addresses that redirects of the upgrade were followed to, without secrets; absent: none. */
  redirects?: string[] | undefined;
  /** What came of the HTTP request beside it; absent: none was made. */
  http?: HttpResult | undefined;
  /** Present when the check was not up. */
  transcript: Transcript | null;
}

/** Timings of a check in which nothing has been measured yet. */
export function emptyTimings(): Timings {
  return {
    redirectMs: null,
    dnsMs: null,
    tcpMs: null,
    tlsMs: null,
    upgradeMs: null,
    firstMessageMs: null,
    closeMs: null,
    totalMs: null,
  };
}

/** Public JSON form of an observation: the same fields, with `startedAt` in ISO 8601. */
export type PublicObservation = Omit<Observation, "startedAtMs" | "redirects" | "http"> & {
  startedAt: string;
  redirects: string[];
  http: HttpResult | null;
};

/** Renders the public JSON form, in the documented order of fields. */
export function renderObservation(observation: Observation): PublicObservation {
  return {
    monitor: observation.monitor,
    region: observation.region,
    colo: observation.colo,
    transport: observation.transport,
    startedAt: new Date(observation.startedAtMs).toISOString(),
    status: observation.status,
    phase: observation.phase,
    reason: observation.reason,
    blame: observation.blame,
    message: observation.message,
    timings: { ...emptyTimings(), ...observation.timings },
    echo: observation.echo,
    ping: observation.ping,
    address: observation.address,
    handshake: observation.handshake,
    close: observation.close,
    certificate: observation.certificate,
    redirects: observation.redirects ?? [],
    http: observation.http ?? null,
    transcript: observation.transcript,
  };
}
