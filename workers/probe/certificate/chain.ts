/**
 * Reads a chain of X.509 certificates (RFC 5280) with @peculiar/x509, and orders it from the
 * server's own certificate up.
 *
 * Links are followed by name and signature; a signature that WebCrypto has no algorithm for is not
 * held against the link. No trust is decided here.
 */
// oxlint-disable-next-line import/no-unassigned-import -- a polyfill that the next import needs
import "reflect-metadata";
import { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import type { CertificateFacts, ChainState } from "../../../shared/probe/certificate.ts";
import { TlsViolation } from "../../../shared/tls/violation.ts";

/** Most certificates of a chain that are looked at. */
const CHAIN_LENGTH_MAX = 10;

/** A chain as far as the server sent it. */
export interface Chain {
  /** From the server's own up. */
  certificates: [CertificateFacts, ...CertificateFacts[]];
  state: ChainState;
}

/**
 * Reads a chain.
 *
 * @param ders certificates as the server sent them, its own first
 * @throws TlsViolation when there is none, or one is not a certificate
 */
export async function readChain(ders: readonly Uint8Array[]): Promise<Chain> {
  const [own, ...rest] = ders.slice(0, CHAIN_LENGTH_MAX).map(parseCertificate);
  if (own === undefined) throw new TlsViolation("malformed", "the server sent no certificate");
  const path = [own];
  let selfSigned = await isSignedBy(own, own);
  const certificates: Chain["certificates"] = [renderFacts(own, selfSigned)];
  const state = selfSigned ? "self_signed" : "complete";
  for (let last = own; !selfSigned;) {
    const issuer = await findIssuer(last, rest, path);
    if (issuer === null) break;
    selfSigned = await isSignedBy(issuer, issuer);
    path.push(issuer);
    certificates.push(renderFacts(issuer, selfSigned));
    last = issuer;
  }
  const isAlone = state === "complete" && certificates.length === 1;
  return { certificates, state: isAlone ? "incomplete" : state };
}

function parseCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw new TlsViolation("malformed", "the server sent something that is not a certificate");
  }
}

async function findIssuer(
  certificate: X509Certificate,
  candidates: readonly X509Certificate[],
  path: readonly X509Certificate[],
): Promise<X509Certificate | null> {
  for (const candidate of candidates) {
    if (!path.includes(candidate) && (await isSignedBy(certificate, candidate))) return candidate;
  }
  return null;
}

async function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
  if (certificate.issuer !== issuer.subject) return false;
  try {
    return await certificate.verify({ publicKey: issuer, signatureOnly: true });
  } catch {
    // An algorithm that WebCrypto does not have: the names must do.
    return true;
  }
}

function renderFacts(certificate: X509Certificate, selfSigned: boolean): CertificateFacts {
  const alternative = certificate.getExtension(SubjectAlternativeNameExtension);
  const names = (alternative?.names.items ?? [])
    .filter(({ type }) => type === "dns" || type === "ip")
    .map(({ value }) => value);
  return {
    subject: certificate.subject,
    issuer: certificate.issuer,
    names,
    notBeforeMs: certificate.notBefore.getTime(),
    notAfterMs: certificate.notAfter.getTime(),
    key: keyName(certificate),
    signature: signatureName(certificate),
    selfSigned,
  };
}

/** What an algorithm's description may hold; the library's own type lacks half of it here. */
interface AlgorithmFacts {
  name: string;
  namedCurve?: string;
  modulusLength?: number;
  hash?: { name: string };
}

function keyName(certificate: X509Certificate): string {
  const { name, namedCurve, modulusLength }: AlgorithmFacts = certificate.publicKey.algorithm;
  return `${family(name)} ${modulusLength ?? namedCurve ?? ""}`.trim();
}

function signatureName(certificate: X509Certificate): string {
  const { name, hash } = certificate.signatureAlgorithm as unknown as AlgorithmFacts;
  return `${family(name)} ${hash?.name ?? ""}`.trim();
}

/** `RSA` for all that WebCrypto calls by its paddings; what is left is a name or an OID. */
function family(name: string): string {
  return name.startsWith("RSA") ? (name === "RSA-PSS" ? "RSA-PSS" : "RSA") : name;
}
