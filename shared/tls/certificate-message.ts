/**
 * The Certificate message: RFC 8446 §4.4.2 for TLS 1.3, RFC 5246 §7.4.2 for earlier versions. Pure;
 * the certificates stay DER.
 */
import { EXTENSION } from "./client-hello.ts";
import { VERSION } from "./parameters.ts";
import { ByteReader } from "./presentation.ts";

/** What the message holds. */
export interface CertificateMessage {
  /** DER, the server's own first. */
  certificates: Uint8Array[];
  /** Whether an OCSP answer comes with the first; before TLS 1.3 it has a message of its own. */
  stapled: boolean;
}

/**
 * Parses the body of a Certificate message.
 *
 * @throws TlsViolation
 */
export function parseCertificateMessage(body: Uint8Array, version: number): CertificateMessage {
  const reader = new ByteReader(body, "certificate message");
  const isTls13 = version === VERSION.tls13;
  if (isTls13) reader.vector(1);
  const list = reader.vector(3);
  const certificates: Uint8Array[] = [];
  let stapled = false;
  while (list.left > 0) {
    certificates.push(list.vector(3).rest());
    if (!isTls13) continue;
    const extensions = list.vector(2);
    while (extensions.left > 0) {
      const type = extensions.uint(2);
      extensions.vector(2);
      if (type === EXTENSION.statusRequest && certificates.length === 1) stapled = true;
    }
  }
  return { certificates, stapled };
}
