/** The dialogue interpreter: what it sends, what it waits for, and what it calls a failure. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DialogueStep } from "../../../shared/probe/dialogue-step.ts";
import type { DialogueAction } from "../../../shared/probe/dialogue.ts";
import { Dialogue } from "../../../shared/probe/dialogue.ts";

const NONCE = "0123456789abcdef";

function begin(steps: DialogueStep[], { deadlineMs = 1_000, pings = true } = {}) {
  const dialogue = new Dialogue({ steps, nonce: NONCE, deadlineMs, pings });
  return { dialogue, actions: dialogue.start(0) };
}

const texts = (actions: readonly DialogueAction[]) =>
  actions.flatMap((action) => (action.type === "send_text" ? [action.text] : []));
const pings = (actions: readonly DialogueAction[]) =>
  actions.flatMap((action) => (action.type === "send_ping" ? [action.payload] : []));
const text = (value: string) => ({ type: "text", text: value }) as const;

describe("a dialogue without steps", () => {
  it("is done at once", () => {
    const { dialogue, actions } = begin([]);
    expect(actions).toEqual([]);
    expect(dialogue.outcome).toEqual({ type: "done" });
    expect(dialogue.echo).toBeNull();
    expect(dialogue.ping).toBeNull();
  });
});

describe("send and expect", () => {
  it("sends, skips what does not match, and goes on when it does", () => {
    const { dialogue, actions } = begin([{ send: "hello" }, { expect: { contains: "ready" } }]);
    expect(texts(actions)).toEqual(["hello"]);
    dialogue.advance(text("please wait"), 10);
    expect(dialogue.outcome.type).toBe("running");
    dialogue.advance(text("ready, steady"), 20);
    expect(dialogue.outcome).toEqual({ type: "done" });
  });

  it("compares whole messages where equality is asked for", () => {
    const { dialogue } = begin([{ expect: { equals: "ok" } }]);
    dialogue.advance(text("ok!"), 1);
    expect(dialogue.outcome.type).toBe("running");
    dialogue.advance(text("ok"), 2);
    expect(dialogue.outcome.type).toBe("done");
  });

  it("keeps messages that came before the step that waits for them", () => {
    const { dialogue, actions } = begin([
      { ping: { count: 1 } },
      { expect: { equals: "welcome" } },
    ]);
    dialogue.advance(text("welcome"), 1);
    const [payload = new Uint8Array()] = pings(actions);
    dialogue.advance({ type: "pong", payload }, 2);
    expect(dialogue.outcome.type).toBe("done");
  });

  it("calls silence a timeout, and quotes what it waited for", () => {
    const { dialogue } = begin([{ expect: { equals: "ok" } }]);
    dialogue.advance({ type: "tick" }, 999);
    expect(dialogue.outcome.type).toBe("running");
    dialogue.advance({ type: "tick" }, 1_000);
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_timeout",
      detail: 'The message "ok" did not arrive; nothing arrived instead.',
    });
  });

  it("calls other messages a mismatch, and quotes the last", () => {
    const { dialogue } = begin([{ expect: { contains: "ok" } }]);
    dialogue.advance(text("no"), 1);
    dialogue.advance({ type: "binary", bytes: 7 }, 2);
    dialogue.advance({ type: "tick" }, 1_000);
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_mismatch",
      detail:
        'A message that contains "ok" did not arrive; ' +
        "2 other messages arrived, the last: 7 binary bytes.",
    });
  });

  it("takes a message that arrives together with the deadline", () => {
    const { dialogue } = begin([{ expect: { equals: "ok" } }]);
    dialogue.advance(text("ok"), 1_000);
    expect(dialogue.outcome.type).toBe("done");
  });
});

describe("echo", () => {
  it("sends a nonce of the asked size and measures its return", () => {
    const { dialogue, actions } = begin([{ echo: { count: 1, bytes: 100 } }]);
    const [sent = ""] = texts(actions);
    expect(sent).toHaveLength(100);
    expect(sent).toContain(NONCE.slice(0, 8));
    dialogue.advance(text(sent), 12);
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.echo).toEqual({
      count: 1,
      received: 1,
      rttMs: { min: 12, mean: 12, p50: 12, p95: 12, max: 12 },
      messagesPerSecond: 83.33,
    });
  });

  it("sends few messages one after another, so that none waits behind another", () => {
    const { dialogue, actions } = begin([{ echo: { count: 10, bytes: 16 } }]);
    let sent = texts(actions);
    for (let turn = 0; turn < 10; turn += 1) {
      expect(sent).toHaveLength(1);
      sent = texts(dialogue.advance(text(sent[0] ?? ""), turn));
    }
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.echo).toMatchObject({ count: 10, received: 10 });
  });

  it("keeps a tenth of many messages under way", () => {
    expect(texts(begin([{ echo: { count: 100, bytes: 16 } }]).actions)).toHaveLength(10);
    expect(texts(begin([{ echo: { count: 1_000, bytes: 16 } }]).actions)).toHaveLength(32);
    expect(texts(begin([{ echo: { count: 1_000, bytes: 65_536 } }]).actions)).toHaveLength(1);
  });

  it("lets a greeting pass", () => {
    const { dialogue, actions } = begin([{ echo: { count: 1, bytes: 16 } }]);
    dialogue.advance(text("welcome"), 1);
    dialogue.advance(text(texts(actions)[0] ?? ""), 2);
    expect(dialogue.outcome.type).toBe("done");
  });

  it("lets a second copy of an echo pass", () => {
    const { dialogue, actions } = begin([{ echo: { count: 2, bytes: 16 } }]);
    const [first = ""] = texts(actions);
    const [second = ""] = texts(dialogue.advance(text(first), 1));
    dialogue.advance(text(first), 2);
    dialogue.advance(text(second), 3);
    expect(dialogue.outcome.type).toBe("done");
  });

  it.each([
    ["changed", (sent: string) => `${sent.slice(0, -1)}!`],
    ["cut short", (sent: string) => sent.slice(0, -1)],
    ["wrapped", (sent: string) => JSON.stringify({ message: sent })],
  ])("fails at once when a message comes back %s", (_how, damage) => {
    const { dialogue, actions } = begin([{ echo: { count: 1, bytes: 32 } }]);
    dialogue.advance(text(damage(texts(actions)[0] ?? "")), 5);
    expect(dialogue.outcome).toMatchObject({ type: "failed", reason: "message_mismatch" });
    expect(dialogue.echo).toMatchObject({ count: 1, received: 0, rttMs: null });
  });

  it("fails when messages come back out of order, and says which", () => {
    const { dialogue, actions } = begin([{ echo: { count: 20, bytes: 32 } }]);
    dialogue.advance(text(texts(actions)[1] ?? ""), 5);
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_mismatch",
      detail: "Message 2 came back before message 1.",
    });
  });

  it("says how many came back before the silence", () => {
    const { dialogue, actions } = begin([{ echo: { count: 3, bytes: 16 } }]);
    dialogue.advance(text(texts(actions)[0] ?? ""), 5);
    dialogue.advance({ type: "tick" }, 1_000);
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_timeout",
      detail: "1 of 3 messages came back; nothing arrived instead.",
    });
  });

  it("brings every message back exactly once over a faithful server, whatever its size", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            count: fc.integer({ min: 1, max: 80 }),
            bytes: fc.integer({ min: 16, max: 64 }),
          }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        (echoes) => {
          const { dialogue, actions } = begin(echoes.map((echo) => ({ echo })));
          const queue = texts(actions);
          const seen = new Set<string>();
          for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
            expect(seen.has(next)).toBe(false);
            seen.add(next);
            queue.push(...texts(dialogue.advance(text(next), 1)));
          }
          const total = echoes.reduce((sum, { count }) => sum + count, 0);
          expect(dialogue.outcome.type).toBe("done");
          expect(dialogue.echo).toMatchObject({ count: total, received: total });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("ping", () => {
  it("sends pings one after another and measures each", () => {
    const { dialogue, actions } = begin([{ ping: { count: 2 } }]);
    const [first = new Uint8Array()] = pings(actions);
    const [second = new Uint8Array()] = pings(
      dialogue.advance({ type: "pong", payload: first }, 10),
    );
    expect(second).not.toEqual(first);
    dialogue.advance({ type: "pong", payload: second }, 40);
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.ping).toEqual({
      sent: 2,
      received: 2,
      rttMs: { min: 10, mean: 20, p50: 10, p95: 30, max: 30 },
    });
  });

  it("keeps pings short: there are servers that cut longer ones", () => {
    const { actions } = begin([{ ping: { count: 100 } }]);
    expect(pings(actions).map((payload) => payload.length <= 10)).toEqual([true]);
  });

  it("does not take a pong with another payload for an answer", () => {
    const { dialogue } = begin([{ ping: { count: 1 } }]);
    dialogue.advance({ type: "pong", payload: new TextEncoder().encode("012345") }, 1);
    expect(dialogue.outcome.type).toBe("running");
    dialogue.advance({ type: "tick" }, 1_000);
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "pong_timeout",
      detail: 'Ping 1 was not answered; a pong with other data arrived: "012345".',
    });
    expect(dialogue.ping).toEqual({ sent: 1, received: 0, rttMs: null });
  });

  it("is passed over, and counted, where the transport cannot send it", () => {
    const { dialogue, actions } = begin([{ ping: { count: 3 } }], { pings: false });
    expect(actions).toEqual([]);
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.pingsSkipped).toBe(3);
    expect(dialogue.ping).toBeNull();
  });
});
