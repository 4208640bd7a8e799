/**
 * One size of `npm run bench -- ingest`, in a process of its own whose heap is no larger than what a
 * Durable Object may have: the real engine and store, everything around them in memory. Prints its
 * figures as one line of JSON.
 */
import { parseArgs } from "node:util";
import { SqliteDatabase } from "../../sim/sqlite-database.ts";
import { BenchCoordinator, WARM_UP_MINUTES } from "./coordinator.ts";
import type { IngestFigures } from "./figures.ts";

const options = parseArgs({
  options: {
    monitors: { type: "string", default: "100" },
    regions: { type: "string", default: "11" },
    minutes: { type: "string", default: "5" },
    coordinators: { type: "string", default: "1" },
  },
});
const { monitors, regions, minutes, coordinators } = options.values;
const network = { monitors: Number(monitors), regions: Number(regions) };
console.log(JSON.stringify(await measure(network, Number(minutes), Number(coordinators))));

/** Bytes of the heap that are in use. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error("this process needs --expose-gc");
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

async function measure(
  { monitors: count, regions: places }: Pick<IngestFigures, "monitors" | "regions">,
  length: number,
  coordinatorCount: number,
): Promise<IngestFigures> {
  const bench = new BenchCoordinator(count, places, coordinatorCount);
  const beforeBytes = heapBytes();
  const engine = bench.start(new SqliteDatabase().open(() => undefined));
  let usedSeconds = 0;
  for (let minute = 0; minute < WARM_UP_MINUTES + length; minute += 1) {
    const seconds = await bench.runMinute();
    if (minute >= WARM_UP_MINUTES) usedSeconds += seconds;
  }
  await bench.stop();
  const { observations } = bench.network;
  bench.network.clear();
  const heldBytes = heapBytes() - beforeBytes;
  const { state } = engine.memory;
  return {
    monitors: count,
    regions: places,
    coordinators: coordinatorCount,
    cpuSecondsPerMinute: usedSeconds / length,
    heldBytes,
    observationsPerMinute: observations / (WARM_UP_MINUTES + length),
    votes: [...state.votes.values()].reduce((sum, { size }) => sum + size, 0),
    deliveries: engine.memory.history.deliveries({ limit: 500 }).length,
    failures: [...bench.failures],
  };
}
