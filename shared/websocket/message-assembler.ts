/**
 * Puts the payloads of frames together to messages, control frames in between, and enforces the
 * rules that a payload can break: UTF-8, close codes, compression.
 *
 * Text is validated as it arrives, so that a fault is found at its own byte and not at the end of a
 * long message; compressed messages are inflated when they are complete. Follows RFC 6455 §5.4 …
 * §5.6 and §8.1, RFC 7692 §6.2. Pure.
 */
import { ByteAccumulator } from "./byte-accumulator.ts";
import { CLOSE_CODE, closeCodeName, isSendableCloseCode } from "./close-code.ts";
import type { ConnectionEvent } from "./connection-event.ts";
import type { MessageInflater } from "./deflate-codec.ts";
import type { FrameHeader, FrameSink } from "./frame-decoder.ts";
import { compressedBytesMax, CONTROL_PAYLOAD_BYTES_MAX, type Limits } from "./limits.ts";
import { isControlOpcode, OPCODE } from "./opcode.ts";
import { Utf8Validator } from "./utf8-validator.ts";
import { Violation } from "./violation.ts";

/** Events of the connection that come out of frames. */
export type AssemblerEvent = Extract<
  ConnectionEvent,
  { type: "frame" | "text" | "binary" | "ping" | "pong" | "close" }
>;

/** Caps that concern messages. */
export type AssemblerLimits = Pick<Limits, "messageBytesMax" | "framePreviewBytesMax">;

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes payloads in pieces and emits frames, messages and control frames. */
export class MessageAssembler implements FrameSink {
  readonly #messageBytesMax: number;
  readonly #previewBytesMax: number;
  readonly #inflater: MessageInflater | null;
  readonly #emit: (event: AssemblerEvent) => void;
  readonly #message: ByteAccumulator;
  readonly #control = new ByteAccumulator(CONTROL_PAYLOAD_BYTES_MAX);
  readonly #utf8 = new Utf8Validator();
  /** Preview of the frame under way, when it arrives in pieces. */
  readonly #preview: ByteAccumulator;
  /** First frame of the message under way. */
  #opcode: number = OPCODE.text;
  #compressed = false;

  /** @param inflater null: compression was not agreed */
  constructor(
    { messageBytesMax, framePreviewBytesMax }: AssemblerLimits,
    inflater: MessageInflater | null,
    emit: (event: AssemblerEvent) => void,
  ) {
    this.#messageBytesMax = messageBytesMax;
    this.#previewBytesMax = framePreviewBytesMax;
    this.#preview = new ByteAccumulator(framePreviewBytesMax);
    this.#inflater = inflater;
    this.#emit = emit;
    this.#message = new ByteAccumulator(compressedBytesMax(messageBytesMax));
  }

  /**
   * Takes a piece of a frame's payload; pieces come in order and without gaps.
   *
   * @throws Violation with a reason of the payload
   */
  receivePayload(header: FrameHeader, piece: Uint8Array, offset: number): void {
    if (isControlOpcode(header.opcode)) this.#receiveControl(header, piece, offset);
    else this.#receiveData(header, piece, offset);
  }

