/** Answers of DNS over HTTPS, and addresses. */
import { describe, expect, it } from "vitest";
import { isLocalhost, isPrivateAddress, literalAddress } from "../../../shared/probe/address.ts";
import { parseDnsAnswer, rcodeName } from "../../../shared/probe/dns-answer.ts";

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
    expect(parseDnsAnswer(body)).toEqual({
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
    ['{"Status":3}', { type: "not_found" }],
    ['{"Status":0}', { type: "empty" }],
    ['{"Status":2}', { type: "error", rcode: 2 }],
    ["<html>", null],
    ['{"status":0}', null],
    ["[]", null],
  ])("%s is read as %j", (body, answer) => {
    expect(parseDnsAnswer(body)).toEqual(answer);
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

  it("knows the names of the machine itself", () => {
    expect(["localhost", "api.localhost", "localhost.example.com"].map(isLocalhost)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
