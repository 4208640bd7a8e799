/** The DNS phase in the real runtime: what resolvers say, and what their trouble is not taken for. */
import { afterEach, describe, expect, it } from "vitest";
import { VERSION } from "../../../shared/version.ts";
import type { DnsReply } from "../../support/dns-server.ts";
import { startDnsServer } from "../../support/dns-server.ts";
import type { ProbeRuntime } from "../../support/probe-runtime.ts";
import { startProbe } from "../../support/probe-runtime.ts";
import { closedPort } from "../../support/raw-server.ts";

const ECHO = [{ echo: { count: 1, bytes: 32 } }];
const cleanups: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A probe with resolvers that know these names; `null` stands for one that is not there. */
async function probeWith(
  resolvers: ReadonlyArray<Readonly<Record<string, DnsReply>> | null>,
  vars: Record<string, string> = {},
) {
  const servers = await Promise.all(
    resolvers.map((names) => (names === null ? null : startDnsServer(names))),
  );
  const urls: string[] = [];
  for (const server of servers) {
    if (server !== null) cleanups.push(server.close);
    urls.push(server?.url ?? `http://127.0.0.1:${await closedPort()}/dns-query`);
  }
  const probe: ProbeRuntime = await startProbe({
    vars: { DNS_RESOLVERS: urls.join(","), ...vars },
  });
  cleanups.push(probe.stop);
  return { probe, servers: servers.filter((server) => server !== null) };
}

// Names under .invalid never resolve (RFC 6761 §6.4): what connects to them fails at once.
describe("the DNS phase", () => {
  it("says that a name does not exist, without dialling", async () => {
    const { probe, servers } = await probeWith([{}]);
    const observation = await probe.check({ url: "ws://gone.invalid/", dialogue: ECHO });
    expect(observation).toMatchObject({
      status: "down",
      phase: "dns",
      reason: "dns_not_found",
      blame: "target",
      timings: { dnsMs: expect.any(Number), tcpMs: null },
    });
    expect(servers[0]?.questions.toSorted()).toEqual(["gone.invalid A", "gone.invalid AAAA"]);
    expect([...(servers[0]?.agents ?? [])]).toEqual([`Echoquorum/${VERSION} (region=eu-central)`]);
  });

  it("says that a name has no address", async () => {
    const { probe } = await probeWith([{ "empty.invalid": { addresses: [] } }]);
    const observation = await probe.check({ url: "ws://empty.invalid/" });
    expect(observation.reason).toBe("dns_not_found");
    expect(observation.message).toMatch(/has no address/);
  });

  it("reports an error of the name servers once every resolver says so", async () => {
    const failing = { "zone.invalid": { rcode: 2 } };
    const { probe, servers } = await probeWith([failing, failing]);
    const observation = await probe.check({ url: "ws://zone.invalid/" });
    expect(observation).toMatchObject({ phase: "dns", reason: "dns_error", blame: "network" });
    expect(observation.message).toMatch(/SERVFAIL/);
    expect(servers.map(({ questions }) => questions.length)).toEqual([2, 2]);
  });

  it("asks the next resolver when one fails, is broken or is not there", async () => {
    const name = "chat.invalid";
    const { probe } = await probeWith([
      null,
      { [name]: "broken" },
      { [name]: { rcode: 2 } },
      { [name]: { addresses: ["192.0.2.7", "2001:db8::7"] } },
    ]);
    const observation = await probe.check({ url: `ws://${name}/` });
    expect(observation).toMatchObject({
      reason: "connect_failed",
      address: { ip: "192.0.2.7", family: 4 },
      timings: { dnsMs: expect.any(Number) },
    });
    expect(observation.message).toMatch(/192\.0\.2\.7/);
  });

  it("calls silence a timeout only when the name cannot be connected to either", async () => {
    const { probe } = await probeWith([{ "slow.invalid": "silence" }]);
    const observation = await probe.check({ url: "ws://slow.invalid/", timeoutMs: 500 });
    expect(observation).toMatchObject({ phase: "dns", reason: "dns_timeout", blame: "network" });
    expect(observation.timings.totalMs).toBeLessThan(500);
  });

  it("does not hold broken resolvers against a target", async () => {
    const { probe } = await probeWith([null, { "far.invalid": "broken" }]);
    const observation = await probe.check({ url: "ws://far.invalid/" });
    expect(observation.reason).toBe("connect_failed");
    expect(observation.message).toMatch(/No DNS resolver answered the probe/);
  });

  it("keeps an answer for its time to live, and not longer", async () => {
    const { probe, servers } = await probeWith([
      {
        "kept.invalid": { addresses: ["192.0.2.1"], ttlS: 60 },
        "brief.invalid": { addresses: ["192.0.2.1"], ttlS: 0 },
      },
    ]);
    for (let turn = 0; turn < 2; turn += 1) {
      const observation = await probe.check({ url: "ws://kept.invalid/" });
      expect(observation.address?.ip).toBe("192.0.2.1");
      await probe.check({ url: "ws://brief.invalid/" });
    }
    const asked = (name: string) => servers[0]?.questions.filter((text) => text.startsWith(name));
    expect(asked("kept.invalid")).toHaveLength(2);
    expect(asked("brief.invalid")).toHaveLength(4);
  });

  it("is left out for literal addresses and localhost", async () => {
    const { probe, servers } = await probeWith([{}]);
    const port = await closedPort();
    for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
      const observation = await probe.check({ url: `ws://${host}:${port}/` });
      expect(observation.reason).toBe("connect_failed");
      expect(observation.timings.dnsMs).toBeNull();
    }
    expect(servers[0]?.questions).toEqual([]);
  });

  it("blames the probe where the platform may have refused the address", async () => {
    const { probe } = await probeWith([{ "inner.invalid": { addresses: ["10.0.0.1"] } }], {
      ALLOW_PRIVATE_ADDRESSES: "",
    });
    const port = await closedPort();
    for (const host of ["127.0.0.1", "localhost", "inner.invalid"]) {
      expect(await probe.check({ url: `ws://${host}:${port}/` })).toMatchObject({
        status: "unknown",
        phase: "connect",
        reason: "address_blocked",
        blame: "probe",
      });
    }
  });
});
