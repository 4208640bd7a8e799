/** A snapshot fits into a row of D1 and can be read, however large the network. */
import { describe, expect, it } from "vitest";
import { encodeSnapshot } from "../../../../workers/coordinator/log/snapshot.ts";
import type { NetworkStatus } from "../../../../workers/coordinator/object/rpc.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

/** Bytes of a value of D1. */
const ROW_BYTES_MAX = 2_000_000;

function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

/** The status of a network of some size; of its monitors the last is down. */
async function statusOf(monitors: number, regions: number, days: number): Promise<NetworkStatus> {
  const network = new SmallNetwork();
  network.start();
  await network.run(120_000);
  network.sees = () => "connect_failed";
  await network.run(60_000);
  const status = network.engine.status();
  const [chat] = status.monitors;
  const [vote] = chat?.verdict.votes ?? [];
  const [region] = chat?.regions ?? [];
  const [day] = region?.days ?? [];
  const [quorumDay] = chat?.days ?? [];
  if (!chat || !vote || !region || !day || !quorumDay) throw new Error("chat has been judged");
  return {
    ...status,
    monitors: Array.from({ length: monitors }, (_, index) => ({
      ...chat,
      id: `monitor-${index}`,
      days: times(days, quorumDay),
      regions: times(regions, { ...region, days: times(days, day) }),
      verdict: {
        ...chat.verdict,
        kind: index === monitors - 1 ? "down" : "operational",
        votes: times(regions, vote),
      },
    })),
  };
}

describe("a snapshot", () => {
  it("is whole where it fits", async () => {
    const status = await statusOf(3, 4, 5);
    expect(JSON.parse(encodeSnapshot(status))).toEqual(JSON.parse(JSON.stringify(status)));
  });

  it.each([
    { monitors: 20, regions: 11, days: 90, left: { days: 90, regionDays: 0, regions: 11 } },
    { monitors: 60, regions: 11, days: 90, left: { days: 0, regionDays: 0, regions: 11 } },
    { monitors: 600, regions: 11, days: 90, left: { days: 0, regionDays: 0, regions: 0 } },
  ])("of $monitors monitors has all of them", async ({ monitors, regions, days, left }) => {
    const text = encodeSnapshot(await statusOf(monitors, regions, days));
    expect(Buffer.byteLength(text)).toBeLessThan(ROW_BYTES_MAX);
    const read = JSON.parse(text) as NetworkStatus;
    expect(read.monitors).toHaveLength(monitors);
    const [first] = read.monitors;
    expect({
      days: first?.days?.length ?? 0,
      regionDays: first?.regions[0]?.days?.length ?? 0,
      regions: first?.regions.length,
    }).toEqual(left);
  });

  it("of 10,000 monitors has those in trouble, and many incidents without their votes", async () => {
    const status = await statusOf(10_000, 11, 1);
    const [incident] = status.openIncidents;
    if (incident === undefined) throw new Error("an incident is open");
    const text = encodeSnapshot({ ...status, openIncidents: times(500, incident) });
    expect(Buffer.byteLength(text)).toBeLessThan(ROW_BYTES_MAX);
    const read = JSON.parse(text) as NetworkStatus;
    expect(read.monitors[0]).toMatchObject({ id: "monitor-9999", verdict: { kind: "down" } });
    expect(read.monitors.length).toBeGreaterThan(500);
    expect(read.openIncidents.length).toBeGreaterThan(20);
    expect(read.openIncidents[0]?.transitions[0]?.votes).toEqual([]);
  });

  it("has room for announced work and for the order of all monitors of a network", async () => {
    const status = await statusOf(10_000, 11, 1);
    const ids = status.monitors.map(({ id }) => `${id}-${"x".repeat(40)}`);
    const window = (number: number, endsAtMs: number) => ({
      id: `window-${number}`,
      name: "移転作業".repeat(50),
      description: "短い中断があります。".repeat(200),
      startsAtMs: endsAtMs - 60_000,
      endsAtMs,
      monitors: number % 2 === 0 ? null : ids.slice(0, 1_000),
      groups: [],
    });
    const { generatedAtMs } = status;
    const over = Array.from({ length: 40 }, (_, at) => window(at, generatedAtMs - 50 + at));
    const coming = window(40, generatedAtMs + 60_000);
    const text = encodeSnapshot({ ...status, order: ids, maintenances: [...over, coming] });
    expect(Buffer.byteLength(text)).toBeLessThan(ROW_BYTES_MAX);
    const read = JSON.parse(text) as NetworkStatus;
    expect(read.maintenances?.[0]).toEqual({ ...coming, description: "" });
    expect(read.maintenances?.[1]?.id).toBe("window-39");
    expect(read.order).toEqual(ids.slice(0, read.order?.length));
    expect(read.order?.length).toBeGreaterThan(8_000);
  });
});
