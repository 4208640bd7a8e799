/** The exchange on virtual time: its phases, its deadlines, its record, whatever the split. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import type { Evidence } from "../../../shared/probe/evidence.ts";
import { emptyEvidence } from "../../../shared/probe/evidence.ts";
import { Exchange } from "../../../shared/probe/exchange.ts";
import { createRedactor } from "../../../shared/probe/redaction.ts";
import { TranscriptRecorder } from "../../../shared/probe/transcript.ts";
import { bareSpec } from "../../support/check-spec.ts";
import {
  ClientFrames,
  closePayload,
  serverFrame,
  switchingAnswer,
} from "../../support/server-frames.ts";

/** An exchange with the server's side in the test's hands. */
class Rehearsal {
  readonly evidence: Evidence = emptyEvidence(0, "socket");
  readonly exchange: Exchange;
  readonly recorder: TranscriptRecorder;
  nowMs = 1_000;

  constructor(fields: Partial<CheckSpec> = {}) {
    const spec = bareSpec({ url: "ws://chat.example.com/ws?token=sesame", ...fields });
    const redactor = createRedactor(spec);
    this.recorder = new TranscriptRecorder(redactor);
    this.exchange = new Exchange({
      spec,
      window: { startedAtMs: 1_000, timeoutMs: spec.timeoutMs },
      userAgent: "test",
      keyBytes: new Uint8Array(16),
      nextMask: () => Uint8Array.of(9, 8, 7, 6),
      nonce: "0123456789abcdef",
      deflateCodec: null,
      evidence: this.evidence,
      recorder: this.recorder,
      redactor,
    });
    this.exchange.start(this.nowMs, this.nowMs);
  }

  /** What the exchange has sent since the last call. */
  sent(): Buffer {
    return Buffer.concat(this.exchange.takeOutput());
  }

  /** The server sends something, after some time. */
  say(bytes: Buffer | string, afterMs = 0): void {
    this.nowMs += afterMs;
    this.exchange.receive(new Uint8Array(Buffer.from(bytes)), this.nowMs);
  }

  /** The server upgrades rightly. */
  upgrade(afterMs = 0): string {
    const request = this.sent().toString();
    this.say(switchingAnswer(request), afterMs);
    return request;
  }

  /** Nothing happens until the exchange's own deadline. */
  expire(): void {
    this.nowMs = Math.ceil(this.exchange.waitUntilMs);
    this.exchange.tick(this.nowMs);
  }
}

const ECHO: Partial<CheckSpec> = { dialogue: [{ echo: { count: 1, bytes: 32 } }] };
const closing = (code = 1000) => serverFrame({ opcode: 8, payload: closePayload(code) });

