/** Runs in the real runtime: which monitors, when, what is stored, and what survives trouble. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import { roundsIn } from "../../../shared/monitor/schedule.ts";
import type { AskAnswer, RunAnswer } from "../../../shared/probe/ask.ts";
import type { RunRow } from "../../../shared/probe/run.ts";
import { decodeRun } from "../../../shared/probe/run.ts";
import { echoing } from "../../support/bad-servers.ts";
import { eventually } from "../../support/eventually.ts";
import { sealHeaders } from "../../../workers/sealed-headers.ts";
import { SealingKeys } from "../../../workers/sealing.ts";
import { makeConfig, makeMonitor } from "../../support/observation.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import type { RunningServer } from "../../support/raw-server.ts";
import { startLateAccepting, startRawServer } from "../../support/raw-server.ts";

const REGION = "eu-central";
const cleanups: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(vars: Record<string, string> = {}): Promise<ProbeRuntime> {
  const probe = await startProbe({ vars });
  cleanups.push(probe.stop);
  return probe;
}

/** A probe without a database, for all tests that need none. */
let bare: Promise<ProbeRuntime> | null = null;
function bareProbe(): Promise<ProbeRuntime> {
  bare ??= startProbe();
  return bare;
}
afterAll(async () => {
  await (await bare)?.stop();
});

async function echoServer(): Promise<RunningServer> {
  const server = await startRawServer(echoing());
  cleanups.push(server.close);
  return server;
}

function monitorOf(id: string, url: string, fields: Record<string, unknown> = {}) {
  return makeMonitor({ id, name: id, url, echo: true, timeout: "2s", ...fields });
}

async function publish(probe: ProbeRuntime, config: PublishedConfig) {
  const db = await probe.database();
  await db
    .prepare(
      "INSERT INTO published_config (id, version, published_at_ms, body) VALUES (1, ?, 0, ?)",
    )
    .bind(config.version, JSON.stringify(config))
    .run();
  return db;
}

async function storedRuns(probe: ProbeRuntime) {
  const db = await probe.miniflare.getD1Database("DB");
  const { results } = await db.prepare("SELECT * FROM runs ORDER BY 1").all<RunRow & object>();
  return results.map(decodeRun);
}

/** A config of a fast network whose region's next round comes within the second. */
function fastConfig(monitors: PublishedConfig["monitors"]): PublishedConfig {
  return makeConfig({ version: 7, defaultIntervalMs: 1_000, monitors });
}

