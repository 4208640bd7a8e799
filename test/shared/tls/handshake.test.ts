/** The codec beside the published traces of RFC 8448, and against mutated and split input. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAlert } from "../../../shared/tls/alert.ts";
import { parseCertificateMessage } from "../../../shared/tls/certificate-message.ts";
import { encodeClientHello } from "../../../shared/tls/client-hello.ts";
import { HandshakeReader } from "../../../shared/tls/handshake-message.ts";
import { messageHash, recordNonce, serverHandshakeKey } from "../../../shared/tls/key-schedule.ts";
import { GROUP, SUITES_13, VERSION, versionName } from "../../../shared/tls/parameters.ts";
import { encodeUint, encodeVector, joinBytes } from "../../../shared/tls/presentation.ts";
import { encodeRecord, RecordReader } from "../../../shared/tls/record.ts";
import { parseServerHello } from "../../../shared/tls/server-hello.ts";
import { signatureAlgorithm } from "../../../shared/tls/signature-algorithm.ts";
import { TlsViolation } from "../../../shared/tls/violation.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");

/** RFC 8448 §3, "Simple 1-RTT Handshake". */
const TRACE = {
  clientHello: bytes(`
    010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece70000061301130313
    02010000910000000b0009000006736572766572ff01000100000a00140012001d00170018001901000101010201
    03010400230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e52
    9aaf2c002b0003020304000d0020001e040305030603020308040805080604010501060102010402050206020202
    002d00020101001c00024001`),
  serverHello: bytes(`
    020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e0033
    0024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304`),
  sharedSecret: bytes("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"),
  serverKey: "3fce516009c21727d0f2e4e86ee403bc",
  serverIv: "5d313eb2671276ee13000b30",
};

const aes128 = SUITES_13.get(0x1301);
if (aes128 === undefined) throw new Error("AES-128 is always offered");

const helloFacts = {
  random: new Uint8Array(32).fill(1),
  sessionId: new Uint8Array(32).fill(2),
  serverName: "chat.example.com",
  keyShares: [{ group: GROUP.x25519, publicKey: new Uint8Array(32).fill(3) }],
  cookie: null,
};

describe("the published trace", () => {
  it("has a server hello that is read", () => {
    expect(parseServerHello(TRACE.serverHello.subarray(4))).toMatchObject({
      retry: false,
      version: VERSION.tls13,
      cipherSuite: 0x1301,
      group: GROUP.x25519,
      publicKey: bytes("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f"),
      cookie: null,
    });
  });

  it("gives the key of the server's handshake messages", () => {
    const { key, iv } = serverHandshakeKey(aes128, TRACE.sharedSecret, [
      TRACE.clientHello,
      TRACE.serverHello,
    ]);
    expect([hex(key), hex(iv)]).toEqual([TRACE.serverKey, TRACE.serverIv]);
  });
});

describe("records and messages", () => {
  const record = encodeRecord(TRACE.serverHello);

  it("come out the same however the bytes are split", () => {
    for (let at = 0; at <= record.length; at += 1) {
      const records = new RecordReader();
      records.receive(record.subarray(0, at));
      const early = records.next();
      records.receive(record.subarray(at));
      const { type, payload } = early ?? records.next() ?? { type: 0, payload: new Uint8Array(0) };
      expect([type, hex(payload)]).toEqual([22, hex(TRACE.serverHello)]);
      expect(records.next()).toBeNull();
    }
  });

  it("may hold several messages in a record, and a message in several records", () => {
    const both = joinBytes(TRACE.serverHello, TRACE.clientHello);
    for (let at = 0; at <= both.length; at += 1) {
      const reader = new HandshakeReader();
      const messages: string[] = [];
      for (const part of [both.subarray(0, at), both.subarray(at)]) {
        reader.receive(part);
        for (let message = reader.next(); message !== null; message = reader.next()) {
          messages.push(hex(message.whole));
        }
      }
      expect(messages).toEqual([hex(TRACE.serverHello), hex(TRACE.clientHello)]);
    }
  });

  it("are recognised as something else by their first bytes", () => {
    const records = new RecordReader();
    records.receive(new TextEncoder().encode("SSH-2.0-OpenSSH_9.6\r\n"));
    expect(() => records.next()).toThrow('it sent "SSH-2.0-OpenSSH_9.6\\r\\n"');
    const binary = new RecordReader();
    binary.receive(Uint8Array.of(0, 255, 1));
    expect(() => binary.next()).toThrow("it sent 00 ff 01");
  });

  it("may not be longer than TLS allows", () => {
    const records = new RecordReader();
    records.receive(Uint8Array.of(22, 3, 3, 0xff, 0xff));
    expect(() => records.next()).toThrow("a record of 65535 bytes is longer than TLS allows");
    const messages = new HandshakeReader();
    messages.receive(Uint8Array.of(11, 0xff, 0xff, 0xff));
    expect(() => messages.next()).toThrow("a handshake message announces 16777215 bytes");
  });

  it("have nonces that count", () => {
    const iv = bytes(TRACE.serverIv);
    expect(hex(recordNonce(iv, 0))).toBe(TRACE.serverIv);
    expect(hex(recordNonce(iv, 1))).toBe("5d313eb2671276ee13000b31");
  });
});

