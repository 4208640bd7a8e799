/**
 * A WebSocket client without input or output: bytes of the server in, events and bytes to send out.
 *
 * Responsible for the order of things: request, answer, frames, closing handshake, end. Opens no
 * socket, knows no time and no randomness; the caller brings the key, the masks and the deadlines.
 * Follows RFC 6455 as a client, RFC 7692 for compression. Bytes in any split give the same events.
 */
import { CLOSE_CODE, isSendableCloseCode } from "./close-code.ts";
import type { ConnectionEvent } from "./connection-event.ts";
import type { DeflateCodec, MessageDeflater } from "./deflate-codec.ts";
import type { DeflateAgreement, DeflateOffer } from "./deflate-negotiation.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import { encodeFrame } from "./frame-encoder.ts";
import {
  CLOSE_REASON_BYTES_MAX,
  CONTROL_PAYLOAD_BYTES_MAX,
  resolveLimits,
  type Limits,
} from "./limits.ts";
import { MessageAssembler, type AssemblerEvent } from "./message-assembler.ts";
import { OPCODE } from "./opcode.ts";
import { OpeningHandshake, type HandshakeOptions } from "./opening-handshake.ts";
import type { UpgradeAgreement } from "./upgrade-answer.ts";
import { Violation } from "./violation.ts";

export type { ConnectionEvent } from "./connection-event.ts";

const ENCODER = new TextEncoder();

/** Where a connection stands. `closed`: nothing more is sent or looked at. */
export type ConnectionState = "idle" | "connecting" | "open" | "closing" | "closed";

/** How to compress, when the server agrees. */
export interface DeflateOptions {
  offer: DeflateOffer;
  codec: DeflateCodec;
}

/** What a connection needs to know before it starts. */
export interface ClientConnectionOptions extends HandshakeOptions {
  /** Four fresh, unpredictable bytes for each frame sent. */
  nextMask: () => Uint8Array;
  /** null: `permessage-deflate` is not offered. */
  deflate: DeflateOptions | null;
  /** Caps that differ from the defaults. */
  limits?: Partial<Limits> | undefined;
}

/**
 * One connection. The caller hands in what it read, then calls {@link ClientConnection.takeEvents}
 * until it returns nothing, then writes what {@link ClientConnection.takeOutput} returns.
 *
 * Input is looked at one frame at a time, as events are taken: an answer to a message is thus sent
 * before a close frame that followed it in the same bytes is acted upon.
 */
export class ClientConnection {
  readonly #options: ClientConnectionOptions;
  readonly #limits: Limits;
  readonly #handshake: OpeningHandshake;
  #state: ConnectionState = "idle";
  #output: Uint8Array[] = [];
  #events: ConnectionEvent[] = [];
  /** Chunks that arrived, and before them, in reverse, those being looked at: a queue in O(1). */
  #arrived: Uint8Array[] = [];
  #pending: Uint8Array[] = [];
  /** How much of the first chunk has been looked at. */
  #inputAt = 0;
  #inputEnded = false;
  #decoder: FrameDecoder | null = null;
  #deflater: MessageDeflater | null = null;
  #closeSent = false;
  #closeReceived = false;
  #ended = false;

