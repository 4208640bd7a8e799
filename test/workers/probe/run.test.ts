/** Runs in the real runtime: which monitors, when, what is stored, and what survives trouble. */
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { roundsIn } from "../../../shared/monitor/schedule.ts";
import type { AskAnswer, RunAnswer } from "../../../shared/probe/ask.ts";
import { sealHeaders } from "../../../workers/sealed-headers.ts";
import { SealingKeys } from "../../../workers/sealing.ts";
import { echoing } from "../../support/bad-servers.ts";
import { eventually } from "../../support/eventually.ts";
import { makeConfig } from "../../support/observation.ts";
import {
  ProbeBench,
  REGION,
  fastConfig,
  monitorOf,
  publish,
  storedRuns,
} from "../../support/probe-bench.ts";
import { startRawServer } from "../../support/raw-server.ts";

const bench = new ProbeBench();
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe("a cron run", () => {
  it("waits for its rounds, checks the due monitors and writes one row for each round", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    const config = fastConfig([
      monitorOf("a", server.url),
      monitorOf("b", server.url),
      monitorOf("paused", server.url, { paused: true }),
      monitorOf("elsewhere", server.url, { regions: ["us-east"] }),
    ]);
    await publish(probe, config);
    const scheduledAtMs = Date.now();
    const paceMs = 2_000;
    const { answer } = await probe.post<RunAnswer>("/run", { scheduledAtMs, paceMs });
    expect(answer).toEqual({ runs: 2, stored: 2 });
    const rounds = roundsIn({
      config,
      region: REGION,
      fromMs: scheduledAtMs,
      toMs: scheduledAtMs + paceMs,
    });
    const runs = await storedRuns(probe);
    expect(runs.map((run) => run.scheduledAtMs)).toEqual(
      rounds.map((round) => round.scheduledAtMs),
    );
    for (const run of runs) {
      expect(run).toMatchObject({ region: REGION, lane: "0", colo: null, configVersion: 7 });
      expect(run.startedAtMs).toBeGreaterThanOrEqual(run.scheduledAtMs);
      expect(run.observations.map(({ monitor, status }) => [monitor, status])).toEqual([
        ["a", "up"],
        ["b", "up"],
      ]);
    }
  });

  it("opens sealed headers, and leaves out a monitor whose seal it has no key for", async () => {
    const keys = [7, 8].map((byte) => Buffer.alloc(32, byte).toString("base64"));
    const [own = "", other = ""] = keys;
    const requests: string[] = [];
    const server = await startRawServer((socket) => {
      socket.once("data", (bytes: Buffer) => requests.push(bytes.toString("latin1")));
      echoing()(socket);
    });
    bench.later(server.close);
    const probe = await bench.start({ ECHOQUORUM_SEALING_KEY: own });
    const sealed = async (id: string, key: string) => {
      const headers = await sealHeaders(id, { "X-Api-Key": "open-secret" }, new SealingKeys(key));
      return monitorOf(id, server.url, { headers });
    };
    const monitors = [await sealed("a", own), await sealed("b", other)];
    const config = makeConfig({ monitors });
    const order = { scheduledAtMs: Date.now(), lane: "ask", monitors: ["a", "b"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", order);
    expect(answer.run.observations.map(({ monitor, status }) => [monitor, status])).toEqual([
      ["a", "up"],
    ]);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatch(/x-api-key: open-secret/i);
  });

  it("is dispatched by the cron itself", async () => {
    const [probe, server] = [await bench.start({ CRON_PACE_MS: "1000" }), await bench.echoServer()];
    await publish(probe, fastConfig([monitorOf("a", server.url)]));
    const worker = await probe.miniflare.getWorker("probe");
    await worker.scheduled({ scheduledTime: new Date(), cron: "* * * * *" });
    expect(await storedRuns(probe)).toHaveLength(1);
  });

  it("is written in the form that the coordinator reads, as it has published", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    const db = await publish(probe, fastConfig([monitorOf("a", server.url)]));
    const digests = async () => {
      const { results } = await db.prepare("SELECT digest FROM runs ORDER BY 1").all();
      return results.map(({ digest }) => digest !== null);
    };
    await probe.post("/run", { scheduledAtMs: Date.now() - 2_000, paceMs: 1_000 });
    expect(await digests()).toEqual([false]);
    await db.prepare("UPDATE published_config SET version = version + 1, log_form = 1").run();
    await probe.post("/run", { scheduledAtMs: Date.now() - 1_000, paceMs: 1_000 });
    expect((await digests()).toSorted()).toEqual([false, true]);
    const runs = await storedRuns(probe);
    expect(runs.map(({ observations: [seen] }) => seen?.status)).toEqual(["up", "up"]);
  });

  it("may come twice and is still in the log once", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    await publish(probe, fastConfig([monitorOf("a", server.url)]));
    const request = { scheduledAtMs: Date.now() - 1_000, paceMs: 1_000 };
    await probe.post("/run", request);
    await probe.post("/run", request);
    expect(await storedRuns(probe)).toHaveLength(1);
  });

  it("says that it has no configuration", async () => {
    const probe = await bench.start();
    await probe.database();
    const { status, answer } = await probe.post("/run", { scheduledAtMs: 0, paceMs: 1_000 });
    expect(status).toBe(503);
    expect(answer).toEqual({ error: "There is no published configuration to read." });
  });

  it("goes on with its last good configuration when the published one is damaged", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    const db = await publish(probe, fastConfig([monitorOf("a", server.url)]));
    const at = (scheduledAtMs: number) =>
      probe.post<RunAnswer>("/run", { scheduledAtMs, paceMs: 1_000 });
    expect((await at(0)).answer.runs).toBe(1);
    await db.prepare("UPDATE published_config SET body = '{'").run();
    expect((await at(1_000)).answer).toEqual({ runs: 1, stored: 1 });
    await db.prepare("DROP TABLE published_config").run();
    expect((await at(2_000)).answer).toEqual({ runs: 1, stored: 1 });
  });
});

