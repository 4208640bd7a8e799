/** The probe, in the real runtime, beside WebSocket servers of several makes. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Server as SocketIoServer } from "socket.io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PerMessageDeflateOptions } from "ws";
import { ECHO_SERVERS, startPlainHttp, startWs } from "../../support/echo-servers.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";

const TIMEOUT_MS = 5_000;
const UP = { status: "up", reason: null, close: { code: 1000, clean: true } };

let probe: ProbeRuntime;
beforeAll(async () => {
  probe = await startProbe();
});
afterAll(async () => {
  await probe.stop();
});

describe.each(Object.entries(ECHO_SERVERS))("a server of %s", (_make, start) => {
  it("is up: echoes of every length encoding, pings, and the closing handshake", async () => {
    await using server = await start({});
    const dialogue = [
      { echo: { count: 10, bytes: 32 } },
      { ping: { count: 3 } },
      { echo: { count: 3, bytes: 1_000 } },
      { echo: { count: 2, bytes: 65_536 } },
    ];
    const observation = await probe.check({ url: server.url, dialogue, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({
      ...UP,
      handshake: { status: 101, subprotocol: null, extensions: null },
      echo: { received: 15 },
      ping: { sent: 3, received: 3 },
    });
  });

  it("is up with compression, over many messages of one context", async () => {
    await using server = await start({});
    const dialogue = [{ echo: { count: 50, bytes: 200 } }, { echo: { count: 2, bytes: 65_536 } }];
    const spec = { url: server.url, dialogue, compression: true, timeoutMs: TIMEOUT_MS };
    const observation = await probe.check(spec);
    expect(observation).toMatchObject({
      ...UP,
      handshake: { extensions: expect.stringMatching(/^permessage-deflate/) },
      echo: { received: 52 },
    });
  });

  it("is up when it speaks the subprotocol that is asked for", async () => {
    await using server = await start({ subprotocol: "chat.v2" });
    const spec = { url: server.url, subprotocols: ["chat.v1", "chat.v2"], timeoutMs: TIMEOUT_MS };
    const observation = await probe.check(spec);
    expect(observation).toMatchObject({ ...UP, handshake: { subprotocol: "chat.v2" } });
  });

  it("is down when it closes instead of answering, with its code and reason", async () => {
    await using server = await start({ farewell: [4_001, "token expired"] });
    const dialogue = [{ echo: { count: 1, bytes: 32 } }];
    const observation = await probe.check({ url: server.url, dialogue, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({
      status: "down",
      reason: "closed_by_peer",
      close: { code: 4_001, reason: "token expired" },
      message: expect.stringContaining('It closed with code 4001: "token expired".'),
    });
  });

  it.each([
    [401, "upgrade_unauthorized"],
    [403, "upgrade_unauthorized"],
    [404, "upgrade_rejected"],
    [429, "upgrade_overloaded"],
    [503, "upgrade_overloaded"],
  ])("is down when it refuses the upgrade with %i: %s", async (refusal, reason) => {
    await using server = await start({ refusal });
    const observation = await probe.check({ url: server.url, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({
      status: "down",
      phase: "upgrade",
      reason,
      handshake: { status: refusal },
    });
  });
});

describe("ws", () => {
  const PARAMETERS: ReadonlyArray<readonly [string, PerMessageDeflateOptions]> = [
    ["server_no_context_takeover", { serverNoContextTakeover: true }],
    ["client_no_context_takeover", { clientNoContextTakeover: true }],
    ["client_max_window_bits=9", { clientMaxWindowBits: 9 }],
    ["client_max_window_bits=15", { clientMaxWindowBits: 15 }],
  ];
  it.each(PARAMETERS)("agrees on compression with %s", async (parameter, perMessageDeflate) => {
    await using server = await startWs({}, { perMessageDeflate: { ...perMessageDeflate } });
    const dialogue = [{ echo: { count: 20, bytes: 4_000 } }];
    const spec = { url: server.url, dialogue, compression: true, timeoutMs: TIMEOUT_MS };
    const observation = await probe.check(spec);
    expect(observation).toMatchObject({
      ...UP,
      handshake: { extensions: expect.stringContaining(parameter) },
      echo: { received: 20 },
    });
  });

  it("does without compression where the server does not know it", async () => {
    await using server = await startWs({}, { perMessageDeflate: false });
    const dialogue = [{ echo: { count: 2, bytes: 4_000 } }];
    const spec = { url: server.url, dialogue, compression: true, timeoutMs: TIMEOUT_MS };
    expect(await probe.check(spec)).toMatchObject({ ...UP, handshake: { extensions: null } });
  });

  it("closes with 1009 when a message is larger than it takes", async () => {
    await using server = await startWs({}, { maxPayload: 1_024 });
    const dialogue = [{ echo: { count: 1, bytes: 1_025 } }];
    const observation = await probe.check({ url: server.url, dialogue, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({
      status: "down",
      reason: "closed_by_peer",
      close: { code: 1_009 },
    });
  });

  it("is asked with the Origin of the monitor, and may refuse it", async () => {
    await using server = await startWs(
      {},
      { verifyClient: ({ origin }: { origin: string }) => origin === "https://chat.example.com" },
    );
    const spec = { url: server.url, timeoutMs: TIMEOUT_MS };
    const own = await probe.check({ ...spec, origin: "https://chat.example.com" });
    expect(own.status).toBe("up");
    const foreign = await probe.check({ ...spec, origin: "https://elsewhere.example" });
    expect(foreign).toMatchObject({ reason: "upgrade_unauthorized", handshake: { status: 401 } });
  });

  it("answers 400 on a path that is none of its own", async () => {
    await using server = await startWs({}, { path: "/socket" });
    const observation = await probe.check({ url: `${server.url}other`, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({ reason: "upgrade_ignored", handshake: { status: 400 } });
  });
});

describe("Node's own HTTP server, which knows no WebSocket", () => {
  it.each([
    [200, "upgrade_ignored"],
    [404, "upgrade_rejected"],
  ])("answers %i: %s", async (status, reason) => {
    await using server = await startPlainHttp({ status, body: "<h1>Cannot GET /</h1>" });
    const observation = await probe.check({ url: server.url, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({ status: "down", phase: "upgrade", reason });
    expect(observation.message).toContain('It said: "Cannot GET /".');
  });
});

/** A Socket.IO server that answers one event. */
async function startSocketIo() {
  const http = createServer();
  const io = new SocketIoServer(http, { serveClient: false });
  io.on("connection", (socket) => {
    socket.on("hello", (name: string) => socket.emit("welcome", name));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/socket.io/`,
    [Symbol.asyncDispose]: async () => await io.close(),
  };
}

describe("Socket.IO", () => {
  it("opens over the WebSocket transport, connects to a namespace and answers an event", async () => {
    await using server = await startSocketIo();
    const dialogue = [
      { expect: { contains: '0{"sid":"' } },
      { send: "40" },
      { expect: { contains: '40{"sid":"' } },
      { send: '42["hello","probe"]' },
      { expect: { equals: '42["welcome","probe"]' } },
      { ping: { count: 2 } },
    ];
    const url = `${server.url}?EIO=4&transport=websocket`;
    const observation = await probe.check({ url, dialogue, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({ ...UP, ping: { sent: 2, received: 2 } });
    expect(observation.timings.firstMessageMs).not.toBeNull();
  });

  it.each([
    ["a transport that it does not know", "EIO=4&transport=pigeon", "Transport unknown"],
    ["a session that it does not know", "EIO=4&transport=websocket&sid=x", "Session ID unknown"],
  ])("refuses %s with 400, and says so", async (_what, query, said) => {
    await using server = await startSocketIo();
    const observation = await probe.check({ url: `${server.url}?${query}`, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({
      status: "down",
      reason: "upgrade_ignored",
      handshake: { status: 400 },
      message: expect.stringContaining(`It said: "${said}".`),
    });
  });

  it("refuses a version that it does not speak only after the upgrade, in HTTP", async () => {
    await using server = await startSocketIo();
    const url = `${server.url}?EIO=3&transport=websocket`;
    const dialogue = [{ expect: { contains: '0{"sid":"' } }];
    const observation = await probe.check({ url, dialogue, timeoutMs: TIMEOUT_MS });
    expect(observation).toMatchObject({ status: "down", reason: "frame_reserved_bits" });
    expect(observation.message).toMatch(
      /It was an HTTP answer: 400 Bad Request\. It said: "Unsupported protocol version"\./,
    );
  });
});
