/** Encodes the header of a recorded frame again (RFC 6455 §5.2). Pure. */
import type { TranscriptFrame } from "./observation.ts";

const FIN = 0x80;
const RSV1 = 0x40;
const MASKED = 0x80;
const MASK_BYTES = 4;

/**
 * Encodes a header, with the shortest length encoding: the probe accepts and sends no other.
 *
 * @param masked whether a masking key follows; it is all zero, so that the payload can be read
 */
export function encodeFrameHeader(
  { opcode, fin, rsv1, payloadBytes }: TranscriptFrame,
  masked: boolean,
): Uint8Array {
  const lengthBytes = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  const header = new DataView(new ArrayBuffer(2 + lengthBytes + (masked ? MASK_BYTES : 0)));
  const mark = lengthBytes === 0 ? payloadBytes : lengthBytes === 2 ? 126 : 127;
  header.setUint8(0, (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode);
  header.setUint8(1, (masked ? MASKED : 0) | mark);
  if (lengthBytes === 2) header.setUint16(2, payloadBytes);
  if (lengthBytes === 8) header.setBigUint64(2, BigInt(payloadBytes));
  return new Uint8Array(header.buffer);
}
