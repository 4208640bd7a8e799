/** What of a certificate is seen of servers of every kind, and of those that show none. */
import type { TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CertificateBench } from "../../../support/certificate-bench.ts";
import { explained, openCertificateBench } from "../../../support/certificate-bench.ts";
import { issueCertificate } from "../../../support/certificates.ts";
import { startTcpServer, startTlsServer } from "../../../support/tls-server.ts";

let bench: CertificateBench;
beforeAll(async () => void (bench = await openCertificateBench()));
afterAll(() => bench[Symbol.asyncDispose]());

const daysFromNow = (atMs = 0) => (atMs - Date.now()) / 86_400_000;

describe("what a certificate says", () => {
  it("is read from the server's own up", async () => {
    expect(await bench.inspect({ names: ["localhost", "*.example.com", "127.0.0.1"] })).toEqual({
      type: "inspected",
      version: "TLS 1.3",
      chain: [
        {
          subject: "CN=localhost",
          issuer: "CN=Test Intermediate",
          names: ["localhost", "*.example.com", "127.0.0.1"],
          notBeforeMs: expect.any(Number),
          notAfterMs: expect.any(Number),
          key: "ECDSA P-256",
          signature: "ECDSA SHA-256",
          selfSigned: false,
        },
        expect.objectContaining({ subject: "CN=Test Intermediate", issuer: "CN=Test Root" }),
      ],
      state: "complete",
      matchesHost: true,
      ocspStapled: false,
      clientCertificateRequested: false,
    });
  });

  it("has names of every kind, and none that a name only contains", async () => {
    const names = ["a.example, DNS:localhost", "*.b.example", "192.0.2.7", "2001:db8::7"];
    expect(await bench.inspect({ names })).toMatchObject({
      matchesHost: false,
      chain: [
        {
          names: [expect.stringContaining("a.example"), "*.b.example", "192.0.2.7", "2001:db8::7"],
        },
        {},
      ],
    });
  });

  it("has distinguished names with all their parts", async () => {
    expect(await bench.inspect({ commonName: "localhost, O=Example, C=NZ" })).toMatchObject({
      chain: [{ subject: "C=NZ, O=Example, CN=localhost" }, {}],
    });
  });

  it("is refused when it is none", async () => {
    const message = Buffer.from("0b00000b0000080000053003020101", "hex");
    const hello = Buffer.from(`0200002603030${"1".repeat(63)}00c02b00`, "hex");
    await using server = await startTcpServer((socket) =>
      socket.once("data", () => {
        const done = Buffer.from("0e000000", "hex");
        for (const part of [hello, message, done]) {
          socket.write(Buffer.concat([Buffer.from([22, 3, 3, 0, part.length]), part]));
        }
      }),
    );
    expect(await bench.inspector.inspect(server.port)).toEqual({
      type: "failed",
      cause: "malformed",
      message: "the server sent something that is not a certificate",
    });
  });

  it("has validity to the second", async () => {
    const inspection = await bench.inspect({ validFrom: -10, validTo: 20 });
    const [own] = inspection.type === "inspected" ? inspection.chain : [];
    expect(daysFromNow(own?.notBeforeMs)).toBeCloseTo(-10, 3);
    expect(daysFromNow(own?.notAfterMs)).toBeCloseTo(20, 3);
  });

  it.each([
    ["ecdsa", "ECDSA P-256", "ECDSA SHA-256"],
    ["ecdsa384", "ECDSA P-384", "ECDSA SHA-384"],
    ["rsa", "RSA 2048", "RSA SHA-256"],
    ["ed25519", "Ed25519", "Ed25519"],
  ] as const)("names its key: %s", async (algorithm, key, signature) => {
    const inspection = await bench.inspect({ algorithm, issuer: null });
    expect(inspection).toMatchObject({ chain: [{ key, signature, selfSigned: true }] });
  });

  it("is ordered although the server mixes the chain up", async () => {
    const own = await issueCertificate({
      commonName: "localhost",
      names: ["localhost"],
      issuer: bench.intermediate,
    });
    const cert = [own.cert, bench.root.cert, bench.intermediate.cert].join("\n");
    await using server = await startTlsServer({ cert, key: own.key });
    expect(await bench.inspector.inspect(server.port)).toMatchObject({
      state: "complete",
      chain: [
        { subject: "CN=localhost" },
        { subject: "CN=Test Intermediate" },
        { subject: "CN=Test Root", selfSigned: true },
      ],
    });
  });
});

