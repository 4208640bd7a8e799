/**
 * The file format of a capture: pcapng with one section and one Ethernet interface, in little-endian
 * order, with comments on the file and on packets. Follows draft-ietf-opsawg-pcapng. Pure.
 */
import type { Packet } from "./capture-packet.ts";

/** A packet at its time. */
export interface CapturedPacket extends Packet {
  /** UTC epoch milliseconds, fractional. */
  atMs: number;
  /** Shown with the packet; empty: none. */
  comment: string;
}

/** What the file says of itself. */
export interface CaptureDescription {
  /** What wrote it, e.g. `Echoquorum 0.1.0`. */
  application: string;
  /** Shown as the interface's name. */
  interfaceName: string;
  comment: string;
}

const BLOCK = { section: 0x0a0d_0d0a, interface: 1, packet: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
const LINKTYPE_ETHERNET = 1;
const OPTION = { comment: 1, interfaceName: 2, application: 4 } as const;
/** Longest text of an option in bytes: its length has 16 bits. */
const OPTION_BYTES_MAX = 65_535;

const ENCODER = new TextEncoder();

/** Encodes a whole file. */
export function encodeCaptureFile(
  description: CaptureDescription,
  packets: readonly CapturedPacket[],
): Uint8Array {
  return joinBytes([
    encodeSection(description),
    encodeInterface(description),
    ...packets.map(encodePacketBlock),
  ]);
}

function encodeSection({ comment, application }: CaptureDescription): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, BYTE_ORDER_MAGIC, true);
  body.setUint16(4, 1, true);
  // Length of the section: not given.
  body.setBigInt64(8, -1n, true);
  return encodeBlock(BLOCK.section, body, [
    [OPTION.comment, comment],
    [OPTION.application, application],
  ]);
}

/** The interface; its resolution is the format's default, microseconds. */
function encodeInterface({ interfaceName }: CaptureDescription): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, LINKTYPE_ETHERNET, true);
  return encodeBlock(BLOCK.interface, body, [[OPTION.interfaceName, interfaceName]]);
}

function encodePacketBlock(packet: CapturedPacket): Uint8Array {
  const { bytes, originalBytes, atMs, comment } = packet;
  const body = new DataView(new ArrayBuffer(20 + padded(bytes.length)));
  const atMicroseconds = BigInt(Math.round(atMs * 1_000));
  body.setUint32(4, Number(atMicroseconds >> 32n), true);
  body.setUint32(8, Number(atMicroseconds & 0xffff_ffffn), true);
  body.setUint32(12, bytes.length, true);
  body.setUint32(16, originalBytes, true);
  new Uint8Array(body.buffer).set(bytes, 20);
  return encodeBlock(BLOCK.packet, body, [[OPTION.comment, comment]]);
}

type Option = readonly [code: number, text: string];

function encodeBlock(type: number, body: DataView, options: readonly Option[]): Uint8Array {
  const encoded = options.filter(([, text]) => text !== "").map(encodeOption);
  // The end of the options is a mark of four zero bytes, where there are any.
  const end = encoded.length === 0 ? [] : [new Uint8Array(4)];
  const optionBytes = joinBytes([...encoded, ...end]);
  const total = 12 + body.byteLength + optionBytes.length;
  const block = new DataView(new ArrayBuffer(total));
  const bytes = new Uint8Array(block.buffer);
  block.setUint32(0, type, true);
  block.setUint32(4, total, true);
  bytes.set(new Uint8Array(body.buffer), 8);
  bytes.set(optionBytes, 8 + body.byteLength);
  block.setUint32(total - 4, total, true);
  return bytes;
}

function encodeOption([code, text]: Option): Uint8Array {
  const value = ENCODER.encode(text).subarray(0, OPTION_BYTES_MAX);
  const option = new DataView(new ArrayBuffer(4 + padded(value.length)));
  option.setUint16(0, code, true);
  option.setUint16(2, value.length, true);
  const bytes = new Uint8Array(option.buffer);
  bytes.set(value, 4);
  return bytes;
}

/** A length up to the next multiple of four. */
function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** Puts pieces together. */
function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
