/** The evidence of a run: with the digest it is every observation again, whatever there was to see. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDigest, encodeDigest } from "../../../shared/probe/digest.ts";
import { decodeEvidence, encodeEvidence } from "../../../shared/probe/log-evidence.ts";
import type { Observation } from "../../../shared/probe/observation.ts";
import { REASONS } from "../../../shared/probe/reason.ts";
import { makeCertificate, makeObservation } from "../../support/observation.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const PLACE = { region: "eu-central", colo: "FRA" };

const amount = fc.nat({ max: 1_000 });
const durationMs = fc.double({ min: 0, max: 60_000, noNaN: true }).map((value) => value + 0);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const words = fc.string({ unit: "binary", maxLength: 30 });
const rttMs = fc.oneof(
  fc.record({
    min: durationMs,
    mean: durationMs,
    p50: durationMs,
    p95: durationMs,
    max: durationMs,
  }),
  durationMs.map((same) => ({ min: same, mean: same, p50: same, p95: same, max: same })),
);

const observations: fc.Arbitrary<Observation> = fc
  .record({
    monitor: fc.string({ minLength: 1, maxLength: 20 }),
    startedAtMs: fc.nat().map((laterMs) => NOW_MS + laterMs),
    transport: fc.constantFrom("socket", "fetch"),
    status: fc.constantFrom("up", "degraded", "down", "unknown"),
    phase: maybe(fc.constantFrom("dns", "upgrade", "dialogue")),
    reason: maybe(fc.constantFrom(...(Object.keys(REASONS) as Array<keyof typeof REASONS>))),
    blame: maybe(fc.constantFrom("target", "network", "probe")),
    message: words,
    timings: fc.record({
      redirectMs: maybe(durationMs),
      dnsMs: maybe(durationMs),
      tcpMs: maybe(durationMs),
      tlsMs: maybe(durationMs),
      upgradeMs: maybe(durationMs),
      firstMessageMs: maybe(durationMs),
      closeMs: maybe(durationMs),
      totalMs: maybe(durationMs),
    }),
    echo: maybe(
      fc.record({
        count: amount,
        received: amount,
        lost: amount,
        corrupted: amount,
        reordered: amount,
        duplicated: amount,
        rttMs: maybe(rttMs),
        jitterMs: maybe(durationMs),
        messagesPerSecond: maybe(durationMs),
        bytesPerSecond: maybe(durationMs),
      }),
    ),
    ping: maybe(
      fc.record({
        sent: amount,
        received: amount,
        successRatio: fc.constantFrom(0, 0.5, 1),
        rttMs: maybe(rttMs),
        jitterMs: maybe(durationMs),
      }),
    ),
    address: maybe(
      fc.constantFrom({ ip: "192.0.2.17", family: 4 } as const, { ip: "::1", family: 6 } as const),
    ),
    handshake: maybe(
      fc.record({ status: amount, subprotocol: maybe(words), extensions: maybe(words) }),
    ),
    close: maybe(fc.record({ code: amount, reason: words, clean: fc.boolean() })),
    certificate: fc.constantFrom(null, makeCertificate(20, NOW_MS)),
    transcript: maybe(
      fc.record({
        entries: fc.array(
          fc.record({
            atMs: durationMs,
            direction: fc.constantFrom("sent" as const, "received" as const, "note" as const),
            kind: fc.constantFrom("head", "text"),
            bytes: maybe(amount),
            text: words,
          }),
          { maxLength: 3 },
        ),
        omitted: amount,
      }),
    ),
    redirects: fc.option(fc.array(words, { maxLength: 3 }), { nil: undefined }),
    http: fc.option(
      fc.record({
        status: fc.constantFrom("up" as const, "down" as const),
        reason: fc.constantFrom(null, "http_status" as const),
        code: maybe(amount),
        totalMs: durationMs,
        message: words,
      }),
      { nil: undefined },
    ),
  })
  .map(({ redirects, http, ...rest }) => ({
    ...rest,
    ...PLACE,
    ...(redirects === undefined ? {} : { redirects }),
    ...(http === undefined ? {} : { http }),
  }));

describe("digest and evidence together", () => {
  it("are the observations, to the last field", () => {
    fc.assert(
      fc.property(fc.array(observations, { maxLength: 5 }), (seen) => {
        const digests = decodeDigest(encodeDigest(seen), PLACE);
        const joined = decodeEvidence(encodeEvidence(seen), digests);
        expect(joined).toEqual(seen);
      }),
    );
  });

  it("take 300 characters for a check that was up, with echo and pings", () => {
    const rtt = { min: 41.25, mean: 41.25, p50: 41.25, p95: 41.25, max: 41.25 };
    const timings = { dnsMs: 4.5, tcpMs: 20, tlsMs: 41.5, upgradeMs: 22, firstMessageMs: 21 };
    const seen = makeObservation({
      monitor: "service-17",
      ...PLACE,
      startedAtMs: NOW_MS,
      message:
        "Connected in 20 ms, TLS in 41.5 ms, upgraded in 22 ms, echo in 41.25 ms, ping 41.25 ms, " +
        "closed cleanly.",
      timings: { redirectMs: null, ...timings, closeMs: 19, totalMs: 148.5 },
      echo: {
        count: 1,
        received: 1,
        lost: 0,
        corrupted: 0,
        reordered: 0,
        duplicated: 0,
        rttMs: rtt,
        jitterMs: null,
        messagesPerSecond: 24.24242424,
        bytesPerSecond: 775.7575757,
      },
      ping: { sent: 1, received: 1, successRatio: 1, rttMs: rtt, jitterMs: null },
      address: { ip: "192.0.2.17", family: 4 },
      handshake: { status: 101, subprotocol: null, extensions: null },
      close: { code: 1000, reason: "", clean: true },
    });
    const characters = encodeDigest([seen]).length + encodeEvidence([seen]).length;
    expect(characters).toBeLessThan(300);
  });
});

describe("evidence", () => {
  const [digest] = decodeDigest(
    encodeDigest([makeObservation({ ...PLACE, startedAtMs: NOW_MS })]),
    PLACE,
  );

  it("that lacks what it has of an HTTP request is damaged, and not one that took no time", () => {
    const http = { status: "up" as const, reason: null, code: 200, totalMs: 31, message: "Fine." };
    const seen = [makeObservation({ ...PLACE, startedAtMs: NOW_MS, http })];
    const digests = decodeDigest(encodeDigest(seen), PLACE);
    expect(decodeEvidence(encodeEvidence(seen), digests)).toEqual(seen);
    expect(() => decodeEvidence('[["socket"]]', digests)).toThrow(SyntaxError);
  });

  it.each(["", "[", "[]", "[{}]", "[null]", "null"])("that is damaged says so: %s", (text) => {
    if (digest === undefined) throw new Error("no digest");
    expect(() => decodeEvidence(text, [digest])).toThrow(SyntaxError);
  });
});
