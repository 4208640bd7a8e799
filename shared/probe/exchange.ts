/**
 * One exchange over an open connection: upgrade, dialogue, closing handshake. It joins the RFC 6455
 * client and the dialogue, times the phases, notes what happened and says why it failed.
 *
 * Sans-I/O: the shell hands in received bytes and the time, writes `takeOutput()`, and calls `tick`
 * when `waitUntilMs` has come. All moments are of one monotonic clock, that of the check's window.
 */
import { ClientConnection } from "../websocket/client-connection.ts";
import type { ConnectionEvent } from "../websocket/connection-event.ts";
import type { DeflateCodec } from "../websocket/deflate-codec.ts";
import type { Header } from "../websocket/header-syntax.ts";
import type { CheckWindow } from "./budget.ts";
import { phaseDeadlineMs } from "./budget.ts";
import type { CheckSpec } from "./check-spec.ts";
import type { DialogueAction, DialogueInput } from "./dialogue.ts";
import { Dialogue } from "./dialogue.ts";
import type { Evidence } from "./evidence.ts";
import { ExchangeRecord } from "./exchange-record.ts";
import { handshakeDifferences } from "./handshake-expectation.ts";
import type { Reason } from "./reason.ts";
import type { Redactor } from "./redaction.ts";
import { redactQuery } from "./redaction.ts";
import { bodySentences, misplacedAnswer, rejectionReason, statusText } from "./rejection.ts";
import type { TranscriptRecorder } from "./transcript.ts";
import { printable } from "./transcript.ts";

/** What an exchange needs besides the bytes. */
export interface ExchangeOptions {
  spec: CheckSpec;
  window: CheckWindow;
  userAgent: string;
  /** Sixteen random bytes. */
  keyBytes: Uint8Array;
  nextMask: () => Uint8Array;
  /** Random hexadecimal digits for echoes and pings, eight or more. */
  nonce: string;
  /** Null: compression cannot be offered. */
  deflateCodec: DeflateCodec | null;
  /** Filled in as the exchange goes on. */
  evidence: Evidence;
  recorder: TranscriptRecorder;
  redactor: Redactor;
}

type Stage = "upgrade" | "dialogue" | "close" | "finished";

/** How long the body of a rejection is waited for, in milliseconds: its beginning says enough. */
const REJECTION_BODY_MAX_MS = 500;

