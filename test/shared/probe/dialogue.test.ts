/** The dialogue interpreter: sent and expected messages, pings, and what it calls a failure. */
import { describe, expect, it } from "vitest";
import { begin, pings, text, texts } from "../../support/dialogue.ts";

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