describe("our hello", () => {
  it("names the host, unless it is an address", () => {
    const named = Buffer.from(encodeClientHello(helloFacts)).toString("latin1");
    expect(named).toContain("chat.example.com");
    const unnamed = encodeClientHello({ ...helloFacts, serverName: null });
    expect(unnamed.length).toBe(
      encodeClientHello(helloFacts).length - "chat.example.com".length - 9,
    );
  });

  it("gives a cookie back", () => {
    const cookie = bytes("c0ffee00c0ffee00");
    expect(hex(encodeClientHello({ ...helloFacts, cookie }))).toContain(
      "002c000a0008c0ffee00c0ffee00",
    );
  });

  it("announces its length rightly", () => {
    const hello = encodeClientHello(helloFacts);
    const reader = new HandshakeReader();
    reader.receive(hello);
    expect(reader.next()?.whole.length).toBe(hello.length);
    expect(hello.subarray(0, 6)).toEqual(Uint8Array.of(1, 0, 1, hello[3] ?? 0, 3, 3));
  });

  it("stands in the transcript by its hash after a retry", () => {
    const hashed = messageHash(aes128, TRACE.clientHello);
    expect(hashed.length).toBe(4 + 32);
    expect(hashed.subarray(0, 4)).toEqual(Uint8Array.of(254, 0, 0, 32));
  });
});

describe("the certificate message", () => {
  const one = encodeVector(3, [1, 2, 3]);
  const two = encodeVector(3, [4, 5]);

  it("is a plain list before TLS 1.3", () => {
    const body = encodeVector(3, one, two);
    expect(parseCertificateMessage(body, VERSION.tls12)).toEqual({
      certificates: [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)],
      stapled: false,
    });
  });

  it("has extensions in TLS 1.3, an OCSP answer among them", () => {
    const staple = encodeVector(2, encodeUint(2, 5), encodeVector(2, [1, 0, 0, 1, 9]));
    const body = joinBytes([0], encodeVector(3, one, staple, two, [0, 0]));
    expect(parseCertificateMessage(body, VERSION.tls13)).toEqual({
      certificates: [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)],
      stapled: true,
    });
  });

  it("that is cut short anywhere is a violation", () => {
    const body = joinBytes([0], encodeVector(3, one, [0, 0]));
    for (let length = 0; length < body.length; length += 1) {
      expect(() => parseCertificateMessage(body.subarray(0, length), VERSION.tls13)).toThrow(
        "the certificate message is cut short",
      );
    }
  });
});

/** As much of a certificate as is looked at: an empty body, then the algorithm. */
const signed = (identifier: string) => {
  const oid = bytes(identifier);
  const algorithm = joinBytes([0x30, oid.length + 2, 0x06, oid.length], oid);
  const content = joinBytes([0x30, 0x81, 0x80], new Uint8Array(128), algorithm);
  return joinBytes([0x30, 0x82, 0, content.length], content);
};

describe("the algorithm of a signature", () => {
  it.each([
    ["2a864886f70d01010b", "RSA SHA-256"],
    ["2a8648ce3d040303", "ECDSA SHA-384"],
    ["2b6570", "Ed25519"],
    ["2a0304", "algorithm 2a0304"],
  ])("%s is %s", (identifier, name) => {
    expect(signatureAlgorithm(signed(identifier))).toBe(name);
  });

  it("is nowhere in what is not a certificate", () => {
    const whole = signed("2b6570");
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => signatureAlgorithm(whole.subarray(0, length))).toThrow(TlsViolation);
    }
    expect(() => signatureAlgorithm(Uint8Array.of(0x31, 0))).toThrow("not a certificate");
    expect(() => signatureAlgorithm(Uint8Array.of(0x30, 0x84, 1, 1, 1, 1))).toThrow(
      "a certificate of absurd length",
    );
  });
});

it("names alerts, and lets warnings pass", () => {
  expect(parseAlert(Uint8Array.of(2, 40))?.message).toBe(
    "the server ended the TLS handshake with the alert handshake_failure",
  );
  expect(parseAlert(Uint8Array.of(1, 112))).toBeNull();
  expect(parseAlert(Uint8Array.of(1, 0))?.description).toBe("close_notify");
  expect(parseAlert(Uint8Array.of(2, 200))?.description).toBe("alert 200");
  expect(parseAlert(new Uint8Array(0))?.description).toBe("alert -1");
});

it("names versions", () => {
  expect([0x0301, 0x0302, 0x0303, 0x0304, 0x0300].map(versionName)).toEqual([
    "TLS 1.0",
    "TLS 1.1",
    "TLS 1.2",
    "TLS 1.3",
    "version 0x300",
  ]);
});

it("answers any mutation of what a server sends by a result or a violation, nothing else", () => {
  const parsers = [
    parseServerHello,
    (body: Uint8Array) => parseCertificateMessage(body, VERSION.tls12),
    (body: Uint8Array) => parseCertificateMessage(body, VERSION.tls13),
    (body: Uint8Array) => {
      const records = new RecordReader();
      const messages = new HandshakeReader();
      records.receive(body);
      for (let record = records.next(); record !== null; record = records.next()) {
        messages.receive(record.payload);
        while (messages.next() !== null);
      }
    },
  ];
  const seeds = [
    TRACE.serverHello.subarray(4),
    encodeVector(3, encodeVector(3, [1, 2, 3]), encodeVector(3, [4])),
    encodeRecord(TRACE.serverHello),
  ];
  const mutation = fc.record({
    at: fc.nat(200),
    byte: fc.integer({ min: 0, max: 255 }),
    cut: fc.nat(200),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.constantFrom(...parsers),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (seed, parse, mutations) => {
        let mutated = seed.slice();
        for (const { at, byte, cut } of mutations) {
          if (at < mutated.length) mutated[at] = byte;
          if (cut < 20) mutated = mutated.subarray(0, mutated.length - cut);
        }
        try {
          parse(mutated);
        } catch (error) {
          expect(error).toBeInstanceOf(TlsViolation);
        }
      },
    ),
    { numRuns: 5_000 },
  );
});
