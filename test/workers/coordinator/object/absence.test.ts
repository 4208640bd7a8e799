/** What becomes of the alerts of a time in which the coordinator was away. */
import { beforeEach, describe, expect, it } from "vitest";
import { shardLane, WHOLE } from "../../../../shared/monitor/shard.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

let network: SmallNetwork;

beforeEach(() => {
  network = new SmallNetwork();
});

/** What arrived, without what was told before a moment. */
function sentSince(atMs: number) {
  return network.sent.filter((sent) => sent.atMs >= atMs).map(({ delivery }) => delivery);
}

/** Lets the crons go on while the coordinator is away; an outage lasts some of its minutes. */
async function away(minutes: number, outage: { from: number; to: number }): Promise<void> {
  network.kill();
  await network.run(outage.from * MINUTE_MS);
  network.sees = (_region, monitor) => (monitor === "chat" ? "connect_failed" : null);
  await network.run((outage.to - outage.from) * MINUTE_MS);
  network.sees = () => null;
  await network.run((minutes - outage.to) * MINUTE_MS);
  network.start();
}

describe("what began and ended while the coordinator was away", () => {
  it("becomes history, and one message to each channel tells of it", async () => {
    network.start();
    await network.run(3 * MINUTE_MS);
    await away(30, { from: 5, to: 10 });
    const backAtMs = network.clock.nowMs();
    await network.run(3 * MINUTE_MS);
    const [summary, ...others] = sentSince(backAtMs);
    expect(others).toEqual([]);
    expect(summary).toMatchObject({ alert: "fired", severity: "info", channel: "ops" });
    const [incident] = network.engine.memory.history.incidents({ limit: 5 });
    const { message } = summary ?? {};
    expect(message).toMatchObject({
      about: "history",
      title: "1 incident began and ended while Echoquorum was away",
      monitor: null,
      incident: null,
      ended: [{ id: incident?.id, monitor: { id: "chat", name: "Chat" }, kind: "down" }],
    });
    expect(message?.text).toMatch(
      /^Echoquorum was away from 2026-11-20T12:0[23]:\d\dZ to 2026-11-20T12:33:0\dZ\. Meanwhile/,
    );
    expect(message?.text).toContain("\nChat: down from 2026-11-20T12:08:");
    expect(network.engine.memory.state.tail.absence).toBeUndefined();
  });

  it("is a line of the log, however much it was", async () => {
    network.start();
    await network.run(3 * MINUTE_MS);
    await away(30, { from: 5, to: 10 });
    const backAtMs = network.clock.nowMs();
    network.lines.length = 0;
    await network.run(3 * MINUTE_MS);
    expect(network.lines.filter(({ event }) => event === "transition")).toEqual([]);
    const history = network.lines.filter(({ event }) => event === "history");
    expect(history).toHaveLength(1);
    expect(Date.parse(String(history[0]?.["to"]))).toBeLessThan(backAtMs);
    expect(history[0]?.["transitions"]).toBeGreaterThan(1);
  });

  it("is told only to channels that hear of its monitor", async () => {
    const [channel] = network.channels;
    if (channel === undefined) throw new Error("there is a channel");
    network.channels = [channel, { ...channel, id: "others" }];
    network.config = makeConfig({
      monitors: [makeMonitor({ notify: ["ops"] }), makeMonitor({ id: "feed", name: "Feed" })],
    });
    network.start();
    await network.run(3 * MINUTE_MS);
    await away(30, { from: 5, to: 10 });
    const backAtMs = network.clock.nowMs();
    await network.run(3 * MINUTE_MS);
    expect(sentSince(backAtMs).map((delivery) => delivery.channel)).toEqual(["ops"]);
  });

  it("is told although the coordinator dies while it catches up", async () => {
    network.start();
    await network.run(3 * MINUTE_MS);
    await away(30, { from: 5, to: 10 });
    const backAtMs = network.clock.nowMs();
    network.database.failing = true;
    await network.run(3_000);
    network.kill();
    network.database.failing = false;
    network.start();
    await network.run(3 * MINUTE_MS);
    expect(sentSince(backAtMs).map(({ message }) => message.about)).toEqual(["history"]);
  });

  it("is not what was told before, or is still so", async () => {
    network.start();
    await network.run(3 * MINUTE_MS);
    network.sees = () => "connect_failed";
    await network.run(2 * MINUTE_MS);
    await away(20, { from: 0, to: 10 });
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    await away(20, { from: 10, to: 20 });
    network.sees = () => "connect_failed";
    await network.run(3 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved", "fired"]);
  });

  it("is nothing after an absence in which all was well", async () => {
    network.start();
    await network.run(3 * MINUTE_MS);
    await away(20, { from: 5, to: 5 });
    await network.run(3 * MINUTE_MS);
    expect(network.sent).toEqual([]);
    expect(network.engine.memory.state.tail.absence).toBeUndefined();
  });
});

describe("a day's backlog", () => {
  it("is caught up with in a few steps, with one summary and no stale alert", async () => {
    const ids = Array.from({ length: 4 }, (_, index) => `monitor-${index}`);
    network.config = makeConfig({
      monitors: ids.map((id) => makeMonitor({ id, name: id, url: `wss://${id}.example.com/` })),
    });
    network.start();
    await network.run(3 * MINUTE_MS);
    network.kill();
    const goneAtMs = network.clock.nowMs();
    const backAtMs = goneAtMs + 24 * HOUR_MS;
    // Each hour another monitor is down for ten minutes; what the crons write meanwhile.
    const down = (atMs: number) =>
      (atMs - NOON_MS) % HOUR_MS > 40 * MINUTE_MS && (atMs - NOON_MS) % HOUR_MS < 50 * MINUTE_MS
        ? `monitor-${Math.floor((atMs - NOON_MS) / HOUR_MS) % 4}`
        : null;
    for (let atMs = goneAtMs; atMs < backAtMs; atMs += 15_000) {
      const region = network.config.regions[(atMs / 15_000) % 4] ?? "";
      network.sees = (_region, monitor) => (monitor === down(atMs) ? "connect_failed" : null);
      const run = network.makeRun(region, atMs, shardLane(WHOLE), ids);
      const observations = run.observations.map((seen) => ({ ...seen, startedAtMs: atMs }));
      network.store({ ...run, startedAtMs: atMs, finishedAtMs: atMs + 200, observations });
    }
    network.sees = () => null;
    await network.skipTo(backAtMs);
    network.start();
    await network.run(MINUTE_MS);
    expect(network.log.size).toBeGreaterThan(24 * 60 * 4);
    const { history, state } = network.engine.memory;
    expect(state.tail.cursorMs).toBeGreaterThan(backAtMs - MINUTE_MS);
    const incidents = history.incidents({ limit: 100 });
    expect(incidents).toHaveLength(24);
    expect(incidents.every(({ endedAtMs }) => endedAtMs !== null)).toBe(true);
    const told = sentSince(backAtMs);
    expect(told.map(({ message }) => message.about)).toEqual(["history"]);
    expect(told[0]?.message.ended?.map(({ id }) => id).toSorted()).toEqual(
      incidents.map(({ id }) => id).toSorted(),
    );
    expect(told[0]?.message.text.split("\n").at(-1)).toBe("And 4 more.");
  });
});
