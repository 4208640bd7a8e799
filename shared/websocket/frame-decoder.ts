/**
 * Splits the byte stream of a server into frames and enforces every rule that a frame's header can
 * break, at the first byte that breaks it.
 *
 * Payloads are passed on in pieces as they arrive, as views without copying. Follows RFC 6455 §5
 * and RFC 7692 §6. Pure.
 */
import { compressedBytesMax, CONTROL_PAYLOAD_BYTES_MAX } from "./limits.ts";
import { isControlOpcode, isKnownOpcode, OPCODE, opcodeName } from "./opcode.ts";
import { quoteHex } from "./quote.ts";
import { Violation, type ViolationReason } from "./violation.ts";

/** Header of a frame that obeys the rules. */
export interface FrameHeader {
  fin: boolean;
  rsv1: boolean;
  opcode: number;
  /** Size of the header in bytes, 2 … 10. */
  headerBytes: number;
  payloadBytes: number;
}

/** Takes what the decoder finds, in order. */
export interface FrameSink {
  /**
   * A piece of the payload of the current frame, starting at `offset`. Called at least once per
   * frame, with an empty piece when the payload is empty.
   */
  receivePayload(header: FrameHeader, piece: Uint8Array, offset: number): void;
}

/** What the decoder needs to know about the connection. */
export interface FrameRules {
  /** Whether `permessage-deflate` was agreed, which gives RSV1 its meaning. */
  deflate: boolean;
  /** Largest message in bytes, before compression. */
  messageBytesMax: number;
}

const FIN = 0x80;
const RSV = 0x70;
const RSV1 = 0x40;
const RSV2_3 = 0x30;
const MASKED = 0x80;
const HEADER_BYTES_MAX = 10;
const NOTHING = new Uint8Array(0);

/** Incremental decoder; feed it with {@link FrameDecoder.receive}. */
export class FrameDecoder {
  readonly #rules: FrameRules;
  readonly #sink: FrameSink;
  /** Header bytes of the frame under way. */
  readonly #header = new Uint8Array(HEADER_BYTES_MAX);
  #headerBytes = 0;
  /** Length of the header under way, as far as its first two bytes tell. */
  #headerBytesDue = 2;
  /** Frame whose payload is under way; null inside a header. */
  #frame: FrameHeader | null = null;
  #payloadBytes = 0;
  /** Whether a fragmented message is under way, its bytes so far, and its compression. */
  #fragmented = false;
  #messageBytes = 0;
  #compressed = false;

  constructor(rules: FrameRules, sink: FrameSink) {
    this.#rules = rules;
    this.#sink = sink;
  }

  /**
   * Takes bytes of the stream from an offset on, up to the end of one frame, and returns the offset
   * of the first byte that was not taken.
   *
   * @throws Violation with a reason of the frame header; the decoder may not be used afterwards
   */
  receive(bytes: Uint8Array, from: number): number {
    let at = from;
    if (this.#frame === null) {
      at = this.#receiveHeader(bytes, at);
      if (this.#frame === null) return at;
    }
    const frame: FrameHeader = this.#frame;
    const offset = this.#payloadBytes;
    const due = frame.payloadBytes - offset;
    if (due > 0 && at === bytes.length) return at;
    const end = Math.min(at + due, bytes.length);
    const piece = due === 0 ? NOTHING : bytes.subarray(at, end);
    this.#payloadBytes += piece.length;
    if (this.#payloadBytes === frame.payloadBytes) this.#endFrame();
    this.#sink.receivePayload(frame, piece, offset);
    return end;
  }

  #endFrame(): void {
    this.#frame = null;
    this.#headerBytes = 0;
    this.#headerBytesDue = 2;
    this.#payloadBytes = 0;
  }

  /** Reads header bytes up to the end of the header or of the input; returns where it stopped. */
  #receiveHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      this.#header[this.#headerBytes] = bytes[at] ?? 0;
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes === 1) this.#checkFirstByte();
      else if (this.#headerBytes === 2) this.#checkSecondByte();
      else if (this.#headerBytes === 3) this.#checkHighBit();
      if (this.#headerBytes === this.#headerBytesDue) {
        this.#startFrame();
        return at;
      }
    }
    return at;
  }

