/**
 * A certificate authority of this machine's demo, for the target that speaks TLS.
 *
 * Its key and certificate are kept in the data folder; leaf certificates are made afresh at each
 * start. It is trusted by the local workerd of the same data folder and by nothing else.
 */
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs it to be there first
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const LEAF_DAYS = 90;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Certificate and private key, both PEM. */
export interface Credentials {
  certificate: string;
  key: string;
}

function keyPem(der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

function makeKeys() {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

type Keys = Awaited<ReturnType<typeof makeKeys>>;

async function exportKey(key: Keys["privateKey"]): Promise<string> {
  return keyPem(await crypto.subtle.exportKey("pkcs8", key));
}

function importKey(pem: string): Promise<Keys["privateKey"]> {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  return crypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
}

function validity(days: number, nowMs: number) {
  return { notBefore: new Date(nowMs - DAY_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}

/** Positive and unique (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}

/** Makes a new authority. */
export async function makeAuthority(nowMs: number): Promise<Credentials> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Echoquorum local demo CA",
    ...validity(AUTHORITY_DAYS, nowMs),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
}

/** Issues a server certificate for this machine: `localhost`, 127.0.0.1 and ::1. */
export async function issueCertificate(
  authority: Credentials,
  nowMs: number,
): Promise<Credentials> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: "CN=localhost",
    issuer: issuer.subject,
    ...validity(LEAF_DAYS, nowMs),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
}

/** The authority of a data folder: read, or made at the first start. */
export async function loadAuthority(folder: string, nowMs: number): Promise<Credentials> {
  const certificatePath = join(folder, "demo-ca.pem");
  const keyPath = join(folder, "demo-ca.key");
  if (existsSync(certificatePath) && existsSync(keyPath)) {
    return {
      certificate: readFileSync(certificatePath, "utf8"),
      key: readFileSync(keyPath, "utf8"),
    };
  }
  const authority = await makeAuthority(nowMs);
  writeFileSync(keyPath, authority.key, { mode: 0o600 });
  writeFileSync(certificatePath, authority.certificate);
  return authority;
}
