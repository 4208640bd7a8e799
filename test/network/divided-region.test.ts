/**
 * A region divided over two Workers, in the real runtime: each checks its own monitors, asks reach the
 * one that does, a Worker whose cron has stopped is asked for its runs, and nothing is seen twice.
 */
import { expect, it } from "vitest";
import { shardOf } from "../../shared/monitor/shard.ts";
import type { RunRow } from "../../shared/probe/run.ts";
import { decodeRun, isAskLane, laneShard } from "../../shared/probe/run.ts";
import { startBreakableServer } from "../support/breakable-server.ts";
import { eventually } from "../support/eventually.ts";
import { startHarnessNetwork } from "../support/harness-network.ts";

const REGION = "eu-central";
const IDS = Array.from({ length: 6 }, (_, index) => `m-${index}`);
const byShard = [0, 1].map((shard) => IDS.filter((id) => shardOf(id, 2) === shard));

interface Shard {
  number: number;
  lastRunAt: string | null;
  state: string;
}
interface Row {
  lane: string;
  monitors: string[];
}

it("checks, confirms and makes good each monitor in one Worker alone", async () => {
  await using target = await startBreakableServer();
  await using network = await startHarnessNetwork(4_000, undefined, new Map([[REGION, 2]]));
  const rows = async (): Promise<Row[]> => {
    const { results } = await network.db
      .prepare("SELECT * FROM runs WHERE region = ?")
      .bind(REGION)
      .all<RunRow & object>();
    return results.map(decodeRun).map(({ lane, observations }) => ({
      lane,
      monitors: observations.map(({ monitor }) => monitor),
    }));
  };
  for (const id of IDS) {
    const monitor = { name: id, url: target.url, echo: true, timeout: "1s" };
    await network.api("PUT", `/api/v1/monitors/${id}`, monitor);
  }
  // Its runs are asked for one by one, under their own identity.
  network.cronless.add(`${REGION}-2`);
  network.startCrons();
  await eventually("three rounds of each Worker", 60_000, async () => {
    const lanes = (await rows()).map(({ lane }) => lane);
    return ["0", "1"].every((lane) => lanes.filter((other) => other === lane).length >= 3);
  });

  for (const part of byShard) {
    const answer = await network.api<Array<{ region: string; status: string }>>(
      "POST",
      `/api/v1/monitors/${part[0]}/check`,
    );
    expect(answer.find(({ region }) => region === REGION)).toMatchObject({ status: "up" });
  }
  const seen = await rows();
  const asked = seen.filter(({ lane }) => isAskLane(lane));
  expect(new Set(asked.map(({ lane }) => lane))).toEqual(new Set(["ask", "ask.1"]));
  for (const { lane, monitors } of seen) {
    for (const id of monitors) expect(shardOf(id, 2), `${id} in ${lane}`).toBe(laneShard(lane));
    expect(new Set(monitors).size).toBe(monitors.length);
  }

  const regions = await network.api<Array<{ id: string; shards: Shard[] }>>(
    "GET",
    "/api/v1/regions",
  );
  const { shards } = regions.find(({ id }) => id === REGION) ?? { shards: [] };
  expect(shards.map(({ number, state }) => [number, state])).toEqual([
    [1, "active"],
    [2, "active"],
  ]);
}, 120_000);
