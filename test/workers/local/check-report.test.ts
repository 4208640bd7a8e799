/** The report of a check: what could not be measured says why, and what came back says how. */
import { describe, expect, it } from "vitest";
import type { Observation } from "../../../shared/probe/observation.ts";
import { emptyTimings } from "../../../shared/probe/observation.ts";
import { renderReport } from "../../../workers/local/eq/check-report.ts";
import { paletteFor } from "../../../workers/local/start/terminal.ts";
import { makeObservation } from "../../support/observation.ts";

const palette = paletteFor({ isTTY: false }, {});

/** Lines of the report, by what they begin with. */
function report(url: string, fields: Partial<Observation>): Map<string, string> {
  const observation = makeObservation({ region: "local", startedAtMs: 0, ...fields });
  const lines = renderReport(observation, { url, palette, verbose: false }).split("\n");
  return new Map(
    lines.map((line) => [
      /^ {2}(\S.*?) {2,}/.exec(line)?.[1] ?? "",
      line.replace(/^ {2}\S.*? {2,}/, ""),
    ]),
  );
}

const timings = { ...emptyTimings(), tcpMs: 1, upgradeMs: 2, totalMs: 4 };

describe("the report of a check", () => {
  it("says why a phase has no time", () => {
    const rows = report("ws://127.0.0.1:1/", { timings });
    expect(rows.get("DNS")).toMatch(/^– +not needed: the URL holds an address$/);
    expect(rows.get("TLS")).toMatch(/^– +none: a ws:\/\/ URL$/);
    expect(rows.get("First message")).toMatch(/the server sent no message$/);
    expect(rows.get("Close")).toMatch(/the server closed first$/);
    expect(rows.get("TCP")).toMatch(/^1 ms +█+$/);
  });

  it("says what fetch cannot tell apart, and that no resolver answered", () => {
    const over = { ...emptyTimings(), upgradeMs: 2, totalMs: 4 };
    const rows = report("wss://a.test/", { transport: "fetch", timings: over });
    expect(rows.get("DNS")).toMatch(/no resolver answered$/);
    expect(rows.get("TCP")).toMatch(/over fetch: part of the upgrade$/);
    expect(rows.get("TLS")).toMatch(/over fetch: part of the upgrade$/);
    const together = report("wss://localhost/", { timings: over });
    expect(together.get("DNS")).toMatch(/the name means this machine$/);
    expect(together.get("TCP")).toMatch(/opened together with TLS$/);
  });

  it("explains no phase that the check did not come to", () => {
    const rows = report("ws://a.test/", {
      reason: "connect_timeout",
      timings: { ...emptyTimings(), dnsMs: 1, totalMs: 4 },
    });
    expect(rows.get("TCP")).toMatch(/✗ connect_timeout$/);
    for (const later of ["TLS", "Upgrade", "First message", "Close"]) {
      expect(rows.has(later), later).toBe(false);
    }
  });

  it("says what HTTP beside it came to, and which of the four cases that is", () => {
    const http = { status: "up", reason: null, code: 200, totalMs: 3 } as const;
    const answered = { ...http, message: "It answered 200 OK." };
    const failed = { ...answered, status: "down", reason: "http_status", code: 502 } as const;
    const up = report("ws://a.test/", { timings, http: failed });
    expect(up.get("Together")).toMatch(/^WebSocket works where HTTP fails\./);
    expect(up.get("Total")).toBe("4 ms");
    const down = report("ws://a.test/", { timings, reason: "accept_mismatch", http: answered });
    expect(down.get("HTTP beside it")).toBe("It answered 200 OK.");
    expect(down.get("Together")).toMatch(/^HTTP works where WebSocket fails\. A proxy/);
    expect(
      report("ws://a.test/", { timings, reason: "probe_error", http: answered }),
    ).not.toContain("Together");
  });

  it("goes by the address that redirects led to, and shows each", () => {
    const rows = report("ws://a.test/", {
      timings: { ...timings, redirectMs: 3 },
      redirects: ["ws://localhost/"],
    });
    expect(rows.get("Redirects")).toMatch(/^3 ms/);
    expect(rows.get("Redirected to")).toBe("ws://localhost/");
    expect(rows.get("DNS")).toMatch(/this machine$/);
  });

  it("tells lost, changed, misplaced and doubled messages apart", () => {
    const echo = {
      count: 20,
      received: 15,
      lost: 3,
      corrupted: 2,
      reordered: 4,
      duplicated: 1,
      rttMs: { min: 1, mean: 2.5, p50: 2, p95: 9, max: 11 },
      jitterMs: 0.5,
      messagesPerSecond: 7.55,
      bytesPerSecond: 12_345,
    };
    const rows = report("ws://a.test/", { timings, echo });
    expect(rows.get("Echo")).toMatch(/^2\.5 ms /);
    expect(rows.get("Echo")).toContain(
      "15 of 20 came back, 3 lost, 2 changed, 4 out of order, 1 doubled, " +
        "min 1 ms, p50 2 ms, p95 9 ms, max 11 ms, jitter 0.5 ms",
    );
    expect(rows.get("Throughput")).toBe("7.5 messages/s, 12 kB/s");
  });

  it("says how many pings were answered", () => {
    const ping = { sent: 3, received: 1, successRatio: 0.3333, rttMs: null, jitterMs: null };
    const rows = report("ws://a.test/", { reason: "pong_timeout", timings, ping });
    expect(rows.get("Ping")).toMatch(/^– +1 of 3 answered$/);
    expect(rows.get("Messages")).toMatch(/✗ pong_timeout$/);
  });
});
