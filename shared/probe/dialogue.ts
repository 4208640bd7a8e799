/**
 * The dialogue of a check as a state machine: what was received and the time go in, what to send
 * and whether it is over come out.
 *
 * Messages are read like a stream: those that arrive while no step waits for one are kept for the
 * next step that does. A step that waits skips what does not match until the deadline; then the
 * reason tells silence (`message_timeout`) from other answers (`message_mismatch`).
 *
 * It may not send, wait or know a clock; `nowMs` is an argument, in the clock of the deadline.
 */
import type { DialogueStep } from "./dialogue-step.ts";
import { echoIndex, echoPayload, isEchoRemnant } from "./echo-payload.ts";
import type { EchoResult, PingResult } from "./observation.ts";
import type { Reason } from "./reason.ts";
import { perSecond, rttSpread } from "./stats.ts";

/** What the shell is to do. */
export type DialogueAction =
  { type: "send_text"; text: string } | { type: "send_ping"; payload: Uint8Array };

/** What happened on the connection. `tick`: nothing but the passing of time. */
export type DialogueInput =
  | { type: "text"; text: string }
  | { type: "binary"; bytes: number }
  | { type: "pong"; payload: Uint8Array }
  | { type: "tick" };

/** How the dialogue stands. */
export type DialogueOutcome =
  { type: "running" } | { type: "done" } | { type: "failed"; reason: Reason; detail: string };

/** How a dialogue is set up. */
export interface DialogueOptions {
  steps: readonly DialogueStep[];
  /** Eight or more random hexadecimal digits that no other check uses at the same time. */
  nonce: string;
  /** Moment by which the last step must be over. */
  deadlineMs: number;
  /** Whether the transport can send pings; where it cannot, ping steps are passed over. */
  pings: boolean;
}

/** Messages without an answer, at most: enough to fill the way, too few to flood a server. */
const ECHO_WINDOW_MAX = 32;
/** Bytes without an answer, at most. */
const ECHO_WINDOW_BYTES = 65_536;
/** An exchange is spread over about this many round trips, whatever the number of messages. */
const ECHO_ROUND_TRIPS = 10;
/** Messages kept for a later step, at most; beyond it the oldest are forgotten. */
const INBOX_MAX = 1_000;
/** Characters of a received message that an explanation quotes. */
const QUOTE_MAX = 80;
/** Digits of the nonce in a ping: some servers cut longer payloads short in small buffers. */
const PING_NONCE_DIGITS = 6;

type Waiting =
  | { type: "nothing" }
  | { type: "message"; matches: (text: string) => boolean; wanted: string }
  | EchoWaiting
  | { type: "pong"; payload: string; sentAtMs: number; left: number };

interface EchoWaiting {
  type: "echo";
  /** Sent and not yet back, in order. */
  pending: EchoInFlight[];
  /** Still to be sent. */
  left: number;
  /** Number of the step's first message. */
  first: number;
  bytes: number;
  /** How many may be pending. */
  window: number;
}

interface EchoInFlight {
  index: number;
  text: string;
  sentAtMs: number;
}

interface Received {
  /** Null: a binary message. */
  text: string | null;
  /** Size of a binary message; null: text. */
  bytes: number | null;
  atMs: number;
}

