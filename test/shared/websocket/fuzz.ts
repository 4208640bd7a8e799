/**
 * Fuzzing of the client: valid conversations, mutated, in random pieces, with a client that acts at
 * random. Whatever arrives, nothing may be thrown, and what the client reports and writes must hold
 * together.
 *
 * A bounded number runs with the tests; a million with
 * `node test/shared/websocket/fuzz.ts --count 1000000 [--seed 1]`.
 */
import { parseArgs } from "node:util";
import type { ClientConnection } from "../../../shared/websocket/client-connection.ts";
import type { ConnectionEvent } from "../../../shared/websocket/connection-event.ts";
import { DEFAULT_DEFLATE_OFFER } from "../../../shared/websocket/deflate-negotiation.ts";
import { PAKO_CODEC } from "../../../shared/websocket/pako-codec.ts";
import { VIOLATION_REASONS } from "../../../shared/websocket/violation.ts";
import { answer, ByteServer } from "./byte-server.ts";
import { concat, cut, utf8 } from "./bytes.ts";
import { DeflatePeer } from "./deflate-peer.ts";
import { close, fragments, frame, ping, pong } from "./frame-bytes.ts";

/** Reproducible random numbers. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number {
    // xorshift32
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % sides;
  }

  pick<T>(first: T, ...rest: T[]): T {
    return [first, ...rest][this.roll(rest.length + 1)] ?? first;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.roll(256));
  }
}

/** Compressed messages, made once: a peer of its own for each would cost most of the time. */
const COMPRESSED: Uint8Array[] = (() => {
  const peer = new DeflatePeer();
  const words = ["compressed", "compressed again", "größer ".repeat(40), "x".repeat(2_000)];
  return words.map((text) => peer.deflate(utf8(text)));
})();

const HEADS: Uint8Array[] = [
  utf8("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
  utf8("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nsorry"),
  utf8("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngone\r\n0\r\n\r\n"),
  utf8("HTTP/1.1 302 Found\r\nLocation: /\r\nX: a\r\n b\r\n\r\nelsewhere"),
  utf8("SSH-2.0-OpenSSH_9.6\r\n"),
];

const AGREED = answer({ "Sec-WebSocket-Extensions": "permessage-deflate" });
const PLAIN = answer();

/** How a server might answer, mostly rightly. */
function opening(dice: Dice, deflate: boolean): Uint8Array {
  const head = deflate ? AGREED : PLAIN;
  return dice.roll(8) === 0 ? concat([dice.pick(head, ...HEADS), head]) : head;
}

/** What it might say then. */
function conversation(dice: Dice): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let count = dice.roll(8); count > 0; count -= 1) {
    const payload = dice.roll(2) === 0 ? utf8("häppy €uro 😀".repeat(dice.roll(9))) : utf8("ok");
    const messages = [
      () => fragments(1, payload, 1 + dice.roll(60)),
      () => fragments(2, dice.bytes(dice.roll(300)), 1 + dice.roll(200)),
      () => [ping(dice.bytes(dice.roll(126)))],
      () => [pong("p")],
      () => fragments(1 + dice.roll(2), dice.pick(payload, ...COMPRESSED), 1 + dice.roll(90), 4),
      () => [anyFrame(dice)],
    ];
    const make = messages[dice.roll(messages.length)];
    if (make !== undefined) parts.push(...make());
  }
  if (dice.roll(2) === 0) parts.push(close(dice.pick(1000, 1001, 4000), "bye"));
  return concat(parts);
}

/** A frame with one or two things out of the ordinary, which may still be allowed. */
function anyFrame(dice: Dice): Uint8Array {
  return frame({
    opcode: dice.pick(1, 2, 8, 9, 10, dice.roll(16)),
    payload: dice.bytes(dice.pick(0, 2, 9, 124, 127, 300)),
    fin: dice.roll(5) > 0,
    rsv: dice.roll(5) === 0 ? dice.roll(8) : 0,
    mask: dice.roll(9) === 0 ? [1, 2, 3, 4] : undefined,
    lengthBits: dice.roll(5) === 0 ? dice.pick(16, 64) : undefined,
  });
}

