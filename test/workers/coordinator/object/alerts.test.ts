/** Alerts in the engine: many at once, restarts, dead channels, by virtual time. */
import { beforeEach, describe, expect, it } from "vitest";
import type { AlertMessage, DeliveryOutcome } from "../../../../shared/alert/delivery.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const REFUSED: DeliveryOutcome = {
  ok: false,
  status: 503,
  error: "busy",
  retryAfterMs: null,
  permanent: false,
};

let network: SmallNetwork;
beforeEach(() => void (network = new SmallNetwork()));

/** Every monitor named in the messages that arrived, by what they say of it. */
function named(alert: string): string[] {
  return network.sent
    .flatMap(({ delivery: { message } }): Array<Pick<AlertMessage, "alert" | "monitor">> =>
      message.alerts === undefined ? [message] : message.alerts,
    )
    .filter((entry) => entry.alert === alert)
    .map((entry) => entry.monitor?.id ?? "");
}

describe("five hundred monitors that fail together", () => {
  it("are told in few messages, each monitor once, and their recovery likewise", async () => {
    const monitors = Array.from({ length: 500 }, (_, index) =>
      makeMonitor({ id: `m-${index}`, name: `Monitor ${index}` }),
    );
    network.config = makeConfig({ monitors, defaultIntervalMs: 30_000 });
    network.start();
    await network.run(2 * MINUTE_MS);
    network.sees = () => "connect_failed";
    await network.runUntil(() => new Set(named("fired")).size === 500, 2 * MINUTE_MS);
    expect(named("fired")).toHaveLength(500);
    const fires = network.sent.length;
    expect(fires).toBeLessThanOrEqual(13);
    const longest = Math.max(...network.sent.map(({ delivery }) => delivery.message.text.length));
    expect(longest).toBeLessThan(3_000);
    expect(network.sent.at(-1)?.delivery.message.link).toBe("https://status.example.com/");
    network.sees = () => null;
    await network.runUntil(() => new Set(named("resolved")).size === 500, 5 * MINUTE_MS);
    expect(named("resolved")).toHaveLength(500);
    expect(network.sent.length - fires).toBeLessThanOrEqual(13);
  }, 120_000);
});

describe("a channel that fails for a day", () => {
  it("loses nothing, gets each message once and in order, and delays no other channel", async () => {
    const other = { ...network.channels[0], id: "other" } as (typeof network.channels)[number];
    network.channels = [...network.channels, other];
    network.config = makeConfig({ defaultIntervalMs: 10 * MINUTE_MS });
    const atOnce = network.receive;
    let failing = true;
    network.receive = (delivery) =>
      failing && delivery.channel === "ops" ? { afterMs: 50, outcome: REFUSED } : atOnce(delivery);
    network.start();
    await network.run(30 * MINUTE_MS);
    const begin = network.clock.nowMs();
    for (let hour = 0; hour < 23; hour += 1) {
      network.sees = () => (hour % 4 === 0 ? "connect_failed" : null);
      await network.run(60 * MINUTE_MS);
    }
    failing = false;
    await network.run(60 * MINUTE_MS);
    expect(network.clock.nowMs() - begin).toBe(24 * 60 * MINUTE_MS);
    const arrived = (channel: string) =>
      network.sent.filter(({ delivery }) => delivery.channel === channel);
    const ids = network.sent.map(({ delivery }) => delivery.id);
    expect(new Set(ids).size).toBe(ids.length);
    const told = (channel: string) =>
      new Set(arrived(channel).map((each) => each.delivery.incident));
    expect(told("other").size).toBe(6);
    expect(told("ops")).toEqual(told("other"));
    const ends = (channel: string) =>
      arrived(channel).filter(({ delivery }) => delivery.alert === "resolved").length;
    expect(ends("ops")).toBe(ends("other"));
    for (const channel of ["ops", "other"]) {
      const ended = new Set<string | null>();
      for (const { delivery } of arrived(channel)) {
        expect(ended.has(delivery.incident)).toBe(false);
        if (delivery.alert === "resolved") ended.add(delivery.incident);
      }
    }
    for (const { atMs, delivery } of arrived("other")) {
      expect(atMs - delivery.createdAtMs).toBeLessThan(1_000);
    }
    expect(network.engine.memory.state.outbox.size).toBe(0);
  }, 120_000);
});

describe("a message that was refused for good", () => {
  it("is dead at once, and arrives when it is tried anew", async () => {
    const atOnce = network.receive;
    network.receive = () => ({
      afterMs: 50,
      outcome: { ...REFUSED, status: 410, permanent: true },
    });
    network.start();
    await network.run(3 * MINUTE_MS);
    network.sees = () => "connect_failed";
    await network.runUntil(() => network.verdict() === "down", MINUTE_MS);
    await network.run(5_000);
    const { history } = network.engine.memory;
    const [dead] = history.deliveries({ limit: 1, state: "dead" });
    expect(dead).toMatchObject({ alert: "fired", attempts: 1, lastStatus: 410 });
    network.receive = atOnce;
    expect(network.engine.retryDelivery(dead?.id ?? "")?.renewed).toBe(true);
    await network.run(5_000);
    expect(network.alerts()).toEqual(["fired"]);
    expect(network.engine.retryDelivery(dead?.id ?? "")?.renewed).toBe(false);
    expect(network.engine.retryDelivery("nothing")).toBeNull();
    const about = history.decisionsAbout(dead?.incident ?? "");
    expect(about.map(({ alert, channel }) => `${channel} ${alert}`)).toEqual(["ops fired"]);
  });
});
