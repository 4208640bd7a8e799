/**
 * The server's choice: ServerHello and HelloRetryRequest (RFC 8446 §4.1.3 and §4.1.4; RFC 5246
 * §7.4.1.3 for earlier versions). Pure.
 */
import { EXTENSION } from "./client-hello.ts";
import { VERSION } from "./parameters.ts";
import { ByteReader } from "./presentation.ts";
import { TlsViolation } from "./violation.ts";

/** Value of `random` that makes a ServerHello a HelloRetryRequest: SHA-256 of that name. */
const RETRY_RANDOM = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/** What the server chose. */
export interface ServerHello {
  /** Whether it asks for another ClientHello instead. */
  retry: boolean;
  version: number;
  cipherSuite: number;
  /** Group of the key share, or the one that it asks for; null before TLS 1.3. */
  group: number | null;
  /** Its public key in that group; null before TLS 1.3 and in a retry. */
  publicKey: Uint8Array | null;
  /** To be sent back in the next ClientHello; null: none. */
  cookie: Uint8Array | null;
}

/**
 * Parses the body of a ServerHello.
 *
 * @throws TlsViolation
 */
export function parseServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body, "server hello");
  const legacyVersion = reader.uint(2);
  const retry = hex(reader.bytes(32)) === RETRY_RANDOM;
  reader.vector(1);
  const cipherSuite = reader.uint(2);
  if (reader.uint(1) !== 0) {
    throw new TlsViolation("malformed", "the server chose a compression that was not offered");
  }
  const hello: ServerHello = {
    retry,
    version: legacyVersion,
    cipherSuite,
    group: null,
    publicKey: null,
    cookie: null,
  };
  if (reader.left === 0) return hello;
  const extensions = reader.vector(2);
  while (extensions.left > 0) {
    const type = extensions.uint(2);
    const content = extensions.vector(2);
    if (type === EXTENSION.supportedVersions) hello.version = content.uint(2);
    else if (type === EXTENSION.cookie) hello.cookie = content.vector(2).rest();
    else if (type === EXTENSION.keyShare) {
      hello.group = content.uint(2);
      if (!retry) hello.publicKey = content.vector(2).rest();
    }
  }
  if (hello.version > VERSION.tls13 || hello.version < VERSION.tls10) {
    throw new TlsViolation("malformed", "the server chose a version that was not offered");
  }
  return hello;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
