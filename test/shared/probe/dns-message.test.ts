/** Messages of DNS in wire form: published vectors, what is refused, and any bytes at all. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDnsMessage } from "../../../shared/probe/dns-answer.ts";
import type { DnsRecord } from "../../../shared/probe/dns-message.ts";
import {
  RECORD_TYPE,
  decodeDnsMessage,
  encodeDnsAnswer,
  encodeDnsQuery,
} from "../../../shared/probe/dns-message.ts";
import { encodeName, readName } from "../../../shared/probe/dns-name.ts";
import { dnsRequest } from "../../../shared/probe/dns-request.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));

/** The question and the answer of RFC 8484 §4.1.1 and §4.2.2. */
const QUERY = bytes(`
  00 00 01 00 00 01 00 00 00 00 00 00 03 77 77 77
  07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 01 00 01`);
const ANSWER = bytes(`
  00 00 81 80 00 01 00 01 00 00 00 00 03 77 77 77
  07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 1c 00 01
  c0 0c 00 1c 00 01 00 00 0e 7d 00 10 20 01 0d b8 ab cd 00 12 00 01 00 02 00 03 00 04`);
/** www.a, an alias of b, which is an alias of c.b; then the denial: SOA of b. */
const DENIAL = bytes(`
  00 00 81 83 00 01 00 02 00 01 00 00
  03 77 77 77 01 61 00 00 01 00 01
  c0 0c 00 05 00 01 00 00 00 3c 00 03 01 62 00
  c0 23 00 05 00 01 00 00 00 3c 00 04 01 63 c0 23
  c0 23 00 06 00 01 00 00 03 84 00 1e 02 6e 73 c0 23 03 6d 61 78
    00 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 01 2c`);

const ask = (resolver: string) => dnsRequest(resolver, "www.example.com", "A");

describe("a question", () => {
  it("is that of RFC 8484, with the identifier zero", () => {
    expect(encodeDnsQuery({ name: "www.example.com", type: RECORD_TYPE.A })).toEqual(QUERY);
    expect(decodeDnsMessage(QUERY)).toEqual({
      response: false,
      rcode: 0,
      questions: [{ name: "www.example.com", type: RECORD_TYPE.A }],
      answers: [],
      authorities: [],
    });
  });

  it("is asked in wire form at the usual path, and in JSON elsewhere or when told so", () => {
    const json = "application/dns-json";
    expect(ask("https://dns.example/dns-query")).toEqual({
      url: "https://dns.example/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB",
      accept: "application/dns-message",
    });
    expect(ask("https://dns.example/resolve?key=1")).toEqual({
      url: "https://dns.example/resolve?key=1&name=www.example.com&type=A",
      accept: json,
    });
    expect(ask("https://dns.example/dns-query?json")).toEqual({
      url: "https://dns.example/dns-query?name=www.example.com&type=A",
      accept: json,
    });
  });

  it.each(["a..b", `${"a".repeat(64)}.example`, "a.".repeat(128), "ä.example"])(
    "cannot be asked for %s",
    (name) => {
      expect(encodeDnsQuery({ name, type: RECORD_TYPE.A })).toBeNull();
      expect(dnsRequest("https://dns.example/dns-query", name, "A")).toBeNull();
    },
  );
});

