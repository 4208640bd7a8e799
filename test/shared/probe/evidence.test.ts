/** How evidence becomes an observation. */
import { describe, expect, it } from "vitest";
import { boundTranscripts } from "../../../shared/probe/evidence-budget.ts";
import type { Evidence } from "../../../shared/probe/evidence.ts";
import { concludeCheck, emptyEvidence } from "../../../shared/probe/evidence.ts";
import type { Reason } from "../../../shared/probe/reason.ts";
import { REASONS, reasonFacts } from "../../../shared/probe/reason.ts";

function conclude(fields: Partial<Evidence>, budgets = {}) {
  return concludeCheck({
    spec: { monitor: "chat", budgets },
    region: "eu-central",
    colo: "FRA",
    evidence: { ...emptyEvidence(1_000, "socket"), ...fields },
    transcript: null,
  });
}

const timings = {
  redirectMs: null,
  dnsMs: 1,
  tcpMs: 20.04,
  tlsMs: 31,
  upgradeMs: 22,
  firstMessageMs: 25,
  closeMs: 20,
  totalMs: 150,
};
const echo = {
  count: 1,
  received: 1,
  lost: 0,
  corrupted: 0,
  reordered: 0,
  duplicated: 0,
  rttMs: { min: 24, mean: 24, p50: 24, p95: 24, max: 24 },
  jitterMs: null,
  messagesPerSecond: 41,
  bytesPerSecond: 1_312,
};

describe("the conclusion of a check", () => {
  it("is up without a failure, in one sentence", () => {
    const close = { code: 1000, reason: "", clean: true };
    expect(conclude({ timings, echo, close })).toMatchObject({
      status: "up",
      phase: null,
      reason: null,
      blame: null,
      message:
        "Connected in 20 ms, TLS in 31 ms, upgraded in 22 ms, echo in 24 ms, closed cleanly.",
    });
  });

  it.each(Object.keys(REASONS) as Reason[])("takes the facts of %s from the list", (reason) => {
    const { phase, blame, status, meaning } = reasonFacts(reason);
    expect(conclude({ failure: { reason, detail: "It was seen." } })).toMatchObject({
      status,
      phase,
      blame,
      reason,
      message: `${meaning} It was seen.`,
    });
  });

  it("is degraded when a phase took longer than its budget, and says which", () => {
    expect(conclude({ timings, echo }, { upgradeMs: 20, echoMs: 24, totalMs: 100 })).toMatchObject({
      status: "degraded",
      phase: "limits",
      reason: "latency_over_budget",
      message:
        "A phase took longer than its budget. Upgrade took 22 ms, budget 20 ms. " +
        "The whole check took 150 ms, budget 100 ms.",
    });
  });

  it("holds no budget against a phase that was not measured", () => {
    expect(conclude({}, { tlsMs: 1, echoMs: 1 }).status).toBe("up");
  });

  it("keeps what failed above what was slow", () => {
    const failure = { reason: "pong_timeout", detail: "" } as const;
    expect(conclude({ timings, failure }, { totalMs: 1 }).reason).toBe("pong_timeout");
  });

  it("explains what could not be measured", () => {
    expect(conclude({ notes: ["Pings cannot be sent."] }).message).toBe(
      "The target answered. Pings cannot be sent.",
    );
  });
});

describe("the evidence of a run", () => {
  const text = "x".repeat(1_000);
  const entry = { atMs: 0, direction: "received", kind: "text", bytes: 1_000, text } as const;
  const failing = {
    ...conclude({ failure: { reason: "frame_masked", detail: "" } }),
    transcript: { entries: [entry], omitted: 0 },
  };

  it("is kept from the first observation on, as far as there is room for it", () => {
    const observations = [failing, conclude({}), failing, failing];
    const kept = boundTranscripts(observations, 2_500);
    expect(kept.map(({ transcript }) => transcript !== null)).toEqual([true, false, true, false]);
    expect(kept.map(({ reason }) => reason)).toEqual(observations.map(({ reason }) => reason));
  });
});
