/** The probe, in the real runtime, beside proxies in front of a WebSocket server. */
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { CheckSpec } from "../../shared/probe/check-spec.ts";
import type { Reason } from "../../shared/probe/reason.ts";
import type { IssuedCertificate } from "../support/certificates.ts";
import { issueCertificate } from "../support/certificates.ts";
import { startWs } from "../support/echo-servers.ts";
import { eventually } from "../support/eventually.ts";
import type { ProbeRuntime } from "../support/probe-runtime.ts";
import { startProbe } from "../support/probe-runtime.ts";
import { startRawServer } from "../support/raw-server.ts";
import { freePort } from "../../workers/local/services/http-server.ts";
import type { Mistake } from "./nginx.ts";
import { mistakenNginx } from "./nginx.ts";
import type { Way } from "./proxies.ts";
import { crowdedHaproxy, PROXIES } from "./proxies.ts";
import type { RunningProgram } from "./system-program.ts";
import { startProgram } from "./system-program.ts";

const TIMEOUT_MS = 5_000;
/** For checks that use up their time. */
const SHORT_TIMEOUT_MS = 2_500;
const ECHO: Partial<CheckSpec> = { dialogue: [{ echo: { count: 1, bytes: 32 } }] };
const WHOLE: Partial<CheckSpec> = {
  compression: true,
  subprotocols: ["chat.v2"],
  dialogue: [
    { echo: { count: 20, bytes: 1_000 } },
    { echo: { count: 2, bytes: 65_536 } },
    { ping: { count: 3 } },
  ],
};
const UP = { status: "up", reason: null, close: { code: 1000, clean: true } };

let certificate: IssuedCertificate;
let probe: ProbeRuntime;
let app: Awaited<ReturnType<typeof startWs>>;
beforeAll(async () => {
  const authority = await issueCertificate({ commonName: "Test Root", authority: true });
  const names = ["localhost"];
  certificate = await issueCertificate({ commonName: "localhost", names, issuer: authority });
  probe = await startProbe({ authority: authority.cert });
  app = await startWs({ subprotocol: "chat.v2" });
});
afterAll(async () => {
  await probe.stop();
  await app[Symbol.asyncDispose]();
});

async function check(port: number, spec: Partial<CheckSpec> = ECHO, scheme = "ws") {
  const url = `${scheme}://localhost:${port}/socket`;
  return await probe.check({ url, timeoutMs: TIMEOUT_MS, ...spec });
}

type Expected = readonly [reason: Reason, message: RegExp];

/** What differs from proxy to proxy. */
interface Habits {
  /** When its server is not there. */
  orphaned: Expected;
  /** When one connection is all that it passes on. */
  limited: RegExp;
  /** When it is spoken to without TLS on a port with TLS. */
  plainOnSecure: Expected;
  /** When a connection is silent for longer than a second. */
  idle: Expected;
}

const LOST: Expected = ["connection_lost", /No close frame came before/];
const HABITS: Record<keyof typeof PROXIES, Habits> = {
  nginx: {
    orphaned: ["upgrade_rejected", /502 Bad Gateway/],
    limited: /503 Service Unavailable.*Temporarily Unavailable/,
    plainOnSecure: ["upgrade_ignored", /plain HTTP request was sent to HTTPS port/],
    idle: LOST,
  },
  haproxy: {
    orphaned: ["upgrade_overloaded", /503 .*No server is available/],
    limited: /503 .*No server is available/,
    plainOnSecure: ["upgrade_invalid", /closed the connection without an answer/],
    idle: LOST,
  },
  caddy: {
    orphaned: ["upgrade_rejected", /502 Bad Gateway/],
    limited: /503 Service Unavailable/,
    plainOnSecure: ["upgrade_ignored", /sent an HTTP request to an HTTPS server/],
    // Caddy keeps it; so it is the application that is seen to be silent.
    idle: ["message_timeout", /nothing arrived instead/],
  },
  apache: {
    orphaned: ["upgrade_overloaded", /503 Service Unavailable.*temporarily unable/],
    limited: /503 Service Unavailable.*temporarily unable/,
    plainOnSecure: ["upgrade_ignored", /speaking plain HTTP to an SSL-enabled server port/],
    idle: LOST,
  },
};

