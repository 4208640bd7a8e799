/**
 * Frames as bytes, from the server's side: encodes any frame, allowed or not, and reads what a
 * client sent. Written apart from the code under test, so that both cannot share a mistake.
 */
import { concat, utf8 } from "./bytes.ts";

/** A frame to encode; every rule of RFC 6455 can be broken. */
export interface FrameSpec {
  opcode: number;
  payload?: Uint8Array | string | undefined;
  fin?: boolean | undefined;
  /** Reserved bits as a number, RSV1 = 4. */
  rsv?: number | undefined;
  /** Four bytes; absent: not masked, as a server must. */
  mask?: readonly [number, number, number, number] | undefined;
  /** Width of the length field in bits; absent: the shortest. */
  lengthBits?: 7 | 16 | 64 | undefined;
  /** Length that the header claims; absent: the true one. */
  claimedBytes?: number | undefined;
}

/** Encodes a frame. */
export function frame(spec: FrameSpec): Uint8Array {
  const payload =
    typeof spec.payload === "string" ? utf8(spec.payload) : (spec.payload ?? new Uint8Array(0));
  const length = spec.claimedBytes ?? payload.length;
  const bits = spec.lengthBits ?? (length < 126 ? 7 : length < 65_536 ? 16 : 64);
  const masked = spec.mask === undefined ? 0 : 0x80;
  const first = (spec.fin === false ? 0 : 0x80) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  const header =
    bits === 7
      ? [first, masked | length]
      : bits === 16
        ? [first, masked | 126, length >>> 8, length & 0xff]
        : [first, masked | 127, ...wide(length)];
  const { mask } = spec;
  if (mask === undefined) return concat([Uint8Array.from(header), payload]);
  const hidden = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return concat([Uint8Array.from([...header, ...mask]), hidden]);
}

function wide(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(length), at = 0; at < 8; at += 1, rest >>= 8n) {
    bytes.unshift(Number(rest & 0xffn));
  }
  return bytes;
}

export const text = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}) =>
  frame({ opcode: 1, payload, ...more });
export const binary = (payload: Uint8Array, more: Partial<FrameSpec> = {}) =>
  frame({ opcode: 2, payload, ...more });
export const continuation = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}) =>
  frame({ opcode: 0, payload, ...more });
export const ping = (payload: string | Uint8Array = "", more: Partial<FrameSpec> = {}) =>
  frame({ opcode: 9, payload, ...more });
export const pong = (payload: string | Uint8Array = "", more: Partial<FrameSpec> = {}) =>
  frame({ opcode: 10, payload, ...more });

/** A close frame; code null: empty payload. */
export function close(code: number | null = 1000, reason: string | Uint8Array = ""): Uint8Array {
  if (code === null) return frame({ opcode: 8 });
  const words = typeof reason === "string" ? utf8(reason) : reason;
  return frame({ opcode: 8, payload: concat([Uint8Array.of(code >>> 8, code & 0xff), words]) });
}

/** A message cut into frames of `bytes` each. */
export function fragments(
  opcode: number,
  payload: Uint8Array,
  bytes: number,
  rsv = 0,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += bytes) {
    frames.push(
      frame({
        opcode: at === 0 ? opcode : 0,
        rsv: at === 0 ? rsv : 0,
        fin: at + bytes >= payload.length,
        payload: payload.subarray(at, at + bytes),
      }),
    );
  }
  return frames;
}

/** A frame that a client sent, unmasked. */
export interface SentFrame {
  fin: boolean;
  rsv: number;
  opcode: number;
  payload: Uint8Array;
}

/**
 * Reads the frames that a client sent and checks what a server must check of each: whole, masked,
 * in the shortest form.
 *
 * @throws Error when one is not as RFC 6455 §5 demands of a client
 */
export function readClientFrames(bytes: Uint8Array): SentFrame[] {
  const frames: SentFrame[] = [];
  let at = 0;
  const byte = () => {
    const value = bytes[at];
    if (value === undefined) throw new Error("a frame that is cut off");
    at += 1;
    return value;
  };
  while (at < bytes.length) {
    const first = byte();
    const second = byte();
    if (second < 0x80) throw new Error("a frame that is not masked");
    let length = second & 0x7f;
    if (length >= 126) {
      const width = length === 126 ? 2 : 8;
      length = 0;
      for (let index = 0; index < width; index += 1) length = length * 256 + byte();
      if (length < (width === 2 ? 126 : 65_536)) throw new Error("a length that is not minimal");
    }
    const mask = [byte(), byte(), byte(), byte()];
    const hidden = bytes.subarray(at, at + length);
    if (hidden.length < length) throw new Error("a payload that is cut off");
    at += length;
    frames.push({
      fin: first >= 0x80,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      payload: hidden.map((value, index) => value ^ (mask[index % 4] ?? 0)),
    });
  }
  return frames;
}
