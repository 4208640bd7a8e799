/** Rollups rebuilt from the log: what was damaged is as it was counted at first. */
import { describe, expect, it } from "vitest";
import type { Resolution, Rollup } from "../../../../shared/monitor/rollup.ts";
import { RESOLUTIONS, rollupKey } from "../../../../shared/monitor/rollup.ts";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";
import { WHOLE } from "../../../../shared/monitor/shard.ts";
import { observedMs } from "../../../../shared/monitor/uptime.ts";
import { ingestRuns } from "../../../../workers/coordinator/object/ingest.ts";
import { rowsOf } from "../../../../workers/coordinator/object/rollups.ts";
import type { RebuildResult } from "../../../../workers/coordinator/object/rpc.ts";
import { makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MIDNIGHT_MS = NOON_MS + 12 * HOUR_MS;
const EVER = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

function sorted(rows: Iterable<Rollup>): Rollup[] {
  return [...rows]
    .map((row) => ({ ...row, latencySumMs: Math.round(row.latencySumMs) }))
    .sort((a, b) => (rollupKey(a) < rollupKey(b) ? -1 : 1));
}

/** What the object has of the day. */
function stored(network: SmallNetwork): Rollup[] {
  const { rollups } = network.engine.memory.history;
  return sorted(
    RESOLUTIONS.flatMap((resolution: Resolution) =>
      rollups.buckets(resolution, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS).flatMap(rowsOf),
    ),
  );
}

/** What D1 was given of the day last, from some batch on. */
function mirrored(network: SmallNetwork, from = 0): Rollup[] {
  const blocks = network.mirrored.slice(from).flatMap((batch) => batch.blocks);
  const last = new Map(
    blocks.map((block) => [`${block.resolution}/${block.monitor}/${block.startMs}`, block]),
  );
  return sorted(
    [...last.values()]
      .filter(({ startMs }) => startMs >= MIDNIGHT_MS && startMs < MIDNIGHT_MS + DAY_MS)
      .flatMap(decodeBlock),
  );
}

/**
 * A network of two monitors on the morning after a day with outages, most of which a coordinator that
 * was away has caught up with.
 */
async function theMorningAfter(): Promise<SmallNetwork> {
  const network = new SmallNetwork();
  const monitors = ["chat", "feed"].map((id) => makeMonitor({ id, interval: "10m" }));
  network.config = { ...network.config, monitors };
  network.start();
  await network.run(40 * MINUTE_MS);
  network.kill();
  for (const reason of [null, "accept_mismatch", null, "connect_failed", null] as const) {
    network.sees = (region, monitor) =>
      region === "sa-east" || monitor === "feed" ? null : reason;
    await network.run(7 * HOUR_MS);
  }
  network.start();
  await network.run(1.6 * HOUR_MS);
  return network;
}

function feedIsDown(region: string, monitor: string) {
  return region !== "sa-east" && monitor === "feed" ? ("accept_mismatch" as const) : null;
}

/**
 * The same two monitors, of which a second coordinator judged one until eight in the morning; from
 * then on there was only the first. It stood still from three to eight, and from ten to two.
 */
async function theMorningAfterFewerCoordinators() {
  const network = new SmallNetwork();
  const spare = new SmallNetwork(network);
  const monitors = ["chat", "feed"].map((id) => makeMonitor({ id, interval: "10m" }));
  const config = { ...network.config, monitors };
  for (const [index, each] of [network, spare].entries()) {
    each.config = config;
    const own = { ...config, monitors: monitors.slice(index, index + 1) };
    each.part = { coordinator: { index, count: 2 }, config: own, roster: monitors };
    each.start();
  }
  await network.run(10 * MINUTE_MS);
  await pass(15 * HOUR_MS, network, spare);
  network.sees = feedIsDown;
  await pass(5 * HOUR_MS, network, spare);
  network.sees = () => null;
  for (const each of [network, spare]) each.kill();
  network.part = null;
  const none = { ...config, monitors: [] };
  spare.part = { coordinator: { index: 1, count: 1 }, config: none, roster: [] };
  for (const each of [network, spare]) each.start();
  await network.run(MINUTE_MS);
  await pass(2 * HOUR_MS, network, spare);
  network.sees = feedIsDown;
  await pass(4 * HOUR_MS, network, spare);
  network.sees = () => null;
  await pass(12 * HOUR_MS, network, spare);
  return { network, spare };
}

/** Lets time pass, most of which the coordinators catch up with. */
async function pass(durationMs: number, ...networks: [SmallNetwork, ...SmallNetwork[]]) {
  for (const each of networks) each.kill();
  await networks[0].run(durationMs - 10 * MINUTE_MS);
  for (const each of networks) each.start();
  await networks[0].run(10 * MINUTE_MS);
}

function daysOf(rows: Rollup[]): Rollup[] {
  return rows.filter(({ resolution }) => resolution === "day");
}

/** Without what nothing was known of before a first verdict: no figure rests on it. */
function observed(rows: Rollup[]): Rollup[] {
  return rows.map((row) => ({ ...row, unknownMs: 0 })).filter((row) => observedMs(row) > 0);
}

/** Rebuilds all days that can be. */
async function rebuild(network: SmallNetwork): Promise<RebuildResult> {
  const rebuilding = network.engine.rebuild.run(EVER);
  await network.run(MINUTE_MS);
  return rebuilding;
}

describe("rebuilding rollups", () => {
  it("puts right what was damaged, here and in D1, and changes nothing when repeated", async () => {
    const network = await theMorningAfter();
    const [before, inD1] = [stored(network), mirrored(network)];
    expect(before.some(({ region, downMs }) => region === "*" && downMs > HOUR_MS)).toBe(true);
    network.kill();
    network.database.query("UPDATE buckets SET body = 'chat 7,7' WHERE resolution = 'day'");
    network.database.query("DELETE FROM buckets WHERE resolution = 'hour' AND region = '*'");
    network.database.query(
      "UPDATE buckets SET body = body || '0' WHERE resolution = '5min' AND region = 'us-east'",
    );
    network.start();
    await network.run(MINUTE_MS);
    expect(stored(network)).not.toEqual(before);

    const batches = network.mirrored.length;
    const first = network.engine.rebuild.run(EVER);
    await network.run(MINUTE_MS);
    const { days, nextMs } = await first;
    expect(days).toMatchObject([{ dayMs: MIDNIGHT_MS, runs: 4 * 144, observations: 8 * 144 }]);
    expect(days[0]?.buckets).toBeGreaterThan(24);
    expect(nextMs).toBeNull();
    expect(stored(network)).toEqual(before);
    expect(mirrored(network, batches)).toEqual(inD1);

    const again = network.engine.rebuild.run(EVER);
    await network.run(MINUTE_MS);
    expect((await again).days).toMatchObject([{ dayMs: MIDNIGHT_MS, buckets: 0 }]);
    expect(stored(network)).toEqual(before);
  });

  it("counts a run that comes while D1 is written, once", async () => {
    const network = await theMorningAfter();
    const seen = { ...network.makeRun("us-east", MIDNIGHT_MS + 1, "0", ["chat"]) };
    const [observation] = seen.observations;
    if (observation === undefined) throw new Error("it observes something");
    const late = { ...seen, observations: [{ ...observation, startedAtMs: MIDNIGHT_MS + 1 }] };
    const rebuilding = network.engine.rebuild.run(EVER);
    // Where each batch that reaches D1 is noted: the first of them is still being written.
    network.mirrored.push = (batch) => {
      Reflect.deleteProperty(network.mirrored, "push");
      network.store(late);
      const wallMs = network.clock.nowMs();
      const court = { wallMs, publicUrl: null, coordinator: WHOLE };
      network.engine.memory.transact((draft) => ingestRuns(draft, [late], court));
      return network.mirrored.push(batch);
    };
    await network.run(MINUTE_MS);
    expect((await rebuilding).days).toMatchObject([{ observations: 8 * 144 + 1 }]);
    const day = stored(network).find(
      (row) => row.resolution === "day" && row.region === "us-east" && row.monitor === "chat",
    );
    expect(day?.observations).toBe(144 + 1);
  });

  it("has the time of what the object has forgotten from D1, and the newest from the object", async () => {
    const network = await theMorningAfter();
    const [before, inD1] = [stored(network), mirrored(network)];
    const { length } = network.mirrored;
    network.database.query("DELETE FROM transitions WHERE rowid % 2 = 0");
    await rebuild(network);
    expect(stored(network)).toEqual(before);
    expect(mirrored(network, length)).toEqual(inD1);
  });

  it.each([
    ["all", () => true],
    ["the first", (_: unknown, index: number) => index === 0],
    ["one of the day's", (_: unknown, index: number) => index === 3],
  ])("leaves the time as it is where %s of the transitions are lost", async (_, isLost) => {
    const network = await theMorningAfter();
    const [before, inD1] = [stored(network), mirrored(network)];
    const { length } = network.mirrored;
    const changes = network.mirrored
      .flatMap(({ transitions }) => transitions)
      .filter(({ monitor }) => monitor === "chat");
    expect(changes.length).toBeGreaterThan(4);
    const lost = new Set(changes.filter(isLost).map(({ id }) => id));
    for (const batch of network.mirrored) {
      batch.transitions = batch.transitions.filter(({ id }) => !lost.has(id));
    }
    for (const id of lost) network.database.query("DELETE FROM transitions WHERE id = ?", id);
    await rebuild(network);
    expect(stored(network)).toEqual(before);
    expect(mirrored(network, length)).toEqual(inD1);
    // Of times that the object has forgotten D1 alone has what is left as it is.
    network.database.query("DELETE FROM buckets");
    await rebuild(network);
    expect(daysOf(stored(network))).toEqual(daysOf(before));
    expect(mirrored(network, length)).toEqual(inD1);
  });

  it("has the time of a monitor that another coordinator judged for a part of the day", async () => {
    const { network, spare } = await theMorningAfterFewerCoordinators();
    const { days } = await rebuild(network);
    expect(days).toMatchObject([{ dayMs: MIDNIGHT_MS, observations: 8 * 144 }]);
    const feed = stored(network).find(
      ({ resolution, region, monitor }) =>
        resolution === "day" && region === "*" && monitor === "feed",
    );
    // Down for five hours with the one, and for four with the other.
    expect(Math.round((feed?.downMs ?? 0) / HOUR_MS)).toBe(9);
    expect(Math.round((feed?.operationalMs ?? 0) / HOUR_MS)).toBe(15);
    expect(spare.engine.isIdle()).toBe(true);
  });

  it("has the time of a monitor that was deleted and created again", async () => {
    const network = new SmallNetwork();
    const feed = makeMonitor({ id: "feed", interval: "10m" });
    const monitors = [makeMonitor({ id: "chat", interval: "10m" }), feed];
    const whole = { ...network.config, monitors };
    network.config = whole;
    network.start();
    await pass(13 * HOUR_MS, network);
    for (const awayMs of [4 * HOUR_MS, 3 * HOUR_MS]) {
      network.config = { ...whole, version: network.config.version + 1, monitors: [feed] };
      await network.run(MINUTE_MS);
      await pass(awayMs, network);
      network.config = { ...whole, version: network.config.version + 1 };
      await network.run(MINUTE_MS);
      await pass(2 * HOUR_MS, network);
    }
    await pass(14 * HOUR_MS, network);
    const before = stored(network);
    const changes = network.mirrored.flatMap(({ transitions }) => transitions);
    expect(changes.filter(({ monitor }) => monitor === "chat")).toMatchObject([
      { from: "unknown", to: "operational" },
      { from: "operational", to: "unknown", message: "The monitor was removed" },
      { from: "unknown", to: "operational" },
      { from: "operational", to: "unknown", message: "The monitor was removed" },
      { from: "unknown", to: "operational" },
    ]);
    await rebuild(network);
    expect(observed(stored(network))).toEqual(observed(before));
    const day = stored(network).find(
      ({ resolution, region, monitor }) =>
        resolution === "day" && region === "*" && monitor === "chat",
    );
    expect(day?.unknownMs).toBe(0);
    expect(Math.round((day?.operationalMs ?? 0) / HOUR_MS)).toBe(17);
  });

  it("begins with a day of whose checks no run can be missing", async () => {
    const network = await theMorningAfter();
    const last = [...network.log.values()]
      .map(({ scheduled_at_ms: atMs }) => atMs)
      .filter((atMs) => atMs < MIDNIGHT_MS)
      .sort((a, b) => b - a)[0];
    for (const key of network.log.keys()) {
      if (Number.parseInt(key, 10) < (last ?? 0)) network.log.delete(key);
    }
    expect(await rebuild(network)).toEqual({ days: [], nextMs: null });
  });

  it("begins where the log does though its oldest row is damaged", async () => {
    const network = await theMorningAfter();
    const [oldest] = [...network.log.keys()].sort();
    network.damaged.add(oldest ?? "");
    expect((await rebuild(network)).days).toMatchObject([{ dayMs: MIDNIGHT_MS, runs: 4 * 144 }]);
  });

  it("leaves days alone that are not over or not inside the window", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(10 * MINUTE_MS);
    const rebuilding = network.engine.rebuild.run(EVER);
    await network.run(MINUTE_MS);
    expect(await rebuilding).toEqual({ days: [], nextMs: null });
  });

  it("fails while D1 does not answer", async () => {
    const network = new SmallNetwork();
    network.start();
    await network.run(MINUTE_MS);
    network.d1Down = true;
    const rebuilding = expect(network.engine.rebuild.run(EVER)).rejects.toThrow();
    await network.run(MINUTE_MS);
    await rebuilding;
  });
});
