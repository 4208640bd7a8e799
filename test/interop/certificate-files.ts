/** Certificates as files, for programs that read them. */
import type { IssuedCertificate } from "../support/certificates.ts";

/** The certificate and its key, each in a file of its own. */
export function certificateFiles({ cert, key }: IssuedCertificate): Record<string, string> {
  return { "certificate.pem": cert, "key.pem": key };
}
