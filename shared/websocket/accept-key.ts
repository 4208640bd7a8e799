/**
 * The proof that a server understood the upgrade request: `Sec-WebSocket-Accept` of RFC 6455
 * §4.2.2.
 *
 * SHA-1 in JavaScript because the core is synchronous, which WebCrypto is not. Pure.
 */
import { sha1 } from "@noble/hashes/legacy.js";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Length of the nonce behind a `Sec-WebSocket-Key`, in bytes. */
export const KEY_BYTES = 16;
const ENCODER = new TextEncoder();

/**
 * Encodes the nonce as `Sec-WebSocket-Key` (§4.1).
 *
 * @throws RangeError unless it has 16 bytes
 */
export function encodeKey(nonce: Uint8Array): string {
  if (nonce.length !== KEY_BYTES) throw new RangeError(`the key must have ${KEY_BYTES} bytes`);
  return encodeBase64(nonce);
}

/** The accept value that answers a key. */
export function acceptKey(key: string): string {
  return encodeBase64(sha1(ENCODER.encode(key + GUID)));
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
