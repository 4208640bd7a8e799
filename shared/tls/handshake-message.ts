/**
 * Handshake messages (RFC 8446 §4): assembled from record payloads, of which one may hold several
 * messages, or a part of one. Pure.
 */
import { encodeUint, joinBytes } from "./presentation.ts";
import { TlsViolation } from "./violation.ts";

/** Types of handshake messages, of TLS 1.2 and 1.3. */
export const HANDSHAKE = {
  clientHello: 1,
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateStatus: 22,
  messageHash: 254,
} as const;

/** Longest message that is accepted, in bytes: a chain of dozens of large certificates. */
export const MESSAGE_BYTES_MAX = 128 * 1_024;
const HEADER_BYTES = 4;

/** One handshake message. */
export interface HandshakeMessage {
  type: number;
  body: Uint8Array;
  /** Header and body: what the transcript hashes. */
  whole: Uint8Array;
}

/** Assembles handshake messages. */
export class HandshakeReader {
  #buffer: Uint8Array = new Uint8Array(0);

  /** Takes the payload of a handshake record. */
  receive(payload: Uint8Array): void {
    this.#buffer = joinBytes(this.#buffer, payload);
  }

  /**
   * Takes the next complete message; null: another record is needed.
   *
   * @throws TlsViolation when a message is longer than {@link MESSAGE_BYTES_MAX}
   */
  next(): HandshakeMessage | null {
    const [type, high = 0, middle = 0, low = 0] = this.#buffer;
    if (type === undefined || this.#buffer.length < HEADER_BYTES) return null;
    const length = high * 65_536 + middle * 256 + low;
    if (length > MESSAGE_BYTES_MAX) {
      throw new TlsViolation("malformed", `a handshake message announces ${length} bytes`);
    }
    const end = HEADER_BYTES + length;
    if (this.#buffer.length < end) return null;
    const whole = this.#buffer.subarray(0, end);
    this.#buffer = this.#buffer.subarray(end);
    return { type, body: whole.subarray(HEADER_BYTES), whole };
  }
}

/** Encodes a handshake message. */
export function encodeHandshake(type: number, body: Uint8Array): Uint8Array {
  return joinBytes([type], encodeUint(3, body.length), body);
}
