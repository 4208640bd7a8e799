/** What a run tells of the probe's surroundings: its data centre, and its control targets. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { AskAnswer, RunAnswer } from "../../../shared/probe/ask.ts";
import {
  ProbeBench,
  fastConfig,
  monitorOf,
  publish,
  storedRuns,
} from "../../support/probe-bench.ts";
import { startRawServer } from "../../support/raw-server.ts";

const bench = new ProbeBench();
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe("the observed data centre", () => {
  it("is read from the trace page once and kept", async () => {
    let asked = 0;
    const trace = createServer((_request, response) => {
      asked += 1;
      response.end("fl=1\nh=x\ncolo=FRA\nsliver=none\n");
    });
    await new Promise<void>((resolve) => {
      trace.listen(0, "127.0.0.1", resolve);
    });
    bench.later(async () => {
      await new Promise((resolve) => trace.close(resolve));
    });
    const url = `http://127.0.0.1:${(trace.address() as AddressInfo).port}/cdn-cgi/trace`;
    const [probe, server] = [await bench.start({ COLO_TRACE_URL: url }), await bench.echoServer()];
    const config = fastConfig([monitorOf("a", server.url)]);
    for (const scheduledAtMs of [1, 2]) {
      const ask = { scheduledAtMs, lane: "ask", monitors: ["a"], config };
      const { answer } = await probe.post<AskAnswer>("/ask", ask);
      expect(answer.run.colo).toBe("FRA");
      expect(answer.run.observations[0]?.colo).toBe("FRA");
    }
    expect(asked).toBe(1);
  });

  it("may be unknown without failing a run", async () => {
    const [probe, server] = [
      await bench.start({ COLO_TRACE_URL: "http://127.0.0.1:1/trace" }),
      await bench.echoServer(),
    ];
    const config = fastConfig([monitorOf("a", server.url)]);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run).toMatchObject({ colo: null, observations: [{ status: "up", colo: null }] });
  });
});

describe("control targets", () => {
  it("are looked at in each run, and told with it", async () => {
    const statuses = new Map([
      ["/good", 204],
      ["/moved", 302],
      ["/bad", 503],
    ]);
    const server = createServer(({ url, headers }, response) => {
      expect(headers["user-agent"]).toMatch(/^Echoquorum\/\S+ \(region=eu-central\)$/);
      response.writeHead(statuses.get(url ?? "") ?? 500).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    bench.later(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const targets = [...statuses.keys()].map((path) => `${origin}${path}`);
    const probe = await bench.start({
      CONTROL_TARGETS: [...targets, "http://127.0.0.1:1/"].join(", "),
    });
    await publish(probe, fastConfig([monitorOf("a", (await bench.echoServer()).url)]));
    await probe.post<RunAnswer>("/run", { scheduledAtMs: 0, paceMs: 1_000 });
    const [run] = await storedRuns(probe);
    expect(run?.controls).toEqual({ passed: 2, failed: 2 });
  });

  it("that hang fail in time, and keep no check waiting for longer than a first row", async () => {
    const hanging = await startRawServer(() => undefined);
    bench.later(hanging.close);
    const url = hanging.url.replace("ws:", "http:");
    const [probe, server] = [
      await bench.start({ CONTROL_TARGETS: `${url},${url}2` }),
      await bench.echoServer(),
    ];
    const config = fastConfig([monitorOf("a", server.url)]);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run.controls).toEqual({ passed: 0, failed: 2 });
    expect(answer.run.finishedAtMs - answer.run.startedAtMs).toBeLessThan(3_000);
  });
});
