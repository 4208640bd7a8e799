/**
 * The messages that a check sends to be echoed, over all its echo steps: what is under way, what came
 * back and in which state. Loss, order and corruption are told apart by the number in each message:
 * lost is what never came, reordered what came after a later one (RFC 4737 §3), corrupted what came
 * changed, duplicated what came again.
 *
 * It may not send, wait or know a clock; `nowMs` is an argument, in the clock of the deadline.
 */
import { echoIndex, echoNumber, echoPayload, isEchoRemnant } from "./echo-payload.ts";
import type { EchoResult } from "./observation.ts";
import { patienceMs } from "./patience.ts";
import { quote } from "./quote.ts";
import { jitterMs, perSecond, rttSpread } from "./stats.ts";

/** Messages without an answer, at most: enough to fill the way, too few to flood a server. */
const WINDOW_MAX = 32;
/** Bytes without an answer, at most. */
const WINDOW_BYTES_MAX = 65_536;
/** An exchange is spread over about this many round trips, whatever the number of messages. */
const ROUND_TRIPS = 10;

/** One echo step. */
interface Step {
  /** Number of its first message. */
  first: number;
  count: number;
  bytes: number;
  /** How many may be under way; grows by one with each that is given up on. */
  window: number;
  startedAtMs: number;
  /** Moment at which silence makes the next message go out. */
  patientUntilMs: number;
}

/** See the module's header. */
export class EchoExchange {
  readonly #nonce: string;
  readonly #deadlineMs: number;
  /** Moments of sending of what has not come back, by number, oldest first. */
  readonly #pending = new Map<number, number>();
  readonly #rttsMs: number[] = [];
  #slowestMs = 0;
  #step: Step | null = null;
  #sent = 0;
  #latest = -1;
  #corrupted = 0;
  #reordered = 0;
  #duplicated = 0;
  #bytesBack = 0;
  #elapsedMs = 0;
  /** First of each kind of trouble, in words. */
  #firstCorrupted: string | null = null;
  #firstReordered: string | null = null;

  /**
   * @param nonce eight or more random hexadecimal digits
   * @param deadlineMs moment by which the last step must be over
   */
  constructor(nonce: string, deadlineMs: number) {
    this.#nonce = nonce;
    this.#deadlineMs = deadlineMs;
  }

  /** Begins a step; @returns the first messages to send */
  begin(count: number, bytes: number, nowMs: number): string[] {
    const window = Math.min(
      Math.ceil(count / ROUND_TRIPS),
      WINDOW_MAX,
      Math.max(1, Math.floor(WINDOW_BYTES_MAX / bytes)),
    );
    const first = this.#sent;
    const step = { first, count, bytes, window, startedAtMs: nowMs, patientUntilMs: Infinity };
    this.#step = step;
    return this.#fillWindow(step, nowMs);
  }

  /** Whether all messages of the step are accounted for. */
  get isComplete(): boolean {
    return this.#pending.size === 0 && this.#leftOf(this.#step) === 0;
  }

  /** Moment at which {@link elapse} has something to do. */
  get waitUntilMs(): number {
    return this.#step?.patientUntilMs ?? Infinity;
  }

