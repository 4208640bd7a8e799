/** `eq check` against real servers: status, phase, reason, blame, exit code, and its deadline. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { Server } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { PublicObservation } from "../../../shared/probe/observation.ts";
import {
  issueCertificate,
  makeAuthority,
} from "../../../workers/local/demo/certificate-authority.ts";
import type { FaultKind } from "../../../workers/local/demo/fault.ts";
import { startTargetServer } from "../../../workers/local/demo/target-server.ts";
import { freePort, listen } from "../../../workers/local/services/http-server.ts";
import { readCapture } from "../../support/capture-reader.ts";
import { runCommand } from "../../support/command.ts";

const TIMEOUT_MS = 1_500;
/** What starting workerd may take besides, on a busy machine. */
const START_UP_MS = 15_000;
const folder = mkdtempSync(join(tmpdir(), "echoquorum-check-"));
const caFile = join(folder, "ca.pem");
const closers: Array<() => unknown> = [];

async function serving(server: Server): Promise<number> {
  const port = await listen(server, 0);
  closers.push(() => server.close());
  return port;
}

async function servingTarget(fault: FaultKind): Promise<string> {
  const target = await startTargetServer({ port: 0, credentials: null, faultFor: () => fault });
  closers.push(() => target.close());
  return `${target.origin}/`;
}

const urls = { echo: "", tls: "", http: "", mute: "", closed: "", wrongAccept: "", silent: "" };

beforeAll(async () => {
  const http = createHttpServer((_request, response) => response.end("hello"));
  urls.http = `ws://127.0.0.1:${await serving(http)}/`;
  const mute = createTcpServer((socket) => socket.on("error", () => socket.destroy()));
  urls.mute = `ws://127.0.0.1:${await serving(mute)}/`;
  urls.closed = `ws://127.0.0.1:${await freePort()}/`;
  urls.echo = await servingTarget("none");
  urls.wrongAccept = await servingTarget("wrong_accept");
  urls.silent = await servingTarget("silent");

  const authority = await makeAuthority(Date.now());
  const { certificate, key } = await issueCertificate(authority, Date.now());
  writeFileSync(caFile, authority.certificate);
  const tls = createHttpsServer({ cert: certificate, key });
  tls.on("tlsClientError", () => undefined);
  const sockets = new WebSocketServer({ server: tls, handleProtocols: () => "chat" });
  closers.push(() => sockets.close());
  urls.tls = `wss://localhost:${await serving(tls)}/`;
});

afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  rmSync(folder, { recursive: true, force: true });
});

async function check(...args: string[]) {
  const result = await runCommand("eq.ts", [
    "check",
    ...args,
    "--timeout",
    `${TIMEOUT_MS}ms`,
    "--json",
  ]);
  expect(result.stderr).toBe("");
  expect(result.tookMs).toBeLessThan(TIMEOUT_MS + START_UP_MS);
  return { code: result.code, observation: JSON.parse(result.stdout) as PublicObservation };
}

describe("eq check --json", () => {
  it("finds a healthy server up, with every phase it went through", async () => {
    const { code, observation } = await check(urls.echo, "--echo", "--ping", "3");
    expect(code).toBe(0);
    expect(observation).toMatchObject({
      region: "local",
      status: "up",
      phase: null,
      reason: null,
      handshake: { status: 101, subprotocol: null },
      echo: { count: 1, received: 1 },
      ping: { sent: 3, received: 3 },
      close: { code: 1000, clean: true },
      address: { ip: "127.0.0.1", family: 4 },
    });
    for (const phase of ["tcpMs", "upgradeMs", "closeMs", "totalMs"] as const) {
      expect(observation.timings[phase]).toBeTypeOf("number");
    }
  });

  it("asks HTTP at the same host beside it, and goes by the WebSocket alone", async () => {
    const { code, observation } = await check(urls.wrongAccept, "--http");
    expect(code).toBe(2);
    expect(observation.http).toMatchObject({ status: "up", code: 426 });
    const strict = await check(
      urls.echo,
      "--http-url",
      urls.http.replace("ws:", "http:"),
      "--http-body",
      "bye",
    );
    expect(strict.code).toBe(0);
    expect(strict.observation.http).toMatchObject({
      status: "down",
      reason: "http_body",
      code: 200,
    });
  });

  it("sends, expects, and offers subprotocols over TLS with an authority of one's own", async () => {
    const { code, observation } = await check(urls.tls, "--ca", caFile, "--subprotocol", "chat");
    expect(code).toBe(0);
    expect(observation).toMatchObject({ status: "up", handshake: { subprotocol: "chat" } });
    expect(observation.timings.tlsMs).toBeTypeOf("number");
  });

  it("holds a dialogue in the order in which it was typed", async () => {
    const dialogue = ["--send", "one", "--expect", "one", "--send", "two", "--expect", "two"];
    const { code } = await check(urls.echo, ...dialogue);
    expect(code).toBe(0);
    const failed = await check(urls.echo, "--send", "one", "--expect", "three");
    expect(failed.code).toBe(2);
    expect(failed.observation).toMatchObject({ phase: "dialogue", reason: "message_mismatch" });
  });

  it.each([
    ["closed", "connect", "connect_failed", "network"],
    ["http", "upgrade", "upgrade_ignored", "target"],
    ["mute", "upgrade", "upgrade_timeout", "target"],
    ["wrongAccept", "upgrade", "accept_mismatch", "target"],
    ["silent", "dialogue", "pong_timeout", "target"],
    ["tls", "tls", "tls_untrusted_issuer", "target"],
  ] as const)("finds the %s server down: %s, %s, %s", async (server, phase, reason, blame) => {
    const { code, observation } = await check(urls[server], "--ping", "1");
    expect(code).toBe(2);
    expect(observation).toMatchObject({ status: "down", phase, reason, blame });
    expect(observation.transcript?.entries.length).toBeGreaterThan(0);
  });
});

