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
import { EchoExchange } from "./echo-exchange.ts";
import type { EchoResult, PingResult } from "./observation.ts";
import { PingExchange } from "./ping-exchange.ts";
import { quote } from "./quote.ts";
import type { Reason } from "./reason.ts";

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

/** Messages kept for a later step, at most; beyond it the oldest are forgotten. */
const INBOX_MAX = 1_000;

type Waiting =
  | { type: "nothing" }
  | { type: "message"; matches: (text: string) => boolean; wanted: string }
  | { type: "echo" }
  | { type: "pong" };

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
  readonly #echoes: EchoExchange;
  readonly #pings: PingExchange;
  #waiting: Waiting = { type: "nothing" };
  #outcome: DialogueOutcome = { type: "running" };
  #next = 0;
  /** Messages that the waiting step skipped, and the last of them. */
  #skipped = 0;
  #lastSkipped: Received | null = null;
  #pingsSkipped = 0;

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#echoes = new EchoExchange(options.nonce, options.deadlineMs);
    this.#pings = new PingExchange(options.nonce, options.deadlineMs);
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
    return this.#echoes.result;
  }

  /** Pings so far; null when there was no such step. */
  get ping(): PingResult | null {
    return this.#pings.result;
  }

  /** Moment at which a `tick` is needed unless something arrives before. */
  get waitUntilMs(): number {
    const { deadlineMs } = this.#options;
    switch (this.#waiting.type) {
      case "echo":
        return Math.min(deadlineMs, this.#echoes.waitUntilMs);
      case "pong":
        return Math.min(deadlineMs, this.#pings.waitUntilMs);
      default:
        return deadlineMs;
    }
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
    } else {
      this.#elapse(actions, nowMs);
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
        if (this.#waiting.type === "echo") this.#takeEcho(message, actions);
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
      this.#waiting = { type: "echo" };
      actions.push(...this.#echoes.begin(count, bytes, nowMs).map(sendText));
    } else if (this.#options.pings) {
      this.#waiting = { type: "pong" };
      actions.push(this.#sendPing(this.#pings.begin(step.ping.count, nowMs)));
    } else {
      this.#pingsSkipped += step.ping.count;
    }
  }

  #takeEcho(message: Received, actions: DialogueAction[]): void {
    const answer = message.text === null ? null : this.#echoes.receive(message.text, message.atMs);
    if (answer === null) {
      this.#skip(message);
      return;
    }
    actions.push(...answer.map(sendText));
    if (!this.#echoes.isComplete) return;
    this.#echoes.end(message.atMs);
    this.#waiting = { type: "nothing" };
    const { complaint } = this.#echoes;
    if (complaint !== null) this.#fail("message_mismatch", complaint);
  }

  #skip(message: Received): void {
    this.#skipped += 1;
    this.#lastSkipped = message;
  }

  #takeExpected(waiting: Extract<Waiting, { type: "message" }>, message: Received): void {
    if (message.text !== null && waiting.matches(message.text)) this.#waiting = { type: "nothing" };
    else this.#skip(message);
  }

  #takePong(payload: Uint8Array, actions: DialogueAction[], nowMs: number): void {
    if (this.#waiting.type !== "pong") return;
    const next = this.#pings.receive(new TextDecoder().decode(payload), nowMs);
    if (next !== null) actions.push(this.#sendPing(next));
    else if (this.#pings.isComplete) this.#waiting = { type: "nothing" };
  }

  /** After too long a silence goes on with the step, so that it measures more than its first loss. */
  #elapse(actions: DialogueAction[], nowMs: number): void {
    if (nowMs >= this.#options.deadlineMs) return;
    if (this.#waiting.type === "echo") {
      actions.push(...this.#echoes.elapse(nowMs).map(sendText));
    } else if (this.#waiting.type === "pong") {
      const next = this.#pings.elapse(nowMs);
      if (next !== null) actions.push(this.#sendPing(next));
    }
  }

  #sendPing(payload: string): DialogueAction {
    return { type: "send_ping", payload: this.#encoder.encode(payload) };
  }

  #expire(): void {
    const waiting = this.#waiting;
    if (waiting.type === "pong") {
      this.#fail("pong_timeout", this.#pings.complaint);
      return;
    }
    const others = this.#skipped;
    const last = this.#lastSkipped;
    const instead =
      last === null
        ? "nothing arrived instead"
        : `${others === 1 ? "another message" : `${others} other messages`} arrived, ` +
          `the last: ${last.text === null ? `${last.bytes} binary bytes` : quote(last.text)}`;
    const silent = others === 0 && this.#echoes.complaint === null;
    const reason = silent ? "message_timeout" : "message_mismatch";
    if (waiting.type === "echo") {
      this.#fail(reason, `${this.#echoes.progress}; ${instead}.`);
      this.#echoes.end(this.#options.deadlineMs);
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

function sendText(text: string): DialogueAction {
  return { type: "send_text", text };
}
