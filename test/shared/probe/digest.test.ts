/** The digest of a run: everything that decides comes out of it as it went in. */
import { describe, expect, it } from "vitest";
import { rollUpObservation } from "../../../shared/monitor/rollup.ts";
import { castVote } from "../../../shared/monitor/vote.ts";
import { decodeDigest, encodeDigest } from "../../../shared/probe/digest.ts";
import type { HttpResult, Observation } from "../../../shared/probe/observation.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { decodeRun, decodeRunDigest, encodeRun, formFor } from "../../../shared/probe/run.ts";
import { makeCertificate, makeObservation } from "../../support/observation.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const PLACE = { region: "eu-central", colo: "FRA" };
const HTTP: HttpResult = {
  status: "down",
  reason: "http_status",
  code: 502,
  totalMs: 31,
  message: "It answered 502.",
};

const observe = (fields: Partial<Observation> & { totalMs?: number } = {}): Observation =>
  makeObservation({ ...PLACE, startedAtMs: NOW_MS, totalMs: 80.25, ...fields });

const OBSERVATIONS: ReadonlyArray<readonly [what: string, observation: Observation]> = [
  ["that is up", observe()],
  ["that failed", observe({ reason: "accept_mismatch" })],
  ["that the probe is to blame for", observe({ reason: "probe_deadline" })],
  ["without a latency", { ...observe(), timings: { ...observe().timings, totalMs: null } }],
  ["with HTTP beside it", observe({ http: HTTP })],
  ["with a certificate", observe({ certificate: makeCertificate(20, NOW_MS) })],
  ["with words of any script", observe({ message: "“Grüße”, 你好, \u0000, 🛰" })],
];

describe("an observation", () => {
  it.each(OBSERVATIONS)("%s casts the same vote and counts the same by its digest", (_, seen) => {
    const [digest] = decodeDigest(encodeDigest([seen]), PLACE);
    if (digest === undefined) throw new Error("nothing came out");
    expect(castVote(undefined, digest)).toEqual(castVote(undefined, seen));
    expect(rollUpObservation(digest)).toEqual(rollUpObservation(seen));
    expect(digest.certificate).toEqual(seen.certificate);
    expect(digest.colo).toBe("FRA");
    // Whatever else an observation has, it is one itself, and comes to the same text.
    expect(encodeDigest([digest])).toBe(encodeDigest([seen]));
  });
});

describe("a row of the log", () => {
  const run: Run = {
    scheduledAtMs: NOW_MS,
    ...PLACE,
    lane: "0",
    startedAtMs: NOW_MS,
    finishedAtMs: NOW_MS + 900,
    configVersion: 3,
    observations: OBSERVATIONS.map(([, observation]) => observation),
    controls: { passed: 2, failed: 0 },
  };

  it.each(["named", "digested"] as const)("is the run again: %s", (form) => {
    const row = encodeRun(run, form);
    expect(decodeRun(row)).toEqual(run);
    const { observations, ...facts } = decodeRunDigest({ ...row, evidence: null });
    expect({ ...run, observations }).toEqual({ ...facts, observations });
    expect(encodeDigest(observations)).toBe(encodeDigest(run.observations));
  });

  it("holds nothing twice, and says nothing of what was not measured", () => {
    expect(encodeRun(run, "digested").observations).toBe("[]");
    expect(encodeRun(run, "named")).toMatchObject({ digest: null, evidence: null });
    expect(encodeRun(run, "named").observations).not.toContain("null");
  });

  it("that a release of old wrote knew no other form", () => {
    const { digest: _digest, evidence: _evidence, ...row } = encodeRun(run, "named");
    expect(decodeRun(row)).toEqual(run);
    expect(decodeRunDigest(row)).toEqual(run);
  });

  it.each([
    [null, "named"],
    [undefined, "named"],
    [0, "named"],
    [1, "digested"],
    [2, "digested"],
  ])("is written for a reader that knows %s as %s", (known, form) => {
    expect(formFor(known)).toBe(form);
  });

  it.each(["[{", "[{}]", "[null]", "null", "[[1, 2]]", '[["chat", null]]'])(
    "says that it is damaged: %s",
    (text) => {
      const row = encodeRun(run);
      expect(() => decodeRunDigest({ ...row, digest: text })).toThrow(SyntaxError);
      const named = { ...row, digest: null, observations: text };
      expect(() => decodeRunDigest(named)).toThrow(SyntaxError);
    },
  );
});
