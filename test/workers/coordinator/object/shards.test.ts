/** The engine and a region that is divided over several probe Workers. */
import { beforeEach, describe, expect, it } from "vitest";
import { shardOf } from "../../../../shared/monitor/shard.ts";
import { isAskLane, laneShard, runKey } from "../../../../shared/probe/run.ts";
import { makeConfig, makeMonitor } from "../../../support/observation.ts";
import { SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const REGION = "eu-central";
const IDS = Array.from({ length: 9 }, (_, index) => `m-${index}`);
/** Monitors by shard. */
const PARTS = [0, 1, 2].map((shard) => IDS.filter((id) => shardOf(id, 3) === shard));

let network: SmallNetwork;

beforeEach(async () => {
  network = new SmallNetwork();
  network.shardCounts.set(REGION, 3);
  network.config = makeConfig({
    monitors: IDS.map((id) => makeMonitor({ id, name: id, url: `wss://${id}.example.com/` })),
  });
  network.start();
  await network.run(4 * MINUTE_MS);
  network.asked.length = 0;
});

const region = () => network.engine.status().regions.find(({ id }) => id === REGION);
const shards = () => region()?.shards ?? [];
const vote = (monitor: string) =>
  network.engine.verdict(monitor)?.votes.find((other) => other.region === REGION);
const ordersOf = (id: string) =>
  network.asked.filter((ask) => ask.region === id).map(({ order }) => order);

/** Observations that any two rows of the log both have. */
function repeated(): string[] {
  const seen = new Set<string>();
  return [...network.log.values()].flatMap((row) =>
    (JSON.parse(row.observations) as Array<{ monitor: string; startedAtMs: number }>).flatMap(
      ({ monitor, startedAtMs }) => {
        const key = `${row.region} ${monitor} ${startedAtMs}`;
        if (seen.has(key)) return [key];
        seen.add(key);
        return [];
      },
    ),
  );
}

describe("a region of three probe Workers", () => {
  it("needs no asks while each makes its part of every round", () => {
    expect(PARTS.every((part) => part.length > 0)).toBe(true);
    expect(network.asked).toEqual([]);
    for (const id of IDS) expect(vote(id)).toMatchObject({ counted: "counted", status: "up" });
    expect(shards().map(({ number, state }) => [number, state])).toEqual([
      [1, "active"],
      [2, "active"],
      [3, "active"],
    ]);
    expect(repeated()).toEqual([]);
  });

  it("is asked for each monitor where it is checked, under identities that differ", async () => {
    const seen = await Promise.all([
      network.engine.checkNow(PARTS[0]?.[0] ?? ""),
      network.engine.checkNow(PARTS[2]?.[0] ?? ""),
      network.run(1_000),
    ]);
    expect(seen.slice(0, 2).map((found) => found?.length)).toEqual([4, 4]);
    expect(ordersOf(REGION).map(({ lane, monitors }) => [lane, monitors])).toEqual([
      ["ask", [PARTS[0]?.[0]]],
      ["ask.2", [PARTS[2]?.[0]]],
    ]);
    expect(ordersOf("us-east").map(({ lane }) => lane)).toEqual(["ask", "ask"]);
  });

  it("confirms an outage of all targets with one order per Worker, of one scheduled time", async () => {
    network.sees = () => "connect_failed";
    await network.runUntil(() => network.asked.length > 0, MINUTE_MS);
    await network.run(1_000);
    for (const order of ordersOf(REGION)) {
      const shard = laneShard(order.lane);
      expect(order.monitors?.every((id) => shardOf(id, 3) === shard)).toBe(true);
    }
    const keys = network.asked.map((ask) => runKey({ ...ask.order, region: ask.region }));
    expect(new Set(keys).size).toBe(keys.length);
    await network.run(MINUTE_MS);
    expect(IDS.map((id) => network.verdict(id))).toEqual(IDS.map(() => "down"));
    expect(repeated()).toEqual([]);
  });

  it("owes the runs of a Worker whose cron is stopped, and only those", async () => {
    network.cronless.add(REGION);
    await network.run(2 * MINUTE_MS);
    const owed = ordersOf(REGION).filter(({ lane }) => !isAskLane(lane));
    expect(new Set(owed.map(({ lane }) => lane))).toEqual(new Set(["0", "1", "2"]));
    for (const { lane, monitors, config } of owed) {
      expect(monitors).toBeNull();
      expect(config.monitors.map(({ id }) => id)).toEqual(PARTS[Number(lane)]);
    }
    for (const id of IDS) expect(vote(id)).toMatchObject({ counted: "counted", status: "up" });
    expect(repeated()).toEqual([]);
  });
});

describe("a Worker that is dead in a region that lives", () => {
  beforeEach(async () => {
    network.dead.add("eu-central-2");
    await network.run(4 * MINUTE_MS);
  });

  it("is asked for its runs, less and less often, and the others are not", () => {
    const lanes = ordersOf(REGION).map(({ lane }) => lane);
    expect(new Set(lanes)).toEqual(new Set(["1"]));
    expect(lanes.length).toBeGreaterThan(1);
    expect(lanes.length).toBeLessThan(8);
  });

  it("is shown as silent, while its region is not and only its monitors' votes expire", () => {
    expect(region()?.state).toBe("active");
    expect(shards().map(({ state }) => state)).toEqual(["active", "silent", "active"]);
    for (const [shard, part] of PARTS.entries()) {
      for (const id of part) {
        expect(vote(id)?.counted, id).toBe(shard === 1 ? "stale" : "counted");
        expect(network.verdict(id)).toBe("operational");
      }
    }
  });

  it("votes again, and is shown so, once it is back, over a restart too", async () => {
    network.kill();
    network.start();
    await network.run(100);
    expect(shards()[1]?.state).toBe("silent");
    network.dead.clear();
    await network.run(2 * MINUTE_MS);
    expect(shards().map(({ state }) => state)).toEqual(["active", "active", "active"]);
    for (const id of IDS) expect(vote(id)?.counted).toBe("counted");
  });
});

describe("a Worker to which the coordinator has no binding", () => {
  it("is told in the log and shown, and the others are asked all the same", async () => {
    network.kill();
    network.missingBindings.push("PROBE_EU_CENTRAL_2");
    network.start();
    await network.run(MINUTE_MS);
    expect(network.lines.filter(({ event }) => event === "binding_missing")).toEqual([
      {
        event: "binding_missing",
        region: REGION,
        probe: "eu-central-2",
        binding: "PROBE_EU_CENTRAL_2",
      },
    ]);
    expect(shards().map(({ state }) => state)).toEqual(["active", "unbound", "active"]);
    const [seen] = await Promise.all([
      network.engine.checkNow(PARTS[2]?.[0] ?? ""),
      network.run(1_000),
    ]);
    expect(seen?.map((observation) => observation.region)).toContain(REGION);
  });
});

describe("a region that has more to do than its Workers can", () => {
  it("is told in the log, once for each version, and shown", async () => {
    const monitors = Array.from({ length: 400 }, (_, index) => makeMonitor({ id: `n-${index}` }));
    network.config = makeConfig({ version: 2, monitors });
    await network.run(2 * MINUTE_MS);
    const lines = network.lines.filter(({ event }) => event === "region_overloaded");
    expect(lines.map((line) => line["region"])).toEqual(["us-east", "sa-east", "ap-southeast"]);
    expect(lines[0]).toMatchObject({
      shards: 1,
      shardsNeeded: 3,
      checksPerMinute: 400,
      configVersion: 2,
      remedy: "npm run eq -- region add us-east --shards 3",
    });
    const { regions } = network.engine.status();
    expect(regions.map(({ shardsNeeded }) => shardsNeeded)).toEqual([3, 3, 3, 3]);
  });
});