describe("a cron run", () => {
  it("waits for its rounds, checks the due monitors and writes one row for each round", async () => {
    const [probe, server] = [await start(), await echoServer()];
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
    cleanups.push(server.close);
    const probe = await start({ ECHOQUORUM_SEALING_KEY: own });
    const sealed = async (id: string, key: string) => {
      const headers = await sealHeaders(id, { "X-Api-Key": "4711-secret" }, new SealingKeys(key));
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
    expect(requests[0]).toMatch(/x-api-key: 4711-secret/i);
  });

  it("is dispatched by the cron itself", async () => {
    const [probe, server] = [await start({ CRON_PACE_MS: "1000" }), await echoServer()];
    await publish(probe, fastConfig([monitorOf("a", server.url)]));
    const worker = await probe.miniflare.getWorker("probe");
    await worker.scheduled({ scheduledTime: new Date(), cron: "* * * * *" });
    expect(await storedRuns(probe)).toHaveLength(1);
  });

  it("may come twice and is still in the log once", async () => {
    const [probe, server] = [await start(), await echoServer()];
    await publish(probe, fastConfig([monitorOf("a", server.url)]));
    const request = { scheduledAtMs: Date.now() - 1_000, paceMs: 1_000 };
    await probe.post("/run", request);
    await probe.post("/run", request);
    expect(await storedRuns(probe)).toHaveLength(1);
  });

  it("says that it has no configuration", async () => {
    const probe = await start();
    await probe.database();
    const { status, answer } = await probe.post("/run", { scheduledAtMs: 0, paceMs: 1_000 });
    expect(status).toBe(503);
    expect(answer).toEqual({ error: "There is no published configuration to read." });
  });

  it("goes on with its last good configuration when the published one is damaged", async () => {
    const [probe, server] = [await start(), await echoServer()];
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
    const server = await echoServer();
    const ids = Array.from({ length: 12 }, (_, index) => `m-${index}`);
    const config = fastConfig(ids.map((id) => monitorOf(id, server.url)));
    const seen: string[] = [];
    for (const [index, shard] of ["1/2", "2/2"].entries()) {
      const probe = await start({ SHARD: shard });
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

describe("an ask", () => {
  it("checks the named monitors now, and answers with the run that it stored", async () => {
    const [probe, server] = [await start(), await echoServer()];
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
    const [probe, server] = [await start(), await echoServer()];
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
    const [probe, server] = [await bareProbe(), await echoServer()];
    const config = fastConfig([monitorOf("a", server.url)]);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.stored).toBe(false);
    expect(answer.run.observations).toMatchObject([{ monitor: "a", status: "up" }]);
  });

  it("checks the monitors that it can read when a newer coordinator sends others", async () => {
    const [probe, server] = [await bareProbe(), await echoServer()];
    const known = monitorOf("a", server.url);
    const newer = { ...monitorOf("b", server.url), kind: "quic" };
    const config = { ...fastConfig([known]), monitors: [newer, known], retention: "90d" };
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a", "b"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run.observations).toMatchObject([{ monitor: "a", status: "up" }]);
  });

  it("is refused when it is malformed", async () => {
    const probe = await bareProbe();
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
    const [probe, server] = [await bareProbe(), await echoServer()];
    const hanging = await startLateAccepting();
    cleanups.push(hanging.close);
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
    const probe = await bareProbe();
    let most = 0;
    const server = await startRawServer(
      echoing({
        open: () => {
          most = Math.max(most, server.connections());
        },
      }),
    );
    cleanups.push(server.close);
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

describe("a run in which one target hangs", () => {
  it("is written in two parts, the second when the target's time is up", async () => {
    const [probe, server] = [await start(), await echoServer()];
    const hanging = await startRawServer(() => undefined);
    cleanups.push(hanging.close);
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
    const probe = await start();
    const hanging = await startRawServer(() => undefined);
    cleanups.push(hanging.close);
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
    const [probe, server] = [await start(), await echoServer()];
    const hanging = await startRawServer(() => undefined);
    cleanups.push(hanging.close);
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
    cleanups.push(async () => {
      await new Promise((resolve) => trace.close(resolve));
    });
    const url = `http://127.0.0.1:${(trace.address() as AddressInfo).port}/cdn-cgi/trace`;
    const [probe, server] = [await start({ COLO_TRACE_URL: url }), await echoServer()];
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
      await start({ COLO_TRACE_URL: "http://127.0.0.1:1/trace" }),
      await echoServer(),
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
    cleanups.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const targets = [...statuses.keys()].map((path) => `${origin}${path}`);
    const probe = await start({ CONTROL_TARGETS: [...targets, "http://127.0.0.1:1/"].join(", ") });
    await publish(probe, fastConfig([monitorOf("a", (await echoServer()).url)]));
    await probe.post<RunAnswer>("/run", { scheduledAtMs: 0, paceMs: 1_000 });
    const [run] = await storedRuns(probe);
    expect(run?.controls).toEqual({ passed: 2, failed: 2 });
  });

  it("that hang fail in time, and keep no check waiting for longer than a first row", async () => {
    const hanging = await startRawServer(() => undefined);
    cleanups.push(hanging.close);
    const url = hanging.url.replace("ws:", "http:");
    const [probe, server] = [
      await start({ CONTROL_TARGETS: `${url},${url}2` }),
      await echoServer(),
    ];
    const config = fastConfig([monitorOf("a", server.url)]);
    const ask = { scheduledAtMs: 1, lane: "ask", monitors: ["a"], config };
    const { answer } = await probe.post<AskAnswer>("/ask", ask);
    expect(answer.run.controls).toEqual({ passed: 0, failed: 2 });
    expect(answer.run.finishedAtMs - answer.run.startedAtMs).toBeLessThan(3_000);
  });
});

describe("the internal interface", () => {
  it("says what is wrong with a request that it cannot serve", async () => {
    const probe = await bareProbe();
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
