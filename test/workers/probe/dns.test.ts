/** The DNS phase in the real runtime: what resolvers say, and what their trouble is not taken for. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DNS_JSON, DNS_MESSAGE } from "../../../shared/probe/dns-request.ts";
import { VERSION } from "../../../shared/version.ts";
import type { DnsReply, DnsServer } from "../../support/dns-server.ts";
import { startDnsServer } from "../../support/dns-server.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import { freePort } from "../../../workers/local/services/http-server.ts";

const ECHO = [{ echo: { count: 1, bytes: 32 } }];

/** What the resolvers say, in the order in which they are asked; the first is not there. */
const RESOLVERS: ReadonlyArray<Readonly<Record<string, DnsReply>>> = [
  {
    "empty.invalid": { addresses: [] },
    "zone.invalid": { rcode: 2 },
    "chat.invalid": "broken",
    "slow.invalid": "silence",
    "far.invalid": "broken",
    "alias.invalid": { addresses: ["192.0.2.9"], aliasOf: ["www.invalid", "edge.invalid"] },
    "dangling.invalid": { rcode: 3, aliasOf: ["gone.invalid"] },
    "half.invalid": { addresses: ["192.0.2.3"], silentFor: "AAAA" },
    "kept.invalid": { addresses: ["192.0.2.1"], ttlS: 60 },
    "brief.invalid": { addresses: ["192.0.2.1"], ttlS: 0 },
    "denied.invalid": { rcode: 3, ttlS: 30 },
  },
  {
    "zone.invalid": { rcode: 2 },
    "chat.invalid": { addresses: ["192.0.2.7", "2001:db8::7"] },
    "slow.invalid": "silence",
    "far.invalid": "broken",
  },
];