  /**
   * @throws TypeError for values that cannot stand in a request
   * @throws RangeError for a key of the wrong size or contradictory limits
   */
  constructor(options: ClientConnectionOptions) {
    this.#options = options;
    this.#limits = resolveLimits(options.limits ?? {});
    const offer = options.deflate?.offer ?? null;
    this.#handshake = new OpeningHandshake(options, offer, this.#limits, (event) => {
      this.#events.push(event);
    });
  }

  /** Where the connection stands after the events that were produced so far. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Queues the request; does nothing the second time. */
  start(): void {
    if (this.#state !== "idle") return;
    const { request } = this.#handshake;
    this.#state = "connecting";
    this.#output.push(ENCODER.encode(request));
    this.#events.push({ type: "request_sent", head: request });
  }

  /**
   * Takes bytes of the server, in any split. Events may refer to them without copying: the caller
   * must not reuse the buffer. Ignored once the connection is closed.
   */
  receive(bytes: Uint8Array): void {
    if (this.#inputEnded || this.#state === "closed" || bytes.length === 0) return;
    // A plain view: subclasses such as Node's Buffer share memory where a copy is meant.
    this.#arrived.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#advance();
  }

  /** The server's side of the connection has ended, or the caller waits no longer. */
  receiveEnd(): void {
    this.#inputEnded = true;
    this.#advance();
  }

  /** Bytes to write, in order; each is handed out once. */
  takeOutput(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** The next events, in order, each handed out once; empty when all input has been looked at. */
  takeEvents(): ConnectionEvent[] {
    this.#advance();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /**
   * Sends a text message; lone surrogates become U+FFFD.
   *
   * @throws Error unless the connection is open
   */
  sendText(text: string): void {
    this.#sendData(OPCODE.text, ENCODER.encode(text));
  }

  /**
   * Sends a binary message.
   *
   * @throws Error unless the connection is open
   */
  sendBinary(data: Uint8Array): void {
    this.#sendData(OPCODE.binary, data);
  }

  /**
   * Sends a ping.
   *
   * @throws RangeError for more than 125 bytes
   * @throws Error unless the connection is open
   */
  ping(payload: Uint8Array): void {
    if (payload.length > CONTROL_PAYLOAD_BYTES_MAX) {
      throw new RangeError(`a ping holds at most ${CONTROL_PAYLOAD_BYTES_MAX} bytes`);
    }
    this.#assertOpen();
    this.#sendFrame(OPCODE.ping, payload, false);
  }

  /**
   * Starts the closing handshake (RFC 6455 §7.1.2); before the connection is open it gives up
   * without one. Does nothing while closing or closed.
   *
   * @throws RangeError for a code that may not be sent or a reason of more than 123 bytes
   */
  close(code: number = CLOSE_CODE.normal, reason = ""): void {
    if (!isSendableCloseCode(code)) throw new RangeError(`close code ${code} may not be sent`);
    const text = ENCODER.encode(reason);
    if (text.length > CLOSE_REASON_BYTES_MAX) {
      throw new RangeError(`a close reason holds at most ${CLOSE_REASON_BYTES_MAX} bytes`);
    }
    if (this.#state === "idle" || this.#state === "connecting") this.#state = "closed";
    if (this.#state === "open") {
      this.#state = "closing";
      this.#sendClose(code, text);
    }
  }

  /** Looks at input until there is an event to report, or no more input. */
  #advance(): void {
    while (this.#events.length === 0) {
      const chunk = this.#firstChunk();
      try {
        if (chunk !== undefined) this.#inspect(chunk);
        else if (this.#inputEnded && !this.#ended) this.#end();
        else return;
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        this.#fail(error);
      }
    }
  }

  /** Looks at the next frame, or piece of the handshake, in the first chunk. */
  #inspect(chunk: Uint8Array): void {
    if (this.#state === "connecting") {
      const rest = this.#inputAt === 0 ? chunk : chunk.subarray(this.#inputAt);
      this.#inputAt += this.#handshake.receive(rest);
      if (this.#handshake.agreement !== null) this.#open(this.#handshake.agreement);
      else if (this.#handshake.rejected) this.#state = "closed";
    } else if (this.#decoder !== null && !this.#closeReceived && this.#state !== "closed") {
      this.#inputAt = this.#decoder.receive(chunk, this.#inputAt);
    } else {
      // What follows a close frame, a refusal or a violation is discarded (RFC 6455 §1.4, §7.1.7).
      this.#inputAt = chunk.length;
    }
    if (this.#inputAt < chunk.length) return;
    this.#pending.pop();
    this.#inputAt = 0;
  }

  /** The chunk to look at; undefined: all input has been looked at. */
  #firstChunk(): Uint8Array | undefined {
    if (this.#pending.length === 0 && this.#arrived.length > 0) {
      this.#pending = this.#arrived.reverse();
      this.#arrived = [];
    }
    return this.#pending.at(-1);
  }

  /** Acts on the end of the input: first on what it cut off, then on the end itself. */
  #end(): void {
    if (this.#state === "connecting") {
      this.#handshake.receiveEnd();
      this.#state = "closed";
      return;
    }
    this.#ended = true;
    this.#state = "closed";
    this.#events.push({ type: "ended", clean: this.#closeSent && this.#closeReceived });
  }

  #open({ subprotocol, extensions, deflate }: UpgradeAgreement): void {
    this.#openFrames(deflate);
    this.#state = "open";
    this.#events.push({ type: "open", subprotocol, extensions });
  }

  #openFrames(deflate: DeflateAgreement | null): void {
    const { messageBytesMax } = this.#limits;
    const codec = this.#options.deflate?.codec;
    const compress = deflate !== null && codec !== undefined;
    const inflater = compress
      ? codec.createInflater({
          windowBits: deflate.serverMaxWindowBits,
          contextTakeover: !deflate.serverNoContextTakeover,
        })
      : null;
    if (compress) {
      this.#deflater = codec.createDeflater({
        windowBits: deflate.clientMaxWindowBits,
        contextTakeover: !deflate.clientNoContextTakeover,
      });
    }
    const assembler = new MessageAssembler(this.#limits, inflater, (event) => {
      this.#receiveEvent(event);
    });
    this.#decoder = new FrameDecoder({ deflate: deflate !== null, messageBytesMax }, assembler);
  }

  #receiveEvent(event: AssemblerEvent): void {
    this.#events.push(event);
    // Pings are answered until a close frame arrives, even while closing (RFC 6455 §5.5.2).
    if (event.type === "ping") this.#sendFrame(OPCODE.pong, event.payload, false);
    if (event.type !== "close") return;
    this.#closeReceived = true;
    this.#state = "closing";
    // The answer repeats the code, or its absence (§5.5.1).
    if (!this.#closeSent) {
      const code = event.code === CLOSE_CODE.noStatus ? null : event.code;
      this.#sendClose(code, new Uint8Array(0));
    }
  }

  /** Fails the connection (RFC 6455 §7.1.7): says why to the server, and listens no longer. */
  #fail(violation: Violation): void {
    const { reason, section, closeCode, message } = violation;
    const tellServer = closeCode !== null && !this.#closeSent;
    this.#events.push({
      type: "violation",
      reason,
      section,
      closeCode: tellServer ? closeCode : null,
      message,
    });
    if (tellServer) this.#sendClose(closeCode, new Uint8Array(0));
    this.#state = "closed";
  }

  #sendData(opcode: number, payload: Uint8Array): void {
    this.#assertOpen();
    if (this.#deflater === null) this.#sendFrame(opcode, payload, false);
    else this.#sendFrame(opcode, this.#deflater.deflate(payload), true);
  }

  #sendClose(code: number | null, reason: Uint8Array): void {
    this.#closeSent = true;
    const payload = new Uint8Array(code === null ? 0 : 2 + reason.length);
    if (code !== null) {
      payload[0] = code >>> 8;
      payload[1] = code & 0xff;
      payload.set(reason, 2);
    }
    this.#sendFrame(OPCODE.close, payload, false);
  }

  #sendFrame(opcode: number, payload: Uint8Array, rsv1: boolean): void {
    const frame = encodeFrame({ opcode, rsv1, payload, maskKey: this.#options.nextMask() });
    this.#output.push(frame);
    this.#events.push({
      type: "frame",
      direction: "sent",
      opcode,
      fin: true,
      rsv1,
      payloadBytes: payload.length,
      wireBytes: frame.length,
      // A copy, of subclasses too: the payload is the caller's.
      preview: new Uint8Array(payload.subarray(0, this.#limits.framePreviewBytesMax)),
    });
  }

  #assertOpen(): void {
    if (this.#state !== "open") throw new Error(`the connection is ${this.#state}, not open`);
  }
}
