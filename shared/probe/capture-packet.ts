/**
 * Packets of one made-up TCP connection over Ethernet: IPv4 or IPv6, with correct lengths, checksums
 * and sequence numbers. Follows RFC 791, RFC 8200 and RFC 9293. Pure.
 */
import type { Address } from "./observation.ts";
import { addressBytes } from "./address.ts";

/** One end of the connection. */
export interface CaptureEndpoint {
  /** Last byte of its made-up Ethernet address. */
  station: number;
  address: Address;
  /** 0 … 65,535. */
  port: number;
}

/** Flags of a TCP segment, as in its header (RFC 9293 §3.1). */
export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

/** A TCP segment to send. */
export interface Segment {
  from: CaptureEndpoint;
  to: CaptureEndpoint;
  sequence: number;
  acknowledgement: number;
  flags: number;
  /** What is known of the payload: its beginning. */
  payload: Uint8Array;
  /** Size of the payload as it travelled, at most {@link SEGMENT_BYTES_MAX}. */
  payloadBytes: number;
}

/** A packet: what is known of it, and how large it was. */
export interface Packet {
  bytes: Uint8Array;
  originalBytes: number;
}

/** Payload of one segment in bytes: with its headers it fits an IP packet of 65,535. */
export const SEGMENT_BYTES_MAX = 61_440;

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
const TCP_BYTES = 20;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;
const PROTOCOL_TCP = 6;
const HOP_LIMIT = 64;
const WINDOW = 65_535;

/** Encodes a segment as an Ethernet packet, cut where the payload is not known any further. */
export function encodePacket(segment: Segment): Packet {
  const { from, to, payload, payloadBytes } = segment;
  const { family } = from.address;
  const ipBytes = family === 4 ? IPV4_BYTES : IPV6_BYTES;
  const headersBytes = ETHERNET_BYTES + ipBytes + TCP_BYTES;
  const bytes = new Uint8Array(headersBytes + payload.length);
  const view = new DataView(bytes.buffer);
  writeEthernet(view, segment, ETHERTYPE[family]);
  const source = addressBytes(from.address.ip) ?? [];
  const destination = addressBytes(to.address.ip) ?? [];
  if (family === 4) writeIpv4(view, source, destination, TCP_BYTES + payloadBytes);
  else writeIpv6(view, source, destination, TCP_BYTES + payloadBytes);
  writeTcp(view, ETHERNET_BYTES + ipBytes, segment);
  bytes.set(payload, headersBytes);
  // Of a cut payload the rest counts as zeros: nobody can know its sum.
  const pseudoHeader = [...source, ...destination, 0, PROTOCOL_TCP];
  const tcp = bytes.subarray(ETHERNET_BYTES + ipBytes);
  const sum = sumWords(tcp, sumWords(Uint8Array.from(pseudoHeader), TCP_BYTES + payloadBytes));
  view.setUint16(ETHERNET_BYTES + ipBytes + 16, checksum(sum));
  return { bytes, originalBytes: headersBytes + payloadBytes };
}

/** Addresses are locally administered (IEEE 802c): 02:00:00:00:00:… */
function writeEthernet(view: DataView, { from, to }: Segment, etherType: number): void {
  view.setUint8(0, 0x02);
  view.setUint8(5, to.station);
  view.setUint8(6, 0x02);
  view.setUint8(11, from.station);
  view.setUint16(12, etherType);
}

function writeIpv4(
  view: DataView,
  source: readonly number[],
  destination: readonly number[],
  contentBytes: number,
): void {
  const at = ETHERNET_BYTES;
  view.setUint8(at, 0x45);
  view.setUint16(at + 2, IPV4_BYTES + contentBytes);
  view.setUint16(at + 6, 0x4000);
  view.setUint8(at + 8, HOP_LIMIT);
  view.setUint8(at + 9, PROTOCOL_TCP);
  writeBytes(view, at + 12, source);
  writeBytes(view, at + 16, destination);
  const header = new Uint8Array(view.buffer, at, IPV4_BYTES);
  view.setUint16(at + 10, checksum(sumWords(header, 0)));
}

function writeIpv6(
  view: DataView,
  source: readonly number[],
  destination: readonly number[],
  contentBytes: number,
): void {
  const at = ETHERNET_BYTES;
  view.setUint8(at, 0x60);
  view.setUint16(at + 4, contentBytes);
  view.setUint8(at + 6, PROTOCOL_TCP);
  view.setUint8(at + 7, HOP_LIMIT);
  writeBytes(view, at + 8, source);
  writeBytes(view, at + 24, destination);
}

function writeTcp(view: DataView, at: number, segment: Segment): void {
  view.setUint16(at, segment.from.port);
  view.setUint16(at + 2, segment.to.port);
  view.setUint32(at + 4, segment.sequence);
  view.setUint32(at + 8, segment.acknowledgement);
  view.setUint8(at + 12, (TCP_BYTES / 4) << 4);
  view.setUint8(at + 13, segment.flags);
  view.setUint16(at + 14, WINDOW);
}

function writeBytes(view: DataView, at: number, bytes: readonly number[]): void {
  for (const [index, byte] of bytes.entries()) view.setUint8(at + index, byte);
}

/** Adds the 16-bit words of some bytes to a sum, the last padded with zero (RFC 1071). */
function sumWords(bytes: Uint8Array, start: number): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  return sum;
}

/** The Internet checksum that a sum comes to (RFC 1071). */
function checksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}
