/**
 * The part of the TLS 1.3 key schedule (RFC 8446 §7.1) that opens the server's handshake records.
 *
 * It goes as far as the server's handshake traffic key: enough to read the certificate, not to
 * finish a handshake. Pure; hashing by @noble/hashes.
 */
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import { encodeHandshake, HANDSHAKE } from "./handshake-message.ts";
import type { Suite13 } from "./parameters.ts";
import { encodeUint, encodeVector, joinBytes } from "./presentation.ts";

/** Key material of one direction. */
export interface TrafficKey {
  key: Uint8Array;
  /** 12 bytes. */
  iv: Uint8Array;
}

const HASHES = { "SHA-256": sha256, "SHA-384": sha384 } as const;

/**
 * Derives the key that protects the server's handshake messages.
 *
 * @param sharedSecret result of the key agreement
 * @param transcript all handshake messages from the first ClientHello to the ServerHello
 */
export function serverHandshakeKey(
  suite: Suite13,
  sharedSecret: Uint8Array,
  transcript: readonly Uint8Array[],
): TrafficKey {
  const hash = HASHES[suite.hash];
  const zeros = new Uint8Array(hash.outputLen);
  const label = (secret: Uint8Array, name: string, context: Uint8Array, length: number) =>
    expand(hash, secret, hkdfLabel(name, context, length), length);
  const earlySecret = extract(hash, zeros, new Uint8Array(0));
  const derived = label(earlySecret, "derived", hash(new Uint8Array(0)), hash.outputLen);
  const handshakeSecret = extract(hash, sharedSecret, derived);
  const traffic = label(
    handshakeSecret,
    "s hs traffic",
    hash(joinBytes(...transcript)),
    hash.outputLen,
  );
  return {
    key: label(traffic, "key", new Uint8Array(0), suite.keyBytes),
    iv: label(traffic, "iv", new Uint8Array(0), 12),
  };
}

/** What stands for the first ClientHello in the transcript after a retry (RFC 8446 §4.4.1). */
export function messageHash(suite: Suite13, clientHello: Uint8Array): Uint8Array {
  return encodeHandshake(HANDSHAKE.messageHash, HASHES[suite.hash](clientHello));
}

/** Nonce of a protected record (RFC 8446 §5.3): the IV, its end xored with the record's number. */
export function recordNonce(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = iv.slice();
  const view = new DataView(nonce.buffer);
  view.setUint32(nonce.length - 4, view.getUint32(nonce.length - 4) ^ sequence);
  return nonce;
}

/** `HkdfLabel` of RFC 8446 §7.1. */
function hkdfLabel(name: string, context: Uint8Array, length: number): Uint8Array {
  return joinBytes(
    encodeUint(2, length),
    encodeVector(1, new TextEncoder().encode(`tls13 ${name}`)),
    encodeVector(1, context),
  );
}