describe("an answer", () => {
  it("is read as in RFC 8484", () => {
    expect(parseDnsMessage(ANSWER)).toEqual({
      type: "found",
      addresses: [{ ip: "2001:db8:abcd:12:1:2:3:4", family: 6 }],
      ttlS: 3709,
      chain: [],
    });
  });

  it("that denies a name tells for how long, and where the aliases led", () => {
    expect(parseDnsMessage(DENIAL)).toEqual({ type: "not_found", ttlS: 300, chain: ["b", "c.b"] });
    expect(decodeDnsMessage(DENIAL)?.authorities[0]?.data).toBe("ns.b max 1 2 3 4 300");
  });

  it("is none when it is a question, or cut anywhere", () => {
    expect(parseDnsMessage(QUERY)).toBeNull();
    for (const whole of [ANSWER, DENIAL]) {
      for (let length = 0; length < whole.length; length += 1) {
        expect(parseDnsMessage(whole.subarray(0, length)), `${length} bytes`).toBeNull();
      }
    }
  });

  it.each([
    ["an address of three bytes", "00 00 01 00 01 00 00 00 3c 00 03 c0 00 02"],
    ["an IPv6 address of four bytes", "00 00 1c 00 01 00 00 00 3c 00 04 c0 00 02 01"],
    ["an alias longer than its data", "00 00 05 00 01 00 00 00 3c 00 02 01 61 00"],
    ["an alias shorter than its data", "00 00 05 00 01 00 00 00 3c 00 04 01 61 00 00"],
    ["an SOA without its numbers", "00 00 06 00 01 00 00 00 3c 00 02 00 00"],
  ])("is none with %s", (_what, record) => {
    expect(decodeDnsMessage(bytes(`00 00 81 80 00 00 00 01 00 00 00 00 ${record}`))).toBeNull();
  });

  it("passes over records of other types, and times to live that are negative", () => {
    const records = `00 00 10 00 01 00 00 00 3c 00 02 01 61
      00 00 01 00 01 ff ff ff ff 00 04 c0 00 02 01`;
    expect(parseDnsMessage(bytes(`00 00 81 80 00 00 00 02 00 00 00 00 ${records}`))).toEqual({
      type: "found",
      addresses: [{ ip: "192.0.2.1", family: 4 }],
      ttlS: 0,
      chain: [],
    });
  });

  it("comes back from the wire as it was written", () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join("."));
    const ttlS = fc.nat(0x7fff_ffff);
    const record: fc.Arbitrary<DnsRecord> = fc.oneof(
      fc.record({ name, ttlS, type: fc.constant(RECORD_TYPE.CNAME), data: name }),
      fc.record({ name, ttlS, type: fc.constant(RECORD_TYPE.A), data: fc.ipV4() }),
    );
    fc.assert(
      fc.property(fc.nat(15), name, fc.array(record), (rcode, asked, answers) => {
        const question = { name: asked, type: RECORD_TYPE.AAAA };
        const encoded = encodeDnsAnswer({ rcode, question, answers });
        expect(decodeDnsMessage(encoded ?? new Uint8Array())).toEqual({
          response: true,
          rcode,
          questions: [question],
          answers,
          authorities: [],
        });
      }),
    );
  });
});

describe("a name", () => {
  it("may end in a pointer to what came before", () => {
    const message = bytes("03 63 6f 6d 00 01 61 c0 00 01 62 c0 05");
    expect(readName(message, 9)).toEqual({ name: "b.a.com", next: 13 });
  });

  it.each([
    ["to itself", "c0 00", 0],
    ["forwards", "c0 02 00", 0],
    ["to a part of itself", "01 61 c0 00", 0],
    ["in a circle", "01 61 c0 04 01 62 c0 00", 4],
    ["beyond the end", "c0 ff", 0],
    ["in half", "00 c0", 1],
  ])("is refused with a pointer %s", (_where, hex, offset) => {
    expect(readName(bytes(hex), offset)).toBeNull();
  });

  it("is refused when pointers do nothing but lead on", () => {
    const pointers = Array.from({ length: 200 }, (_, at) =>
      at === 0 ? [0, 0] : [0xc0, at * 2 - 2],
    );
    expect(readName(Uint8Array.from(pointers.flat()), 2 * 100)).toEqual({ name: "", next: 202 });
    const chain = Array.from({ length: 400 }, (_, at) => {
      const target = Math.max(0, at * 2 - 2);
      return at === 0 ? [0, 0] : [0xc0 | (target >> 8), target & 255];
    });
    expect(readName(Uint8Array.from(chain.flat()), 2 * 300)).toBeNull();
  });

  it("is refused with a label type that is not in use, or with more than 255 bytes", () => {
    expect(readName(bytes("41 61 00"), 0)).toBeNull();
    expect(readName(bytes("80 61 00"), 0)).toBeNull();
    const long = Uint8Array.from([...Array.from({ length: 128 }, () => [1, 97]).flat(), 0]);
    expect(readName(long, 0)).toBeNull();
    expect(readName(long.subarray(2), 0)?.name).toHaveLength(253);
  });

  it("keeps bytes that text cannot show, there and back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { maxLength: 8 }),
        (labels) => {
          const wire = Uint8Array.from([...labels.flatMap((each) => [each.length, ...each]), 0]);
          const read = readName(wire, 0);
          expect(read?.next).toBe(wire.length);
          expect(encodeName(read?.name ?? "")).toEqual(wire);
        },
      ),
    );
  });
});

describe("any bytes", () => {
  it("are read or refused without an exception, in time that their number bounds", () => {
    const mutated = fc
      .tuple(fc.constantFrom(QUERY, ANSWER, DENIAL), fc.array(fc.tuple(fc.nat(), fc.nat(255))))
      .map(([whole, changes]) => {
        const copy = Uint8Array.from(whole);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 600 })), (anything) => {
        const message = decodeDnsMessage(anything);
        const records = (message?.answers.length ?? 0) + (message?.authorities.length ?? 0);
        expect(records * 11).toBeLessThanOrEqual(anything.length);
      }),
      { numRuns: 5_000 },
    );
  });
});
