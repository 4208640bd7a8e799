/** How a certificate explains that TLS fails, or soon will, and what a check says of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainExpiry } from "../../../../shared/probe/certificate.ts";
import type { CertificateBench } from "../../../support/certificate-bench.ts";
import { explained, openCertificateBench } from "../../../support/certificate-bench.ts";
import type { CertificateRequest } from "../../../support/certificates.ts";
import { issueCertificate } from "../../../support/certificates.ts";
import type { TestServer } from "../../../support/tls-server.ts";
import { startTcpServer, startTlsServer } from "../../../support/tls-server.ts";

let bench: CertificateBench;
beforeAll(async () => void (bench = await openCertificateBench()));
afterAll(() => bench[Symbol.asyncDispose]());

describe("a failed handshake is explained by", () => {
  it("a certificate that has expired", async () => {
    expect(explained(await bench.inspect({ validFrom: -30, validTo: -9.5 }))).toMatchObject({
      reason: "tls_certificate_expired",
      detail: expect.stringMatching(/^It was valid until \d{4}-\d\d-\d\d, 9 days ago\.$/),
    });
  });

  it("a certificate that is not valid yet", async () => {
    expect(explained(await bench.inspect({ validFrom: 3 }))).toMatchObject({
      reason: "tls_certificate_not_yet_valid",
      detail: expect.stringMatching(/^It is valid from \d{4}-\d\d-\d\d\.$/),
    });
  });

  it("a certificate for another name", async () => {
    expect(explained(await bench.inspect({ names: ["a.example", "b.example"] }))).toEqual({
      reason: "tls_hostname_mismatch",
      detail: "It is for a.example, b.example, not for localhost.",
    });
  });

  it("a certificate that signed itself", async () => {
    expect(explained(await bench.inspect({ issuer: null }))).toEqual({
      reason: "tls_untrusted_issuer",
      detail: "It is self-signed (CN=localhost).",
    });
  });

  it("a missing intermediate", async () => {
    const inspection = await bench.inspect({}, { alone: true });
    expect(inspection).toMatchObject({ state: "incomplete" });
    expect(explained(inspection)).toEqual({
      reason: "tls_untrusted_issuer",
      detail:
        "The server sends it alone, without that of its issuer (CN=Test Intermediate): " +
        "an intermediate certificate is missing, or the authority is private.",
    });
  });

  it("a whole chain to an authority that nobody trusts", async () => {
    expect(explained(await bench.inspect({}))).toEqual({
      reason: "tls_untrusted_issuer",
      detail: "The chain leads to CN=Test Root.",
    });
  });

  it("a chain whose link does not hold", async () => {
    const impostor = await issueCertificate({ commonName: "Test Intermediate", authority: true });
    expect(await bench.inspect({ issuer: impostor })).toMatchObject({ state: "incomplete" });
  });
});

/** A server with a certificate that its authority issued directly. */
async function startServerWith(request: Partial<CertificateRequest>): Promise<TestServer> {
  const { cert, key } = await issueCertificate({
    commonName: "localhost",
    names: ["localhost"],
    issuer: bench.root,
    ...request,
  });
  return await startTlsServer({ cert, key });
}

describe("a check whose TLS fails", () => {
  const faults: Array<[Partial<CertificateRequest>, string]> = [
    [{ validFrom: -30, validTo: -9.5 }, "tls_certificate_expired"],
    [{ validFrom: 3 }, "tls_certificate_not_yet_valid"],
    [{ names: ["a.example"] }, "tls_hostname_mismatch"],
    [{ issuer: null }, "tls_untrusted_issuer"],
    [{}, "tls_untrusted_issuer"],
  ];
  it.each(faults)("because of %j says %s", async (request, reason) => {
    await using server = await startServerWith(request);
    expect(await bench.inspector.check(server.port)).toMatchObject({
      status: "down",
      phase: "tls",
      reason,
      blame: "target",
      certificate: { key: "ECDSA P-256" },
    });
  });

  it("because there is no TLS says so, and has no certificate to show", async () => {
    await using server = await startTcpServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    expect(await bench.inspector.check(server.port)).toMatchObject({
      status: "down",
      reason: "tls_failed",
      message:
        "The TLS handshake failed. The server does not speak TLS: " +
        'it sent "HTTP/1.1 400 Bad Request".',
      certificate: null,
    });
  });

  it("because the server hangs ends within its timeout", async () => {
    await using server = await startTcpServer(() => undefined);
    const startedAtMs = performance.now();
    const observation = await bench.inspector.check(server.port, { timeoutMs: 500 });
    expect(observation).toMatchObject({ status: "down", reason: "tls_timeout", certificate: null });
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  });
});

it("tells of a certificate that expires soon", async () => {
  const nowMs = Date.now();
  expect(explainExpiry(await bench.inspect({ validTo: 31 }), nowMs)).toBeNull();
  expect(explainExpiry(await bench.inspect({ validTo: 6.5 }), nowMs)).toMatchObject({
    reason: "certificate_expiring",
    detail: expect.stringMatching(/^It expires in 6 days, on /),
  });
});