describe("an exchange", () => {
  it("times upgrade, first message, echo and close by the clock that it is given", () => {
    const rehearsal = new Rehearsal(ECHO);
    rehearsal.upgrade(30);
    const [message] = new ClientFrames().take(rehearsal.sent());
    rehearsal.say(serverFrame({ opcode: 1, payload: "welcome" }), 5);
    rehearsal.say(serverFrame({ opcode: 1, payload: message?.payload ?? "" }), 15);
    const [close] = new ClientFrames().take(rehearsal.sent());
    expect(close).toEqual({ opcode: 8, payload: closePayload(1000) });
    rehearsal.say(closing(), 7);
    rehearsal.exchange.receiveEnd(false, rehearsal.nowMs + 3);
    expect(rehearsal.exchange.finished).toBe(true);
    expect(rehearsal.evidence).toMatchObject({
      failure: null,
      handshake: { status: 101, subprotocol: null, extensions: null },
      timings: { upgradeMs: 30, firstMessageMs: 5, closeMs: 7 },
      echo: { count: 1, received: 1, rttMs: { p50: 20 } },
      close: { code: 1000, reason: "", clean: true },
    });
  });

  it("asks for the upgrade with path, query and the monitor's headers", () => {
    const rehearsal = new Rehearsal({
      headers: [["X-Api-Key", "4711-secret"]],
      origin: "https://example.com",
      subprotocols: ["chat.v2", "chat.v1"],
    });
    const request = rehearsal.sent().toString();
    expect(request).toMatch(/^GET \/ws\?token=sesame HTTP\/1\.1\r\nHost: chat\.example\.com\r\n/);
    expect(request).toContain("\r\nX-Api-Key: 4711-secret\r\n");
    expect(request).toContain("\r\nOrigin: https://example.com\r\n");
    expect(request).toContain("\r\nSec-WebSocket-Protocol: chat.v2, chat.v1\r\n");
    const [head] = rehearsal.recorder.render().entries;
    expect(head?.text).toContain("GET /ws?token=[redacted] HTTP/1.1");
    expect(JSON.stringify(rehearsal.recorder.render())).not.toMatch(/sesame|4711/);
  });

  it("closes at once when the answer is not as expected, whatever follows it", () => {
    const handshake = { headers: [["X-Backend", "blue"]] as const, subprotocol: null };
    const rehearsal = new Rehearsal({ ...ECHO, handshake });
    const answer = switchingAnswer(rehearsal.sent().toString(), { "x-backend": "green" });
    rehearsal.say(Buffer.concat([Buffer.from(answer), serverFrame({ opcode: 1, payload: "hi" })]));
    expect(rehearsal.exchange.finished).toBe(true);
    expect(new ClientFrames().take(rehearsal.sent())).toEqual([
      { opcode: 8, payload: closePayload(1000) },
    ]);
    expect(rehearsal.evidence).toMatchObject({
      failure: {
        reason: "handshake_assertion_failed",
        detail: 'Expected the header "X-Backend: blue", but "X-Backend: green" came.',
      },
      handshake: { status: 101 },
      echo: null,
    });
  });

  it("goes on when the answer is as expected", () => {
    const handshake = {
      headers: [["x-backend", " blue "] as const, ["X-Debug", null] as const],
      subprotocol: "chat.v2",
    };
    const rehearsal = new Rehearsal({ subprotocols: ["chat.v2"], handshake });
    const headers = { "X-Backend": " blue", "Sec-WebSocket-Protocol": "chat.v2" };
    rehearsal.say(switchingAnswer(rehearsal.sent().toString(), headers));
    rehearsal.say(closing());
    expect(rehearsal.evidence).toMatchObject({ failure: null, close: { code: 1000 } });
  });

  it("gives up the upgrade just before the timeout", () => {
    const rehearsal = new Rehearsal({ timeoutMs: 1_000 });
    rehearsal.expire();
    expect(rehearsal.nowMs).toBe(1_980);
    expect(rehearsal.exchange.finished).toBe(true);
    expect(rehearsal.evidence.failure?.reason).toBe("upgrade_timeout");
  });

  it("does not wait for the whole body of a rejection", () => {
    const rehearsal = new Rehearsal({ timeoutMs: 10_000 });
    rehearsal.say("HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\nplease wait");
    expect(rehearsal.exchange.finished).toBe(false);
    rehearsal.expire();
    expect(rehearsal.nowMs).toBe(1_500);
    expect(rehearsal.evidence.failure).toEqual({
      reason: "upgrade_overloaded",
      detail: 'It answered 503 Service Unavailable. It said: "please wait".',
    });
  });

  it("says where a redirect points to, without the query's values", () => {
    const rehearsal = new Rehearsal();
    rehearsal.say("HTTP/1.1 301 Moved\r\nLocation: wss://new.example.com/ws?token=sesame\r\n\r\n");
    rehearsal.exchange.receiveEnd(false, rehearsal.nowMs);
    expect(rehearsal.evidence.failure?.detail).toMatch(
      /It points to wss:\/\/new\.example\.com\/ws\?token=\[redacted\]\./,
    );
  });

  it("keeps what came back before the connection was lost", () => {
    const rehearsal = new Rehearsal({ dialogue: [{ echo: { count: 2, bytes: 16 } }] });
    rehearsal.upgrade();
    const [message] = new ClientFrames().take(rehearsal.sent());
    rehearsal.say(serverFrame({ opcode: 1, payload: message?.payload ?? "" }), 4);
    rehearsal.exchange.receiveEnd(true, rehearsal.nowMs);
    expect(rehearsal.evidence).toMatchObject({
      failure: { reason: "connection_lost", detail: "The connection was reset." },
      echo: { count: 2, received: 1 },
      close: { code: 1006, clean: false },
    });
  });

  it("hides secrets in what the server says on closing", () => {
    const rehearsal = new Rehearsal(ECHO);
    rehearsal.upgrade();
    rehearsal.say(serverFrame({ opcode: 8, payload: closePayload(4001, "bad token sesame") }));
    expect(rehearsal.evidence).toMatchObject({
      failure: {
        reason: "closed_by_peer",
        detail: 'It closed with code 4001: "bad token [redacted]".',
      },
      close: { code: 4001, reason: "bad token [redacted]", clean: true },
    });
  });

  it("takes a close for the end of the dialogue only when all has been said", () => {
    const early = new Rehearsal(ECHO);
    early.upgrade();
    early.say(closing(1001));
    expect(early.evidence.failure?.reason).toBe("closed_by_peer");
    const late = new Rehearsal();
    const request = late.sent().toString();
    late.say(Buffer.concat([Buffer.from(switchingAnswer(request)), closing(1000)]));
    expect(late.evidence.failure).toBeNull();
    expect(late.evidence.close).toMatchObject({ code: 1000 });
  });

  it("waits two seconds for the end, then calls it degraded", () => {
    const rehearsal = new Rehearsal({ timeoutMs: 60_000 });
    rehearsal.upgrade();
    rehearsal.say(closing(), 10);
    rehearsal.expire();
    expect(rehearsal.nowMs).toBe(3_000);
    expect(rehearsal.evidence).toMatchObject({
      failure: { reason: "close_timeout" },
      close: { code: 1000, clean: true },
      timings: { closeMs: 10 },
    });
  });

  it("tells the server by close code which rule it broke, and stops listening", () => {
    const rehearsal = new Rehearsal(ECHO);
    rehearsal.upgrade();
    rehearsal.sent();
    rehearsal.say(serverFrame({ opcode: 1, payload: Buffer.from([0xff]) }));
    const frames = new ClientFrames().take(rehearsal.sent());
    expect(frames).toEqual([{ opcode: 8, payload: closePayload(1007) }]);
    expect(rehearsal.exchange.finished).toBe(true);
    expect(rehearsal.evidence.failure?.reason).toBe("utf8_invalid");
  });

  it("refuses what cannot stand in a request", () => {
    expect(() => new Rehearsal({ headers: [["X-Bad", "a\r\nb"]] })).toThrow(TypeError);
  });

  it("comes to the same however the server's bytes are split", () => {
    const whole = new Rehearsal();
    const answer = Buffer.concat([
      Buffer.from(switchingAnswer(whole.sent().toString())),
      serverFrame({ opcode: 1, payload: "wel", fin: false }),
      serverFrame({ opcode: 9, payload: "there?" }),
      serverFrame({ opcode: 0, payload: "come" }),
      closing(),
    ]);
    const spec: Partial<CheckSpec> = { dialogue: [{ expect: { equals: "welcome" } }] };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: answer.length - 1 })), (cuts) => {
        const rehearsal = new Rehearsal(spec);
        rehearsal.sent();
        const edges = [0, ...new Set(cuts), answer.length].toSorted((a, b) => a - b);
        for (const [index, edge] of edges.slice(1).entries()) {
          rehearsal.say(answer.subarray(edges[index], edge));
        }
        rehearsal.exchange.receiveEnd(false, rehearsal.nowMs);
        expect(rehearsal.evidence.failure).toBeNull();
        expect(rehearsal.evidence.close).toEqual({ code: 1000, reason: "", clean: true });
        const sent = new ClientFrames().take(rehearsal.sent());
        expect(sent.map(({ opcode }) => opcode)).toEqual([10, 8]);
      }),
    );
  });
});

