/**
 * Encodes the frames that a client sends (RFC 6455 §5.2): always masked, never fragmented, always
 * with the shortest length encoding.
 *
 * Pure: the masking key is an argument.
 */
import { applyMask } from "./mask.ts";

/** A frame to send. */
export interface OutgoingFrame {
  opcode: number;
  /** Whether the payload is compressed (RFC 7692 §6). */
  rsv1: boolean;
  payload: Uint8Array;
  /** Four unpredictable bytes (RFC 6455 §5.3). */
  maskKey: Uint8Array;
}

const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Longest header: two bytes, a 64-bit length, the masking key. */
const PADDING_TO_WORD = [0, 3, 2, 1] as const;

/** Encodes one final frame; the payload is copied, never changed. */
export function encodeFrame(frame: OutgoingFrame): Uint8Array {
  const { payload, maskKey } = frame;
  const length = payload.length;
  const maskAt = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const payloadAt = maskAt + MASK_BYTES;
  // The payload begins at a word of the buffer, so that masking can go by whole words.
  const padding = PADDING_TO_WORD[payloadAt & 3] ?? 0;
  const bytes = new Uint8Array(new ArrayBuffer(padding + payloadAt + length), padding);

  bytes[0] = FIN | (frame.rsv1 ? RSV1 : 0) | frame.opcode;
  if (maskAt === 2) {
    bytes[1] = MASKED | length;
  } else if (maskAt === 4) {
    bytes[1] = MASKED | 126;
    bytes[2] = length >>> 8;
    bytes[3] = length & 0xff;
  } else {
    bytes[1] = MASKED | 127;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(2, Math.floor(length / 0x1_0000_0000));
    view.setUint32(6, length >>> 0);
  }
  bytes.set(maskKey.subarray(0, MASK_BYTES), maskAt);
  bytes.set(payload, payloadAt);
  applyMask(bytes, payloadAt, maskKey);
  return bytes;
}