  /** Takes a text message; @returns null when it has nothing to do with the step, else what to send */
  receive(text: string, atMs: number): string[] | null {
    const step = this.#step;
    if (step === null) return null;
    const index = echoIndex(this.#nonce, text);
    const sentAtMs = index === null ? undefined : this.#pending.get(index);
    if (index !== null && sentAtMs !== undefined && text.length === step.bytes) {
      this.#pending.delete(index);
      this.#rttsMs.push(atMs - sentAtMs);
      this.#slowestMs = Math.max(this.#slowestMs, atMs - sentAtMs);
      this.#bytesBack += step.bytes;
      this.#noteOrder(index);
      return this.#fillWindow(step, atMs);
    }
    if (index !== null && index < this.#sent && this.#isWhole(index, text, step)) {
      this.#duplicated += 1;
      return [];
    }
    if (index === null && !isEchoRemnant(this.#nonce, text)) return null;
    this.#noteCorrupted(text);
    return this.#fillWindow(step, atMs);
  }

  /** Lets time pass; @returns what to send after too long a silence */
  elapse(nowMs: number): string[] {
    const step = this.#step;
    if (step === null || nowMs < step.patientUntilMs) return [];
    step.window += 1;
    return this.#fillWindow(step, nowMs);
  }

  /** Ends the step. */
  end(nowMs: number): void {
    if (this.#step !== null) this.#elapsedMs += nowMs - this.#step.startedAtMs;
    this.#step = null;
  }

  /** What is wrong with what came back so far, as a whole sentence; null: nothing. */
  get complaint(): string | null {
    const total = this.#sent === 1 ? "The message" : `${this.#corrupted} of ${this.#sent} messages`;
    if (this.#firstCorrupted !== null) {
      return `${total} came back changed: ${this.#firstCorrupted}.`;
    }
    if (this.#firstReordered === null) return null;
    const count = `${this.#reordered} of ${this.#sent} messages`;
    return `${count} came back out of order: ${this.#firstReordered}.`;
  }

  /** How far the exchange has come, e.g. `3 of 10 messages came back, 1 of them changed`. */
  get progress(): string {
    const total = this.#sent + this.#leftOf(this.#step);
    const back = this.#rttsMs.length + this.#corrupted;
    const remarks = [
      this.#corrupted === 0 ? "" : `, ${this.#corrupted} of them changed`,
      this.#reordered === 0 ? "" : `, ${this.#reordered} out of order`,
    ];
    return `${back} of ${total} messages came back${remarks.join("")}`;
  }

  /** What was measured so far; null when nothing was sent. */
  get result(): EchoResult | null {
    if (this.#sent === 0) return null;
    const received = this.#rttsMs.length;
    return {
      count: this.#sent,
      received,
      lost: this.#sent - received - this.#corrupted,
      corrupted: this.#corrupted,
      reordered: this.#reordered,
      duplicated: this.#duplicated,
      rttMs: rttSpread(this.#rttsMs),
      jitterMs: jitterMs(this.#rttsMs),
      messagesPerSecond: perSecond(received, this.#elapsedMs),
      bytesPerSecond: perSecond(this.#bytesBack, this.#elapsedMs),
    };
  }

  #leftOf(step: Step | null): number {
    return step === null ? 0 : step.first + step.count - this.#sent;
  }

  #fillWindow(step: Step, nowMs: number): string[] {
    const texts: string[] = [];
    while (this.#leftOf(step) > 0 && this.#pending.size < step.window) {
      texts.push(echoPayload(this.#nonce, this.#sent, step.bytes));
      this.#pending.set(this.#sent, nowMs);
      this.#sent += 1;
    }
    const left = this.#leftOf(step);
    step.patientUntilMs =
      left === 0 ? Infinity : nowMs + patienceMs(this.#deadlineMs - nowMs, left, this.#slowestMs);
    return texts;
  }

  /** Whether a text is a message of ours as it was sent; those of earlier steps may be of any size. */
  #isWhole(index: number, text: string, step: Step): boolean {
    return index < step.first || text.length === step.bytes;
  }

  #noteOrder(index: number): void {
    if (index > this.#latest) {
      this.#latest = index;
      return;
    }
    this.#reordered += 1;
    this.#firstReordered ??= `message ${index + 1} after message ${this.#latest + 1}`;
  }

  /** A changed message stands for the one whose number it still shows, else for the oldest. */
  #noteCorrupted(text: string): void {
    const [oldest] = this.#pending.keys();
    const shown = echoNumber(this.#nonce, text);
    const index = shown !== null && this.#pending.has(shown) ? shown : oldest;
    if (index === undefined) return;
    this.#pending.delete(index);
    this.#corrupted += 1;
    this.#firstCorrupted ??= quote(text);
  }
}
