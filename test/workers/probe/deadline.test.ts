/** Waits with an end: one by itself, and many under one timer. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeadlineTimer, monotonicNowMs, settleBy } from "../../../workers/probe/deadline.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Fulfilled with a text, or rejected with an error, after a time. */
async function after<Outcome>(delayMs: number, outcome: Outcome): Promise<Outcome> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (outcome instanceof Error) throw outcome;
  return outcome;
}

describe.each([
  ["by itself", () => settleBy],
  [
    "under a timer of several",
    (): typeof settleBy => {
      const timer = new DeadlineTimer();
      return async (promise, deadlineMs) => await timer.settleBy(promise, deadlineMs);
    },
  ],
])("a wait %s", (_name, waiting) => {
  it("gives the value that comes in time", async () => {
    const settled = waiting()(after(10, "here"), monotonicNowMs() + 20);
    await vi.advanceTimersByTimeAsync(10);
    expect(await settled).toEqual({ type: "value", value: "here" });
  });

  it("gives the error that comes in time, and never rejects", async () => {
    const error = new Error("broken");
    const settled = waiting()(after(10, error), monotonicNowMs() + 20);
    await vi.advanceTimersByTimeAsync(10);
    expect(await settled).toEqual({ type: "error", error });
  });

  it.each([0, 20, 999, 1_000, 1_001, 59_900])("ends at its deadline: %d ms", async (waitMs) => {
    let endedAtMs: number | null = null;
    const startedAtMs = monotonicNowMs();
    const settled = waiting()(after(90_000, "late"), startedAtMs + waitMs).then((outcome) => {
      endedAtMs = monotonicNowMs();
      return outcome;
    });
    await vi.advanceTimersByTimeAsync(waitMs);
    expect(await settled).toEqual({ type: "timeout" });
    expect(endedAtMs).toBe(startedAtMs + waitMs);
  });

  it("prefers what is there already to a deadline that has passed", async () => {
    const settled = waiting()(Promise.resolve("here"), monotonicNowMs() - 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(await settled).toEqual({ type: "value", value: "here" });
  });
});

describe("waits under one timer", () => {
  it("set it once as long as all is quick", async () => {
    const timer = new DeadlineTimer();
    const settled: unknown[] = [];
    const waits = (async () => {
      for (const deadlineMs of [9_900, 8_900, 2_000, 5_000]) {
        settled.push(await timer.settleBy(after(10, "here"), monotonicNowMs() + deadlineMs));
      }
    })();
    await vi.advanceTimersByTimeAsync(35);
    // One timer of the waits, one of what is awaited.
    expect(vi.getTimerCount()).toBe(2);
    await vi.advanceTimersByTimeAsync(5);
    await waits;
    expect(settled).toEqual(Array.from({ length: 4 }, () => ({ type: "value", value: "here" })));
    expect(vi.getTimerCount()).toBe(1);
    timer.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("each end at their own deadline, whether it is before or after the one before", async () => {
    const timer = new DeadlineTimer();
    const late = after(90_000, "late");
    const endedAfterMs: number[] = [];
    const waits = (async () => {
      for (const deadlineMs of [300, 5, 2_500, 100]) {
        const startedAtMs = monotonicNowMs();
        const settled = await timer.settleBy(late, startedAtMs + deadlineMs);
        expect(settled.type).toBe("timeout");
        endedAfterMs.push(monotonicNowMs() - startedAtMs);
      }
    })();
    await vi.advanceTimersByTimeAsync(3_000);
    await waits;
    expect(endedAfterMs).toEqual([300, 5, 2_500, 100]);
  });

  it("are not ended by a promise that an earlier wait had given up", async () => {
    const timer = new DeadlineTimer();
    const slow = after(30, "slow");
    const first = timer.settleBy(slow, monotonicNowMs() + 10);
    await vi.advanceTimersByTimeAsync(10);
    expect(await first).toEqual({ type: "timeout" });
    const second = timer.settleBy(after(40, "second"), monotonicNowMs() + 100);
    await vi.advanceTimersByTimeAsync(40);
    expect(await second).toEqual({ type: "value", value: "second" });
  });
});