describe("eq check for people", () => {
  it("prints a table of phases, and for a failure what it means", async () => {
    const { code, stdout } = await runCommand("eq.ts", ["check", urls.wrongAccept]);
    expect(code).toBe(2);
    expect(stdout).toContain(`DOWN  ${urls.wrongAccept}`);
    expect(stdout).toMatch(/^ {2}TCP +\S+ ms/m);
    expect(stdout).toMatch(/^ {2}Upgrade .*✗ accept_mismatch$/m);
    expect(stdout).toContain("Likely cause");
    expect(stdout).toContain("HTTP/1.1 101 Switching Protocols");
    expect(stdout).not.toContain("\u001b[");
  });

  it("prints a packet trace and writes a capture, without the secrets of the command line", async () => {
    const pcap = join(folder, "check.pcapng");
    const secret = ["--header", "X-Key: hush-hush", "--pcap", pcap, "--verbose"];
    const url = `${urls.echo}?token=sesame`;
    const { code, stdout, stderr } = await runCommand("eq.ts", [
      "check",
      url,
      ...secret,
      "--send",
      "hello",
      "--expect",
      "hello",
    ]);
    expect([code, stderr]).toEqual([0, `Capture written to ${pcap}.\n`]);
    expect(stdout).toMatch(/^ +\+\d+\.\d ms → text 0x1 \[fin mask\] 11 B, payload 5 B {2}hello$/m);
    expect(stdout).toMatch(/^ +\+\d+\.\d ms ← text 0x1 \[fin\] 7 B, payload 5 B {2}hello$/m);
    const { packets } = readCapture(readFileSync(pcap));
    const said = packets.map(({ payload }) => payload.toString("latin1"));
    expect(said).toContain("\x81\x85\0\0\0\0hello");
    expect(said).toContain("\x81\x05hello");
    expect(said.join("") + stdout).not.toMatch(/sesame|hush-hush/);
  });

  it("gives the check's result although the capture cannot be written", async () => {
    const pcap = "/nowhere/check.pcapng";
    const { code, stdout, stderr } = await runCommand("eq.ts", [
      "check",
      urls.echo,
      "--pcap",
      pcap,
    ]);
    expect(code).toBe(3);
    expect(stdout).toContain("UP ");
    expect(stderr).toContain(`${pcap} cannot be written`);
  });
});

describe("eq with bad input", () => {
  it.each([
    [["check"], "A ws:// or wss:// URL is needed."],
    [["check", "example.com"], "the URL: expected a ws:// or wss:// URL"],
    [["check", "ws://a/", "--header", "Host: b"], "--header Host: expected a header that"],
    [["check", "ws://a/", "--ca", "/nowhere.pem"], "/nowhere.pem cannot be read"],
    [["check", "ws://a/", "--colour"], "Unknown option '--colour'."],
    [["region", "add", "mars"], 'There is no region "mars".'],
    [["region", "remove"], "Expected list, add <id> or remove <id>."],
    [["chek"], 'There is no command "chek".'],
  ])("explains what is wrong with %j", async (args, message) => {
    const { code, stdout, stderr } = await runCommand("eq.ts", args);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });

  it("explains itself", async () => {
    const { code, stdout } = await runCommand("eq.ts", ["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("region add <id>");
  });
});
