/** The digest of a run: everything that decides comes out of it as it went in. */
import { describe, expect, it } from "vitest";
import { rollUpObservation } from "../../../shared/monitor/rollup.ts";
import { castVote } from "../../../shared/monitor/vote.ts";
import { decodeDigest, encodeDigest } from "../../../shared/probe/digest.ts";
import type { HttpResult, Observation } from "../../../shared/probe/observation.ts";
import type { Run, RunRow } from "../../../shared/probe/run.ts";
import { decodeRun, decodeRunDigest, encodeRun } from "../../../shared/probe/run.ts";
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

  it("says by its digest alone what decides", () => {
    const row = encodeRun(run);
    const { observations, ...facts } = decodeRunDigest({ ...row, observations: "" });
    expect({ ...run, observations }).toEqual({ ...facts, observations });
    expect(encodeDigest(observations)).toBe(row.digest);
    expect(decodeRun(row).observations).toEqual(run.observations);
  });

  it.each([null, undefined])("that an older release wrote is read as it is (%s)", (digest) => {
    const row = { ...encodeRun(run), digest } as RunRow;
    expect(decodeRunDigest(row)).toEqual(decodeRun(row));
  });

  it("has none where both would not fit", () => {
    const message = "x".repeat(1_000_000);
    const long = encodeRun({ ...run, observations: [observe({ message })] });
    expect(long.digest).toBeNull();
    expect(decodeRunDigest(long).observations).toMatchObject([{ message }]);
  });

  it.each(["[{", "[{}]", "[null]"])("says that its digest is damaged: %s", (digest) => {
    expect(() => decodeRunDigest({ ...encodeRun(run), digest })).toThrow(SyntaxError);
  });
});