  #receiveControl(header: FrameHeader, piece: Uint8Array, offset: number): void {
    const last = offset + piece.length === header.payloadBytes;
    if (!last || offset > 0) this.#control.append(piece);
    if (!last) return;
    // A copy: the payload outlives the caller's chunk as an event.
    const payload = offset > 0 ? this.#control.take() : piece.slice();
    this.#emitFrame(header, payload);
    if (header.opcode === OPCODE.ping) this.#emit({ type: "ping", payload });
    else if (header.opcode === OPCODE.pong) this.#emit({ type: "pong", payload });
    else this.#emit({ type: "close", ...parseClosePayload(payload) });
  }

  #receiveData(header: FrameHeader, piece: Uint8Array, offset: number): void {
    const last = offset + piece.length === header.payloadBytes;
    if (offset === 0 && header.opcode !== OPCODE.continuation) {
      this.#opcode = header.opcode;
      this.#compressed = header.rsv1;
      if (header.fin && last) {
        this.#receiveWhole(header, piece);
        return;
      }
      this.#utf8.reset();
    }
    const text = this.#opcode === OPCODE.text && !this.#compressed;
    const offending = text ? this.#utf8.push(piece) : -1;
    const shown = offending === -1 ? piece : piece.subarray(0, offending + 1);
    const preview = offset === 0 && last ? shown : this.#extendPreview(shown, offset);
    if (offending !== -1) {
      this.#emitFrame(header, preview);
      throw invalidText(`at byte ${this.#message.length + offending + 1} of a message`);
    }
    this.#message.append(piece, this.#message.length + header.payloadBytes - offset);
    if (!last) return;
    this.#emitFrame(header, preview);
    if (header.fin) this.#deliver(this.#message.take());
  }

  /** The common case: the whole message in one frame, in one piece; nothing is copied. */
  #receiveWhole(header: FrameHeader, payload: Uint8Array): void {
    if (this.#opcode !== OPCODE.text || this.#compressed) {
      this.#emitFrame(header, payload);
      this.#deliver(payload);
      return;
    }
    let text: string;
    try {
      text = DECODER.decode(payload);
    } catch {
      this.#utf8.reset();
      const offending = this.#utf8.push(payload);
      this.#emitFrame(header, offending === -1 ? payload : payload.subarray(0, offending + 1));
      throw offending === -1
        ? invalidText("at the end of a message, in the middle of a character")
        : invalidText(`at byte ${offending + 1} of a message`);
    }
    this.#emitFrame(header, payload);
    this.#emit({ type: "text", text, bytes: payload.length });
  }

  /** Hands a complete message on, inflated. */
  #deliver(payload: Uint8Array): void {
    const data = this.#compressed ? this.#inflate(payload) : payload;
    if (this.#opcode === OPCODE.binary) this.#emit({ type: "binary", data });
    else this.#emit({ type: "text", text: decodeText(data), bytes: data.length });
  }

  #inflate(payload: Uint8Array): Uint8Array {
    const result = this.#inflater?.inflate(payload, this.#messageBytesMax);
    if (result === undefined) throw new TypeError("a compressed message without an inflater");
    if (result.ok) return result.data;
    if (result.failure === "too_big") {
      const sent = `The server sent a compressed message of ${payload.length} bytes`;
      const message = `${sent} that inflates to more than the limit of ${this.#messageBytesMax}.`;
      throw new Violation("message_too_big", "RFC 6455 §10.4", message);
    }
    const sent = "The server sent a compressed message that cannot be decompressed";
    const message = `${sent}: ${result.detail}.`;
    throw new Violation("inflate_failed", "RFC 7692 §7.2.2", message);
  }

  /** Adds to the preview of a frame that arrives in pieces; returns what there is of it. */
  #extendPreview(piece: Uint8Array, offset: number): Uint8Array {
    if (offset === 0) this.#preview.clear();
    this.#preview.append(piece.subarray(0, this.#previewBytesMax - this.#preview.length));
    return this.#preview.view();
  }

  #emitFrame(header: FrameHeader, payload: Uint8Array): void {
    this.#emit({
      type: "frame",
      direction: "received",
      opcode: header.opcode,
      fin: header.fin,
      rsv1: header.rsv1,
      payloadBytes: header.payloadBytes,
      wireBytes: header.headerBytes + header.payloadBytes,
      preview: payload.slice(0, this.#previewBytesMax),
    });
  }
}

/** Parses the payload of a close frame (RFC 6455 §5.5.1). */
function parseClosePayload(payload: Uint8Array): { code: number; reason: string } {
  if (payload.length === 0) return { code: CLOSE_CODE.noStatus, reason: "" };
  if (payload.length === 1) {
    const message = "The server sent a close frame with one byte, half a close code.";
    throw new Violation("close_code_invalid", "RFC 6455 §5.5.1", message);
  }
  const code = (payload[0] ?? 0) * 256 + (payload[1] ?? 0);
  if (!isSendableCloseCode(code)) {
    const name = closeCodeName(code);
    const shown = name === null ? `${code}` : `${code} (${name})`;
    const message = `The server closed with code ${shown}, which may not be sent.`;
    throw new Violation("close_code_invalid", "RFC 6455 §7.4", message);
  }
  try {
    return { code, reason: DECODER.decode(payload.subarray(2)) };
  } catch {
    const message = `The server closed with code ${code} and a reason that is not valid UTF-8.`;
    throw new Violation("utf8_invalid", "RFC 6455 §5.5.1", message);
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch {
    const validator = new Utf8Validator();
    const offending = validator.push(bytes);
    throw offending === -1
      ? invalidText("at the end of a message, in the middle of a character")
      : invalidText(`at byte ${offending + 1} of a message`);
  }
}

function invalidText(where: string): Violation {
  const message = `The server sent text that is not valid UTF-8: the fault lies ${where}.`;
  return new Violation("utf8_invalid", "RFC 6455 §8.1", message);
}
