/**
 * Makes X.509 certificates for test servers: authorities, intermediates and servers' own, valid or
 * with whatever fault a test asks for.
 */
// oxlint-disable-next-line import/no-unassigned-import -- a polyfill that the next import needs
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const DAY_MS = 86_400_000;
const ALGORITHMS = {
  ecdsa: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  ecdsa384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  ed25519: { name: "Ed25519" },
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2_048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
} as const;

/** A certificate with its private key. */
export interface IssuedCertificate {
  commonName: string;
  /** The certificate, PEM. */
  cert: string;
  /** Its private key, PEM (PKCS #8). */
  key: string;
  keys: CryptoKeyPair;
  algorithm: keyof typeof ALGORITHMS;
}

/** What is asked for; everything has a default that makes a valid certificate of a server. */
export interface CertificateRequest {
  commonName: string;
  /** Null: signed by itself. */
  issuer?: IssuedCertificate | null;
  /** Alternative names; an address is recognised as such. */
  names?: string[];
  authority?: boolean;
  algorithm?: keyof typeof ALGORITHMS;
  /** Days from now. */
  validFrom?: number;
  validTo?: number;
}

let serial = 0;

/** Issues a certificate. */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  const { commonName, issuer = null, names = [], authority = false } = request;
  const { algorithm = "ecdsa", validFrom = -1, validTo = 90 } = request;
  const keys = (await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  serial += 1;
  const nowMs = Date.now();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(4, "0"),
    subject: `CN=${commonName}`,
    issuer: `CN=${issuer?.commonName ?? commonName}`,
    notBefore: new Date(nowMs + validFrom * DAY_MS),
    notAfter: new Date(nowMs + validTo * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHMS[issuer?.algorithm ?? algorithm],
    extensions: [
      new BasicConstraintsExtension(authority, undefined, true),
      ...(names.length === 0
        ? []
        : [
            new SubjectAlternativeNameExtension(
              names.map((value) => ({
                type: /^[\d.]+$|^[\da-f]*:[\da-f:]+$/.test(value)
                  ? ("ip" as const)
                  : ("dns" as const),
                value,
              })),
            ),
          ]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { commonName, cert: certificate.toString("pem"), key: pem(pkcs8), keys, algorithm };
}

function pem(pkcs8: ArrayBuffer): string {
  const lines =
    Buffer.from(pkcs8)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}