/** See the module's header. */
export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #encoder = new TextEncoder();
  readonly #inbox: Received[] = [];
  readonly #echoRttsMs: number[] = [];
  readonly #pingRttsMs: number[] = [];
  #waiting: Waiting = { type: "nothing" };
  #outcome: DialogueOutcome = { type: "running" };
  #next = 0;
  /** Messages that the waiting step skipped, and the last of them. */
  #skipped = 0;
  #lastSkipped: Received | null = null;
  #echoesSent = 0;
  #echoStartedAtMs: number | null = null;
  #echoElapsedMs = 0;
  #pingsSent = 0;
  #pingsSkipped = 0;
  /** Payload of the last pong that did not answer the ping waited for. */
  #otherPong: string | null = null;

  constructor(options: DialogueOptions) {
    this.#options = options;
  }

  /** Whether it is over, and how. */
  get outcome(): DialogueOutcome {
    return this.#outcome;
  }

  /** Pings that were asked for and could not be sent. */
  get pingsSkipped(): number {
    return this.#pingsSkipped;
  }

  /** Messages sent to be echoed so far; null when there was no such step. */
  get echo(): EchoResult | null {
    if (this.#echoesSent === 0) return null;
    const received = this.#echoRttsMs.length;
    return {
      count: this.#echoesSent,
      received,
      rttMs: rttSpread(this.#echoRttsMs),
      messagesPerSecond: perSecond(received, this.#echoElapsedMs),
    };
  }

  /** Pings so far; null when there was no such step. */
  get ping(): PingResult | null {
    if (this.#pingsSent === 0) return null;
    return {
      sent: this.#pingsSent,
      received: this.#pingRttsMs.length,
      rttMs: rttSpread(this.#pingRttsMs),
    };
  }

  /** Begins with the first step. */
  start(nowMs: number): DialogueAction[] {
    return this.#proceed([], nowMs);
  }

  /** Takes in what happened. */
  advance(input: DialogueInput, nowMs: number): DialogueAction[] {
    if (this.#outcome.type !== "running") return [];
    const actions: DialogueAction[] = [];
    if (input.type === "text") {
      this.#keep({ text: input.text, bytes: null, atMs: nowMs });
    } else if (input.type === "binary") {
      this.#keep({ text: null, bytes: input.bytes, atMs: nowMs });
    } else if (input.type === "pong") {
      this.#takePong(input.payload, actions, nowMs);
    }
    this.#proceed(actions, nowMs);
    if (this.#outcome.type === "running" && nowMs >= this.#options.deadlineMs) this.#expire();
    return actions;
  }

  #keep(message: Received): void {
    this.#inbox.push(message);
    if (this.#inbox.length > INBOX_MAX) this.#inbox.shift();
  }

  /** Goes on until a step has to wait. */
  #proceed(actions: DialogueAction[], nowMs: number): DialogueAction[] {
    while (this.#outcome.type === "running") {
      if (this.#waiting.type === "nothing") {
        const step = this.#options.steps[this.#next];
        this.#next += 1;
        if (step === undefined) this.#outcome = { type: "done" };
        else this.#begin(step, actions, nowMs);
      } else if (this.#waiting.type === "pong") {
        break;
      } else {
        const message = this.#inbox.shift();
        if (message === undefined) break;
        if (this.#waiting.type === "echo") this.#takeEcho(this.#waiting, message, actions, nowMs);
        else this.#takeExpected(this.#waiting, message);
      }
    }
    return actions;
  }

  #begin(step: DialogueStep, actions: DialogueAction[], nowMs: number): void {
    this.#skipped = 0;
    this.#lastSkipped = null;
    if ("send" in step) {
      actions.push({ type: "send_text", text: step.send });
    } else if ("expect" in step) {
      this.#waiting = expectation(step.expect);
    } else if ("echo" in step) {
      const { count, bytes } = step.echo;
      const window = Math.min(
        Math.ceil(count / ECHO_ROUND_TRIPS),
        ECHO_WINDOW_MAX,
        Math.max(1, Math.floor(ECHO_WINDOW_BYTES / bytes)),
      );
      const first = this.#echoesSent;
      const waiting: EchoWaiting = {
        type: "echo",
        pending: [],
        left: count,
        first,
        bytes,
        window,
      };
      this.#waiting = waiting;
      this.#echoStartedAtMs = nowMs;
      this.#fillWindow(waiting, actions, nowMs);
    } else if (this.#options.pings) {
      this.#sendPing(step.ping.count, actions, nowMs);
    } else {
      this.#pingsSkipped += step.ping.count;
    }
  }

  #fillWindow(waiting: EchoWaiting, actions: DialogueAction[], nowMs: number): void {
    while (waiting.left > 0 && waiting.pending.length < waiting.window) {
      const index = this.#echoesSent;
      const text = echoPayload(this.#options.nonce, index, waiting.bytes);
      waiting.pending.push({ index, text, sentAtMs: nowMs });
      waiting.left -= 1;
      this.#echoesSent += 1;
      actions.push({ type: "send_text", text });
    }
  }

  #takeEcho(
    waiting: EchoWaiting,
    message: Received,
    actions: DialogueAction[],
    nowMs: number,
  ): void {
    const [oldest] = waiting.pending;
    if (oldest !== undefined && message.text === oldest.text) {
      waiting.pending.shift();
      this.#echoRttsMs.push(message.atMs - oldest.sentAtMs);
      this.#fillWindow(waiting, actions, nowMs);
      if (waiting.pending.length === 0) this.#endEcho(message.atMs);
      return;
    }
    const { text } = message;
    const index = text === null ? null : echoIndex(this.#options.nonce, text);
    if (waiting.pending.some((other) => other.index === index && other.text === text)) {
      const [early, late] = [index ?? 0, oldest?.index ?? 0];
      this.#fail("message_mismatch", `Message ${early + 1} came back before message ${late + 1}.`);
    } else if (text !== null && this.#isDamaged(text, index, waiting)) {
      this.#fail("message_mismatch", `A message came back changed: ${quote(text)}.`);
    } else {
      this.#skip(message);
    }
    if (this.#outcome.type === "failed") this.#endEcho(nowMs);
  }

  /** Whether a text is what became of a message of ours; not one that came back twice. */
  #isDamaged(text: string, index: number | null, { first, bytes }: EchoWaiting): boolean {
    if (index === null) return isEchoRemnant(this.#options.nonce, text);
    return index >= first && text.length !== bytes;
  }

  #skip(message: Received): void {
    this.#skipped += 1;
    this.#lastSkipped = message;
  }

  #endEcho(nowMs: number): void {
    if (this.#echoStartedAtMs !== null) this.#echoElapsedMs += nowMs - this.#echoStartedAtMs;
    this.#echoStartedAtMs = null;
    this.#waiting = { type: "nothing" };
  }

  #takeExpected(waiting: Extract<Waiting, { type: "message" }>, message: Received): void {
    if (message.text !== null && waiting.matches(message.text)) this.#waiting = { type: "nothing" };
    else this.#skip(message);
  }

  #sendPing(left: number, actions: DialogueAction[], nowMs: number): void {
    const payload = `${this.#options.nonce.slice(0, PING_NONCE_DIGITS)}.${this.#pingsSent}`;
    this.#pingsSent += 1;
    this.#otherPong = null;
    this.#waiting = { type: "pong", payload, sentAtMs: nowMs, left };
    actions.push({ type: "send_ping", payload: this.#encoder.encode(payload) });
  }

  /** A pong that answers no ping of ours is allowed and means nothing (RFC 6455 §5.5.3). */
  #takePong(payload: Uint8Array, actions: DialogueAction[], nowMs: number): void {
    const waiting = this.#waiting;
    if (waiting.type !== "pong") return;
    const text = new TextDecoder().decode(payload);
    if (text !== waiting.payload) {
      this.#otherPong = text;
      return;
    }
    this.#pingRttsMs.push(nowMs - waiting.sentAtMs);
    this.#waiting = { type: "nothing" };
    if (waiting.left > 1) this.#sendPing(waiting.left - 1, actions, nowMs);
  }

  #expire(): void {
    const waiting = this.#waiting;
    if (waiting.type === "pong") {
      const other = this.#otherPong;
      const instead = other === null ? "" : `; a pong with other data arrived: ${quote(other)}`;
      this.#fail("pong_timeout", `Ping ${this.#pingsSent} was not answered${instead}.`);
      return;
    }
    const others = this.#skipped;
    const reason = others === 0 ? "message_timeout" : "message_mismatch";
    const last = this.#lastSkipped;
    const instead =
      last === null
        ? "nothing arrived instead"
        : `${others === 1 ? "another message" : `${others} other messages`} arrived, ` +
          `the last: ${last.text === null ? `${last.bytes} binary bytes` : quote(last.text)}`;
    if (waiting.type === "echo") {
      this.#endEcho(this.#options.deadlineMs);
      const total = this.#echoesSent + waiting.left;
      this.#fail(reason, `${this.#echoRttsMs.length} of ${total} messages came back; ${instead}.`);
    } else if (waiting.type === "message") {
      this.#fail(reason, `${waiting.wanted} did not arrive; ${instead}.`);
    }
  }

  #fail(reason: Reason, detail: string): void {
    this.#outcome = { type: "failed", reason, detail };
  }
}

function expectation(expect: { equals?: string | undefined; contains?: string | undefined }) {
  const { equals, contains } = expect;
  if (equals !== undefined) {
    return {
      type: "message",
      matches: (text: string) => text === equals,
      wanted: `The message ${quote(equals)}`,
    } as const;
  }
  return {
    type: "message",
    matches: (text: string) => text.includes(contains ?? ""),
    wanted: `A message that contains ${quote(contains ?? "")}`,
  } as const;
}

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX)}…` : text);
}
