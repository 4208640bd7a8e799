/** How one deadline is divided among the phases of a check. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TimedPhase } from "../../../shared/probe/budget.ts";
import { checkDeadlineMs, phaseDeadlineMs } from "../../../shared/probe/budget.ts";

const PHASES: readonly TimedPhase[] = [
  "dns",
  "connect",
  "tls",
  "tls_confirmation",
  "upgrade",
  "dialogue",
  "close",
];
const window = fc.record({
  startedAtMs: fc.integer({ min: 0, max: 1e9 }),
  timeoutMs: fc.integer({ min: 100, max: 60_000 }),
});

describe("the division of a check's time", () => {
  it("ends every phase before the timeout", () => {
    fc.assert(
      fc.property(window, fc.constantFrom(...PHASES), fc.nat(60_000), (given, phase, afterMs) => {
        const deadlineMs = phaseDeadlineMs(phase, given, given.startedAtMs + afterMs);
        expect(deadlineMs).toBeLessThan(given.startedAtMs + given.timeoutMs);
      }),
    );
  });

  it("leaves time for a connection after DNS, for a confirmation after TLS, for a close", () => {
    fc.assert(
      fc.property(window, (given) => {
        const { startedAtMs } = given;
        const endMs = checkDeadlineMs(given);
        const wholeMs = endMs - startedAtMs;
        const left = (phase: TimedPhase) => endMs - phaseDeadlineMs(phase, given, startedAtMs);
        expect(left("dns")).toBeGreaterThanOrEqual(wholeMs / 2);
        expect(left("tls")).toBeGreaterThanOrEqual(wholeMs / 3);
        expect(left("dialogue")).toBeCloseTo(Math.min(1_000, given.timeoutMs / 10), 3);
      }),
    );
  });

  it("gives a slow connection all the time that there is", () => {
    const given = { startedAtMs: 0, timeoutMs: 10_000 };
    expect(phaseDeadlineMs("connect", given, 0)).toBe(9_900);
    expect(phaseDeadlineMs("upgrade", given, 5_000)).toBe(9_900);
  });

  it("does not wait long for a close", () => {
    expect(phaseDeadlineMs("close", { startedAtMs: 0, timeoutMs: 60_000 }, 100)).toBe(2_100);
  });
});