  /** Rules on FIN, the reserved bits and the opcode. */
  #checkFirstByte(): void {
    const byte = this.#header[0] ?? 0;
    const opcode = byte & 0x0f;
    const control = isControlOpcode(opcode);
    if ((byte & RSV) !== 0) this.#checkReservedBits(byte, opcode);
    if (!isKnownOpcode(opcode)) {
      const what = `a frame with the reserved ${opcodeName(opcode)}`;
      throw this.#fault("frame_opcode_unknown", "§5.2", what);
    }
    if (control && (byte & FIN) === 0) {
      const what = `a fragmented ${opcodeName(opcode)} frame`;
      throw this.#fault("frame_control_fragmented", "§5.5", what);
    }
    if (opcode === OPCODE.continuation && !this.#fragmented) {
      const what = "a continuation frame without a message to continue";
      throw this.#fault("continuation_unexpected", "§5.4", what);
    }
    if (!control && opcode !== OPCODE.continuation && this.#fragmented) {
      const what = `a ${opcodeName(opcode)} frame before the fragmented message was finished`;
      throw this.#fault("continuation_unexpected", "§5.4", what);
    }
  }

  /** RSV1 marks a compressed message where that was agreed; the others mean nothing. */
  #checkReservedBits(byte: number, opcode: number): void {
    const name = opcodeName(opcode);
    if ((byte & RSV2_3) !== 0) {
      throw this.#fault("frame_reserved_bits", "§5.2", `a ${name} frame with RSV2 or RSV3 set`);
    }
    if (!this.#rules.deflate) {
      const what = `a ${name} frame with RSV1 set, but no compression was agreed`;
      throw this.#fault("frame_reserved_bits", "§5.2", what);
    }
    if (opcode !== OPCODE.text && opcode !== OPCODE.binary && isKnownOpcode(opcode)) {
      const what = `a ${name} frame with RSV1 set, which only a message's first frame may have`;
      throw this.#fault("frame_reserved_bits", "§6.1", what, "7692");
    }
  }

  /** Rules on the mask and on the length of control frames. */
  #checkSecondByte(): void {
    const byte = this.#header[1] ?? 0;
    const opcode = (this.#header[0] ?? 0) & 0x0f;
    if ((byte & MASKED) !== 0) {
      throw this.#fault("frame_masked", "§5.1", `a masked ${opcodeName(opcode)} frame`);
    }
    if (byte > CONTROL_PAYLOAD_BYTES_MAX) {
      if (isControlOpcode(opcode)) {
        const name = opcodeName(opcode);
        const what = `a ${name} frame of more than ${CONTROL_PAYLOAD_BYTES_MAX} bytes`;
        throw this.#fault("frame_control_too_long", "§5.5", what);
      }
      this.#headerBytesDue = byte === 126 ? 4 : 10;
    }
  }

  /** A 64-bit length is at most 2^63 − 1. */
  #checkHighBit(): void {
    if (this.#headerBytesDue === 10 && (this.#header[2] ?? 0) >= 0x80) {
      const what = "a 64-bit frame length with its highest bit set";
      throw this.#fault("frame_length_invalid", "§5.2", what);
    }
  }

  #startFrame(): void {
    const first = this.#header[0] ?? 0;
    const opcode = first & 0x0f;
    const fin = (first & FIN) !== 0;
    const rsv1 = (first & RSV1) !== 0;
    const payloadBytes = this.#parseLength();
    if (!isControlOpcode(opcode)) {
      if (!this.#fragmented) {
        this.#messageBytes = 0;
        this.#compressed = rsv1;
      }
      this.#messageBytes += payloadBytes;
      this.#fragmented = !fin;
      this.#checkMessageSize();
    }
    this.#frame = { fin, rsv1, opcode, headerBytes: this.#headerBytesDue, payloadBytes };
  }

  #parseLength(): number {
    if (this.#headerBytesDue === 2) return this.#header[1] ?? 0;
    const view = new DataView(this.#header.buffer);
    const wide = this.#headerBytesDue === 10;
    // Beyond 2^53 the sum is rounded, which does not matter: it is far over any limit.
    const length = wide ? view.getUint32(2) * 0x1_0000_0000 + view.getUint32(6) : view.getUint16(2);
    if (length < (wide ? 65_536 : 126)) {
      const what = `a frame length of ${length} in ${wide ? 64 : 16} bits, which is not minimal`;
      throw this.#fault("frame_length_invalid", "§5.2", what);
    }
    return length;
  }

  #checkMessageSize(): void {
    const { messageBytesMax } = this.#rules;
    const most = this.#compressed ? compressedBytesMax(messageBytesMax) : messageBytesMax;
    if (this.#messageBytes <= most) return;
    const size = `${this.#messageBytes}${this.#compressed ? " compressed" : ""} bytes`;
    const sent = `The server sent a message of at least ${size}`;
    const message = `${sent}; the limit is ${messageBytesMax}.`;
    throw new Violation("message_too_big", "RFC 6455 §10.4", message);
  }

  #fault(reason: ViolationReason, section: string, what: string, rfc = "6455"): Violation {
    const shown = quoteHex([...this.#header.subarray(0, this.#headerBytes)]);
    const message = `The server sent ${what} (header bytes ${shown}).`;
    return new Violation(reason, `RFC ${rfc} ${section}`, message);
  }
}
