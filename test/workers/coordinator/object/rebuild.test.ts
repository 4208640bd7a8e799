/** Rollups rebuilt from the log: what was damaged is as it was counted at first. */
import { describe, expect, it } from "vitest";
import type { Resolution, Rollup } from "../../../../shared/monitor/rollup.ts";
import { RESOLUTIONS, rollupKey } from "../../../../shared/monitor/rollup.ts";
import { decodeBlock } from "../../../../shared/monitor/rollup-block.ts";
import { WHOLE } from "../../../../shared/monitor/shard.ts";
import { ingestRuns } from "../../../../workers/coordinator/object/ingest.ts";
import { rowsOf } from "../../../../workers/coordinator/object/rollups.ts";
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
