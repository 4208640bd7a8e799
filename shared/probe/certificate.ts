/**
 * What a server's certificate says, and how it explains a TLS handshake that failed.
 *
 * The inspector reads the chain; it never decides trust: the platform did, and said only no. What
 * is found here explains that no, in the order of what one would mend first. Names are matched as
 * RFC 9525 asks (subject alternative names only, a wildcard for one whole leftmost label). Pure.
 */
import type { Failure } from "./evidence.ts";
import type { CertificateResult } from "./observation.ts";

const DAY_MS = 86_400_000;
/** Most names of a certificate that are kept. */
export const NAMES_KEPT_MAX = 50;
/** Names that fit into a sentence. */
const NAMES_TOLD_MAX = 3;
/** Days before expiry at which it is told, anew at each. */
export const EXPIRY_THRESHOLDS_DAYS = [30, 14, 7, 3, 1] as const;
/** One of {@link EXPIRY_THRESHOLDS_DAYS}. */
export type ExpiryThreshold = (typeof EXPIRY_THRESHOLDS_DAYS)[number];

/** One certificate of a chain. */
export interface CertificateFacts {
  /** Distinguished names, RFC 4514, e.g. `CN=chat.example.com`. */
  subject: string;
  issuer: string;
  /** Subject alternative names: DNS names and IP addresses. */
  names: string[];
  notBeforeMs: number;
  notAfterMs: number;
  /** E.g. `RSA 2048`, `ECDSA P-256`, `Ed25519`. */
  key: string;
  /** E.g. `RSA SHA-256`, `ECDSA SHA-384`. */
  signature: string;
  /** Whether subject and issuer are the same and the signature is its own. */
  selfSigned: boolean;
}

/**
 * How far the chain leads, by what the server sent. `complete`: each certificate's issuer was sent,
 * up to one whose issuer is left out, as is usual for a root, or that is a root. `incomplete`: only
 * the server's own certificate was sent. `self_signed`: it is its own issuer.
 */
export type ChainState = "complete" | "incomplete" | "self_signed";

/** What the inspector found behind an address. */
export type CertificateInspection =
  | {
      type: "inspected";
      /** Negotiated version, e.g. `TLS 1.3`. */
      version: string;
      /** From the server's own up, each followed by its issuer as far as that was sent. */
      chain: [CertificateFacts, ...CertificateFacts[]];
      state: ChainState;
      matchesHost: boolean;
      /** Whether an OCSP answer came with it. */
      ocspStapled: boolean;
      clientCertificateRequested: boolean;
    }
  | {
      type: "failed";
      /** `alert`: the server refused; `connect`: no connection; otherwise what broke. */
      cause: "connect" | "timeout" | "closed" | "not_tls" | "alert" | "malformed" | "unsupported";
      /** One clause for people. */
      message: string;
    };

/**
 * Explains a failed TLS handshake by what the inspector found.
 *
 * @param host as the monitor names it
 * @returns a failure whose detail goes with what its reason says already
 */
export function explainTlsFailure(
  inspection: CertificateInspection,
  host: string,
  nowMs: number,
): Failure {
  if (inspection.type === "failed") {
    return { reason: "tls_failed", detail: `${capitalised(inspection.message)}.` };
  }
  const { chain, state, version } = inspection;
  const [own] = chain;
  const expired = chain.find(({ notAfterMs }) => notAfterMs < nowMs);
  if (expired !== undefined) {
    const days = Math.floor((nowMs - expired.notAfterMs) / DAY_MS);
    const ago = days === 0 ? "" : `, ${plural(days, "day")} ago`;
    const detail = `${nameOf(expired, own)} was valid until ${day(expired.notAfterMs)}${ago}.`;
    return { reason: "tls_certificate_expired", detail };
  }
  const early = chain.find(({ notBeforeMs }) => notBeforeMs > nowMs);
  if (early !== undefined) {
    const detail = `${nameOf(early, own)} is valid from ${day(early.notBeforeMs)}.`;
    return { reason: "tls_certificate_not_yet_valid", detail };
  }
  if (!inspection.matchesHost) {
    return { reason: "tls_hostname_mismatch", detail: `It is ${forNames(own)}, not for ${host}.` };
  }
  if (version !== "TLS 1.3" && version !== "TLS 1.2") {
    const detail = `The server speaks no version later than ${version}, which clients refuse.`;
    return { reason: "tls_failed", detail };
  }
  if (inspection.clientCertificateRequested && state === "complete") {
    const detail = "The server asks for a client certificate, which the check does not have.";
    return { reason: "tls_failed", detail };
  }
  return { reason: "tls_untrusted_issuer", detail: distrust(chain, state) };
}

