import { describe, expect, it } from "vitest";
import type { Gate } from "../../../shared/alert/gate.ts";
import {
  BURST,
  OPEN_GATE,
  REST_MS,
  TOKEN_MS,
  TRIPS_AFTER,
  admit,
  decideAdmission,
  isSuspect,
  recordOutcome,
} from "../../../shared/alert/gate.ts";

const NOW_MS = 1_000_000;
const FAILED = { ok: false, permanent: false, retryAfterMs: null };
const SENT = { ok: true, permanent: false, retryAfterMs: null };

function failing(times: number): Gate {
  let gate = OPEN_GATE;
  for (let index = 0; index < times; index += 1) gate = recordOutcome(gate, FAILED, 50, NOW_MS);
  return gate;
}

describe("a channel's gate", () => {
  it("is open until a channel has failed several times in a row", () => {
    expect(decideAdmission(failing(TRIPS_AFTER - 1), 0, NOW_MS)).toBeNull();
    expect(decideAdmission(failing(TRIPS_AFTER), 0, NOW_MS)).toBe("it rests");
  });

  it("rests longer with each further failure, up to a bound", () => {
    expect(failing(TRIPS_AFTER).restsUntilMs - NOW_MS).toBe(REST_MS.first);
    expect(failing(TRIPS_AFTER + 1).restsUntilMs - NOW_MS).toBe(2 * REST_MS.first);
    expect(failing(1_000).restsUntilMs - NOW_MS).toBe(REST_MS.longest);
  });

  it("lets one message try after the rest, and all once that has arrived", () => {
    const tripped = failing(TRIPS_AFTER);
    const rested = tripped.restsUntilMs;
    expect(decideAdmission(tripped, 0, rested)).toBeNull();
    expect(decideAdmission(tripped, 1, rested)).toBe("one message tries it first");
    const mended = recordOutcome(tripped, SENT, 50, rested);
    expect(decideAdmission(mended, 1, rested)).toBeNull();
    expect(isSuspect(mended)).toBe(false);
  });

  it("keeps a channel alone as long as it asked to be", () => {
    const asked = recordOutcome(OPEN_GATE, { ...FAILED, retryAfterMs: 60_000 }, 50, NOW_MS);
    expect(decideAdmission(asked, 0, NOW_MS + 59_999)).toBe("it rests");
    expect(decideAdmission(asked, 0, NOW_MS + 60_000)).toBeNull();
  });

  it("does not take a refusal of one message for a channel that fails", () => {
    const refused = recordOutcome(failing(3), { ...FAILED, permanent: true }, 50, NOW_MS);
    expect(refused.failures).toBe(0);
  });

  it("bounds how many messages follow each other, and earns more with time", () => {
    let gate = OPEN_GATE;
    for (let sent = 0; sent < BURST; sent += 1) {
      expect(decideAdmission(gate, 0, NOW_MS)).toBeNull();
      gate = admit(gate, NOW_MS);
    }
    expect(decideAdmission(gate, 0, NOW_MS)).toBe("it was sent many messages just now");
    expect(decideAdmission(gate, 0, NOW_MS + TOKEN_MS)).toBeNull();
  });

  it("suspects a channel that was slow", () => {
    expect(isSuspect(recordOutcome(OPEN_GATE, SENT, 9_000, NOW_MS))).toBe(true);
    expect(isSuspect(recordOutcome(OPEN_GATE, SENT, 50, NOW_MS))).toBe(false);
  });
});
