/**
 * The algorithm that a certificate is signed with: the one fact that the runtime's own X.509 parser
 * does not tell. It reads no more of the DER (X.690 §8) than it takes to find it:
 * `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, … }, … }`
 * (RFC 5280 §4.1). Pure.
 */
import { ByteReader } from "./presentation.ts";
import { TlsViolation } from "./violation.ts";

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

/** Object identifiers by their DER content, in hexadecimal (RFC 8017, 5758, 8410, 9881). */
const NAMES: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "RSA MD5",
  "2a864886f70d010105": "RSA SHA-1",
  "2a864886f70d01010a": "RSA-PSS",
  "2a864886f70d01010b": "RSA SHA-256",
  "2a864886f70d01010c": "RSA SHA-384",
  "2a864886f70d01010d": "RSA SHA-512",
  "2a8648ce3d0401": "ECDSA SHA-1",
  "2a8648ce3d040302": "ECDSA SHA-256",
  "2a8648ce3d040303": "ECDSA SHA-384",
  "2a8648ce3d040304": "ECDSA SHA-512",
  "2b6570": "Ed25519",
  "2b6571": "Ed448",
  "608648016503040311": "ML-DSA-44",
  "608648016503040312": "ML-DSA-65",
  "608648016503040313": "ML-DSA-87",
};

/**
 * Names the signature algorithm of a certificate, e.g. `ECDSA SHA-256`; an unknown one as
 * `algorithm` and its identifier in hexadecimal.
 *
 * @throws TlsViolation when the bytes are not a certificate
 */
export function signatureAlgorithm(der: Uint8Array): string {
  const certificate = new ByteReader(
    element(new ByteReader(der, "certificate"), SEQUENCE),
    "certificate",
  );
  element(certificate, SEQUENCE);
  const algorithm = new ByteReader(element(certificate, SEQUENCE), "certificate");
  const identifier = element(algorithm, OBJECT_IDENTIFIER);
  const hex = [...identifier].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return NAMES[hex] ?? `algorithm ${hex}`;
}

/** Reads one element, and gives its content. */
function element(reader: ByteReader, tag: number): Uint8Array {
  if (reader.uint(1) !== tag) {
    throw new TlsViolation("malformed", "the server sent something that is not a certificate");
  }
  const short = reader.uint(1);
  if (short < 0x80) return reader.bytes(short);
  const lengthBytes = short - 0x80;
  if (lengthBytes !== 1 && lengthBytes !== 2 && lengthBytes !== 3) {
    throw new TlsViolation("malformed", "the server sent a certificate of absurd length");
  }
  return reader.bytes(reader.uint(lengthBytes));
}
