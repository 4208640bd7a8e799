/** Announced maintenance in a small network on virtual time: silence, exact time, and its end. */
import { beforeEach, describe, expect, it } from "vitest";
import { ASK_LANE } from "../../../../shared/probe/run.ts";
import { makeMaintenance } from "../../../support/maintenance.ts";
import { makeCertificate, makeConfig, makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
/** Neither on a tick nor on a round. */
const STARTS_MS = NOON_MS + 10 * MINUTE_MS + 7_301;
const ENDS_MS = NOON_MS + 20 * MINUTE_MS + 1_177;

let network: SmallNetwork;

beforeEach(() => {
  network = new SmallNetwork();
  network.config = makeConfig({
    maintenances: [makeMaintenance({ startsAtMs: STARTS_MS, endsAtMs: ENDS_MS })],
  });
});

/** Lets time pass up to a minute after noon. */
async function reach(minute: number): Promise<void> {
  await network.run(NOON_MS + minute * MINUTE_MS - network.clock.nowMs());
}

function breakIt(): void {
  network.sees = () => "connect_failed";
}

function mend(): void {
  network.sees = () => null;
}

function today(monitor = "chat") {
  const status = network.engine.status().monitors.find(({ id }) => id === monitor);
  const day = status?.days?.at(-1);
  if (day === undefined) throw new Error(`nothing is known of ${monitor}`);
  return day;
}

describe("work that breaks the target and is over in time", () => {
  it("is told nobody, asks nobody, and costs no uptime", async () => {
    network.start();
    await reach(12);
    breakIt();
    await reach(15);
    expect(network.verdict()).toBe("maintenance");
    await reach(18);
    mend();
    await reach(40);
    expect(network.verdict()).toBe("operational");
    expect(network.sent).toEqual([]);
    expect(network.asked.filter(({ order }) => order.lane === ASK_LANE)).toEqual([]);
    expect(network.engine.status().pastIncidents).toEqual([]);
    expect(today()).toMatchObject({ maintenanceMs: ENDS_MS - STARTS_MS, downMs: 0, degradedMs: 0 });
  });

  it("is about the monitors it names and no other", async () => {
    const mail = makeMonitor({ id: "mail", name: "Mail" });
    network.config = makeConfig({
      monitors: [makeMonitor(), mail],
      maintenances: [
        makeMaintenance({ startsAtMs: STARTS_MS, endsAtMs: ENDS_MS, monitors: ["mail"] }),
      ],
    });
    network.start();
    await reach(12);
    breakIt();
    await reach(15);
    expect([network.verdict("chat"), network.verdict("mail")]).toEqual(["down", "maintenance"]);
    expect(network.sent.map(({ delivery }) => delivery.monitor)).toEqual(["chat"]);
  });
});

describe("work that leaves the target broken", () => {
  it("is told at once when its time is over, as an outage from then on", async () => {
    network.start();
    await reach(12);
    breakIt();
    await network.runUntil(() => network.sent.length > 0, 9 * MINUTE_MS);
    expect(network.clock.nowMs() - ENDS_MS).toBeLessThan(3_000);
    expect(network.clock.nowMs()).toBeGreaterThan(ENDS_MS);
    expect(network.engine.status().openIncidents[0]).toMatchObject({ startedAtMs: ENDS_MS });
    await reach(25);
    mend();
    await reach(40);
    const [past] = network.engine.status().pastIncidents;
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(today()).toMatchObject({
      maintenanceMs: ENDS_MS - STARTS_MS,
      downMs: (past?.endedAtMs ?? 0) - ENDS_MS,
    });
  });
});

describe("an outage from before", () => {
  it("stays open through the work without a word, and its end is told after it", async () => {
    network.start();
    await reach(8);
    breakIt();
    await reach(12);
    expect(network.alerts()).toEqual(["fired"]);
    mend();
    await reach(19);
    expect(network.alerts()).toEqual(["fired"]);
    const [open] = network.engine.status().openIncidents;
    expect(open?.message).toMatch(/^Still open, though maintenance since 12:10:07/);
    await reach(21);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(today()).toMatchObject({
      maintenanceMs: ENDS_MS - STARTS_MS,
      downMs: STARTS_MS - (open?.startedAtMs ?? 0),
    });
  });
});

describe("a coordinator that was away meanwhile", () => {
  it("judges the work as if it had been there", async () => {
    network.start();
    await reach(9);
    network.kill();
    await reach(12);
    breakIt();
    await reach(18);
    mend();
    await reach(30);
    network.start();
    await reach(40);
    expect(network.verdict()).toBe("operational");
    expect(network.sent).toEqual([]);
    expect(network.engine.status().pastIncidents).toEqual([]);
    expect(today()).toMatchObject({ maintenanceMs: ENDS_MS - STARTS_MS, downMs: 0 });
  });

  it("tells an outage from before only when the work is over", async () => {
    network.start();
    await reach(5);
    network.kill();
    breakIt();
    await reach(15);
    network.start();
    await reach(19);
    expect(network.verdict()).toBe("maintenance");
    expect(network.engine.status().openIncidents).toHaveLength(1);
    expect(network.sent).toEqual([]);
    await reach(21);
    expect(network.alerts()).toEqual(["fired"]);
  });
});

describe("a window that changes while it is open", () => {
  it("ends when it is withdrawn, and what is broken then is an outage from then on", async () => {
    network.start();
    await reach(12);
    breakIt();
    await reach(15);
    network.config = makeConfig({ version: 2 });
    const withdrawnAtMs = network.clock.nowMs();
    const told = network.engine.configChanged();
    await network.run(1_000);
    await told;
    await reach(17);
    expect(network.alerts()).toEqual(["fired"]);
    const [open] = network.engine.status().openIncidents;
    expect(Math.abs((open?.startedAtMs ?? 0) - withdrawnAtMs)).toBeLessThan(3_000);
    const maintenanceMs = (open?.startedAtMs ?? 0) - STARTS_MS;
    expect(today()).toMatchObject({ maintenanceMs });
  });
});

describe("a certificate that comes under a threshold", () => {
  it("is told after the work, which may be there to renew it", async () => {
    network.certificate = () => makeCertificate(6.5, network.clock.nowMs());
    network.config = makeConfig({
      maintenances: [makeMaintenance({ startsAtMs: NOON_MS - 1, endsAtMs: ENDS_MS })],
    });
    network.start();
    await reach(15);
    expect(network.sent).toEqual([]);
    await reach(22);
    expect(network.sent.map(({ delivery }) => delivery.message.about)).toEqual(["certificate"]);
  });
});
