/** Answers of DNS over HTTPS, and addresses. */
import { BlockList } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressBytes,
  addressText,
  isInRange,
  isLocalhost,
  isPrivateAddress,
  literalAddress,
} from "../../../shared/probe/address.ts";
import { isCloudflareAddress } from "../../../shared/probe/cloudflare-ranges.ts";
import { parseDnsJson, rcodeName } from "../../../shared/probe/dns-answer.ts";

/** Compares with Node's idea of a range. */
function check(kind: "ipv4" | "ipv6", first: string, bits: number, ip: string): void {
  const list = new BlockList();
  list.addSubnet(first, bits, kind);
  expect(isInRange({ ip }, `${first}/${bits}`)).toBe(list.check(ip, kind));
}

describe("an answer of DNS over HTTPS", () => {
  it("gives addresses, the shortest time to live and the chain of names", () => {
    const body = JSON.stringify({
      Status: 0,
      TC: false,
      Answer: [
        { name: "chat.example.com", type: 5, TTL: 300, data: "edge.example.net." },
        { name: "edge.example.net", type: 1, TTL: 60, data: "192.0.2.1" },
        { name: "edge.example.net", type: 28, TTL: 90, data: "2001:db8::1" },
      ],
    });
    expect(parseDnsJson(body)).toEqual({
      type: "found",
      addresses: [
        { ip: "192.0.2.1", family: 4 },
        { ip: "2001:db8::1", family: 6 },
      ],
      ttlS: 60,
      chain: ["edge.example.net"],
    });
  });

  it.each([
    ['{"Status":3}', { type: "not_found", ttlS: 0, chain: [] }],
    ['{"Status":0}', { type: "empty", ttlS: 0, chain: [] }],
    [
      '{"Status":3,"Authority":[{"name":"","type":6,"TTL":900,"data":"a. b. 1 2 3 4 300"}]}',
      { type: "not_found", ttlS: 300, chain: [] },
    ],
    [
      '{"Status":0,"Answer":[{"name":"a","type":5,"TTL":9,"data":"b."}]}',
      { type: "empty", ttlS: 0, chain: ["b"] },
    ],
    ['{"Status":2}', { type: "error", rcode: 2 }],
    ["<html>", null],
    ['{"status":0}', null],
    ["[]", null],
  ])("%s is read as %j", (body, answer) => {
    expect(parseDnsJson(body)).toEqual(answer);
  });

  it("names the response codes that people know", () => {
    expect([rcodeName(2), rcodeName(5), rcodeName(23)]).toEqual([
      "SERVFAIL",
      "REFUSED",
      "response code 23",
    ]);
  });
});

describe("an address", () => {
  it.each([
    ["127.0.0.1", { ip: "127.0.0.1", family: 4 }],
    ["[::1]", { ip: "::1", family: 6 }],
    ["example.com", null],
  ])("in the host %s is %j", (host, address) => {
    expect(literalAddress(host)).toEqual(address);
  });

  it.each([
    "10.1.2.3",
    "127.0.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
  ])("%s is private", (ip) => {
    expect(isPrivateAddress({ ip, family: 4 })).toBe(true);
  });

  it.each([
    "::",
    "::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
  ])("%s is private", (ip) => {
    expect(isPrivateAddress({ ip, family: 6 })).toBe(true);
  });

  it.each([
    ["8.8.8.8", 4],
    ["172.32.0.1", 4],
    ["100.128.0.1", 4],
    ["2606:4700::1", 6],
    ["::ffff:8.8.8.8", 6],
  ] as const)("%s is public", (ip, family) => {
    expect(isPrivateAddress({ ip, family })).toBe(false);
  });

  it.each([
    ["104.16.0.0", true],
    ["104.27.255.255", true],
    ["104.28.0.0", false],
    ["172.71.3.4", true],
    ["2606:4700:10::ac43:1", true],
    ["2606:4701::1", false],
    ["2a06:98c7:ffff::1", true],
    ["2a06:98c8::1", false],
    ["::ffff:104.16.0.1", true],
  ])("%s belongs to Cloudflare's proxy: %s", (ip, belongs) => {
    const family = ip.includes(":") ? 6 : 4;
    expect(isCloudflareAddress({ ip, family })).toBe(belongs);
  });

  it("agrees with Node about any range", () => {
    const octet = fc.nat(255);
    const ipv4 = fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join("."));
    const group = fc.nat(0xffff).map((value) => value.toString(16));
    const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(":"));
    fc.assert(
      fc.property(ipv4, ipv4, fc.nat(32), (first, other, bits) => {
        check("ipv4", first, bits, other);
        check("ipv4", first, bits, first);
      }),
    );
    fc.assert(
      fc.property(ipv6, ipv6, fc.nat(128), (first, other, bits) => {
        check("ipv6", first, bits, other);
        check("ipv6", first, bits, first);
      }),
    );
  });

  it.each(["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "g::1", "1::2::3", "::1:2:3:4:5:6:7:8:9"])(
    "that cannot be read lies in no range: %j",
    (ip) => {
      expect(isInRange({ ip }, "0.0.0.0/0") || isInRange({ ip }, "::/0")).toBe(false);
    },
  );

  it.each([
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["fe80:1:0:0:0:0:0:0", "fe80:1::"],
    ["192.0.2.255", "192.0.2.255"],
  ])("%s is written %s", (ip, text) => {
    expect(addressText(Uint8Array.from(addressBytes(ip) ?? []))).toBe(text);
  });

  it("is the same after being written and read, as Node's URL parser would write it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const text = addressText(bytes);
        expect(addressBytes(text ?? "")).toEqual([...bytes]);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  it("knows the names of the machine itself", () => {
    expect(["localhost", "api.localhost", "localhost.example.com"].map(isLocalhost)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
