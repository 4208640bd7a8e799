/**
 * What a server puts on the wire, byte by byte, right or wrong: WebSocket frames and the answer to
 * an upgrade. Written apart from the product's codec, so that both cannot share a mistake.
 */
import { createHash } from "node:crypto";

/** One frame; every rule of RFC 6455 §5.2 can be broken. */
export interface ServerFrame {
  opcode: number;
  payload?: Uint8Array | string;
  fin?: boolean;
  /** Reserved bits as they stand in the first byte: 0x40, 0x20, 0x10. */
  reserved?: number;
  masked?: boolean;
  /** Bytes of the extended length; by default the shortest that will do. */
  lengthBytes?: 0 | 2 | 8;
  /** Length that the header claims, when it is not the payload's. */
  claimedBytes?: bigint;
}

/** Encodes a frame. */
export function serverFrame(frame: ServerFrame): Buffer {
  const payload: Buffer =
    typeof frame.payload === "string"
      ? Buffer.from(frame.payload)
      : Buffer.from(frame.payload ?? []);
  const claimed = frame.claimedBytes ?? BigInt(payload.length);
  const shortest = claimed < 126n ? 0 : claimed < 65_536n ? 2 : 8;
  const lengthBytes = frame.lengthBytes ?? shortest;
  const first = (frame.fin === false ? 0 : 0x80) | (frame.reserved ?? 0) | frame.opcode;
  const maskBit = frame.masked === true ? 0x80 : 0;
  const header =
    lengthBytes === 0
      ? Buffer.from([first, maskBit | Number(claimed)])
      : Buffer.alloc(2 + lengthBytes);
  if (lengthBytes > 0) {
    header[0] = first;
    header[1] = maskBit | (lengthBytes === 2 ? 126 : 127);
    if (lengthBytes === 2) header.writeUInt16BE(Number(claimed), 2);
    else header.writeBigUInt64BE(claimed, 2);
  }
  if (frame.masked !== true) return Buffer.concat([header, payload]);
  const key = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([
    header,
    key,
    Buffer.from(payload.map((byte, at) => byte ^ (key[at % 4] ?? 0))),
  ]);
}

/** Payload of a close frame. */
export function closePayload(code: number, reason: Uint8Array | string = ""): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

/** `Sec-WebSocket-Accept` for a request's key (RFC 6455 §4.2.2). */
export function acceptFor(request: string): string {
  const key = /^sec-websocket-key:\s*(\S+)/im.exec(request)?.[1] ?? "";
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A 101 answer; a header given as null is left out, others replace or add. */
export function switchingAnswer(
  request: string,
  headers: Record<string, string | null> = {},
): string {
  const fields: Record<string, string | null> = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptFor(request),
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}`],
  );
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** A frame of the client, as far as a test server needs it. */
export interface ClientFrame {
  opcode: number;
  payload: Buffer;
}

/** Takes apart the frames of a client, whole ones only; they come masked. */
export class ClientFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Frames that are complete with these bytes. */
  take(bytes: Buffer): ClientFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: ClientFrame[] = [];
    for (;;) {
      const frame = this.#next();
      if (frame === null) return frames;
      frames.push(frame);
    }
  }

  #next(): ClientFrame | null {
    const rest = this.#rest;
    if (rest.length < 6) return null;
    const short = (rest[1] ?? 0) & 0x7f;
    const keyAt = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < keyAt + 4) return null;
    const length =
      short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    const end = keyAt + 4 + length;
    if (rest.length < end) return null;
    const key = rest.subarray(keyAt, keyAt + 4);
    const payload = Buffer.from(
      rest.subarray(keyAt + 4, end).map((byte, at) => byte ^ (key[at % 4] ?? 0)),
    );
    this.#rest = rest.subarray(end);
    return { opcode: (rest[0] ?? 0) & 0x0f, payload };
  }
}
