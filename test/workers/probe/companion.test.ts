/** The HTTP request beside a check, in the real runtime and against real servers. */
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import { companionCase } from "../../../shared/probe/companion.ts";
import type { AskAnswer } from "../../../shared/probe/ask.ts";
import { ConnectionSlots } from "../../../workers/probe/connection-slots.ts";
import { freePort, listen } from "../../../workers/local/services/http-server.ts";
import { makeConfig, makeMonitor } from "../../support/observation.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";

type Upgrading = "echoes" | "refuses" | "hangs";

let probe: ProbeRuntime;
const closers: Array<() => Promise<void>> = [];
beforeAll(async () => void (probe = await startProbe()));
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});
afterAll(() => probe.stop());

/** A server of both; returns its host and port, and counts what it was asked over HTTP. */
async function serve(upgrading: Upgrading, answer: RequestListener) {
  const requests: Array<{ url: string; headers: NodeJS.Dict<string | string[]> }> = [];
  const server: Server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", headers: request.headers });
    answer(request, response);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (upgrading === "hangs") return;
    if (upgrading === "refuses") socket.end("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
    else sockets.handleUpgrade(request, socket, head, () => undefined);
  });
  const open = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => void open.add(socket));
  const port = await listen(server, 0);
  closers.push(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: `127.0.0.1:${port}`, requests };
}

const ok: RequestListener = (_request, response) => response.end("all is well");
const broken: RequestListener = (_request, response) => response.writeHead(502).end("no");

function check(host: string, http: Partial<NonNullable<CheckSpec["http"]>> = {}, url?: string) {
  const spec = { url: `http://${host}/`, status: null, statusBelow: 400, body: null, ...http };
  return probe.check({ url: url ?? `ws://${host}/`, timeoutMs: 1_000, http: spec });
}

describe("WebSocket and HTTP of one server", () => {
  it.each([
    ["echoes", ok, "up", "both_up"],
    ["refuses", ok, "down", "websocket_down"],
    ["refuses", broken, "down", "both_down"],
    ["echoes", broken, "up", "http_down"],
  ] as const)("that %s over the one: %#", async (upgrading, answer, status, which) => {
    const { host, requests } = await serve(upgrading, answer);
    const observation = await check(host);
    expect(observation.status).toBe(status);
    expect(companionCase(status === "up", observation.http?.status === "up")).toBe(which);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers["user-agent"]).toMatch(/^Echoquorum/);
  });

  it("that is not there fails at both", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const observation = await check(host);
    expect(observation).toMatchObject({ status: "down", reason: "connect_failed" });
    expect(observation.http).toMatchObject({ status: "down", reason: "http_failed", code: null });
  });

  it("is asked at the same time: an upgrade that hangs leaves HTTP its time", async () => {
    const { host } = await serve("hangs", ok);
    const observation = await check(host, { body: "is well" });
    expect(observation).toMatchObject({ status: "down", reason: "upgrade_timeout" });
    expect(observation.http).toMatchObject({ status: "up", code: 200 });
    expect(observation.http?.totalMs).toBeLessThan(900);
  });

  it("is given up at the deadline of the check, whether head or body is missing", async () => {
    const mute = await serve("echoes", () => undefined);
    const silent = await check(mute.host);
    expect(silent).toMatchObject({ status: "up", http: { reason: "http_timeout", code: null } });
    const slow = await serve("echoes", (_request, response) => void response.write("al"));
    const cut = await check(slow.host, { body: "all" });
    expect(cut).toMatchObject({ status: "up", http: { reason: "http_timeout", code: 200 } });
  });

  it("is judged by its own answer: a redirect is not followed, a long body not read to its end", async () => {
    const away = await serve("echoes", (request, response) => {
      response.writeHead(request.url === "/" ? 302 : 200, { location: "/elsewhere" }).end();
    });
    expect((await check(away.host, { status: 200 })).http).toMatchObject({
      reason: "http_status",
      code: 302,
    });
    expect(away.requests).toHaveLength(1);
    const long = await serve("echoes", (_request, response) => response.end("x".repeat(200_000)));
    expect((await check(long.host, { body: "y" })).http).toMatchObject({ reason: "http_body" });
  });

  it("gets none of the monitor's headers", async () => {
    const { host, requests } = await serve("echoes", ok);
    const http = { url: `http://${host}/`, status: null, statusBelow: 400, body: null };
    await probe.check({ url: `ws://${host}/`, headers: [["X-Api-Key", "open-secret"]], http });
    expect(JSON.stringify(requests)).not.toContain("open-secret");
  });
});

describe("HTTP beside the checks of a run", () => {
  it("is asked for each monitor that wants it, though all upgrades hang", async () => {
    const { host, requests } = await serve("hangs", ok);
    const monitors = Array.from({ length: 8 }, (_, index) =>
      makeMonitor({ id: `m${index}`, url: `ws://${host}/`, timeout: "1s", http: index < 7 }),
    );
    const config = makeConfig({ monitors });
    const order = { scheduledAtMs: Date.now(), lane: "ask", monitors: null, config };
    const ids = monitors.map(({ id }) => id);
    const { answer } = await probe.post<AskAnswer>("/ask", { ...order, monitors: ids });
    const seen = answer.run.observations.map(({ reason, http }) => [reason, http?.status]);
    expect(seen).toEqual([
      ...Array.from({ length: 7 }, () => ["upgrade_timeout", "up"]),
      ["upgrade_timeout", undefined],
    ]);
    expect(requests).toHaveLength(7);
  });
});

describe("slots that are leased together", () => {
  it("are had in turn and only together, so that no two wait for each other", async () => {
    const slots = new ConnectionSlots(3);
    const [first, second] = [await slots.lease(2), slots.lease(2)];
    const third = slots.lease();
    let order = "";
    void second.then(() => (order += "second "));
    void third.then(() => (order += "third "));
    await Promise.resolve();
    expect(order).toBe("");
    first?.split().end();
    first?.end();
    await Promise.all([second, third]);
    expect(order).toBe("second third ");
  });

  it("are not waited for once a connection was given up on", async () => {
    const slots = new ConnectionSlots(2);
    const first = await slots.lease(2);
    const waiting = slots.lease(2);
    first?.split().abandon();
    expect(await waiting).toBeNull();
    first?.end();
    expect(slots.abandoned).toBe(1);
  });
});
