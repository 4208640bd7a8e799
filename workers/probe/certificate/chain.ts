/**
 * Reads a chain of X.509 certificates (RFC 5280) and orders it from the server's own up.
 *
 * The parser is the runtime's own, `node:crypto`: native, maintained with the TLS that trusts or
 * distrusts these certificates, and done within a millisecond, where a library in JavaScript took
 * forty to begin with (the free plan allows ten of CPU). Links are followed by name and signature;
 * a signature of an unknown algorithm is not held against the link. No trust is decided here.
 */
import type { KeyObject } from "node:crypto";
import { X509Certificate } from "node:crypto";
import type { CertificateFacts, ChainState } from "../../../shared/probe/certificate.ts";
import { signatureAlgorithm } from "../../../shared/tls/signature-algorithm.ts";
import { TlsViolation } from "../../../shared/tls/violation.ts";

/** Most certificates of a chain that are looked at. */
const CHAIN_LENGTH_MAX = 10;

/** A chain as far as the server sent it. */
export interface Chain {
  /** From the server's own up. */
  certificates: [CertificateFacts, ...CertificateFacts[]];
  state: ChainState;
}

interface Parsed {
  certificate: X509Certificate;
  der: Uint8Array;
}

/**
 * Reads a chain.
 *
 * @param ders certificates as the server sent them, its own first
 * @throws TlsViolation when there is none, or one is not a certificate
 */
export function readChain(ders: readonly Uint8Array[]): Chain {
  const [own, ...rest] = ders.slice(0, CHAIN_LENGTH_MAX).map(parse);
  if (own === undefined) throw new TlsViolation("malformed", "the server sent no certificate");
  const certificates: Chain["certificates"] = [renderFacts(own)];
  if (certificates[0].selfSigned) return { certificates, state: "self_signed" };
  const unused = new Set(rest);
  for (let last = own; ;) {
    const issuer = [...unused].find((candidate) => isSignedBy(last, candidate));
    if (issuer === undefined) break;
    unused.delete(issuer);
    const facts = renderFacts(issuer);
    certificates.push(facts);
    if (facts.selfSigned) break;
    last = issuer;
  }
  return { certificates, state: certificates.length === 1 ? "incomplete" : "complete" };
}

function parse(der: Uint8Array): Parsed {
  try {
    return { certificate: new X509Certificate(der), der };
  } catch {
    throw new TlsViolation("malformed", "the server sent something that is not a certificate");
  }
}

function isSignedBy({ certificate }: Parsed, { certificate: issuer }: Parsed): boolean {
  if (certificate.issuer !== issuer.subject) return false;
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // An algorithm that the runtime does not know: the names must do.
    return true;
  }
}

function renderFacts(parsed: Parsed): CertificateFacts {
  const { certificate, der } = parsed;
  return {
    subject: renderName(certificate.subject),
    issuer: renderName(certificate.issuer),
    names: alternativeNames(certificate.subjectAltName ?? ""),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    key: keyName(certificate),
    signature: signatureAlgorithm(der),
    selfSigned: isSignedBy(parsed, parsed),
  };
}

/** A distinguished name, the most specific attribute first (RFC 4514 §2.1). */
function renderName(lines: string | undefined): string {
  return (lines ?? "").split("\n").reverse().join(", ");
}

/** DNS names and addresses; the parser quotes values that hold a comma. */
function alternativeNames(text: string): string[] {
  const entries = text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...entries].flatMap(([, kind, value = ""]) => {
    if (kind === "DNS") return [value];
    return kind === "IP Address" ? [normalAddress(value)] : [];
  });
}

/** IPv6 as URLs write it. */
function normalAddress(address: string): string {
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address;
}

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};
const KEY_TYPES: Readonly<Record<string, string>> = {
  rsa: "RSA",
  "rsa-pss": "RSA-PSS",
  ec: "ECDSA",
  ed25519: "Ed25519",
  ed448: "Ed448",
};

function keyName(certificate: X509Certificate): string {
  const key = publicKeyOf(certificate);
  if (key === null) return "unknown";
  const type = key.asymmetricKeyType ?? "unknown";
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const size =
    modulusLength ?? (namedCurve === undefined ? "" : (CURVES[namedCurve] ?? namedCurve));
  return `${KEY_TYPES[type] ?? type} ${size}`.trim();
}

function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    // An algorithm that the runtime does not know.
    return null;
  }
}
