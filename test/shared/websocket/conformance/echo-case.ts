/**
 * One case of the conformance suite: the client under test echoes every message, as the published
 * Autobahn cases (sections 1–7, 9, 10, 12, 13) expect of a client; the test plays the server, byte
 * by byte, and checks what a server can see.
 *
 * The numbers in the titles are those of the published list; the cases are written after it and
 * after the RFC. Where that list accepts several behaviours, the strictest (`OK`) is demanded here.
 */
import { expect } from "vitest";
import { DEFAULT_DEFLATE_OFFER } from "../../../../shared/websocket/deflate-negotiation.ts";
import type { DeflateOffer } from "../../../../shared/websocket/deflate-negotiation.ts";
import { PAKO_CODEC } from "../../../../shared/websocket/pako-codec.ts";
import { ByteServer } from "../byte-server.ts";
import { chop, concat, utf8 } from "../bytes.ts";
import { close, type SentFrame } from "../frame-bytes.ts";

/** How bytes reach the client: all at once, a chunk for each frame, or pieces of so many bytes. */
export type Delivery = "at once" | "by frame" | number;

/** The largest message of sections 9 and 10. */
const MESSAGE_BYTES_MAX = 16 * 2 ** 20;

/** What the client should have sent. */
export interface Reply {
  kind: "text" | "binary" | "pong";
  payload: Uint8Array | string;
}

const OPCODES = { text: 1, binary: 2, pong: 10 } as const;

export class EchoCase {
  readonly #server: ByteServer;

  /** @param extensions what the server accepts of the offer; null: compression is not offered */
  constructor(extensions: string | null = null, offer: DeflateOffer = DEFAULT_DEFLATE_OFFER) {
    this.#server = ByteServer.open(
      {
        limits: { messageBytesMax: MESSAGE_BYTES_MAX },
        deflate: extensions === null ? null : { offer, codec: PAKO_CODEC },
        onEvent: (event, client) => {
          if (event.type === "text") client.sendText(event.text);
          if (event.type === "binary") client.sendBinary(event.data);
        },
      },
      { "Sec-WebSocket-Extensions": extensions },
    );
  }

  /** Sends frames to the client. */
  send(frames: readonly Uint8Array[], delivery: Delivery = "by frame"): this {
    if (delivery === "by frame") this.#server.send(...frames);
    else if (delivery === "at once") this.#server.send(concat(frames));
    else this.#server.send(...chop(concat(frames), delivery));
    return this;
  }

  /** Frames that the client sent since the last look. */
  takeFrames(): SentFrame[] {
    return this.#server.takeFrames();
  }

  /** Expects exactly these replies since the last look, in this order. */
  expectReplies(...replies: Reply[]): this {
    const frames = this.takeFrames();
    expect(frames.map(({ opcode }) => opcode)).toEqual(replies.map(({ kind }) => OPCODES[kind]));
    for (const [index, { payload }] of replies.entries()) {
      expectSameBytes(frames[index]?.payload, payload);
    }
    return this;
  }

  /** Expects an open connection, closes it from the server's side, and expects a clean end. */
  expectCleanClose(): void {
    expect(this.#server.client.state).toBe("open");
    this.#server.send(close(1000));
    this.expectClosed(1000);
  }

  /** Expects the closing handshake to be complete, with this code in the client's frame. */
  expectClosed(code: number | null): void {
    expect(closeCodes(this.takeFrames())).toEqual([code]);
    this.#server.end();
    expect(this.#server.events.at(-1)).toEqual({ type: "ended", clean: true });
    expect(this.#server.eventsOf("violation")).toEqual([]);
  }

  /** Expects that the client failed the connection with this code, after these replies. */
  expectFailed(code: number, ...replies: Reply[]): void {
    const frames = this.takeFrames();
    expect(closeCodes(frames)).toEqual([code]);
    expect(frames.at(-1)?.opcode).toBe(8);
    expect(frames.slice(0, -1).map(({ opcode }) => opcode)).toEqual(
      replies.map(({ kind }) => OPCODES[kind]),
    );
    expect(this.#server.client.state).toBe("closed");
    expect(this.#server.eventsOf("violation")).toMatchObject([{ closeCode: code }]);
  }

  /** Expects nothing to have been sent, and the connection to be open. */
  expectSilence(): this {
    expect(this.takeFrames()).toEqual([]);
    expect(this.#server.client.state).toBe("open");
    return this;
  }
}

/** Compares large payloads without printing them. */
export function expectSameBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array | string,
): void {
  const bytes = typeof expected === "string" ? utf8(expected) : expected;
  expect(actual?.length).toBe(bytes.length);
  expect(Buffer.compare(actual ?? new Uint8Array(0), bytes)).toBe(0);
}

function closeCodes(frames: readonly SentFrame[]): Array<number | null> {
  return frames
    .filter(({ opcode }) => opcode === 8)
    .map(({ payload: [high, low] }) =>
      high === undefined || low === undefined ? null : high * 256 + low,
    );
}
