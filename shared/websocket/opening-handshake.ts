/**
 * The opening handshake from the client's side: one request out, the bytes of the answer in, until
 * it is agreed, refused or broken.
 *
 * Follows RFC 6455 §4.1. Pure; sends nothing by itself.
 */
import { acceptKey, encodeKey } from "./accept-key.ts";
import type { ConnectionEvent } from "./connection-event.ts";
import { encodeDeflateOffer, type DeflateOffer } from "./deflate-negotiation.ts";
import type { Header } from "./header-syntax.ts";
import type { Limits } from "./limits.ts";
import { RejectionBody } from "./rejection-body.ts";
import { ResponseHeadParser, type ResponseHead } from "./response-head.ts";
import { parseUpgradeAnswer, type UpgradeAgreement } from "./upgrade-answer.ts";
import { encodeUpgradeRequest } from "./upgrade-request.ts";

/** What is asked of the server. */
export interface HandshakeOptions {
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
}

/** Events of the connection that come out of the handshake. */
export type HandshakeEvent = Extract<ConnectionEvent, { type: "response" | "rejected" }>;

/** Takes the answer and says what came of it. */
export class OpeningHandshake {
  /** The request head. */
  readonly request: string;
  readonly #accept: string;
  readonly #subprotocols: readonly string[];
  readonly #offer: DeflateOffer | null;
  readonly #limits: Limits;
  readonly #emit: (event: HandshakeEvent) => void;
  readonly #parser: ResponseHeadParser;
  #rejection: { head: ResponseHead; body: RejectionBody } | null = null;
  #agreement: UpgradeAgreement | null = null;
  #rejected = false;

  /**
   * @throws TypeError for values that cannot stand in a request
   * @throws RangeError for a key of the wrong size or window bits out of range
   */
  constructor(
    options: HandshakeOptions,
    offer: DeflateOffer | null,
    limits: Limits,
    emit: (event: HandshakeEvent) => void,
  ) {
    const key = encodeKey(options.keyBytes);
    const extensions = offer === null ? null : encodeDeflateOffer(offer);
    this.request = encodeUpgradeRequest({ ...options, key, extensions });
    this.#accept = acceptKey(key);
    this.#subprotocols = options.subprotocols;
    this.#offer = offer;
    this.#limits = limits;
    this.#emit = emit;
    this.#parser = new ResponseHeadParser(limits);
  }

  /** What both sides agreed on, once they have. */
  get agreement(): UpgradeAgreement | null {
    return this.#agreement;
  }

  /** Whether the server refused, and that was reported. */
  get rejected(): boolean {
    return this.#rejected;
  }

  /**
   * Takes the next bytes of the answer; returns how many belonged to the handshake.
   *
   * @throws Violation with a reason of the handshake
   */
  receive(bytes: Uint8Array): number {
    if (this.#rejection !== null) {
      this.#receiveBody(bytes);
      return bytes.length;
    }
    const consumed = this.#parser.receive(bytes);
    const { head } = this.#parser;
    if (head !== null) this.#receiveHead(head);
    return consumed;
  }

  /**
   * The connection ended, or the caller waits no longer: a refusal counts with as much of its body
   * as arrived.
   *
   * @throws Violation `upgrade_invalid` inside the head
   */
  receiveEnd(): void {
    if (this.#rejection === null) throw this.#parser.endOfInput();
    this.#reject();
  }

  #receiveHead(head: ResponseHead): void {
    const { status, headers, text } = head;
    this.#emit({ type: "response", status, headers, head: text });
    if (status === 101) {
      this.#agreement = parseUpgradeAnswer(head, {
        accept: this.#accept,
        subprotocols: this.#subprotocols,
        deflate: this.#offer,
      });
      return;
    }
    const body = new RejectionBody(status, headers, this.#limits.rejectionBodyBytesMax);
    this.#rejection = { head, body };
    if (body.done) this.#reject();
  }

  #receiveBody(bytes: Uint8Array): void {
    this.#rejection?.body.receive(bytes);
    if (this.#rejection?.body.done === true) this.#reject();
  }

  #reject(): void {
    if (this.#rejection === null || this.#rejected) return;
    this.#rejected = true;
    const { head, body } = this.#rejection;
    const { status, headers } = head;
    this.#emit({ type: "rejected", status, headers, body: body.text });
  }
}
