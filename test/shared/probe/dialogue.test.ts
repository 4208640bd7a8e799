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
      lost: 0,
      corrupted: 0,
      reordered: 0,
      duplicated: 0,
      rttMs: { min: 12, mean: 12, p50: 12, p95: 12, max: 12 },
      jitterMs: null,
      messagesPerSecond: 83.33,
      bytesPerSecond: 8_333.33,
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

  it("lets a second copy of an echo pass, and counts it", () => {
    const { dialogue, actions } = begin([{ echo: { count: 2, bytes: 16 } }]);
    const [first = ""] = texts(actions);
    const [second = ""] = texts(dialogue.advance(text(first), 1));
    dialogue.advance(text(first), 2);
    dialogue.advance(text(second), 3);
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.echo).toMatchObject({ count: 2, received: 2, duplicated: 1, lost: 0 });
  });

  it.each([
    ["changed", (sent: string) => `${sent.slice(0, -1)}!`],
    ["cut short", (sent: string) => sent.slice(0, -1)],
    ["wrapped", (sent: string) => JSON.stringify({ message: sent })],
  ])("fails when a message comes back %s", (_how, damage) => {
    const { dialogue, actions } = begin([{ echo: { count: 1, bytes: 32 } }]);
    dialogue.advance(text(damage(texts(actions)[0] ?? "")), 5);
    expect(dialogue.outcome).toMatchObject({ type: "failed", reason: "message_mismatch" });
    expect(dialogue.outcome).toMatchObject({
      detail: expect.stringMatching(/^The message came back changed: "/),
    });
    expect(dialogue.echo).toMatchObject({ count: 1, received: 0, corrupted: 1, lost: 0 });
  });

  it("counts every message that comes back changed before it says so", () => {
    const { dialogue, actions } = begin([{ echo: { count: 4, bytes: 32 } }]);
    let [sent = ""] = texts(actions);
    for (let turn = 0; turn < 4; turn += 1) {
      const returned =
        turn % 2 === 0 ? sent : sent.toUpperCase().replace(/^\S{8}/, NONCE.slice(0, 8));
      [sent = ""] = texts(dialogue.advance(text(returned), turn));
    }
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_mismatch",
      detail: '2 of 4 messages came back changed: "01234567-1-ABCDEFGHIJKLMNOPQRSTU".',
    });
    expect(dialogue.echo).toMatchObject({ count: 4, received: 2, corrupted: 2, lost: 0 });
  });

  it("fails when messages come back out of order, and says which", () => {
    const { dialogue, actions } = begin([{ echo: { count: 20, bytes: 32 } }]);
    const queue = texts(actions).toReversed();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      queue.push(...texts(dialogue.advance(text(next), 5)));
    }
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_mismatch",
      detail: "1 of 20 messages came back out of order: message 1 after message 2.",
    });
    expect(dialogue.echo).toMatchObject({ received: 20, reordered: 1, corrupted: 0, lost: 0 });
  });

  it("sends on after a silence, so that one lost message is one lost message", () => {
    const { dialogue, actions } = begin([{ echo: { count: 4, bytes: 16 } }], { deadlineMs: 9_000 });
    const [, second = ""] = [texts(actions)[0], ...texts(dialogue.advance({ type: "tick" }, 100))];
    expect(second).toBe("");
    expect(dialogue.waitUntilMs).toBe(2_250);
    let [sent] = texts(dialogue.advance({ type: "tick" }, 2_250));
    for (let atMs = 2_260; sent !== undefined; atMs += 10) {
      [sent] = texts(dialogue.advance(text(sent), atMs));
    }
    expect(dialogue.outcome.type).toBe("running");
    dialogue.advance({ type: "tick" }, 9_000);
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "message_timeout",
      detail: "3 of 4 messages came back; nothing arrived instead.",
    });
    expect(dialogue.echo).toMatchObject({ count: 4, received: 3, lost: 1, reordered: 0 });
  });

  it("takes a message that comes after the silence as out of order, not as lost", () => {
    const { dialogue, actions } = begin([{ echo: { count: 2, bytes: 16 } }], { deadlineMs: 2_000 });
    const [first = ""] = texts(actions);
    const [second = ""] = texts(dialogue.advance({ type: "tick" }, 1_000));
    dialogue.advance(text(second), 1_010);
    dialogue.advance(text(first), 1_020);
    expect(dialogue.outcome).toMatchObject({ reason: "message_mismatch" });
    expect(dialogue.echo).toMatchObject({ received: 2, reordered: 1, lost: 0 });
  });

  it("measures jitter from one round trip to the next, and bytes by the time of the exchange", () => {
    const { dialogue, actions } = begin([{ echo: { count: 4, bytes: 100 } }]);
    let [sent = ""] = texts(actions);
    for (const atMs of [10, 30, 40, 60]) [sent = ""] = texts(dialogue.advance(text(sent), atMs));
    expect(dialogue.echo).toMatchObject({
      jitterMs: 10,
      messagesPerSecond: 66.67,
      bytesPerSecond: 6_666.67,
    });
  });

  it("accounts for every message, whatever a server makes of them", () => {
    type Fate = "echo" | "drop" | "change" | "twice" | "hold";
    const fates = fc.array(fc.constantFrom<Fate>("echo", "drop", "change", "twice", "hold"), {
      minLength: 30,
      maxLength: 30,
    });
    fc.assert(
      fc.property(fates, (plan) => {
        const { dialogue, actions } = begin([{ echo: { count: 30, bytes: 40 } }]);
        const held: string[] = [];
        const queue = texts(actions);
        let atMs = 0;
        let turn = 0;
        const deliver = (value: string) =>
          queue.push(...texts(dialogue.advance(text(value), atMs)));
        while (dialogue.outcome.type === "running") {
          const next = queue.shift();
          if (next === undefined) {
            atMs = dialogue.waitUntilMs;
            queue.push(...texts(dialogue.advance({ type: "tick" }, atMs)));
            continue;
          }
          const fate = plan[turn] ?? "echo";
          turn += 1;
          if (fate === "echo" || fate === "twice") deliver(next);
          if (fate === "twice") deliver(next);
          if (fate === "change") deliver(`${next}?`);
          if (fate === "hold") held.push(next);
          else for (const late of held.splice(0)) deliver(late);
        }
        const { count = 0, received = 0, corrupted = 0, lost = 0 } = dialogue.echo ?? {};
        const had = (...wanted: Fate[]) =>
          plan.slice(0, turn).some((fate) => wanted.includes(fate));
        expect(received + corrupted + lost).toBe(count);
        expect(corrupted > 0).toBe(had("change"));
        expect(dialogue.outcome.type).toBe(had("drop", "change", "hold") ? "failed" : "done");
      }),
      { numRuns: 200 },
    );
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
      successRatio: 1,
      rttMs: { min: 10, mean: 20, p50: 10, p95: 30, max: 30 },
      jitterMs: 20,
    });
  });

  it("sends on after a silence, and takes a later pong for those before it too", () => {
    const { dialogue, actions } = begin([{ ping: { count: 4 } }], { deadlineMs: 4_000 });
    let sent = pings(actions);
    for (let turn = 0; turn < 4; turn += 1) {
      const [payload = new Uint8Array()] = sent;
      const atMs = dialogue.waitUntilMs;
      const lost = turn === 1;
      sent = pings(
        dialogue.advance(lost ? { type: "tick" } : { type: "pong", payload }, atMs - 500),
      );
      if (lost) sent = pings(dialogue.advance({ type: "tick" }, atMs));
    }
    dialogue.advance({ type: "tick" }, 4_000);
    // The pong of a later ping stands for those before it.
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.ping).toMatchObject({ sent: 4, received: 4, successRatio: 1 });
  });

  it("counts a pong that comes late", () => {
    const { dialogue, actions } = begin([{ ping: { count: 2 } }], { deadlineMs: 2_000 });
    const [first = new Uint8Array()] = pings(actions);
    const [second = new Uint8Array()] = pings(dialogue.advance({ type: "tick" }, 1_000));
    dialogue.advance({ type: "pong", payload: first }, 1_500);
    expect(dialogue.outcome.type).toBe("running");
    dialogue.advance({ type: "pong", payload: second }, 1_600);
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.ping).toMatchObject({ received: 2, rttMs: { min: 600, max: 1_500 } });
  });

  it("says which pings were not answered", () => {
    const { dialogue, actions } = begin([{ ping: { count: 3 } }], { deadlineMs: 3_000 });
    const [first = new Uint8Array()] = pings(actions);
    dialogue.advance({ type: "pong", payload: first }, 10);
    while (dialogue.outcome.type === "running") {
      dialogue.advance({ type: "tick" }, dialogue.waitUntilMs);
    }
    expect(dialogue.outcome).toEqual({
      type: "failed",
      reason: "pong_timeout",
      detail: "Ping 2 was not answered, 1 of 3 were.",
    });
    expect(dialogue.ping).toMatchObject({ sent: 3, received: 1, successRatio: 0.3333 });
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
    expect(dialogue.ping).toEqual({
      sent: 1,
      received: 0,
      successRatio: 0,
      rttMs: null,
      jitterMs: null,
    });
  });

  it("is passed over, and counted, where the transport cannot send it", () => {
    const { dialogue, actions } = begin([{ ping: { count: 3 } }], { pings: false });
    expect(actions).toEqual([]);
    expect(dialogue.outcome.type).toBe("done");
    expect(dialogue.pingsSkipped).toBe(3);
    expect(dialogue.ping).toBeNull();
  });
});
