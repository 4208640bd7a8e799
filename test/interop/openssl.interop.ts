/** The certificate inspector, in workerd, beside `openssl s_server`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainTlsFailure } from "../../shared/probe/certificate.ts";
import type { CertificateRequest, IssuedCertificate } from "../support/certificates.ts";
import { issueCertificate } from "../support/certificates.ts";
import type { Inspector } from "../support/inspector.ts";
import { startInspector } from "../support/inspector.ts";
import type { TestServer } from "../support/tls-server.ts";

let inspector: Inspector;
let intermediate: IssuedCertificate;
let folder: string;
let files = 0;

beforeAll(async () => {
  inspector = await startInspector();
  folder = await mkdtemp(join(tmpdir(), "echoquorum-openssl-"));
  const root = await issueCertificate({ commonName: "Test Root", authority: true });
  intermediate = await issueCertificate({
    commonName: "Test Intermediate",
    issuer: root,
    authority: true,
  });
});
afterAll(async () => {
  await inspector[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function save(text: string): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.pem`);
  await writeFile(path, text);
  return path;
}

/** Starts `openssl s_server` with a certificate; it sends the intermediate unless `alone`. */
async function startOpenssl(
  request: Partial<CertificateRequest>,
  options: { args?: string[]; alone?: boolean } = {},
): Promise<TestServer> {
  const own = await issueCertificate({
    commonName: "localhost",
    names: ["localhost"],
    issuer: intermediate,
    ...request,
  });
  const { args = [], alone = request.issuer === null } = options;
  const chain = alone ? [] : ["-cert_chain", await save(intermediate.cert)];
  const identity = ["-cert", await save(own.cert), "-key", await save(own.key)];
  const server = spawn("openssl", [
    "s_server",
    "-accept",
    "127.0.0.1:0",
    "-no_dhe",
    ...identity,
    ...chain,
    ...args,
  ]);
  const port = await new Promise<number>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const listening = /ACCEPT \S+:(\d+)/.exec(output);
      if (listening !== null) resolve(Number(listening[1]));
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`openssl ended with ${code}: ${output}`)));
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.removeAllListeners("exit");
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
  };
}

describe("a certificate served by openssl", () => {
  const handshakes: Array<[string, string[], string]> = [
    ["TLS 1.3 only", ["-tls1_3"], "TLS 1.3"],
    ["TLS 1.2 only", ["-tls1_2"], "TLS 1.2"],
    ["TLS 1.3 with X25519", ["-tls1_3", "-groups", "X25519"], "TLS 1.3"],
    ["TLS 1.3 with P-256", ["-tls1_3", "-groups", "P-256"], "TLS 1.3"],
    ["TLS 1.3 with P-384, after a retry", ["-tls1_3", "-groups", "P-384"], "TLS 1.3"],
    ["TLS 1.3 with AES-256", ["-ciphersuites", "TLS_AES_256_GCM_SHA384"], "TLS 1.3"],
    ["TLS 1.3 with a cookie to give back", ["-tls1_3", "-stateless"], "TLS 1.3"],
    ["TLS 1.2 with padding of CBC", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], "TLS 1.2"],
  ];
  it.each(handshakes)("is read over %s", async (_name, args, version) => {
    await using server = await startOpenssl({}, { args });
    expect(await inspector.inspect(server.port)).toMatchObject({
      type: "inspected",
      version,
      state: "complete",
      matchesHost: true,
      chain: [{ subject: "CN=localhost" }, { subject: "CN=Test Intermediate" }],
    });
  });

  it.each([
    ["rsa", "RSA 2048"],
    ["ecdsa384", "ECDSA P-384"],
  ] as const)("is read with a key of another kind: %s", async (algorithm, key) => {
    await using server = await startOpenssl({ algorithm });
    expect(await inspector.inspect(server.port)).toMatchObject({ chain: [{ key }, {}] });
  });

  const faults: Array<[string, Partial<CertificateRequest>, string]> = [
    ["expired", { validFrom: -30, validTo: -2 }, "tls_certificate_expired"],
    ["of the future", { validFrom: 2 }, "tls_certificate_not_yet_valid"],
    ["for another name", { names: ["a.example"] }, "tls_hostname_mismatch"],
    ["self-signed", { issuer: null }, "tls_untrusted_issuer"],
  ];
  it.each(faults)("is explained when it is %s", async (_name, request, reason) => {
    await using server = await startOpenssl(request);
    const inspection = await inspector.inspect(server.port);
    expect(explainTlsFailure(inspection, "localhost", Date.now()).reason).toBe(reason);
  });

  it("is explained when its intermediate is missing", async () => {
    await using server = await startOpenssl({}, { alone: true });
    const inspection = await inspector.inspect(server.port);
    expect(inspection).toMatchObject({ state: "incomplete" });
    expect(explainTlsFailure(inspection, "localhost", Date.now())).toMatchObject({
      reason: "tls_untrusted_issuer",
      detail: expect.stringContaining("an intermediate certificate is missing"),
    });
  });
});