describe.each(Object.entries(PROXIES))("a server behind %s", (name, plan) => {
  const habits = HABITS[name as keyof typeof PROXIES];
  let proxy: RunningProgram<Way>;
  beforeAll(async () => {
    proxy = await startProgram(plan({ port: app.port, closedPort: await freePort(), certificate }));
    return async () => await proxy[Symbol.asyncDispose]();
  });
  const expectDown = async (
    way: Way,
    [reason, message]: Expected,
    ...how: [spec?: Partial<CheckSpec>, scheme?: string]
  ) => {
    const observation = await check(proxy.ports[way], ...how);
    expect(observation).toMatchObject({ status: "down", reason });
    expect(observation.message).toMatch(message);
  };

  it("is up where upgrades are passed on: subprotocol, compression, echoes, pings", async () => {
    const observation = await check(proxy.ports.forwarding, WHOLE);
    expect(observation).toMatchObject({
      ...UP,
      handshake: {
        subprotocol: "chat.v2",
        extensions: expect.stringMatching(/^permessage-deflate/),
      },
      echo: { received: 22 },
      ping: { sent: 3, received: 3 },
    });
  });

  it("is asked in vain where the Upgrade header is stripped", async () => {
    await expectDown("stripping", ["upgrade_ignored", /426 Upgrade Required/]);
  });

  it("is overloaded while the limit of connections is reached, and up after that", async () => {
    const { limited } = proxy.ports;
    const holder = new WebSocket(`ws://127.0.0.1:${limited}/`);
    await once(holder, "open");
    await expectDown("limited", ["upgrade_overloaded", habits.limited]);
    holder.terminate();
    await once(holder, "close");
    await eventually(
      `${name} lets the next one in`,
      TIMEOUT_MS,
      async () => (await check(limited)).status === "up",
    );
  });

  it("is up over TLS in HTTP/1.1, although HTTP/2 is offered", async () => {
    const { secure } = proxy.ports;
    expect(await negotiatedProtocol(secure)).toBe("h2");
    const observation = await check(secure, WHOLE, "wss");
    expect(observation).toMatchObject({ ...UP, echo: { received: 22 }, ping: { received: 3 } });
    expect(observation.timings.tlsMs).not.toBeNull();
    expect(app.upgrades.at(-1)?.headers["x-protocol"]).toBe("HTTP/1.1");
  });

  it("is lost when the proxy gives up a silent connection, silent when it does not", async () => {
    const dialogue = [{ expect: { contains: "never said" } }];
    await expectDown("idle", habits.idle, { dialogue, timeoutMs: SHORT_TIMEOUT_MS });
  });

  it("is down in the proxy's own words when it is not there", async () => {
    await expectDown("orphaned", habits.orphaned);
  });

  it("is down when TLS is spoken to where there is none, and the reverse", async () => {
    await expectDown("forwarding", ["tls_failed", /does not speak TLS/], ECHO, "wss");
    await expectDown("secure", habits.plainOnSecure);
  });
});

/** What a client that offers HTTP/2 gets. */
async function negotiatedProtocol(port: number): Promise<string | false | null> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca: certificate.cert,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2", "http/1.1"],
  });
  await once(socket, "secureConnect");
  socket.destroy();
  return socket.alpnProtocol;
}

describe("a server behind HAProxy that accepts no more connections", () => {
  it("does not answer in time, since the connection waits in the kernel", async () => {
    await using proxy = await startProgram(crowdedHaproxy(app.port));
    const holder = new WebSocket(`ws://127.0.0.1:${proxy.ports.crowded}/`);
    await once(holder, "open");
    const observation = await check(proxy.ports.crowded, { timeoutMs: SHORT_TIMEOUT_MS });
    expect(observation).toMatchObject({ status: "down", reason: "upgrade_timeout" });
    holder.terminate();
  });
});

describe("a server behind nginx with a mistake", () => {
  const MISTAKEN: Record<Exclude<Mistake, "throttling">, Expected> = {
    redirecting: ["upgrade_redirected", /points to https:\/\/chat\.example\.com\/socket/],
    protected: ["upgrade_unauthorized", /401 Unauthorized.*Authorization Required/],
    forbidden: ["upgrade_unauthorized", /403 Forbidden/],
    hidingUpgrade: ["upgrade_header_missing", /no Upgrade header/],
    hidingAccept: ["accept_mismatch", /no Sec-WebSocket-Accept header/],
    staticFiles: ["upgrade_ignored", /200 OK.*Welcome/],
    missingFiles: ["upgrade_rejected", /404 Not Found/],
    http2Only: ["upgrade_invalid", /HTTP\/2/],
    slowBackEnd: ["upgrade_rejected", /504 Gateway Timeout/],
    hangingUp: ["upgrade_invalid", /closed the connection without an answer/],
  };
  let nginx: RunningProgram<Mistake>;
  let silent: Awaited<ReturnType<typeof startRawServer>>;
  beforeAll(async () => {
    silent = await startRawServer(() => undefined);
    const target = { port: app.port, silentPort: silent.port, certificate };
    nginx = await startProgram(mistakenNginx(target));
    return async () => await nginx[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await silent.close();
  });

  it.each(Object.entries(MISTAKEN))("is down: %s", async (mistake, [reason, message]) => {
    const observation = await check(nginx.ports[mistake as Mistake]);
    expect(observation).toMatchObject({ status: "down", phase: "upgrade", reason });
    expect(observation.message).toMatch(message);
  });

  it("is up, then overloaded, where requests are rationed", async () => {
    expect(await check(nginx.ports.throttling)).toMatchObject(UP);
    expect(await check(nginx.ports.throttling)).toMatchObject({
      reason: "upgrade_overloaded",
      message: expect.stringContaining("429 Too Many Requests"),
    });
  });
});
