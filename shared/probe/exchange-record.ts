/**
 * What an exchange notes down as it goes: heads, frames, the end of the stream, and at last the bytes
 * that were none of these. Moments are told from the dialling on. Decides nothing. Pure.
 */
import type { FrameEvent } from "../websocket/connection-event.ts";
import { dataDraft, frameDraft, partialHeadDraft } from "./frame-draft.ts";
import type { Redactor } from "./redaction.ts";
import type { TranscriptRecorder } from "./transcript.ts";
import { UnframedTail } from "./unframed-bytes.ts";

/** The record of one exchange. */
export class ExchangeRecord {
  readonly #recorder: TranscriptRecorder;
  readonly #redactor: Redactor;
  readonly #encoder = new TextEncoder();
  /** What the server sent that is not, or not yet, a whole head or frame. */
  readonly #tail = new UnframedTail();
  #dialledAtMs = 0;

  constructor(recorder: TranscriptRecorder, redactor: Redactor) {
    this.#recorder = recorder;
    this.#redactor = redactor;
  }

  /** Takes the moment at which the transcript's clock is zero. */
  begin(dialledAtMs: number): void {
    this.#dialledAtMs = dialledAtMs;
  }

  /** Takes what the server sent, before anything is made of it. */
  receive(bytes: Uint8Array): void {
    this.#tail.receive(bytes);
  }

  requestHead(head: string, nowMs: number): void {
    this.#addHead("sent", head, nowMs);
  }

  answerHead(head: string, nowMs: number): void {
    // One character of it is one byte.
    this.#tail.consume(head.length);
    this.#addHead("received", head, nowMs);
  }

  frame(event: FrameEvent, nowMs: number): void {
    if (event.direction === "received") this.#tail.consume(event.wireBytes);
    this.#recorder.add(frameDraft(event, this.#sinceDial(nowMs)));
  }

  /** The server has ended the stream; `broken`: not in an orderly way. */
  end(broken: boolean, nowMs: number): void {
    const text = broken ? "The connection was reset." : "The server ended the connection.";
    this.#recorder.add({
      atMs: this.#sinceDial(nowMs),
      direction: "received",
      kind: broken ? "reset" : "end",
      bytes: 0,
      text: () => text,
    });
  }

  note(text: string, nowMs: number): void {
    this.#recorder.add({
      atMs: this.#sinceDial(nowMs),
      direction: "note",
      kind: "note",
      bytes: null,
      text: () => text,
    });
  }

  /**
   * What was left over: what broke a rule, a body, or the beginning of something.
   *
   * @param status of the server's answer; null: it never came to one
   */
  leftOver(status: number | null, nowMs: number): void {
    const tail = this.#tail.take();
    if (tail === null) return;
    const atMs = this.#sinceDial(nowMs);
    if (status === null) this.#recorder.add(partialHeadDraft(tail, this.#redactor, atMs));
    else this.#recorder.add(dataDraft(status === 101 ? "data" : "body", tail, atMs));
  }

  #addHead(direction: "sent" | "received", head: string, nowMs: number): void {
    this.#recorder.add({
      atMs: this.#sinceDial(nowMs),
      direction,
      kind: "head",
      bytes: this.#encoder.encode(head).length,
      text: () => this.#redactor.head(head).trimEnd(),
    });
  }

  #sinceDial(nowMs: number): number {
    return Math.round((nowMs - this.#dialledAtMs) * 10) / 10;
  }
}
