/**
 * Rollups of a monitor of the fixture's network, as the coordinator gives them: 120 days by day, the
 * last two by hour, with latencies that have their hours. Deterministic.
 */
import { latencyHistogram, mergeHistograms } from "../../shared/monitor/latency-histogram.ts";
import type { Resolution, Rollup } from "../../shared/monitor/rollup.ts";
import { emptyRollup, PERIOD_MS, QUORUM_REGION } from "../../shared/monitor/rollup.ts";
import { NOW_MS, REGION_IDS } from "./network-status.ts";

const DAYS = 120;
const BASE_MS: Readonly<Record<string, number>> = {
  "us-east": 48,
  "sa-east": 132,
  "eu-central": 9.4,
  "ap-southeast": 213,
};

function regionRow(monitor: string, region: string, resolution: Resolution, startMs: number) {
  const hour = startMs / PERIOD_MS.hour;
  const wave = 1 + 0.18 * Math.sin(hour / 3.7) + 0.07 * Math.sin(hour * 1.9 + region.length);
  const medianMs = (BASE_MS[region] ?? 50) * wave;
  const latencies = [0.93, 0.97, 1, 1.04, 1.1, 1.6].map((factor) => medianMs * factor);
  return {
    ...emptyRollup({ monitor, resolution, region, bucketStartMs: startMs }),
    observations: latencies.length,
    up: latencies.length,
    latencySumMs: latencies.reduce((sum, ms) => sum + ms, 0),
    latencyCount: latencies.length,
    latency: mergeHistograms(...latencies.map(latencyHistogram)),
  };
}

/** The rows; one region has nothing for three hours of the last day, and a day had an outage. */
export function monitorRollups(monitor: string): Rollup[] {
  const rows: Rollup[] = [];
  const add = (resolution: "hour" | "day", count: number) => {
    const lengthMs = PERIOD_MS[resolution];
    const lastMs = Math.floor(NOW_MS / lengthMs) * lengthMs;
    for (let index = 0; index < count; index += 1) {
      const startMs = lastMs - index * lengthMs;
      const knownMs = Math.min(lengthMs, NOW_MS - startMs);
      const downMs = resolution === "day" && index === 33 ? 660_000 : 0;
      rows.push({
        ...emptyRollup({ monitor, resolution, region: QUORUM_REGION, bucketStartMs: startMs }),
        operationalMs: knownMs - downMs,
        downMs,
      });
      for (const region of REGION_IDS) {
        const silent = resolution === "hour" && region === "sa-east" && index > 5 && index < 9;
        if (!silent) rows.push(regionRow(monitor, region, resolution, startMs));
      }
    }
  };
  add("day", DAYS);
  add("hour", 48);
  return rows;
}
