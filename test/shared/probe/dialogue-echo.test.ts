/** Echoes in a dialogue: every message accounted for, whatever a server makes of them. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NONCE, begin, text, texts } from "../../support/dialogue.ts";

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
