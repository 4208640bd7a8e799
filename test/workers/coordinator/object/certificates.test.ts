/** The engine and certificates: a fact that is shown and told, and that no verdict depends on. */
import { beforeEach, describe, expect, it } from "vitest";
import { makeCertificate, makeConfig, makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;

let network: SmallNetwork;

beforeEach(() => {
  network = new SmallNetwork();
  network.start();
});

const certificate = () => network.engine.status().monitors[0]?.certificate;

describe("a certificate that expires soon", () => {
  beforeEach(async () => {
    network.certificate = () => makeCertificate(10.5, NOON_MS);
    await network.run(5 * MINUTE_MS);
  });

  it("is shown, told once as a warning, and leaves the verdict alone", () => {
    expect(certificate()).toMatchObject({
      subject: "CN=chat.example.com",
      daysLeft: 10,
      threshold: 14,
      notAfterMs: NOON_MS + 10.5 * 86_400_000,
    });
    expect(network.verdict()).toBe("operational");
    expect(network.engine.status().openIncidents).toEqual([]);
    expect(network.sent).toHaveLength(1);
    expect(network.sent[0]?.delivery).toMatchObject({
      alert: "fired",
      monitor: "chat",
      severity: "warning",
      message: {
        about: "certificate",
        title: "The certificate of Chat expires in 10 days",
        reason: "certificate_expiring",
      },
    });
  });

  it("is told no second time after a restart, and its renewal once all regions have seen it", async () => {
    network.kill();
    network.start();
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired"]);
    network.certificate = (region) => makeCertificate(region === "sa-east" ? 10.5 : 89, NOON_MS);
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired"]);
    network.certificate = () => makeCertificate(89, NOON_MS);
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(certificate()).toMatchObject({ daysLeft: 88, threshold: null });
  });

  it("belongs to its address: of a new one nothing is known until somebody looked", async () => {
    network.certificate = () => null;
    const moved = makeMonitor({ url: "wss://other.example.com/" });
    network.config = makeConfig({ version: 2, monitors: [moved] });
    await network.run(2 * MINUTE_MS);
    expect(certificate()).toBeNull();
    network.config = makeConfig({ version: 3, monitors: [] });
    await network.run(2 * MINUTE_MS);
    expect(network.engine.memory.state.certificates.size).toBe(0);
  });
});

it("is not known before somebody looked", async () => {
  await network.run(2 * MINUTE_MS);
  expect(certificate()).toBeNull();
});