describe.each(["message", "json"] as const)("the DNS phase, in %s form", (form) => {
  let probe: ProbeRuntime;
  let servers: DnsServer[];
  beforeAll(async () => {
    servers = await Promise.all(RESOLVERS.map((names) => startDnsServer(names, form)));
    const absent = `http://127.0.0.1:${await freePort()}/dns-query`;
    const urls = [absent, ...servers.map(({ url }) => url)];
    probe = await startProbe({ vars: { DNS_RESOLVERS: urls.join(",") } });
  });
  afterAll(async () => {
    await probe.stop();
    await Promise.all(servers.map((server) => server.close()));
  });

  const asked = (name: string) =>
    servers.map(({ questions }) => questions.filter((text) => text.startsWith(`${name} `)));

  // Names under .invalid never resolve (RFC 6761 §6.4): what connects to them fails at once.
  it("says that a name does not exist, without dialling", async () => {
    const observation = await probe.check({ url: "ws://gone.invalid/", dialogue: ECHO });
    expect(observation).toMatchObject({
      status: "down",
      phase: "dns",
      reason: "dns_not_found",
      blame: "target",
      timings: { dnsMs: expect.any(Number), tcpMs: null },
    });
    const [first, second] = asked("gone.invalid");
    expect(first?.toSorted()).toEqual(["gone.invalid A", "gone.invalid AAAA"]);
    expect(second).toEqual([]);
    expect([...(servers[0]?.agents ?? [])]).toEqual([`Echoquorum/${VERSION} (region=eu-central)`]);
    expect([...(servers[0]?.accepted ?? [])]).toEqual([form === "json" ? DNS_JSON : DNS_MESSAGE]);
  });

  it("says that a name has no address", async () => {
    const observation = await probe.check({ url: "ws://empty.invalid/" });
    expect(observation.reason).toBe("dns_not_found");
    expect(observation.message).toMatch(/exists, but has no address/);
  });

  it("reports an error of the name servers once every resolver says so", async () => {
    const observation = await probe.check({ url: "ws://zone.invalid/" });
    expect(observation).toMatchObject({ phase: "dns", reason: "dns_error", blame: "network" });
    expect(observation.message).toMatch(/SERVFAIL/);
    expect(asked("zone.invalid").map((questions) => questions.length)).toEqual([2, 2]);
  });

  it("asks the next resolver when one is not there or broken", async () => {
    const observation = await probe.check({ url: "ws://chat.invalid/" });
    expect(observation).toMatchObject({
      reason: "connect_failed",
      address: { ip: "192.0.2.7", family: 4 },
      timings: { dnsMs: expect.any(Number) },
    });
    expect(observation.message).toMatch(/192\.0\.2\.7/);
    expect(JSON.stringify(observation.transcript)).toContain(
      "chat.invalid → 192.0.2.7, 2001:db8::7.",
    );
  });

  it("shows the aliases that led to an address", async () => {
    const observation = await probe.check({ url: "ws://alias.invalid/" });
    expect(observation.transcript?.entries[0]?.text).toBe(
      "DNS: alias.invalid → www.invalid → edge.invalid → 192.0.2.9.",
    );
  });

  it("names the alias that leads nowhere", async () => {
    const observation = await probe.check({ url: "ws://dangling.invalid/" });
    expect(observation.reason).toBe("dns_not_found");
    expect(observation.message).toMatch(/alias of gone\.invalid, which does not exist/);
    expect(observation.transcript?.entries[0]?.text).toMatch(/→ gone\.invalid → no address/);
  });

  it("does not wait long for the second family once it has an address", async () => {
    const observation = await probe.check({ url: "ws://half.invalid/", timeoutMs: 10_000 });
    expect(observation).toMatchObject({ reason: "connect_failed", address: { ip: "192.0.2.3" } });
    expect(observation.timings.dnsMs).toBeLessThan(1_000);
  });

  it("calls silence a timeout only when the name cannot be connected to either", async () => {
    const observation = await probe.check({ url: "ws://slow.invalid/", timeoutMs: 300 });
    expect(observation).toMatchObject({ phase: "dns", reason: "dns_timeout", blame: "network" });
    expect(observation.timings.totalMs).toBeLessThan(300);
  });

  it("does not hold broken resolvers against a target", async () => {
    const observation = await probe.check({ url: "ws://far.invalid/" });
    expect(observation.reason).toBe("connect_failed");
    expect(observation.message).toMatch(/No DNS resolver answered the probe/);
  });

  it("keeps an answer for its time to live, and not longer", async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      const kept = await probe.check({ url: "ws://kept.invalid/" });
      expect(kept.address?.ip).toBe("192.0.2.1");
      expect(kept.timings.dnsMs === null).toBe(turn === 1);
      await probe.check({ url: "ws://brief.invalid/" });
    }
    expect(asked("kept.invalid")[0]).toHaveLength(2);
    expect(asked("brief.invalid")[0]).toHaveLength(4);
  });

  it("keeps a denial only where the zone says for how long", async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      for (const name of ["denied.invalid", "nowhere.invalid"]) {
        const observation = await probe.check({ url: `ws://${name}/` });
        expect(observation.reason).toBe("dns_not_found");
      }
    }
    expect(asked("denied.invalid")[0]).toHaveLength(2);
    expect(asked("nowhere.invalid")[0]).toHaveLength(4);
  });

  it("is left out for literal addresses and localhost", async () => {
    const before = servers[0]?.questions.length;
    const port = await freePort();
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const observation = await probe.check({ url: `ws://${host}:${port}/` });
      expect(observation.reason).toBe("connect_failed");
      expect(observation.timings.dnsMs).toBeNull();
    }
    expect(servers[0]?.questions.length).toBe(before);
  });
});

describe("an address that the platform may refuse", () => {
  it("is held against the probe", async () => {
    const dns = await startDnsServer({ "inner.invalid": { addresses: ["10.0.0.1"] } });
    const probe = await startProbe({
      vars: { DNS_RESOLVERS: dns.url, ALLOW_PRIVATE_ADDRESSES: "" },
    });
    const port = await freePort();
    for (const host of ["127.0.0.1", "localhost", "inner.invalid"]) {
      expect(await probe.check({ url: `ws://${host}:${port}/` })).toMatchObject({
        status: "unknown",
        phase: "connect",
        reason: "address_blocked",
        blame: "probe",
      });
    }
    await probe.stop();
    await dns.close();
  });
});