/** See the module's header. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #evidence: Evidence;
  readonly #connection: ClientConnection;
  readonly #record: ExchangeRecord;
  #stage: Stage = "upgrade";
  #answerHeaders: readonly Header[] = [];
  #dialogue: Dialogue | null = null;
  #waitUntilMs = 0;
  #stageStartedAtMs = 0;
  #openedAtMs = 0;
  #closeReceived = false;
  #broken = false;
  /** What came last, as it came. */
  #received: Uint8Array = new Uint8Array(0);

  /** @throws TypeError when the spec holds what cannot stand in a request */
  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#evidence = options.evidence;
    this.#record = new ExchangeRecord(options.recorder, options.redactor);
    const { spec, deflateCodec } = options;
    const url = new URL(spec.url);
    this.#connection = new ClientConnection({
      host: url.host,
      target: url.pathname + url.search,
      headers: [...spec.headers],
      subprotocols: spec.subprotocols,
      origin: spec.origin,
      userAgent: options.userAgent,
      keyBytes: options.keyBytes,
      nextMask: options.nextMask,
      limits: { framePreviewBytesMax: options.recorder.previewBytesMax },
      deflate:
        spec.compression && deflateCodec !== null
          ? {
              offer: {
                serverNoContextTakeover: false,
                clientNoContextTakeover: false,
                serverMaxWindowBits: null,
                clientMaxWindowBits: true,
              },
              codec: deflateCodec,
            }
          : null,
    });
  }

  /** Whether the connection may be closed, once the last output is written. */
  get finished(): boolean {
    return this.#stage === "finished";
  }

  /** The moment at which `tick` must be called unless something arrives before. */
  get waitUntilMs(): number {
    return this.#waitUntilMs;
  }

  /**
   * Queues the upgrade request.
   *
   * @param dialledAtMs moment at which the transcript's clock is zero
   */
  start(nowMs: number, dialledAtMs: number): void {
    this.#record.begin(dialledAtMs);
    this.#enter("upgrade", nowMs);
    this.#connection.start();
    this.#drain(nowMs);
  }

  /** Takes bytes from the server. */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.finished) return;
    this.#received = bytes;
    this.#record.receive(bytes);
    this.#connection.receive(bytes);
    this.#drain(nowMs);
  }

  /** The server has ended the stream; `broken`: not in an orderly way. */
  receiveEnd(broken: boolean, nowMs: number): void {
    if (this.finished) return;
    this.#broken = broken;
    this.#recordLeftOver(nowMs);
    this.#record.end(broken, nowMs);
    this.#connection.receiveEnd();
    this.#drain(nowMs);
    if (!this.finished) this.#finish(nowMs);
  }

  /** Lets time pass. */
  tick(nowMs: number): void {
    if (this.finished || nowMs < this.#waitUntilMs) return;
    if (this.#stage === "dialogue") {
      this.#converse({ type: "tick" }, nowMs);
    } else if (this.#stage === "close") {
      this.#failClose(nowMs);
    } else {
      this.#record.note("No more time to wait for the answer.", nowMs);
      // Where a rejection's head is there, this makes it count without the rest of its body.
      if (this.#evidence.handshake === null) this.#fail("upgrade_timeout", "");
      else this.#connection.receiveEnd();
      this.#drain(nowMs);
      this.#finish(nowMs);
    }
    // The frames that this sent belong into the transcript.
    this.#drain(nowMs);
  }

  /** Bytes to write, in order. */
  takeOutput(): Uint8Array[] {
    return this.#connection.takeOutput();
  }

  #enter(stage: "upgrade" | "dialogue" | "close", nowMs: number): void {
    this.#stage = stage;
    this.#stageStartedAtMs = nowMs;
    this.#waitUntilMs = phaseDeadlineMs(stage, this.#options.window, nowMs);
  }

  #drain(nowMs: number): void {
    // Handling an event may cause new ones: frames that were sent in answer.
    for (;;) {
      const events = this.#connection.takeEvents();
      if (events.length === 0) return;
      for (const event of events) this.#handle(event, nowMs);
    }
  }

  #handle(event: ConnectionEvent, nowMs: number): void {
    switch (event.type) {
      case "request_sent":
        this.#record.requestHead(event.head, nowMs);
        break;
      case "response":
        this.#takeResponse(event, nowMs);
        break;
      case "rejected":
        this.#takeRejection(event, nowMs);
        break;
      case "open":
        this.#open(event, nowMs);
        break;
      case "frame":
        this.#record.frame(event, nowMs);
        break;
      case "text":
      case "binary":
        this.#takeMessage(event, nowMs);
        break;
      case "ping":
        break;
      case "pong":
        this.#converse(event, nowMs);
        break;
      case "close":
        this.#takeClose(event, nowMs);
        break;
      case "violation":
        this.#takeViolation(event, nowMs);
        break;
      case "ended":
        this.#takeEnd(nowMs);
        break;
    }
  }

  #takeResponse(event: Extract<ConnectionEvent, { type: "response" }>, nowMs: number): void {
    this.#record.answerHead(event.head, nowMs);
    this.#answerHeaders = event.headers;
    this.#evidence.timings.upgradeMs = nowMs - this.#stageStartedAtMs;
    this.#evidence.handshake = { status: event.status, subprotocol: null, extensions: null };
    if (event.status !== 101) {
      this.#waitUntilMs = Math.min(this.#waitUntilMs, nowMs + REJECTION_BODY_MAX_MS);
    }
  }

  #takeRejection(event: Extract<ConnectionEvent, { type: "rejected" }>, nowMs: number): void {
    const { status, headers, body } = event;
    const { redactor } = this.#options;
    const sentences = [`It answered ${statusText(status)}.`];
    const location = headers.find(([name]) => name.toLowerCase() === "location")?.[1];
    this.#evidence.redirect = { status, location: location ?? null };
    if (location !== undefined && status >= 300 && status < 400) {
      sentences.push(`It points to ${redactor.text(redactQuery(printable(location)))}.`);
    }
    sentences.push(...bodySentences(body, redactor));
    this.#fail(rejectionReason(status), sentences.join(" "));
    this.#finish(nowMs);
  }

  #open(event: Extract<ConnectionEvent, { type: "open" }>, nowMs: number): void {
    const { subprotocol, extensions } = event;
    this.#evidence.handshake = { status: 101, subprotocol, extensions };
    this.#openedAtMs = nowMs;
    const { spec, redactor } = this.#options;
    const answer = { headers: this.#answerHeaders, subprotocol };
    const differences = handshakeDifferences(spec.handshake, answer, redactor);
    if (differences.length > 0) {
      this.#fail("handshake_assertion_failed", differences.join(" "));
      this.#connection.close();
      this.#finish(nowMs);
      return;
    }
    this.#enter("dialogue", nowMs);
    this.#dialogue = new Dialogue({
      steps: spec.dialogue,
      nonce: this.#options.nonce,
      deadlineMs: this.#waitUntilMs,
      pings: true,
    });
    this.#perform(this.#dialogue.start(nowMs));
    this.#checkOutcome(nowMs);
  }

  #takeMessage(event: Extract<ConnectionEvent, { type: "text" | "binary" }>, nowMs: number): void {
    const { timings } = this.#evidence;
    timings.firstMessageMs ??= nowMs - this.#openedAtMs;
    if (event.type === "text") this.#converse(event, nowMs);
    else this.#converse({ type: "binary", bytes: event.data.length }, nowMs);
  }

  #converse(input: DialogueInput, nowMs: number): void {
    if (this.#stage !== "dialogue" || this.#dialogue === null) return;
    this.#perform(this.#dialogue.advance(input, nowMs));
    this.#checkOutcome(nowMs);
  }

  #perform(actions: readonly DialogueAction[]): void {
    for (const action of actions) {
      // The server may have closed in the same segment; its close event comes next and ends this.
      if (this.#connection.state !== "open") return;
      if (action.type === "send_text") this.#connection.sendText(action.text);
      else this.#connection.ping(action.payload);
    }
  }

  #checkOutcome(nowMs: number): void {
    if (this.#dialogue === null) return;
    const { outcome, waitUntilMs } = this.#dialogue;
    if (outcome.type === "running") {
      this.#waitUntilMs = waitUntilMs;
      return;
    }
    this.#keepResults();
    if (outcome.type === "failed") {
      this.#fail(outcome.reason, this.#options.redactor.text(outcome.detail));
      this.#connection.close();
      this.#finish(nowMs);
    } else if (this.#connection.state === "open") {
      this.#enter("close", nowMs);
      this.#connection.close();
    }
  }

  #takeClose(event: Extract<ConnectionEvent, { type: "close" }>, nowMs: number): void {
    this.#closeReceived = true;
    const reason = this.#options.redactor.text(printable(event.reason));
    this.#evidence.close = { code: event.code, reason, clean: true };
    if (this.#stage === "close") {
      this.#evidence.timings.closeMs = nowMs - this.#stageStartedAtMs;
    } else if (this.#dialogue?.outcome.type === "done") {
      // It closed first, but only when all had been said.
      this.#finish(nowMs);
    } else {
      this.#keepResults();
      const said = reason === "" ? "" : `: ${JSON.stringify(reason)}`;
      const code = event.code === 1005 ? "without a code" : `with code ${event.code}`;
      this.#fail("closed_by_peer", `It closed ${code}${said}.`);
      this.#finish(nowMs);
    }
  }

  #takeViolation(event: Extract<ConnectionEvent, { type: "violation" }>, nowMs: number): void {
    this.#keepResults();
    const { redactor } = this.#options;
    const closed = event.closeCode === null ? "" : ` The probe closed with ${event.closeCode}.`;
    const sentence = redactor.text(event.message).replace(/\.$/, "");
    const sentences = [`${capitalised(sentence)} (${event.section}).${closed}`];
    const answer = event.reason.startsWith("frame_") ? misplacedAnswer(this.#received) : null;
    if (answer !== null) {
      sentences.push(`It was an HTTP answer: ${statusText(answer.status)}.`);
      sentences.push(...bodySentences(answer.body, redactor));
    }
    this.#fail(event.reason, sentences.join(" "));
    this.#finish(nowMs);
  }

  #takeEnd(nowMs: number): void {
    if (this.#stage === "upgrade") {
      this.#fail("upgrade_invalid", "The connection ended before the answer.");
    } else if (this.#stage === "dialogue") {
      this.#keepResults();
      this.#evidence.close = { code: 1006, reason: "", clean: false };
      const how = this.#broken ? "The connection was reset." : "No close frame came before.";
      this.#fail("connection_lost", how);
    } else if (this.#stage === "close" && !this.#closeReceived) {
      this.#evidence.timings.closeMs = nowMs - this.#stageStartedAtMs;
      this.#evidence.close = { code: 1006, reason: "", clean: false };
      this.#evidence.notes.push("The server ended the connection without a close frame.");
    }
    this.#finish(nowMs);
  }

  #failClose(nowMs: number): void {
    this.#record.note("No more time to wait for the end of the connection.", nowMs);
    if (this.#closeReceived) {
      this.#fail("close_timeout", "It answered the close frame but kept the connection open.");
    } else {
      this.#evidence.close = { code: 1006, reason: "", clean: false };
      this.#fail("close_timeout", "It did not answer the close frame.");
    }
    this.#finish(nowMs);
  }

  #keepResults(): void {
    this.#evidence.echo = this.#dialogue?.echo ?? null;
    this.#evidence.ping = this.#dialogue?.ping ?? null;
  }

  #fail(reason: Reason, detail: string): void {
    this.#evidence.failure ??= { reason, detail };
  }

  #finish(nowMs: number): void {
    this.#recordLeftOver(nowMs);
    this.#stage = "finished";
  }

  #recordLeftOver(nowMs: number): void {
    this.#record.leftOver(this.#evidence.handshake?.status ?? null, nowMs);
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
