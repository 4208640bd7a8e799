/** The engine in a small network on virtual time, while D1 fails, storage refuses, and it dies. */
import { beforeEach, describe, expect, it } from "vitest";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";
import { roundsIn } from "../../../../shared/monitor/schedule.ts";
import { recentRollups } from "../../../../workers/coordinator/object/recent-rollups.ts";
import type { SmallNetwork } from "../../../support/small-network.ts";
import { NOON_MS, SMALL_REGIONS as ALL, calmNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;

let network: SmallNetwork;

beforeEach(async () => {
  network = await calmNetwork(5 * MINUTE_MS);
});

describe("D1 down for five minutes in an outage", () => {
  it("does not keep the alert back, and afterwards the log has every run", async () => {
    network.d1Down = true;
    await network.run(2 * MINUTE_MS);
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, 2 * MINUTE_MS);
    expect(network.verdict()).toBe("down");
    await network.run(2 * MINUTE_MS);
    network.breakFor([]);
    await network.runUntil(() => network.verdict() === "operational", 3 * MINUTE_MS);
    network.d1Down = false;
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    const asked = network.asked.map(
      ({ region, order }) => `${order.scheduledAtMs}/${region}/${order.lane}`,
    );
    expect(asked.filter((key) => !network.log.has(key))).toEqual([]);
    expect(network.engine.memory.history.keptRuns(10)).toEqual([]);
  });
});

describe("D1 down for an hour", () => {
  it("keeps no alert back, and afterwards the log has every round of every region", async () => {
    const downAtMs = network.clock.nowMs();
    network.d1Down = true;
    for (const minutes of [5, 20]) {
      await network.run(minutes * MINUTE_MS);
      const alerts = network.sent.length;
      network.breakFor(ALL);
      await network.runUntil(() => network.sent.length > alerts, 2 * MINUTE_MS);
      network.breakFor([]);
      await network.runUntil(() => network.sent.length > alerts + 1, 3 * MINUTE_MS);
    }
    await network.run(downAtMs + 60 * MINUTE_MS - network.clock.nowMs());
    const upAtMs = network.clock.nowMs();
    network.d1Down = false;
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved", "fired", "resolved"]);
    const rounds = network.config.regions.flatMap((region) =>
      roundsIn({ config: network.config, region, fromMs: downAtMs, toMs: upAtMs }).map(
        ({ scheduledAtMs }) => `${scheduledAtMs}/${region}/0`,
      ),
    );
    expect(rounds).toHaveLength(4 * 60);
    expect(rounds.filter((key) => !network.log.has(key))).toEqual([]);
    expect(network.engine.memory.history.keptRuns(10)).toEqual([]);
  });
});

describe("the coordinator killed", () => {
  it("during an open incident alerts nobody twice and tells the end", async () => {
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    network.kill();
    await network.run(20_000);
    network.start();
    await network.run(3 * MINUTE_MS);
    expect(network.verdict()).toBe("down");
    expect(network.alerts()).toEqual(["fired"]);
    network.breakFor([]);
    await network.run(2 * MINUTE_MS);
    expect(network.alerts()).toEqual(["fired", "resolved"]);
    expect(network.engine.status().pastIncidents).toHaveLength(1);
  });

  it("between sending and recording repeats the message under the same id", async () => {
    const atOnce = network.receive;
    network.receive = (delivery) => ({ ...atOnce(delivery), afterMs: 500 });
    network.breakFor(ALL);
    await network.runUntil(() => network.engine.memory.state.outbox.size > 0, MINUTE_MS);
    network.kill();
    await network.run(1_000);
    network.start();
    await network.run(10_000);
    expect(network.sent).toHaveLength(2);
    expect(new Set(network.sent.map(({ delivery }) => delivery.id)).size).toBe(1);
    expect(network.engine.memory.state.outbox.size).toBe(0);
  });

  it("before a whole outage leaves it as history, named in one summary", async () => {
    network.kill();
    await network.run(5 * MINUTE_MS);
    network.breakFor(ALL);
    await network.run(5 * MINUTE_MS);
    network.breakFor([]);
    await network.run(10 * MINUTE_MS);
    network.start();
    await network.run(10_000);
    expect(network.sent.map(({ delivery }) => delivery.message.about)).toEqual(["history"]);
    const [past] = network.engine.status().pastIncidents;
    expect(past?.worst).toBe("down");
    expect((past?.endedAtMs ?? 0) - (past?.startedAtMs ?? 0)).toBeGreaterThan(3 * MINUTE_MS);
    expect(past?.endedAtMs).toBeLessThan(network.clock.nowMs() - 8 * MINUTE_MS);
  });

  it("before an outage that goes on tells it once it has caught up", async () => {
    network.kill();
    await network.run(5 * MINUTE_MS);
    network.breakFor(ALL);
    await network.run(20 * MINUTE_MS);
    network.start();
    await network.run(20_000);
    expect(network.alerts()).toEqual(["fired"]);
    const [open] = network.engine.status().openIncidents;
    expect(open?.startedAtMs).toBeLessThan(network.clock.nowMs() - 19 * MINUTE_MS);
  });

  it("together with every probe leaves the time in between unknown", async () => {
    network.kill();
    for (const region of ALL) network.cronless.add(region);
    await network.run(60 * MINUTE_MS);
    network.cronless.clear();
    await network.run(3 * MINUTE_MS);
    network.start();
    await network.run(3 * MINUTE_MS);
    expect(network.verdict()).toBe("operational");
    const day = network.engine.status().monitors[0]?.days?.[0];
    expect(day?.unknownMs).toBeGreaterThan(55 * MINUTE_MS);
    expect(day?.operationalMs).toBeGreaterThan(8 * MINUTE_MS);
  });
});