describe("a region divided over several Workers", () => {
  it("checks each monitor in exactly one of them, each with a row of its own", async () => {
    const server = await bench.echoServer();
    const ids = Array.from({ length: 12 }, (_, index) => `m-${index}`);
    const config = fastConfig(ids.map((id) => monitorOf(id, server.url)));
    const seen: string[] = [];
    for (const [index, shard] of ["1/2", "2/2"].entries()) {
      const probe = await bench.start({ SHARD: shard });
      await publish(probe, config);
      await probe.post("/run", { scheduledAtMs: 0, paceMs: 1_000 });
      const [run, ...more] = await storedRuns(probe);
      expect(more).toEqual([]);
      expect(run?.lane).toBe(String(index));
      seen.push(...(run?.observations.map(({ monitor }) => monitor) ?? []));
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });
});

describe("a run in which one target hangs", () => {
  it("is written in two parts, the second when the target's time is up", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    const hanging = await startRawServer(() => undefined);
    bench.later(hanging.close);
    const config = fastConfig([
      monitorOf("hangs", hanging.url, { timeout: "2500ms" }),
      monitorOf("works", server.url),
    ]);
    await publish(probe, config);
    const { answer } = await probe.post<RunAnswer>("/run", { scheduledAtMs: 0, paceMs: 2_000 });
    expect(answer).toEqual({ runs: 2, stored: 2 });
    const runs = await storedRuns(probe);
    expect(runs.map(({ lane }) => lane).sort()).toEqual(["0", "0", "0+", "0+"]);
    for (const { lane, startedAtMs, finishedAtMs, observations } of runs) {
      const late = lane === "0+";
      expect(observations.map(({ monitor, reason }) => [monitor, reason])).toEqual([
        late ? ["hangs", "upgrade_timeout"] : ["works", null],
      ]);
      expect(finishedAtMs - startedAtMs).toBeGreaterThan(late ? 2_300 : 1_900);
      expect(finishedAtMs - startedAtMs).toBeLessThan(late ? 4_500 : 3_000);
    }
    // The second round did not wait for the stragglers of the first.
    const starts = runs.filter(({ lane }) => lane === "0").map(({ startedAtMs }) => startedAtMs);
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(3_500);
  });

  it("tells of the others that fail late without waiting for the latest", async () => {
    const probe = await bench.start();
    const hanging = await startRawServer(() => undefined);
    bench.later(hanging.close);
    const config = fastConfig([
      monitorOf("hangs", hanging.url, { timeout: "3s" }),
      monitorOf("hangs-longer", hanging.url, { timeout: "7s" }),
    ]);
    await publish(probe, config);
    await probe.post<RunAnswer>("/run", { scheduledAtMs: 0, paceMs: 1_000 });
    const runs = await storedRuns(probe);
    const parts = runs.map(({ lane, startedAtMs, finishedAtMs, observations }) => ({
      lane,
      monitors: observations.map(({ monitor }) => monitor),
      early: finishedAtMs - startedAtMs < 6_500,
    }));
    expect(parts.sort((a, b) => a.lane.length - b.lane.length)).toEqual([
      { lane: "0", monitors: [], early: true },
      { lane: "0+", monitors: ["hangs"], early: true },
      { lane: "0++", monitors: ["hangs-longer"], early: false },
    ]);
  });

  it("is answered with what is known, and the rest is found in the log", async () => {
    const [probe, server] = [await bench.start(), await bench.echoServer()];
    const hanging = await startRawServer(() => undefined);
    bench.later(hanging.close);
    const config = fastConfig([
      monitorOf("hangs", hanging.url, { timeout: "2500ms" }),
      monitorOf("works", server.url),
    ]);
    const ask = { scheduledAtMs: 5, lane: "ask", monitors: ["hangs", "works"], config };
    const whole = await probe.post<AskAnswer>("/ask", ask);
    expect(whole.answer.stored).toBe(false);
    expect(whole.answer.run.observations).toHaveLength(2);
    await probe.database();
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.stored).toBe(true);
    expect(answer.run.observations.map(({ monitor }) => monitor)).toEqual(["works"]);
    await eventually("the stragglers are in the log", 10_000, async () => {
      const [, late] = await storedRuns(probe);
      return late?.lane === "ask+" && late.observations[0]?.monitor === "hangs";
    });
  });
});
