/**
 * A WebSocket client without input or output: bytes of the server in, events and bytes to send out.
 *
 * Responsible for the order of things: request, answer, frames, closing handshake, end. Opens no
 * socket, knows no time and no randomness; the caller brings the key, the masks and the deadlines.
 * Follows RFC 6455 as a client, RFC 7692 for compression. Bytes in any split give the same events.
 */
import { acceptKey, encodeKey } from "./accept-key.ts";
import { CLOSE_CODE, isSendableCloseCode } from "./close-code.ts";
import type { ConnectionEvent } from "./connection-event.ts";
import type { DeflateCodec, MessageDeflater } from "./deflate-codec.ts";
import {
  encodeDeflateOffer,
  type DeflateAgreement,
  type DeflateOffer,
} from "./deflate-negotiation.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import { encodeFrame } from "./frame-encoder.ts";
import type { Header } from "./header-syntax.ts";
import {
  CLOSE_REASON_BYTES_MAX,
  CONTROL_PAYLOAD_BYTES_MAX,
  FRAME_PREVIEW_BYTES_MAX,
  resolveLimits,
  type Limits,
} from "./limits.ts";
import { MessageAssembler, type AssemblerEvent } from "./message-assembler.ts";
import { OPCODE } from "./opcode.ts";
import { RejectionBody } from "./rejection-body.ts";
import { ResponseHeadParser, type ResponseHead } from "./response-head.ts";
import { parseUpgradeAnswer, type UpgradeExpectation } from "./upgrade-answer.ts";
import { encodeUpgradeRequest } from "./upgrade-request.ts";
import { Violation } from "./violation.ts";

export type { ConnectionEvent } from "./connection-event.ts";

/** Where a connection stands. `closed`: nothing more is sent or looked at. */
export type ConnectionState = "idle" | "connecting" | "open" | "closing" | "closed";

/** How to compress, when the server agrees. */
export interface DeflateOptions {
  offer: DeflateOffer;
  codec: DeflateCodec;
}

/** What a connection needs to know before it starts. */
export interface ClientConnectionOptions {
  /** Value of `Host`, e.g. `chat.example.com:8443`. */
  host: string;
  /** Path and query, e.g. `/socket?v=2`. */
  target: string;
  /** Additional headers, in order; see `isReservedHeader` for those that are refused. */
  headers: readonly Header[];
  /** Offered in order of preference. */
  subprotocols: readonly string[];
  /** Value of `Origin`; null: none. */
  origin: string | null;
  /** Value of `User-Agent`; null: none. */
  userAgent: string | null;
  /** Sixteen random bytes for `Sec-WebSocket-Key`. */
  keyBytes: Uint8Array;
  /** Four fresh, unpredictable bytes for each frame sent. */
  nextMask: () => Uint8Array;
  /** null: `permessage-deflate` is not offered. */
  deflate: DeflateOptions | null;
  /** Caps that differ from the defaults. */
  limits?: Partial<Limits> | undefined;
}

