/** Checks over the platform's fetch: the same observation, as far as it can be known, labelled. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckSpec } from "../../../shared/probe/check-spec.ts";
import type { Reason } from "../../../shared/probe/reason.ts";
import {
  NOT_HTTP,
  ODD_BUT_RIGHT,
  REJECTIONS,
  WRONG_CLOSES,
  WRONG_DIALOGUES,
  WRONG_UPGRADES,
} from "../../support/bad-servers.ts";
import { startDnsServer } from "../../support/dns-server.ts";
import type { DnsServer } from "../../support/dns-server.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import type { RunningServer } from "../../support/raw-server.ts";
import { freePort } from "../../../workers/local/services/http-server.ts";
import { startRawServer, onRequest } from "../../support/raw-server.ts";

const ECHO: Partial<CheckSpec> = { dialogue: [{ echo: { count: 2, bytes: 32 } }] };
const TIMEOUT_MS = 500;

let dns: DnsServer;
let probe: ProbeRuntime;
beforeAll(async () => {
  dns = await startDnsServer({ "proxied.invalid": { addresses: ["104.16.1.1"], ttlS: 0 } });
  probe = await startProbe({ vars: { DNS_RESOLVERS: dns.url } });
});
afterAll(async () => {
  await probe.stop();
  await dns.close();
});

async function checkOver(server: RunningServer, spec: Partial<CheckSpec> = ECHO) {
  try {
    return await probe.check({
      transport: "fetch",
      url: server.url,
      timeoutMs: TIMEOUT_MS,
      ...spec,
    });
  } finally {
    await server.close();
  }
}

/** A proxy of Cloudflare that answers for a server it cannot reach. */
async function startProxy(status: number): Promise<RunningServer> {
  return await startRawServer((socket) =>
    onRequest(socket, () => {
      socket.end(`HTTP/1.1 ${status} Error\r\nServer: cloudflare\r\nContent-Length: 0\r\n\r\n`);
    }),
  );
}

describe("a check over fetch", () => {
  it("measures what it can, and says what it cannot", async () => {
    const observation = await checkOver(await ODD_BUT_RIGHT.chatty(), {
      dialogue: [{ echo: { count: 2, bytes: 32 } }, { ping: { count: 1 } }],
    });
    expect(observation).toMatchObject({
      status: "up",
      transport: "fetch",
      timings: { tcpMs: null, tlsMs: null, upgradeMs: expect.any(Number) },
      echo: { count: 2, received: 2 },
      ping: null,
      handshake: { status: 101 },
      close: { code: 1000, clean: true },
    });
    expect(observation.message).toMatch(/TCP and TLS count into the upgrade/);
    expect(observation.message).toMatch(/Pings cannot be sent/);
  });

  type Row = readonly [
    what: string,
    start: () => Promise<RunningServer>,
    reason: Reason,
    message: RegExp,
    spec?: Partial<CheckSpec>,
  ];
  const ROWS: readonly Row[] = [
    ["says nothing", NOT_HTTP.silent, "upgrade_timeout", /did not answer/],
    ["refuses for lack of credentials", REJECTIONS.unauthorized, "upgrade_unauthorized", /401/],
    ["is overloaded", REJECTIONS.unavailable, "upgrade_overloaded", /503.*no healthy upstream/],
    ["serves a page", REJECTIONS.ok, "upgrade_ignored", /200 OK.*It works!/],
    ["never ends its page", REJECTIONS.endlessBody, "upgrade_ignored", /200 OK/],
    ["redirects", REJECTIONS.redirects, "upgrade_redirected", /next=\[redacted\]/],
    [
      "chooses a subprotocol of its own",
      WRONG_UPGRADES.otherSubprotocol,
      "subprotocol_mismatch",
      /mqtt/,
      { subprotocols: ["chat.v2"] },
    ],
    [
      "answers with another header than expected",
      WRONG_UPGRADES.otherHeader,
      "handshake_assertion_failed",
      /Expected the header "X-Backend: blue", but "X-Backend: green" came/,
      { handshake: { headers: [["X-Backend", "blue"]], subprotocol: null } },
    ],
    ["is silent once connected", WRONG_DIALOGUES.silentAfterUpgrade, "message_timeout", /0 of 2/],
    ["changes messages", WRONG_DIALOGUES.cutsShort, "message_mismatch", /changed/],
    ["closes for a reason", WRONG_DIALOGUES.closesWith1011, "closed_by_peer", /1011/],
    ["drops the connection", WRONG_DIALOGUES.endsWithoutClose, "connection_lost", /ended/],
    ["ignores the close", WRONG_CLOSES.ignoresClose, "close_timeout", /close frame/],
    ["cannot be reached by its proxy", () => startProxy(521), "connect_failed", /521 Web Server/],
    ["has a broken certificate behind its proxy", () => startProxy(526), "tls_failed", /526/],
  ];

  it.each(ROWS.map((row) => [row[0], row] as const))("of a server that %s", async (_what, row) => {
    const [, start, reason, message, spec = {}] = row;
    const observation = await checkOver(await start(), { ...ECHO, ...spec });
    expect(observation.reason).toBe(reason);
    expect(observation.transport).toBe("fetch");
    expect(observation.message).toMatch(message);
    expect(observation.timings.totalMs).toBeLessThan(TIMEOUT_MS + 100);
  });

  it("of a port where nothing listens", async () => {
    const url = `ws://127.0.0.1:${await freePort()}/`;
    const observation = await probe.check({ url, transport: "fetch" });
    expect(observation).toMatchObject({ reason: "connect_failed", blame: "network" });
  });

  it("keeps the monitor's secrets out of its transcript", async () => {
    const server = await ODD_BUT_RIGHT.chatty();
    const observation = await probe.check(
      {
        url: `${server.url}?token=sesame-grape`,
        transport: "fetch",
        headers: [["Authorization", "Bearer open-grape"]],
        dialogue: [{ send: "login sesame-grape" }, { echo: { count: 1, bytes: 32 } }],
      },
      { transcript: true },
    );
    await server.close();
    expect(observation.status).toBe("up");
    expect(JSON.stringify(observation)).not.toContain("grape");
    expect(observation.transcript?.entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["head", "text"]),
    );
  });
});

describe("the choice of the transport", () => {
  it("falls on fetch for an address of Cloudflare, and says so", async () => {
    const observation = await probe.check({ url: "ws://proxied.invalid/" });
    expect(observation).toMatchObject({
      transport: "fetch",
      reason: "connect_failed",
      address: { ip: "104.16.1.1", family: 4 },
    });
    const notes = observation.transcript?.entries.map(({ text }) => text).join("\n");
    expect(notes).toContain("DNS: proxied.invalid → 104.16.1.1.");
    expect(notes).toContain("going over fetch");
  });

  it("is the monitor's where it makes one", async () => {
    const observation = await probe.check({ url: "ws://proxied.invalid/", transport: "socket" });
    expect(observation.transport).toBe("socket");
  });
});
