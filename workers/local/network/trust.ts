/**
 * Makes local workerd trust certificate authorities besides those of the system.
 *
 * Miniflare reads `NODE_EXTRA_CA_CERTS` once, when it is loaded: so this must come before
 * `runtime.ts` is used, and authorities that the variable names already are kept.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Complaint } from "../complaint.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Certificates of a PEM file.
 *
 * @throws Complaint when it cannot be read or holds none
 */
export function readCertificates(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new Complaint(`The certificate file ${path} cannot be read: check its name.`);
  }
  const certificates = text.match(CERTIFICATE);
  if (certificates === null) {
    throw new Complaint(
      `${path} holds no certificate: a PEM file with BEGIN CERTIFICATE is needed.`,
    );
  }
  return certificates;
}

/** Adds authorities (PEM) to those that the next loaded Miniflare trusts. */
export function trustAuthorities(certificates: readonly string[]): void {
  const extra = process.env["NODE_EXTRA_CA_CERTS"];
  const known = extra === undefined || extra === "" ? [] : readCertificates(extra);
  const folder = mkdtempSync(join(tmpdir(), "echoquorum-trust-"));
  const path = join(folder, "authorities.pem");
  writeFileSync(path, [...known, ...certificates, ""].join("\n"));
  process.env["NODE_EXTRA_CA_CERTS"] = path;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