export class ClientConnection {
  readonly #options: ClientConnectionOptions;
  readonly #limits: Limits;
  readonly #request: string;
  readonly #expectation: UpgradeExpectation;
  readonly #headParser: ResponseHeadParser;
  #state: ConnectionState = "idle";
  #output: Uint8Array[] = [];
  #events: ConnectionEvent[] = [];
  #rejection: { head: ResponseHead; body: RejectionBody } | null = null;
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
    const key = encodeKey(options.keyBytes);
    const deflate = options.deflate?.offer ?? null;
    this.#request = encodeUpgradeRequest({
      ...options,
      key,
      extensions: deflate === null ? null : encodeDeflateOffer(deflate),
    });
    this.#expectation = {
      accept: acceptKey(key),
      subprotocols: options.subprotocols,
      deflate,
    };
    this.#headParser = new ResponseHeadParser(this.#limits);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Queues the request; does nothing the second time. */
  start(): void {
    if (this.#state !== "idle") return;
    this.#state = "connecting";
    this.#output.push(new TextEncoder().encode(this.#request));
    this.#events.push({ type: "request_sent", head: this.#request });
  }

  /**
   * Takes bytes of the server, in any split. Events may refer to them without copying: the caller
   * must not reuse the buffer. Ignored once the connection is closed.
   */
  receive(bytes: Uint8Array): void {
    if (this.#ended) return;
    try {
      // A plain view: subclasses such as Node's Buffer share memory where a copy is meant.
      this.#receive(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#fail(error);
    }
  }

  /** The server's side of the connection has ended, or the caller waits no longer. */
  receiveEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#state === "connecting") {
      if (this.#rejection === null) this.#fail(this.#headParser.endOfInput());
      else this.#reject();
    }
    this.#state = "closed";
    this.#events.push({ type: "ended", clean: this.#closeSent && this.#closeReceived });
  }

  /** Bytes to write, in order; each is handed out once. */
  takeOutput(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  /** What happened since the last call. */
  takeEvents(): ConnectionEvent[] {
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
    this.#sendData(OPCODE.text, new TextEncoder().encode(text));
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
   * Starts the closing handshake (RFC 6455 §7.1.2); before the connection is open it gives up without
   * one. Does nothing while closing or closed.
   *
   * @throws RangeError for a code that may not be sent or a reason of more than 123 bytes
   */
  close(code: number = CLOSE_CODE.normal, reason = ""): void {
    if (!isSendableCloseCode(code)) throw new RangeError(`close code ${code} may not be sent`);
    const text = new TextEncoder().encode(reason);
    if (text.length > CLOSE_REASON_BYTES_MAX) {
      throw new RangeError(`a close reason holds at most ${CLOSE_REASON_BYTES_MAX} bytes`);
    }
    if (this.#state === "idle" || this.#state === "connecting") this.#state = "closed";
    if (this.#state === "open") {
      this.#state = "closing";
      this.#sendClose(code, text);
    }
  }

  #receive(bytes: Uint8Array): void {
    let rest = bytes;
    if (this.#state === "connecting" && this.#rejection === null) {
      const consumed = this.#headParser.receive(bytes);
      const { head } = this.#headParser;
      if (head === null) return;
      rest = bytes.subarray(consumed);
      this.#receiveHead(head);
    }
    if (this.#rejection !== null && this.#state === "connecting") {
      this.#rejection.body.receive(rest);
      if (this.#rejection.body.done) this.#reject();
    } else if (this.#state === "open" || this.#state === "closing") {
      this.#decoder?.receive(rest);
    }
  }

  #receiveHead(head: ResponseHead): void {
    const { status, headers, text } = head;
    this.#events.push({ type: "response", status, headers, head: text });
    if (status !== 101) {
      const body = new RejectionBody(status, headers, this.#limits.rejectionBodyBytesMax);
      this.#rejection = { head, body };
      return;
    }
    const { subprotocol, extensions, deflate } = parseUpgradeAnswer(head, this.#expectation);
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
    const assembler = new MessageAssembler(messageBytesMax, inflater, (event) => {
      this.#receiveEvent(event);
    });
    this.#decoder = new FrameDecoder(
      { deflate: deflate !== null, messageBytesMax },
      {
        receivePayload: (header, piece, offset) => {
          assembler.receive(header, piece, offset);
          // What follows a close frame is discarded (RFC 6455 §1.4).
          return !this.#closeReceived;
        },
      },
    );
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

  #reject(): void {
    if (this.#rejection === null) return;
    const { head, body } = this.#rejection;
    const { status, headers } = head;
    this.#state = "closed";
    this.#events.push({ type: "rejected", status, headers, body: body.text });
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
      preview: payload.slice(0, FRAME_PREVIEW_BYTES_MAX),
    });
  }

  #assertOpen(): void {
    if (this.#state !== "open") throw new Error(`the connection is ${this.#state}, not open`);
  }
}
