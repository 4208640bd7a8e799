/**
 * The exchange over the platform's `fetch` with `Upgrade`, for targets that raw sockets may not
 * reach. The platform performs the handshake and answers pings by itself: there are fewer phases,
 * no frames and no pings of our own, and the observation says so.
 */
import { phaseDeadlineMs } from "../../shared/probe/budget.ts";
import { Dialogue } from "../../shared/probe/dialogue.ts";
import type { DialogueAction, DialogueInput } from "../../shared/probe/dialogue.ts";
import { handshakeDifferences } from "../../shared/probe/handshake-expectation.ts";
import { redactQuery } from "../../shared/probe/redaction.ts";
import {
  bodySentences,
  cloudflareReason,
  rejectionReason,
  statusText,
} from "../../shared/probe/rejection.ts";
import { userAgent } from "../../shared/version.ts";
import { bodyStart } from "./body.ts";
import { monotonicNowMs, settleBy } from "./deadline.ts";
import type { CheckProgress } from "./progress.ts";
import { fail, sinceDialMs } from "./progress.ts";
import { randomHex } from "./random.ts";

/** How long the body of a rejection is waited for, and how much of it is looked at. */
const REJECTION_BODY_MAX_MS = 500;
const BODY_BYTES_MAX = 1_024;

type WireEvent = DialogueInput | { type: "closed"; code: number; reason: string; clean: boolean };

/** Runs the exchange to its end. Never rejects for what a server does. */
export async function runFetchExchange(progress: CheckProgress): Promise<void> {
  const { evidence } = progress;
  const startedAtMs = monotonicNowMs();
  progress.dialledAtMs ??= startedAtMs;
  evidence.notes.push("Over fetch: TCP and TLS count into the upgrade.");
  const response = await upgrade(progress, startedAtMs);
  if (response === null) return;
  evidence.timings.upgradeMs = monotonicNowMs() - startedAtMs;
  evidence.handshake = {
    status: response.status,
    subprotocol: response.headers.get("Sec-WebSocket-Protocol"),
    extensions: response.headers.get("Sec-WebSocket-Extensions"),
  };
  record(progress, "received", "head", statusText(response.status));
  const socket = response.webSocket;
  if (response.status !== 101 || socket === null) {
    await reject(progress, response);
    return;
  }
  const inbox = new Inbox(socket);
  try {
    if (acceptable(progress, evidence.handshake.subprotocol, response)) {
      await converse(progress, socket, inbox);
    }
  } finally {
    inbox.end();
  }
}

async function upgrade(progress: CheckProgress, startedAtMs: number): Promise<Response | null> {
  const { spec, url, window, context } = progress;
  const target = new URL(url);
  target.protocol = url.protocol === "wss:" ? "https:" : "http:";
  const headers = new Headers(spec.headers.map(([name, value]) => [name, value]));
  headers.set("Upgrade", "websocket");
  headers.set("User-Agent", userAgent(context.region));
  if (spec.origin !== null) headers.set("Origin", spec.origin);
  if (spec.subprotocols.length > 0) {
    headers.set("Sec-WebSocket-Protocol", spec.subprotocols.join(", "));
  }
  record(progress, "sent", "head", `GET ${redactQuery(url.pathname + url.search)}`);
  const abort = new AbortController();
  const settled = await settleBy(
    fetch(target, { headers, redirect: "manual", signal: abort.signal }),
    phaseDeadlineMs("upgrade", window, startedAtMs),
  );
  if (settled.type === "value") return settled.value;
  abort.abort();
  if (settled.type === "timeout") fail(progress, "upgrade_timeout", "");
  else fail(progress, "connect_failed", "The platform's fetch could not reach the server.");
  return null;
}

async function reject(progress: CheckProgress, response: Response): Promise<void> {
  const { redactor } = progress;
  const { status, headers } = response;
  const sentences = [`It answered ${statusText(status)}.`];
  const location = headers.get("Location");
  progress.evidence.redirect = { status, location };
  if (location !== null) sentences.push(`It points to ${redactor.text(redactQuery(location))}.`);
  sentences.push(...bodySentences(await rejectionBody(response), redactor));
  const behindProxy = headers.get("Server") === "cloudflare" ? cloudflareReason(status) : undefined;
  fail(progress, behindProxy ?? rejectionReason(status), sentences.join(" "));
}

async function rejectionBody(response: Response): Promise<string> {
  const deadlineMs = monotonicNowMs() + REJECTION_BODY_MAX_MS;
  return new TextDecoder().decode(await bodyStart(response, BODY_BYTES_MAX, deadlineMs));
}