function distrust(chain: readonly CertificateFacts[], state: ChainState): string {
  const issuer = chain.at(-1)?.issuer ?? "";
  switch (state) {
    case "self_signed":
      return `It is self-signed (${issuer}).`;
    case "incomplete":
      return (
        `The server sends it alone, without that of its issuer (${issuer}): ` +
        "an intermediate certificate is missing, or the authority is private."
      );
    case "complete":
      return `The chain leads to ${issuer}.`;
  }
}

/**
 * Whether a certificate is for a host.
 *
 * @param names subject alternative names
 * @param host name, or address without brackets
 */
export function matchesHost(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  const address = wanted.includes(":") || /^\d+(\.\d+){3}$/.test(wanted);
  return names.some((name) => {
    const candidate = name.toLowerCase().replace(/\.$/, "");
    if (candidate === wanted) return true;
    if (address || !candidate.startsWith("*.")) return false;
    const [, ...parent] = wanted.split(".");
    return parent.length > 1 && parent.join(".") === candidate.slice(2);
  });
}

/** Whole days until a moment, rounded down; negative once it has passed. */
export function daysLeft(notAfterMs: number, nowMs: number): number {
  return Math.floor((notAfterMs - nowMs) / DAY_MS);
}

/**
 * The tightest threshold that a certificate has come under; null: more than 30 days are left, or it
 * has expired.
 */
export function expiryThreshold(notAfterMs: number, nowMs: number): ExpiryThreshold | null {
  const leftMs = notAfterMs - nowMs;
  if (leftMs < 0) return null;
  return EXPIRY_THRESHOLDS_DAYS.findLast((days) => leftMs <= days * DAY_MS) ?? null;
}

/** Explains that a valid certificate expires soon; null: it does not. */
export function explainExpiry(inspection: CertificateInspection, nowMs: number): Failure | null {
  if (inspection.type === "failed") return null;
  const { chain } = inspection;
  const [own] = chain;
  const first = chain.reduce((a, b) => (b.notAfterMs < a.notAfterMs ? b : a));
  if (expiryThreshold(first.notAfterMs, nowMs) === null) return null;
  const left = daysLeft(first.notAfterMs, nowMs);
  const when = left === 0 ? "within a day" : `in ${plural(left, "day")}`;
  const detail = `${nameOf(first, own)} expires ${when}, on ${day(first.notAfterMs)}.`;
  return { reason: "certificate_expiring", detail };
}

const HOUR_MS = 3_600_000;

/**
 * Whether a region's round inspects a monitor's certificate although TLS succeeds: the first round
 * of each hour in one of its regions, another one every hour.
 *
 * @param regions those of the monitor, in the network's order
 */
export function isInspectionDue(round: {
  monitor: string;
  region: string;
  regions: readonly string[];
  scheduledAtMs: number;
  intervalMs: number;
}): boolean {
  const { monitor, region, regions, scheduledAtMs, intervalMs } = round;
  const hour = Math.floor(scheduledAtMs / HOUR_MS);
  // Spread over the regions, so that not all monitors are inspected by the same one.
  const offset = [...monitor].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  if (regions[(hour + offset) % regions.length] !== region) return false;
  return Math.floor((scheduledAtMs - intervalMs) / HOUR_MS) !== hour;
}

/** What an observation records of an inspection; null: no certificate was seen. */
export function certificateResult(
  inspection: CertificateInspection,
  nowMs: number,
): CertificateResult | null {
  if (inspection.type === "failed") return null;
  const { chain, state, version, ocspStapled } = inspection;
  const [{ subject, issuer, names, notBeforeMs, notAfterMs, key, signature }] = chain;
  return {
    subject,
    issuer,
    names: names.slice(0, NAMES_KEPT_MAX),
    matchesHost: inspection.matchesHost,
    notBeforeMs,
    notAfterMs,
    daysLeft: daysLeft(notAfterMs, nowMs),
    key,
    signature,
    chain: state,
    version,
    ocspStapled,
  };
}

function nameOf(facts: CertificateFacts, own: CertificateFacts): string {
  return facts === own ? "It" : `The issuer's own certificate (${facts.subject})`;
}

function forNames({ names, subject }: CertificateFacts): string {
  if (names.length === 0) return `for no name at all (${subject})`;
  const more = names.length - NAMES_TOLD_MAX;
  const told = names.slice(0, NAMES_TOLD_MAX).join(", ");
  return `for ${told}${more > 0 ? ` and ${plural(more, "more name")}` : ""}`;
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