describe("a step whose commit fails", () => {
  it("changes nothing, and the next one makes up for it", async () => {
    network.database.failing = true;
    network.breakFor(ALL);
    await network.run(MINUTE_MS);
    expect(network.verdict()).toBe("operational");
    expect(network.lines.some(({ event }) => event === "failure")).toBe(true);
    network.database.failing = false;
    await network.run(10_000);
    expect(network.verdict()).toBe("down");
    expect(network.alerts()).toEqual(["fired"]);
  });
});

describe("D1's copy", () => {
  it("has the history soon, the hour's rollups once the hour is over, and a public snapshot", async () => {
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    await network.run(10_000);
    const incidents = network.mirrored.flatMap((batch) => batch.incidents);
    expect(incidents.map(({ worst }) => worst)).toContain("down");
    const deliveries = network.mirrored.flatMap((batch) => batch.deliveries);
    expect(deliveries.at(-1)?.state).toBe("sent");
    expect(network.mirrored.flatMap((batch) => batch.blocks)).toEqual([]);
    network.breakFor([]);
    await network.run(75 * MINUTE_MS);
    const blocks = network.mirrored.flatMap((batch) => batch.blocks);
    expect(blocks.map(({ resolution, startMs }) => [resolution, startMs])).toEqual([
      ["5min", NOON_MS],
    ]);
    const rows = blocks.flatMap(decodeBlock);
    const first = rows.filter(({ bucketStartMs }) => bucketStartMs === NOON_MS);
    expect(first.map(({ region }) => region).sort()).toEqual(["*", ...ALL].sort());
    expect(network.mirrored.at(-1)?.snapshot?.monitors[0]?.id).toBe("chat");
  });

  it("has every life of a monitor that is deleted and created again, to its end", async () => {
    const { config } = network;
    for (const version of [2, 4]) {
      network.config = { ...config, version, monitors: [] };
      await network.run(2 * MINUTE_MS);
      network.config = { ...config, version: version + 1 };
      await network.run(3 * MINUTE_MS);
    }
    const transitions = network.mirrored.flatMap((batch) => batch.transitions);
    const life = [
      { from: "unknown", to: "operational" },
      { from: "operational", to: "unknown", message: "The monitor was removed", removed: true },
    ];
    expect(transitions).toMatchObject([...life, ...life, life[0]]);
    expect(new Set(transitions.map(({ id }) => id)).size).toBe(5);
    const { memory } = network.engine;
    const ever = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const days = recentRollups(memory, "chat", [{ resolution: "day", ...ever }]);
    const [begun, ended, begunAgain, endedAgain, last = 0] = transitions.map(({ atMs }) => atMs);
    const livedMs = Number(ended) - Number(begun) + Number(endedAgain) - Number(begunAgain);
    const countedMs = days.reduce((sum, { operationalMs }) => sum + operationalMs, 0);
    expect(countedMs).toBeGreaterThanOrEqual(livedMs + memory.state.tail.judgedAtMs - last);
  });

  it("goes on without a snapshot that D1 refuses", async () => {
    network.refuses = ({ snapshot }) => snapshot !== null;
    network.mirrored.length = 0;
    network.breakFor(ALL);
    await network.runUntil(() => network.sent.length > 0, MINUTE_MS);
    await network.run(75 * MINUTE_MS);
    const written = (name: "incidents" | "deliveries" | "blocks") =>
      network.mirrored.flatMap((batch): unknown[] => batch[name]).length;
    expect(written("incidents")).toBeGreaterThan(0);
    expect(written("deliveries")).toBeGreaterThan(0);
    expect(written("blocks")).toBeGreaterThan(0);
    network.refuses = () => false;
    await network.run(MINUTE_MS);
    expect(network.mirrored.at(-1)?.snapshot?.monitors[0]?.id).toBe("chat");
  });
});

describe("storage that refuses", () => {
  it("does not turn one message into one per tick", async () => {
    const atOnce = network.receive;
    network.receive = (delivery) => ({ ...atOnce(delivery), afterMs: 500 });
    network.breakFor(ALL);
    await network.runUntil(() => network.engine.memory.state.outbox.size > 0, MINUTE_MS);
    network.database.failing = true;
    await network.run(50_000);
    expect(network.sent.length).toBeLessThanOrEqual(1);
    network.database.failing = false;
    await network.run(2 * MINUTE_MS);
    expect(new Set(network.sent.map(({ delivery }) => delivery.id)).size).toBe(1);
    expect(network.engine.memory.state.outbox.size).toBe(0);
  });
});