function acceptable(
  progress: CheckProgress,
  subprotocol: string | null,
  response: Response,
): boolean {
  const { spec, redactor } = progress;
  const { subprotocols } = spec;
  if (subprotocol === null ? subprotocols.length > 0 : !subprotocols.includes(subprotocol)) {
    fail(progress, "subprotocol_mismatch", `It chose ${subprotocol ?? "none"}.`);
    return false;
  }
  const answer = { headers: [...response.headers], subprotocol };
  const differences = handshakeDifferences(spec.handshake, answer, redactor);
  if (differences.length === 0) return true;
  fail(progress, "handshake_assertion_failed", differences.join(" "));
  return false;
}

async function converse(progress: CheckProgress, socket: WebSocket, inbox: Inbox): Promise<void> {
  const { evidence, spec, window, redactor } = progress;
  const openedAtMs = monotonicNowMs();
  const deadlineMs = phaseDeadlineMs("dialogue", window, openedAtMs);
  const dialogue = new Dialogue({
    steps: spec.dialogue,
    nonce: randomHex(8),
    deadlineMs,
    pings: false,
  });
  const perform = (actions: readonly DialogueAction[]) => {
    for (const action of actions) {
      if (action.type !== "send_text") continue;
      record(progress, "sent", "text", action.text);
      socket.send(action.text);
    }
  };
  perform(dialogue.start(openedAtMs));
  while (dialogue.outcome.type === "running") {
    const event = await inbox.next(dialogue.waitUntilMs);
    const nowMs = monotonicNowMs();
    if (event.type === "closed") {
      evidence.close = {
        code: event.code,
        reason: redactor.text(event.reason),
        clean: event.clean,
      };
      fail(
        progress,
        event.code === 1006 ? "connection_lost" : "closed_by_peer",
        `It closed with code ${event.code}.`,
      );
      break;
    }
    if (event.type === "text" || event.type === "binary") {
      evidence.timings.firstMessageMs ??= nowMs - openedAtMs;
      const shown = event.type === "text" ? event.text : `${event.bytes} bytes`;
      record(progress, "received", event.type, shown);
    }
    perform(dialogue.advance(event, nowMs));
  }
  evidence.echo = dialogue.echo;
  if (dialogue.pingsSkipped > 0) evidence.notes.push("Pings cannot be sent over it.");
  const { outcome } = dialogue;
  if (outcome.type === "failed") fail(progress, outcome.reason, redactor.text(outcome.detail));
  if (outcome.type === "done") await close(progress, socket, inbox);
}

async function close(progress: CheckProgress, socket: WebSocket, inbox: Inbox): Promise<void> {
  const { evidence, window } = progress;
  const startedAtMs = monotonicNowMs();
  const deadlineMs = phaseDeadlineMs("close", window, startedAtMs);
  socket.close(1000);
  for (;;) {
    const event = await inbox.next(deadlineMs);
    if (event.type === "closed") {
      evidence.timings.closeMs = monotonicNowMs() - startedAtMs;
      evidence.close = { code: event.code, reason: event.reason, clean: event.clean };
      return;
    }
    if (event.type === "tick" && monotonicNowMs() >= deadlineMs) {
      fail(progress, "close_timeout", "It did not answer the close frame.");
      return;
    }
  }
}

/** What a WebSocket of the platform brings, in order. */
class Inbox {
  readonly #socket: WebSocket;
  readonly #events: WireEvent[] = [];
  #wake: () => void = () => undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      this.#add(
        typeof data === "string"
          ? { type: "text", text: data }
          : { type: "binary", bytes: (data as ArrayBuffer).byteLength },
      );
    });
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      this.#add({ type: "closed", code, reason, clean: wasClean });
    });
    socket.addEventListener("error", () => {
      this.#add({ type: "closed", code: 1006, reason: "", clean: false });
    });
    socket.accept();
  }

  /** The next event; a `tick` when none came until the deadline. */
  async next(deadlineMs: number): Promise<WireEvent> {
    if (this.#events.length === 0) {
      const arrival = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await settleBy(arrival, deadlineMs);
    }
    return this.#events.shift() ?? { type: "tick" };
  }

  /** Leaves the connection, whatever state it is in. */
  end(): void {
    try {
      this.#socket.close(1000);
    } catch {
      // Closed already, by either side.
    }
  }

  #add(event: WireEvent): void {
    this.#events.push(event);
    this.#wake();
  }
}

function record(
  progress: CheckProgress,
  direction: "sent" | "received",
  kind: string,
  text: string,
): void {
  const atMs = sinceDialMs(progress);
  const bytes = kind === "head" ? null : new TextEncoder().encode(text).length;
  progress.recorder.add({ atMs, direction, kind, bytes, text: () => text });
}