/** The transcript, one line per entry. */
const lines = (rehearsal: Rehearsal) =>
  rehearsal.recorder
    .render()
    .entries.map(({ direction, kind, text }) => `${direction} ${kind} ${text.split("\r\n")[0]}`);

describe("the transcript of an exchange", () => {
  it("has the frame that broke a rule, although it is none, and the answer to it", () => {
    const rehearsal = new Rehearsal(ECHO);
    rehearsal.upgrade();
    const [good, bad] = [serverFrame({ opcode: 1, payload: "hi" }), Buffer.from([0xb1, 1, 0x21])];
    rehearsal.say(Buffer.concat([good, bad]));
    rehearsal.exchange.receiveEnd(false, rehearsal.nowMs);
    expect(lines(rehearsal)).toEqual([
      "sent head GET /ws?token=[redacted] HTTP/1.1",
      "received head HTTP/1.1 101 Switching Protocols",
      "sent text 01234567-0-abcdefghijklmnopqrstu",
      "received text hi",
      "received data b1 01 21",
      "sent close 1002",
    ]);
  });

  it("has the body of a rejection, and the end of the connection", () => {
    const rehearsal = new Rehearsal();
    rehearsal.say("HTTP/1.1 403 Forbidden\r\n\r\nno sesame, no entry");
    rehearsal.exchange.receiveEnd(false, rehearsal.nowMs);
    expect(lines(rehearsal).slice(1)).toEqual([
      "received head HTTP/1.1 403 Forbidden",
      "received body no [redacted], no entry",
      "received end The server ended the connection.",
    ]);
  });

  it("has the beginning of a head that never ended, without its secrets", () => {
    const rehearsal = new Rehearsal({ timeoutMs: 1_000 });
    rehearsal.say("HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: id=4711\r\nX-More: ");
    rehearsal.expire();
    const data = rehearsal.recorder.render().entries.at(-1);
    expect(data).toMatchObject({ direction: "received", kind: "data", bytes: 63 });
    expect(data?.text).toContain("Set-Cookie: [redacted]");
    expect(JSON.stringify(rehearsal.recorder.render())).not.toContain("4711");
  });

  it("has the reset of a connection", () => {
    const rehearsal = new Rehearsal(ECHO);
    rehearsal.upgrade();
    rehearsal.exchange.receiveEnd(true, rehearsal.nowMs);
    expect(lines(rehearsal).at(-1)).toBe("received reset The connection was reset.");
  });
});
