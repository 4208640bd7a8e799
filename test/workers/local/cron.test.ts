/** The local cron: aligned, at its pace. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, startCron } from "../../../workers/local/network/cron.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 100_300 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the local cron", () => {
  it("fires at multiples of its pace", () => {
    const fired: number[] = [];
    const cron = startCron(1_000, (scheduledAtMs) => fired.push(scheduledAtMs));
    vi.advanceTimersByTime(3_000);
    expect(fired).toEqual([101_000, 102_000, 103_000]);
    cron.stop();
    vi.advanceTimersByTime(3_000);
    expect(fired).toHaveLength(3);
  });

  it("does not make up for what passed while the machine slept", () => {
    const fired: number[] = [];
    const cron = startCron(1_000, (scheduledAtMs) => fired.push(scheduledAtMs));
    vi.setSystemTime(200_500);
    vi.advanceTimersByTime(1_500);
    expect(fired).toEqual([201_000, 202_000]);
    cron.stop();
  });

  it("never takes the present moment for the next one", () => {
    expect(nextTick(1_000, 1_000)).toBe(2_000);
    expect(nextTick(999, 1_000)).toBe(1_000);
  });
});
