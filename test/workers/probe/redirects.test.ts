/** Redirects of the upgrade in the real runtime: followed as far as is allowed, and no further. */
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import { echoing } from "../../support/bad-servers.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import type { RunningServer } from "../../support/raw-server.ts";
import { onRequest, startRawServer } from "../../support/raw-server.ts";

const ECHO: Partial<CheckSpec> = { dialogue: [{ echo: { count: 1, bytes: 32 } }] };
const SECRET: Partial<CheckSpec> = { ...ECHO, headers: [["X-Api-Key", "open-secret"]] };

let probe: ProbeRuntime;
const servers: RunningServer[] = [];
beforeAll(async () => {
  probe = await startProbe();
});
afterEach(async () => {
  for (const server of servers) await expect.poll(() => server.connections()).toBe(0);
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(async () => {
  await probe.stop();
});

interface Redirecting extends RunningServer {
  requests: string[];
}

/** A server that redirects every path but `/ws`, to where `next` says; there it echoes. */
async function startRedirecting(
  next: (path: string, port: number) => string | null,
  write: (socket: Socket, answer: string) => void = (socket, answer) => socket.end(answer),
): Promise<Redirecting> {
  const requests: string[] = [];
  const server = await startRawServer((socket) => {
    socket.once("data", (bytes: Buffer) => {
      const request = bytes.toString("latin1");
      requests.push(request);
      const path = /^GET (\S+)/.exec(request)?.[1] ?? "";
      // The request is put back for the one who serves it.
      if (path.startsWith("/ws")) echoing()(socket);
      else onRequest(socket, () => write(socket, redirectTo(next(path, server.port))));
      socket.emit("data", bytes);
    });
  });
  servers.push(server);
  return { ...server, requests };
}

function redirectTo(location: string | null): string {
  const header = location === null ? "" : `Location: ${location}\r\n`;
  return `HTTP/1.1 302 Found\r\n${header}Connection: close\r\nContent-Length: 0\r\n\r\n`;
}

describe.each(["socket", "fetch"] as const)("a redirect, over %s", (transport) => {
  const check = (url: string, spec: Partial<CheckSpec>) =>
    probe.check({ url, transport, timeoutMs: 1_000, ...spec });

  it("is only reported unless the monitor allows to follow it", async () => {
    const server = await startRedirecting(() => "/ws?ticket=melon");
    expect(await check(server.url, ECHO)).toMatchObject({
      status: "down",
      reason: "upgrade_redirected",
      message: expect.stringMatching(/points to \/ws\?ticket=\[redacted\]\./),
    });
    expect(server.requests).toHaveLength(1);
  });

  it("is followed, with the monitor's headers, and shows where it led", async () => {
    const server = await startRedirecting((_path, port) => `http://127.0.0.1:${port}/ws?t=melon`);
    const observation = await check(`${server.url}start`, { ...SECRET, redirects: 1 });
    expect(observation).toMatchObject({
      status: "up",
      handshake: { status: 101 },
      address: { ip: "127.0.0.1", family: 4 },
      redirects: [`ws://127.0.0.1:${server.port}/ws?t=[redacted]`],
      timings: { redirectMs: expect.any(Number), upgradeMs: expect.any(Number) },
      echo: { received: 1 },
      close: { code: 1000, clean: true },
    });
    expect(observation.message).toMatch(/Redirected to ws:.*\/ws\?t=\[redacted\]\./);
    const { redirectMs, totalMs } = observation.timings;
    expect(totalMs).toBeGreaterThanOrEqual(redirectMs ?? Infinity);
    expect(server.requests).toHaveLength(2);
    for (const request of server.requests) expect(request).toMatch(/x-api-key: open-secret/i);
  });

  it("leaves the monitor's headers behind at another origin, for good", async () => {
    const first = await startRedirecting((path) => (path === "/" ? back : "/ws"));
    const second = await startRedirecting(() => `http://127.0.0.1:${first.port}/ws`);
    const back = `http://127.0.0.1:${second.port}/back`;
    const observation = await check(first.url, { ...SECRET, redirects: 2 });
    expect(observation).toMatchObject({
      status: "up",
      redirects: [expect.any(String), expect.any(String)],
    });
    expect(observation.message).toMatch(/Redirected 2 times, at last to .*headers were not sent/);
    expect(first.requests[0]).toContain("open-secret");
    expect([first.requests[1], ...second.requests].join("\n")).not.toContain("open-secret");
  });

  it("is not followed beyond the limit, nor in a circle", async () => {
    const server = await startRedirecting((path) => `${path}x`);
    const tooFar = await check(server.url, { redirects: 2 });
    expect(tooFar).toMatchObject({ reason: "upgrade_redirected", blame: "target" });
    expect(tooFar.message).toMatch(/third redirect, and 2 may be followed/);
    expect(server.requests).toHaveLength(3);
    const circle = await startRedirecting((path) => (path === "/" ? "/a" : "/"));
    const round = await check(circle.url, { redirects: 5 });
    expect(round.reason).toBe("upgrade_redirected");
    expect(round.message).toMatch(/in a circle/);
    expect(circle.requests).toHaveLength(2);
  });

  it("is not followed without an address", async () => {
    const server = await startRedirecting(() => null);
    const observation = await check(server.url, { redirects: 5 });
    expect(observation.reason).toBe("upgrade_redirected");
    expect(observation.message).toMatch(/does not say where to/);
  });

  it("leads to the failure of the place where it ends", async () => {
    const gone = await startRawServer((socket) =>
      onRequest(socket, () => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
    );
    servers.push(gone);
    const server = await startRedirecting(() => `http://127.0.0.1:${gone.port}/`);
    const observation = await check(server.url, { redirects: 1 });
    expect(observation).toMatchObject({
      reason: "upgrade_rejected",
      handshake: { status: 404 },
      redirects: [`ws://127.0.0.1:${gone.port}/`],
    });
    expect(observation.message).toMatch(/404 Not Found\. Redirected to/);
  });

  it("has no more time than the whole check", async () => {
    const server = await startRedirecting(
      (path) => `${path}x`,
      (socket, answer) => setTimeout(() => socket.writable && socket.end(answer), 120),
    );
    const observation = await check(server.url, { redirects: 5, timeoutMs: 300 });
    expect(observation).toMatchObject({ status: "down", reason: "upgrade_timeout" });
    expect(observation.timings.totalMs).toBeLessThanOrEqual(350);
  });
});

describe("the transcript of a redirected check", () => {
  it("shows each hop on one clock, without secrets", async () => {
    const server = await startRedirecting(() => "/ws?ticket=melon-ticket");
    const { transcript } = await probe.check(
      { url: `${server.url}?key=open-key`, ...SECRET, redirects: 1 },
      { transcript: true },
    );
    const entries = transcript?.entries ?? [];
    const heads = entries.filter(({ kind }) => kind === "head").map(({ text }) => text);
    expect(heads).toEqual([
      expect.stringMatching(/^GET \/\?key=\[redacted\] HTTP/),
      expect.stringMatching(/302 Found\r\nLocation: \/ws\?ticket=\[redacted\]/),
      expect.stringMatching(/^GET \/ws\?ticket=\[redacted\] HTTP/),
      expect.stringMatching(/101 Switching Protocols/),
    ]);
    const times = entries.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(entries.some(({ text }) => text.startsWith("Following the redirect to ws:"))).toBe(true);
    expect(JSON.stringify(transcript)).not.toMatch(/open-|melon/);
  });
});