/** Flips, drops, doubles and splices. */
function mutate(dice: Dice, bytes: Uint8Array): Uint8Array {
  let mutated = bytes;
  for (let count = dice.roll(4); count > 0; count -= 1) {
    const at = dice.roll(mutated.length + 1);
    const end = Math.min(mutated.length, at + dice.roll(20));
    const [before, middle, after] = [
      mutated.slice(0, at),
      mutated.slice(at, end),
      mutated.slice(end),
    ];
    const changes = [
      () => concat([before, after]),
      () => concat([before, middle, middle, after]),
      () => concat([before, dice.bytes(dice.roll(12)), after]),
      () => concat([after, before]),
      () => before,
      () => mutated.map((byte, index) => (index === at ? byte ^ (1 << dice.roll(8)) : byte)),
      () => mutated.map((byte, index) => (index === at ? dice.pick(0, 0x7f, 0x80, 0xff) : byte)),
    ];
    mutated = changes[dice.roll(changes.length)]?.() ?? mutated;
  }
  return mutated;
}

/** A client that answers some events, always the same for the same events. */
function act(event: ConnectionEvent, client: ClientConnection): void {
  if (client.state !== "open") return;
  if (event.type === "text" && event.bytes % 3 === 0) client.sendText(event.text);
  if (event.type === "binary" && event.data.length % 3 === 1) client.sendBinary(event.data);
  if (event.type === "open") client.ping(utf8("first"));
  if (event.type === "pong") client.close(1000, "enough");
}

function run(deflate: boolean, chunks: readonly Uint8Array[]): ByteServer {
  const server = new ByteServer({
    limits: { messageBytesMax: 1_500, rejectionBodyBytesMax: 16, headBytesMax: 600 },
    deflate: deflate ? { offer: DEFAULT_DEFLATE_OFFER, codec: PAKO_CODEC } : null,
    onEvent: act,
  });
  return server.send(...chunks).end();
}

/** All events as text, to compare. */
function transcript(server: ByteServer): string {
  return JSON.stringify(server.events, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

const KNOWN_REASONS: ReadonlySet<string> = new Set(VIOLATION_REASONS);

/** Checks what must hold of every conversation, however it went. */
function checkStory(server: ByteServer): void {
  const { events } = server;
  const types = events.map(({ type }) => type);
  demand(server.client.state === "closed", "the connection is not closed at its end");
  demand(types.at(-1) === "ended", "the end is not the last event");
  for (const once of ["request_sent", "response", "open", "rejected", "violation", "ended"]) {
    demand(types.filter((type) => type === once).length <= 1, `${once} happened twice`);
  }
  const [violation] = server.eventsOf("violation");
  if (violation !== undefined) {
    demand(KNOWN_REASONS.has(violation.reason), `unknown reason ${violation.reason}`);
    demand(violation.message.endsWith("."), "a violation is no sentence");
    demand(violation.message.length < 400, "a violation is too long to read");
    const after = types.slice(types.indexOf("violation") + 1);
    demand(after.join().replace("frame,", "") === "ended", "something follows a violation");
  }
  const [ended] = server.eventsOf("ended");
  demand(ended?.clean === false || types.includes("close"), "clean without a close frame");
  const sent = server.takeFrames();
  const closes = sent.filter(({ opcode }) => opcode === 8).length;
  demand(closes <= 1, "two close frames were sent");
  if (closes === 1) {
    const after = sent.slice(sent.findIndex(({ opcode }) => opcode === 8) + 1);
    demand(
      after.every(({ opcode }) => opcode === 10),
      "data was sent after a close frame",
    );
  }
}

/** Fuzzes with one seed. */
export function fuzz(seed: number): void {
  const dice = new Dice(seed);
  const deflate = dice.roll(2) === 0;
  const head = opening(dice, deflate);
  const bytes = concat([
    dice.roll(3) === 0 ? mutate(dice, head) : head,
    mutate(dice, conversation(dice)),
  ]);
  const places = Array.from({ length: dice.roll(6) }, () => dice.roll(4_000));
  try {
    const split = run(deflate, cut(bytes, places));
    const whole = run(deflate, [bytes]);
    demand(transcript(split) === transcript(whole), "the events depend on the split");
    checkStory(whole);
  } catch (cause) {
    throw new Error(`seed ${seed}, input ${Buffer.from(bytes).toString("hex")}`, { cause });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
    },
  });
  const first = Number(values.seed);
  const count = Number(values.count);
  console.log(`fuzzing ${count} inputs from seed ${first}`);
  for (let seed = first; seed < first + count; seed += 1) {
    fuzz(seed);
    if ((seed - first + 1) % 100_000 === 0) console.log(`${seed - first + 1} inputs`);
  }
  console.log("nothing thrown, nothing inconsistent");
}
