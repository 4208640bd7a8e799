/**
 * The record layer (RFC 8446 §5, RFC 5246 §6.2): bytes of the server in any split → records, and
 * our unprotected handshake messages → records. Pure; protection is removed elsewhere.
 */
import { encodeUint, joinBytes } from "./presentation.ts";
import { TlsViolation } from "./violation.ts";

/** Content types of records. */
export const CONTENT = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** Bytes of a record's header. */
export const RECORD_HEADER_BYTES = 5;
/** Longest protected payload that any version allows (RFC 5246 §6.2.3), in bytes. */
const PAYLOAD_BYTES_MAX = 2 ** 14 + 2_048;

/** One record as it came. */
export interface TlsRecord {
  type: number;
  /** The five bytes in front: additional data of protected records. */
  header: Uint8Array;
  payload: Uint8Array;
}

/** Splits a stream of bytes into records. */
export class RecordReader {
  #buffer: Uint8Array = new Uint8Array(0);

  /** Takes bytes of the server. */
  receive(bytes: Uint8Array): void {
    this.#buffer = joinBytes(this.#buffer, bytes);
  }

  /**
   * Takes the next complete record; null: more bytes are needed.
   *
   * @throws TlsViolation when the bytes cannot be a record, as soon as the first of them show it
   */
  next(): TlsRecord | null {
    const buffer = this.#buffer;
    const [type = CONTENT.handshake, major = 3] = buffer;
    if (type < CONTENT.changeCipherSpec || type > CONTENT.applicationData || major !== 3) {
      throw new TlsViolation("not_tls", `the server does not speak TLS: ${quote(buffer)}`);
    }
    if (buffer.length < RECORD_HEADER_BYTES) return null;
    const length = (buffer[3] ?? 0) * 256 + (buffer[4] ?? 0);
    if (length > PAYLOAD_BYTES_MAX) {
      throw new TlsViolation("malformed", `a record of ${length} bytes is longer than TLS allows`);
    }
    const end = RECORD_HEADER_BYTES + length;
    if (buffer.length < end) return null;
    this.#buffer = buffer.subarray(end);
    return {
      type,
      header: buffer.subarray(0, RECORD_HEADER_BYTES),
      payload: buffer.subarray(RECORD_HEADER_BYTES, end),
    };
  }
}

/**
 * Encodes a handshake message as one unprotected record.
 *
 * @param message at most 2^14 bytes
 */
export function encodeRecord(message: Uint8Array): Uint8Array {
  // A first flight says TLS 1.0 for the sake of old servers (RFC 8446 §5.1).
  return joinBytes([CONTENT.handshake, 3, 1], encodeUint(2, message.length), message);
}

/** First bytes of something that is not TLS: as text where they are, e.g. `HTTP/1.1 400`. */
function quote(bytes: Uint8Array): string {
  const first = bytes.subarray(0, 24);
  const text = String.fromCharCode(...first);
  return /^[\x20-\x7e\r\n\t]+$/.test(text)
    ? `it sent ${JSON.stringify(text)}`
    : `it sent ${[...first].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}
