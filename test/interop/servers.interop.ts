/** The probe, in the real runtime, beside WebSocket servers written in Python and in C. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import type { IssuedCertificate } from "../support/certificates.ts";
import { issueCertificate } from "../support/certificates.ts";
import type { ProbeRuntime } from "../support/probe-runtime.ts";
import { startProbe } from "../support/probe-runtime.ts";
import type { PythonRole } from "./servers.ts";
import { libwebsockets, pythonWebsockets } from "./servers.ts";
import type { RunningProgram } from "./system-program.ts";
import { startProgram } from "./system-program.ts";

const TIMEOUT_MS = 5_000;
const UP = { status: "up", reason: null, close: { code: 1000, clean: true } };

let certificate: IssuedCertificate;
let probe: ProbeRuntime;
beforeAll(async () => {
  const authority = await issueCertificate({ commonName: "Test Root", authority: true });
  const names = ["localhost"];
  certificate = await issueCertificate({ commonName: "localhost", names, issuer: authority });
  probe = await startProbe({ authority: authority.cert });
});
afterAll(async () => {
  await probe.stop();
});

describe("a server of Python's websockets", () => {
  let server: RunningProgram<PythonRole>;
  beforeAll(async () => {
    server = await startProgram(pythonWebsockets());
    return async () => await server[Symbol.asyncDispose]();
  });
  const check = async (role: PythonRole, spec: Partial<CheckSpec>) =>
    await probe.check({
      url: `ws://127.0.0.1:${server.ports[role]}/socket`,
      timeoutMs: TIMEOUT_MS,
      ...spec,
    });

  it("is up: subprotocol, compression in its small window, echoes, pings", async () => {
    const observation = await check("echo", {
      subprotocols: ["chat.v1", "chat.v2"],
      compression: true,
      dialogue: [
        { echo: { count: 20, bytes: 4_000 } },
        { echo: { count: 2, bytes: 65_536 } },
        { ping: { count: 3 } },
      ],
    });
    expect(observation).toMatchObject({
      ...UP,
      handshake: {
        subprotocol: "chat.v2",
        extensions: expect.stringContaining("client_max_window_bits=12"),
      },
      echo: { received: 22 },
      ping: { sent: 3, received: 3 },
    });
  });

  it("is up although it pings all the time", async () => {
    const observation = await check("pinging", {
      dialogue: [{ expect: { equals: "five pongs" } }],
    });
    expect(observation).toMatchObject(UP);
  });

  const DOWN: ReadonlyArray<readonly [PythonRole, string, Reason, RegExp]> = [
    ["small", "takes no message of that size", "closed_by_peer", /code 1009/],
    ["leaving", "closes", "closed_by_peer", /code 4008: "see you later"/],
    ["crashing", "fails in its handler", "closed_by_peer", /code 1011/],
    ["teapot", "refuses with 418", "upgrade_rejected", /418.*short and stout/],
    ["busy", "refuses with 503", "upgrade_overloaded", /503.*come back later/],
    ["mute", "says nothing", "message_timeout", /nothing arrived/],
  ];
  it.each(DOWN)("is down (%s) when it %s: %s", async (role, _what, reason, message) => {
    const observation = await check(role, {
      dialogue: [{ echo: { count: 1, bytes: 2_000 } }],
      timeoutMs: 2_000,
    });
    expect(observation).toMatchObject({ status: "down", reason });
    expect(observation.message).toMatch(message);
  });

  it("is down when it speaks none of the subprotocols", async () => {
    const observation = await check("echo", { subprotocols: ["chat.v3"] });
    expect(observation).toMatchObject({ status: "down", reason: "subprotocol_mismatch" });
  });
});

describe.each([
  ["plainly", "ws"],
  ["over TLS", "wss"],
])("the test server of libwebsockets, %s", (_how, scheme) => {
  let server: RunningProgram<"server">;
  beforeAll(async () => {
    server = await startProgram(libwebsockets(scheme === "wss" ? certificate : null));
    return async () => await server[Symbol.asyncDispose]();
  });
  const check = async (spec: Partial<CheckSpec>) =>
    await probe.check({
      url: `${scheme}://localhost:${server.ports.server}/`,
      timeoutMs: TIMEOUT_MS,
      ...spec,
    });

  it("is up as a mirror: echoes and pings", async () => {
    const observation = await check({
      subprotocols: ["lws-mirror-protocol"],
      dialogue: [{ echo: { count: 20, bytes: 1_000 } }, { ping: { count: 3 } }],
    });
    expect(observation).toMatchObject({
      ...UP,
      handshake: { subprotocol: "lws-mirror-protocol" },
      echo: { received: 20 },
      ping: { sent: 3, received: 3 },
    });
  });

  it("is up as a counter, pinged between its messages through a buffer of ten bytes", async () => {
    const observation = await check({
      subprotocols: ["dumb-increment-protocol"],
      dialogue: [{ expect: { equals: "2" } }, { ping: { count: 3 } }, { expect: { equals: "6" } }],
    });
    expect(observation).toMatchObject({ ...UP, ping: { sent: 3, received: 3 } });
  });

  it("is up with compression: it reports who is connected", async () => {
    const observation = await check({
      subprotocols: ["lws-status"],
      compression: true,
      dialogue: [{ expect: { contains: "Echoquorum/" } }],
    });
    expect(observation).toMatchObject({
      ...UP,
      handshake: { extensions: "permessage-deflate" },
    });
  });

  it("is down when it does not know the subprotocol: it closes without an answer", async () => {
    const observation = await check({ subprotocols: ["nonesuch"] });
    expect(observation).toMatchObject({ status: "down", reason: "upgrade_invalid" });
    expect(observation.message).toMatch(/closed the connection without an answer/);
  });
});