describe("a handshake", () => {
  const versions: Array<[string, TlsOptions, string]> = [
    ["TLS 1.3 only", { minVersion: "TLSv1.3" }, "TLS 1.3"],
    ["TLS 1.2 only", { maxVersion: "TLSv1.2" }, "TLS 1.2"],
    ["TLS 1.3 with AES-256", { ciphers: "TLS_AES_256_GCM_SHA384" }, "TLS 1.3"],
    ["X25519 only", { minVersion: "TLSv1.3", ecdhCurve: "X25519" }, "TLS 1.3"],
    ["P-256 only", { minVersion: "TLSv1.3", ecdhCurve: "P-256" }, "TLS 1.3"],
    ["P-384 only, after a retry", { minVersion: "TLSv1.3", ecdhCurve: "P-384" }, "TLS 1.3"],
    ["P-521 only, after a retry", { minVersion: "TLSv1.3", ecdhCurve: "P-521" }, "TLS 1.3"],
    ["TLS 1.2 with RSA key exchange", { maxVersion: "TLSv1.2", ciphers: "AES128-SHA" }, "TLS 1.2"],
    [
      "TLS 1.2 with ChaCha20",
      { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-CHACHA20-POLY1305" },
      "TLS 1.2",
    ],
  ];
  it.each(versions)(
    "reaches the certificate of a server of %s",
    async (_name, options, version) => {
      const inspection = await bench.inspect({ algorithm: "rsa" }, options);
      expect(inspection).toMatchObject({
        type: "inspected",
        version,
        state: "complete",
        chain: [{ key: "RSA 2048" }, { key: "ECDSA P-256" }],
      });
    },
  );

  it.each([{ minVersion: "TLSv1.3" }, { maxVersion: "TLSv1.2" }] as const)(
    "sees an OCSP answer and a request for a client certificate: %o",
    async (options) => {
      const inspection = await bench.inspect(
        {},
        { ...options, ocsp: Buffer.from("any answer"), requestCert: true },
      );
      expect(inspection).toMatchObject({ ocspStapled: true, clientCertificateRequested: true });
    },
  );

  it("is possible with a server that is left behind, and says so", async () => {
    const inspection = await bench.inspect(
      { algorithm: "rsa" },
      { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" },
    );
    expect(explained(inspection)).toEqual({
      reason: "tls_failed",
      detail: "The server speaks no version later than TLS 1.0, which clients refuse.",
    });
  });

  it("takes a chain that fills several records", async () => {
    const names = Array.from({ length: 1_500 }, (_, index) => `host-${index}.example.com`);
    expect(await bench.inspect({ names: [...names, "localhost"] })).toMatchObject({
      matchesHost: true,
    });
  });
});

describe("a server that shows no certificate", () => {
  it("because it does not speak TLS is quoted", async () => {
    await using server = await startTcpServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    const inspection = await bench.inspector.inspect(server.port);
    expect(inspection).toMatchObject({ type: "failed", cause: "not_tls" });
    expect(explained(inspection)).toEqual({
      reason: "tls_failed",
      detail: 'The server does not speak TLS: it sent "HTTP/1.1 400 Bad Request".',
    });
  });

  it("because it knows no such host gives its own word for it", async () => {
    await using server = await startTcpServer((socket) =>
      socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 112]))),
    );
    expect(await bench.inspector.inspect(server.port)).toEqual({
      type: "failed",
      cause: "alert",
      message: "the server ended the TLS handshake with the alert unrecognized_name",
    });
  });

  it("because nothing is agreed on gives its own word for it", async () => {
    const inspection = await bench.inspect(
      {},
      { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" },
    );
    expect(inspection).toEqual({
      type: "failed",
      cause: "alert",
      message: "the server ended the TLS handshake with the alert handshake_failure",
    });
  });

  it.each([
    ["says nothing", () => undefined, "timeout"],
    ["hangs up", (socket: { end(): void }) => socket.end(), "closed"],
    [
      "resets the connection",
      (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy(),
      "closed",
    ],
    [
      "sends half a record",
      (socket: { write(bytes: Buffer): void }) => socket.write(Buffer.from([22, 3, 3, 1, 0, 2])),
      "timeout",
    ],
    [
      "announces an endless message",
      (socket: { write(bytes: Buffer): void }) =>
        socket.write(Buffer.from([22, 3, 3, 0, 4, 2, 0xff, 0xff, 0xff])),
      "malformed",
    ],
    [
      "sends records for ever",
      (socket: { write(bytes: Buffer): void }) =>
        socket.write(Buffer.alloc(600_000, Buffer.from([20, 3, 3, 0, 1, 1]))),
      "malformed",
    ],
  ])("because it %s is left in time", async (_name, serve, cause) => {
    await using server = await startTcpServer((socket) => {
      socket.once("data", () => serve(socket));
    });
    const startedAtMs = performance.now();
    expect(await bench.inspector.inspect(server.port, { timeoutMs: 400 })).toMatchObject({
      type: "failed",
      cause,
    });
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  });

  it("because nothing listens is a connection that failed", async () => {
    const { port } = await (async () => {
      await using server = await startTcpServer(() => undefined);
      return server;
    })();
    expect(await bench.inspector.inspect(port)).toMatchObject({ type: "failed", cause: "connect" });
  });
});

it("sends no server name for an address, and matches the address", async () => {
  const own = await issueCertificate({ commonName: "x", names: ["127.0.0.1"], issuer: bench.root });
  const names: Array<string | false | undefined> = [];
  await using server = await startTlsServer({
    cert: own.cert,
    key: own.key,
    SNICallback: (name, answer) => {
      names.push(name);
      answer(null);
    },
  });
  expect(await bench.inspector.inspect(server.port, { hostname: "127.0.0.1" })).toMatchObject({
    matchesHost: true,
  });
  expect(names).toEqual([]);
});
