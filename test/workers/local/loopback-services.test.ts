/** The trace service and the DNS bridge, over HTTP as probes use them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDnsMessage } from "../../../shared/probe/dns-answer.ts";
import { dnsRequest } from "../../../shared/probe/dns-request.ts";
import { REGIONS } from "../../../shared/regions.ts";
import { userAgent } from "../../../shared/version.ts";
import type { Lookup } from "../../../workers/local/services/dns-bridge.ts";
import { answerDns } from "../../../workers/local/services/dns-bridge.ts";
import type { LoopbackServices } from "../../../workers/local/services/loopback-services.ts";
import { startLoopbackServices } from "../../../workers/local/services/loopback-services.ts";
import { NO_TROUBLE, RegionTroubles } from "../../../workers/local/services/region-trouble.ts";
import { requestRegion } from "../../../workers/local/services/request-region.ts";

let services: LoopbackServices;
beforeAll(async () => {
  services = await startLoopbackServices();
});
afterAll(() => services.close());

describe("a request's region", () => {
  it("is read from the User-Agent that probes really send", () => {
    for (const { id } of REGIONS) expect(requestRegion(userAgent(id))).toBe(id);
  });

  it("is unknown for anyone else", () => {
    expect(requestRegion("Mozilla/5.0 (region=us-east)")).toBeNull();
    expect(requestRegion(undefined)).toBeNull();
  });
});

describe("the trace service", () => {
  it("places each region in its first expected data centre", async () => {
    for (const { id, expectedColos } of REGIONS) {
      const response = await fetch(services.traceUrl, { headers: { "user-agent": userAgent(id) } });
      expect(await response.text()).toMatch(new RegExp(`^colo=${expectedColos[0]}$`, "m"));
    }
  });

  it("knows no place for others", async () => {
    expect((await fetch(services.traceUrl)).status).toBe(404);
  });
});

describe("the control targets", () => {
  it("answer everybody but a region that is made blind", async () => {
    const troubles = new RegionTroubles();
    const blinded = await startLoopbackServices(troubles);
    troubles.set("us-east", { ...NO_TROUBLE, blind: true });
    const statuses = await Promise.all(
      blinded.controlTargets.split(",").flatMap((url) =>
        ["us-east", "eu-central"].map(async (region) => {
          const headers = { "user-agent": userAgent(region) };
          return (await fetch(url, { headers })).status;
        }),
      ),
    );
    await blinded.close();
    expect(statuses).toEqual([503, 204, 503, 204]);
  });
});

const ask = async (query: string, lookup: Lookup) => {
  const response = await answerDns(new Request(`http://dns.test/dns-query?${query}`), lookup);
  expect(response.headers.get("content-type")).toBe("application/dns-json");
  return (await response.json()) as { Status: number; Answer?: unknown[] };
};
const fails = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const both: Lookup = () =>
  Promise.resolve([
    { address: "192.0.2.7", family: 4 },
    { address: "2001:db8::7", family: 6 },
  ]);
const onlyFour: Lookup = () => Promise.resolve([{ address: "192.0.2.7", family: 4 }]);

const linkLocal: Lookup = () => Promise.resolve([{ address: "fe80::1%lo", family: 6 }]);

/** Asks for IPv6 addresses in wire form. */
async function askInBytes(lookup: Lookup) {
  const request = dnsRequest("http://dns.test/dns-query", "a.test", "AAAA");
  const response = await answerDns(new Request(request?.url ?? ""), lookup);
  expect(response.headers.get("content-type")).toBe(request?.accept);
  return parseDnsMessage(new Uint8Array(await response.arrayBuffer()));
}

describe("the DNS bridge", () => {
  it("answers with the addresses of the family that was asked for", async () => {
    expect((await ask("name=a.test&type=A", both)).Answer).toEqual([
      { name: "a.test", type: 1, TTL: 30, data: "192.0.2.7" },
    ]);
    expect((await ask("name=a.test&type=AAAA", both)).Answer).toEqual([
      { name: "a.test", type: 28, TTL: 30, data: "2001:db8::7" },
    ]);
  });

  it("answers in wire form when it is asked so", async () => {
    expect(await askInBytes(both)).toMatchObject({ addresses: [{ ip: "2001:db8::7", family: 6 }] });
    expect(await askInBytes(linkLocal)).toMatchObject({ addresses: [{ ip: "fe80::1" }] });
    expect(await askInBytes(fails("ENOTFOUND"))).toMatchObject({ type: "not_found" });
  });

  it("tells a name without addresses of a family from one that does not exist", async () => {
    const empty = await ask("name=a.test&type=AAAA", onlyFour);
    expect(empty).toMatchObject({ Status: 0 });
    expect(empty.Answer).toBeUndefined();
    expect((await ask("name=a.test&type=A", fails("ENOTFOUND"))).Status).toBe(3);
  });

  it("reports the resolver's own trouble as a server failure", async () => {
    expect((await ask("name=a.test&type=A", fails("EAI_AGAIN"))).Status).toBe(2);
  });

  it("asks the machine's resolver, hosts file included", async () => {
    const response = await fetch(`${services.resolverUrl}?name=localhost&type=A`);
    expect(await response.json()).toMatchObject({ Status: 0, Answer: [{ data: "127.0.0.1" }] });
  });

  it("refuses what it does not serve", async () => {
    expect((await fetch(`${services.resolverUrl}?name=a.test&type=MX`)).status).toBe(400);
    expect((await fetch(`${services.resolverUrl}?type=A`)).status).toBe(400);
  });
});
