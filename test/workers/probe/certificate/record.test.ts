/** Checks over TLS that go through, in a runtime that trusts the test's authority. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { IssuedCertificate } from "../../../support/certificates.ts";
import { issueCertificate } from "../../../support/certificates.ts";
import type { ProbeRuntime } from "../../../support/probe-runtime.ts";
import { startProbe } from "../../../support/probe-runtime.ts";

let root: IssuedCertificate;
let probe: ProbeRuntime;

beforeAll(async () => {
  root = await issueCertificate({ commonName: "Test Root", authority: true });
  probe = await startProbe({ authority: root.cert });
});
afterAll(() => probe.stop());

/**
 * A WebSocket server over TLS, and how many connections it has seen.
 *
 * @param laterTlsMs delay of the TLS handshakes after the first, in milliseconds
 */
async function startWss(validTo: number, laterTlsMs = 0) {
  const { cert, key } = await issueCertificate({
    commonName: "localhost",
    names: ["localhost"],
    issuer: root,
    validTo,
  });
  let handshakes = 0;
  const server = createServer({
    cert,
    key,
    SNICallback: (_name, answer) => {
      handshakes += 1;
      setTimeout(() => answer(null), handshakes === 1 ? 0 : laterTlsMs);
    },
  });
  const sockets = new WebSocketServer({ server });
  let connections = 0;
  server.on("connection", () => (connections += 1));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `wss://localhost:${(server.address() as AddressInfo).port}/`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

it("records the certificate when the check asks for it", async () => {
  await using server = await startWss(80.5);
  const observation = await probe.check({ url: server.url, inspectCertificate: true });
  expect(observation).toMatchObject({
    status: "up",
    certificate: {
      subject: "CN=localhost",
      issuer: "CN=Test Root",
      names: ["localhost"],
      matchesHost: true,
      daysLeft: 80,
      key: "ECDSA P-256",
      version: "TLS 1.3",
      chain: "incomplete",
    },
  });
  expect(server.connections()).toBe(2);
});

it("notes that it expires soon, which is not for one region to judge by", async () => {
  await using server = await startWss(6.5);
  const observation = await probe.check({ url: server.url, inspectCertificate: true });
  expect(observation).toMatchObject({ status: "up", reason: null, certificate: { daysLeft: 6 } });
  expect(observation.message).toContain("The certificate expires soon. It expires in 6 days, on ");
});

it("leaves the certificate alone when it is not asked to look", async () => {
  await using server = await startWss(80);
  expect(await probe.check({ url: server.url })).toMatchObject({ status: "up", certificate: null });
  expect(server.connections()).toBe(1);
});

it("does not count the inspection as time of the check", async () => {
  await using server = await startWss(80, 400);
  const { status, timings, certificate } = await probe.check({
    url: server.url,
    inspectCertificate: true,
  });
  expect([status, certificate?.subject]).toEqual(["up", "CN=localhost"]);
  expect(timings.totalMs).toBeLessThan(350);
});
