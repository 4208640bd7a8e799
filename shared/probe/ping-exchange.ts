/**
 * The pings of a check (RFC 6455 §5.5.2), over all its ping steps: sent one after another, each when
 * the one before is answered or has been waited for long enough. A pong that comes late still counts.
 *
 * It may not send, wait or know a clock; `nowMs` is an argument, in the clock of the deadline.
 */
import type { PingResult } from "./observation.ts";
import { patienceMs } from "./patience.ts";
import { quote } from "./quote.ts";
import { jitterMs, rttSpread } from "./stats.ts";

/** Digits of the nonce in a ping: some servers cut longer payloads short in small buffers. */
const NONCE_DIGITS = 6;

/** See the module's header. */
export class PingExchange {
  readonly #nonce: string;
  readonly #deadlineMs: number;
  /** Moments of sending of what is not answered, by payload, oldest first. */
  readonly #pending = new Map<string, number>();
  readonly #rttsMs: number[] = [];
  #slowestMs = 0;
  #sent = 0;
  #answered = 0;
  /** Still to be sent in this step. */
  #left = 0;
  #patientUntilMs = Infinity;
  /** Payload of the last pong that answered no ping of ours. */
  #otherPong: string | null = null;

  /**
   * @param nonce eight or more random hexadecimal digits
   * @param deadlineMs moment by which the last step must be over
   */
  constructor(nonce: string, deadlineMs: number) {
    this.#nonce = nonce;
    this.#deadlineMs = deadlineMs;
  }

  /** Begins a step; @returns payload of the first ping */
  begin(count: number, nowMs: number): string {
    this.#left = count;
    return this.#send(nowMs);
  }

  /** Whether all pings of the step are answered. */
  get isComplete(): boolean {
    return this.#left === 0 && this.#pending.size === 0;
  }

  /** Moment at which {@link elapse} has something to do. */
  get waitUntilMs(): number {
    return this.#left === 0 ? Infinity : this.#patientUntilMs;
  }

  /**
   * Takes a pong; one that answers no ping of ours is allowed and means nothing (§5.5.3).
   *
   * @returns payload of the ping that is sent next; null: none is
   */
  receive(payload: string, nowMs: number): string | null {
    const sentAtMs = this.#pending.get(payload);
    if (sentAtMs === undefined) {
      this.#otherPong = payload;
      return null;
    }
    this.#rttsMs.push(nowMs - sentAtMs);
    this.#slowestMs = Math.max(this.#slowestMs, nowMs - sentAtMs);
    // A pong for the most recent ping may stand for those before it too (§5.5.3).
    for (const older of this.#pending.keys()) {
      this.#pending.delete(older);
      this.#answered += 1;
      if (older === payload) break;
    }
    return this.#left === 0 ? null : this.#send(nowMs);
  }

  /** Lets time pass; @returns payload of the ping that goes out after too long a silence */
  elapse(nowMs: number): string | null {
    return nowMs < this.waitUntilMs ? null : this.#send(nowMs);
  }

  /** What is missing, as a whole sentence. */
  get complaint(): string {
    const [first] = this.#pending.keys();
    const number = Number(first?.slice(first.lastIndexOf(".") + 1)) + 1;
    const others = this.#sent === 1 ? "" : `, ${this.#answered} of ${this.#sent} were`;
    const other = this.#otherPong;
    const instead = other === null ? "" : `; a pong with other data arrived: ${quote(other)}`;
    return `Ping ${number} was not answered${others}${instead}.`;
  }

  /** What was measured so far; null when nothing was sent. */
  get result(): PingResult | null {
    if (this.#sent === 0) return null;
    return {
      sent: this.#sent,
      received: this.#answered,
      successRatio: Math.round((this.#answered / this.#sent) * 10_000) / 10_000,
      rttMs: rttSpread(this.#rttsMs),
      jitterMs: jitterMs(this.#rttsMs),
    };
  }

  #send(nowMs: number): string {
    const payload = `${this.#nonce.slice(0, NONCE_DIGITS)}.${this.#sent}`;
    this.#sent += 1;
    this.#left -= 1;
    this.#pending.set(payload, nowMs);
    const waitMs = patienceMs(this.#deadlineMs - nowMs, this.#left, this.#slowestMs);
    this.#patientUntilMs = nowMs + waitMs;
    return payload;
  }
}
