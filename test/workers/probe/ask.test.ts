/** Asks in the real runtime: what is checked now, beside what hangs, and what is refused. */
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { roundsIn } from "../../../shared/monitor/schedule.ts";
import type { AskAnswer, RunAnswer } from "../../../shared/probe/ask.ts";
import { echoing } from "../../support/bad-servers.ts";
import {
  ProbeBench,
  REGION,
  fastConfig,
  monitorOf,
  publish,
  storedRuns,
} from "../../support/probe-bench.ts";
import { startLateAccepting, startRawServer } from "../../support/raw-server.ts";

const bench = new ProbeBench();
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe("an ask", () => {
  it("checks the named monitors now, and answers with the run that it stored", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    await publish(
      probe,
      fastConfig([monitorOf("a", server.url), monitorOf("b", server.url, { paused: true })]),
    );
    const ask = { scheduledAtMs: 12_345, lane: "ask", monitors: ["b", "unknown"], config: null };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.stored).toBe(true);
    expect(answer.run).toMatchObject({ scheduledAtMs: 12_345, region: REGION, lane: "ask" });
    expect(answer.run.observations.map(({ monitor }) => monitor)).toEqual(["b"]);
    expect(await storedRuns(probe)).toEqual([answer.run]);
  });

  it("makes good a missed cron run under that run's own identity", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    const config = fastConfig([monitorOf("a", server.url)]);
    await publish(probe, config);
    const [round] = roundsIn({ config, region: REGION, fromMs: 60_000, toMs: 61_000 });
    const ask = { scheduledAtMs: round?.scheduledAtMs, lane: "0", monitors: null, config: null };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run.observations.map(({ monitor }) => monitor)).toEqual(["a"]);
    expect(
      (await probe.post<RunAnswer>("/run", { scheduledAtMs: 60_000, paceMs: 1_000 })).status,
    ).toBe(200);
    expect(await storedRuns(probe)).toEqual([answer.run]);
  });

  it("needs no database when it brings the configuration, and loses no run without one", async () => {
    const [probe, server] = [await bench.bare(), await bench.echoServer()];
    const config = fastConfig([monitorOf("a", server.url)]);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.stored).toBe(false);
    expect(answer.run.observations).toMatchObject([{ monitor: "a", status: "up" }]);
  });

  it("checks the monitors that it can read when a newer coordinator sends others", async () => {
    const [probe, server] = [await bench.bare(), await bench.echoServer()];
    const known = monitorOf("a", server.url);
    const newer = { ...monitorOf("b", server.url), kind: "quic" };
    const config = { ...fastConfig([known]), monitors: [newer, known], retention: "90d" };
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a", "b"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run.observations).toMatchObject([{ monitor: "a", status: "up" }]);
  });

  it("is refused when it is malformed", async () => {
    const probe = await bench.bare();
    const rows = [
      ["a configuration that is not one", { config: { version: "one" } }, 503],
      ["an unknown field", { extra: 1, config: null }, 400],
      ["a missing lane", { lane: undefined, config: null }, 400],
    ] as const;
    for (const [what, fields, status] of rows) {
      const ask = { scheduledAtMs: 1, lane: "ask", monitors: null, ...fields };
      expect((await probe.post("/ask", ask)).status, what).toBe(status);
    }
  });
});

describe("many checks in one run", () => {
  it("are not held up by targets that hang", async () => {
    const [probe, server] = [await bench.bare(), await bench.echoServer()];
    const hanging = await startLateAccepting();
    bench.later(hanging.close);
    const monitors = Array.from({ length: 24 }, (_, index) =>
      index < 9
        ? monitorOf(`hangs-${index}`, hanging.url, { timeout: "500ms" })
        : monitorOf(`works-${index}`, server.url),
    );
    const config = fastConfig(monitors);
    const ids = monitors.map(({ id }) => id);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ids, config };
    const startedAtMs = performance.now();
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(performance.now() - startedAtMs).toBeLessThan(6_000);
    expect(answer.run.observations.map(({ monitor, reason }) => [monitor, reason])).toEqual(
      ids.map((id) => [id, id.startsWith("hangs") ? "connect_timeout" : null]),
    );
  });

  it("never have more than six connections open", async () => {
    const probe = await bench.bare();
    let most = 0;
    const server = await startRawServer(
      echoing({
        open: () => {
          most = Math.max(most, server.connections());
        },
      }),
    );
    bench.later(server.close);
    const monitors = Array.from({ length: 30 }, (_, index) => monitorOf(`m-${index}`, server.url));
    const ids = monitors.map(({ id }) => id);
    const config = fastConfig(monitors);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ids, config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run.observations.every(({ status }) => status === "up")).toBe(true);
    // A connection that the probe has closed may not have been noticed by the server yet.
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe("the internal interface", () => {
  it("says what is wrong with a request that it cannot serve", async () => {
    const probe = await bench.bare();
    const rows = [
      ["POST", "/nowhere", 404],
      ["GET", "/check", 405],
      ["POST", "/check", 400],
    ] as const;
    for (const [method, path, status] of rows) {
      const response = await probe.miniflare.dispatchFetch(`http://probe${path}`, {
        method,
        ...(method === "POST" ? { body: "not json" } : {}),
      });
      expect(response.status, path).toBe(status);
      expect(await response.json()).toEqual({ error: expect.any(String) });
    }
  });
});
