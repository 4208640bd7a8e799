/** Reads a capture back, byte by byte and on its own terms: nothing here is shared with its writer. */

/** A packet as the file has it, with what its headers say. */
export interface ReadPacket {
  /** Microseconds since the epoch. */
  atMicroseconds: number;
  comment: string | null;
  capturedBytes: number;
  originalBytes: number;
  family: 4 | 6;
  /** From `address:port` to `address:port`. */
  from: string;
  to: string;
  sequence: number;
  acknowledgement: number;
  /** Letters of the flags that are set, in the order SFRPA. */
  flags: string;
  payload: Buffer;
  /** Size of the payload by the IP header. */
  payloadBytes: number;
  /** Whether the checksums are right; the one of a cut packet's TCP cannot be told. */
  ipChecksumRight: boolean;
  tcpChecksumRight: boolean | null;
}

/** A capture file. */
export interface ReadCapture {
  application: string | null;
  comment: string | null;
  interfaceName: string | null;
  linkType: number;
  packets: ReadPacket[];
}

/** Reads a pcapng file of one section in little-endian order; throws where it is not one. */
export function readCapture(bytes: Uint8Array): ReadCapture {
  const file = Buffer.from(bytes);
  const capture: ReadCapture = {
    application: null,
    comment: null,
    interfaceName: null,
    linkType: -1,
    packets: [],
  };
  let at = 0;
  while (at < file.length) {
    const type = file.readUInt32LE(at);
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0) throw new Error(`block at ${at} is not aligned`);
    if (file.readUInt32LE(at + length - 4) !== length) throw new Error("lengths of a block differ");
    readBlock(capture, type, file.subarray(at + 8, at + length - 4));
    at += length;
  }
  return capture;
}

function readBlock(capture: ReadCapture, type: number, body: Buffer): void {
  if (type === 0x0a0d0d0a) {
    if (body.readUInt32LE(0) !== 0x1a2b3c4d) throw new Error("not in little-endian order");
    if (body.readUInt16LE(4) !== 1) throw new Error("unknown version");
    const options = readOptions(body.subarray(16));
    capture.comment = options.get(1) ?? null;
    capture.application = options.get(4) ?? null;
  } else if (type === 1) {
    capture.linkType = body.readUInt16LE(0);
    capture.interfaceName = readOptions(body.subarray(8)).get(2) ?? null;
  } else if (type === 6) {
    capture.packets.push(readPacketBlock(body));
  } else {
    throw new Error(`unknown block ${type}`);
  }
}

function readOptions(bytes: Buffer): Map<number, string> {
  const options = new Map<number, string>();
  let at = 0;
  while (at < bytes.length) {
    const code = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (code === 0) break;
    options.set(code, bytes.toString("utf8", at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return options;
}

function readPacketBlock(body: Buffer): ReadPacket {
  const capturedBytes = body.readUInt32LE(12);
  const padded = Math.ceil(capturedBytes / 4) * 4;
  return {
    atMicroseconds: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8),
    comment: readOptions(body.subarray(20 + padded)).get(1) ?? null,
    capturedBytes,
    originalBytes: body.readUInt32LE(16),
    ...readEthernet(body.subarray(20, 20 + capturedBytes)),
  };
}

type Headers = Omit<ReadPacket, "atMicroseconds" | "comment" | "capturedBytes" | "originalBytes">;

function readEthernet(packet: Buffer): Headers {
  const etherType = packet.readUInt16BE(12);
  const ip = packet.subarray(14);
  if (etherType === 0x0800) {
    if (ip[0] !== 0x45 || ip[9] !== 6) throw new Error("not TCP over IPv4 without options");
    const addresses = ip.subarray(12, 20);
    const contentBytes = ip.readUInt16BE(2) - 20;
    const ipChecksumRight = sumOf([ip.subarray(0, 20)]) === 0xffff;
    return { family: 4, ipChecksumRight, ...readTcp(ip.subarray(20), addresses, contentBytes) };
  }
  if (etherType !== 0x86dd || (ip[0] ?? 0) >> 4 !== 6 || ip[6] !== 6) {
    throw new Error("neither TCP over IPv4 nor over IPv6");
  }
  const addresses = ip.subarray(8, 40);
  const rest = readTcp(ip.subarray(40), addresses, ip.readUInt16BE(4));
  return { family: 6, ipChecksumRight: true, ...rest };
}

function readTcp(tcp: Buffer, addresses: Buffer, contentBytes: number) {
  const offset = ((tcp[12] ?? 0) >> 4) * 4;
  const half = addresses.length / 2;
  const flags = tcp[13] ?? 0;
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt16BE(6, 0);
  pseudo.writeUInt16BE(contentBytes, 2);
  const whole = tcp.length === contentBytes;
  return {
    from: endpointText(addresses.subarray(0, half), tcp.readUInt16BE(0)),
    to: endpointText(addresses.subarray(half), tcp.readUInt16BE(2)),
    sequence: tcp.readUInt32BE(4),
    acknowledgement: tcp.readUInt32BE(8),
    flags: [
      ["S", 0x02],
      ["F", 0x01],
      ["R", 0x04],
      ["P", 0x08],
      ["A", 0x10],
    ]
      .filter(([, bit]) => (flags & Number(bit)) !== 0)
      .map(([letter]) => letter)
      .join(""),
    payload: tcp.subarray(offset),
    payloadBytes: contentBytes - offset,
    tcpChecksumRight: whole ? sumOf([addresses, pseudo, tcp]) === 0xffff : null,
  };
}

function endpointText(address: Buffer, port: number): string {
  return `${addressText(address)}:${port}`;
}

function addressText(address: Buffer): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, at) => address.readUInt16BE(at * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname;
}

/** One's complement sum of 16-bit words; all ones when the checksum among them is right. */
function sumOf(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) {
      sum += ((part[at] ?? 0) << 8) + (part[at + 1] ?? 0);
      if (sum > 0xffff) sum -= 0xffff;
    }
  }
  return sum;
}
