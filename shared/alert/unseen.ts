/**
 * What cannot be seen: a monitor of which nothing is known for long, and a region that cannot vote
 * for long. Both are facts about Echoquorum's sight and say nothing bad about a target. Pure.
 */
import { formatDuration } from "../duration.ts";
import type { RegionHealth } from "../monitor/region-health.ts";
import type { Verdict } from "../monitor/verdict.ts";
import { regionLabel } from "../regions.ts";
import type { Advisory } from "./advisory.ts";
import type { AlertMonitor, AlertSubject } from "./subject.ts";

/** What holds for everything that is looked at in one moment. */
export interface Sight {
  /**
   * Since when the coordinator has been awake and some region could vote; null: none can now. What
   * was so before is told by itself, and what it leaves behind gets the time to pass.
   */
  sinceMs: number | null;
  nowMs: number;
}

/** A monitor of which something, or nothing, is known. */
export interface WatchedMonitor {
  monitor: AlertMonitor;
  verdict: Pick<Verdict, "kind" | "sinceMs" | "message">;
  /** Whether it is checked at all. */
  paused: boolean;
  /** The open alert that nothing is known of it; null: there is none. */
  open: AlertSubject | null;
}

/** Decides what is to be told of what is known of a monitor; null: nothing new. */
export function decideUnknown(
  { monitor, verdict, paused, open }: WatchedMonitor,
  afterMs: number,
  sight: Sight,
): Advisory | null {
  const about = "unknown";
  const unknown = verdict.kind === "unknown" && !paused;
  if (unknown === (open !== null)) return null;
  const base = { about, severity: monitor.severity, reason: null, monitor } as const;
  if (open !== null) {
    const text = paused ? "It is paused." : `It is ${verdict.kind}. ${sentence(verdict.message)}`;
    const title = `${monitor.name} ${paused ? "is not watched any more" : "can be judged again"}`;
    return { ...base, subject: open.id, step: open.level + 1, over: true, title, text };
  }
  if (!isDue(verdict.sinceMs, afterMs, sight)) return null;
  return {
    ...base,
    subject: `unknown-${monitor.id}-${sight.nowMs}`,
    step: 1,
    over: false,
    title: `Nothing is known about ${monitor.name}`,
    text:
      `${sentence(verdict.message)} It has been so since ${clock(verdict.sinceMs)}. ` +
      "It may be up or down: nobody can judge it.",
  };
}

/**
 * Decides what is to be told of a region; null: nothing new.
 *
 * @param health null: it is not among the network's regions any more
 * @param open the open alert that it cannot vote; null: there is none
 */
export function decideRegion(
  region: string,
  health: RegionHealth | null,
  open: AlertSubject | null,
  afterMs: number,
  sight: Sight,
): Advisory | null {
  const blind = health?.state === "suspended" || health?.state === "silent";
  if (blind === (open !== null)) return null;
  const label = regionLabel(region);
  const base = { about: "region", severity: "critical", reason: null, monitor: null } as const;
  if (open !== null) {
    const lasted = formatDuration(Math.round((sight.nowMs - open.startedAtMs) / 1_000) * 1_000);
    const title = `Region ${label} ${health === null ? "is not used any more" : "votes again"}`;
    const text = `${lasted} have passed since it was told that it could not vote.`;
    return { ...base, region, subject: open.id, step: open.level + 1, over: true, title, text };
  }
  if (health === null || !isDue(health.sinceMs, afterMs, sight)) return null;
  return {
    ...base,
    region,
    subject: `region-${region}-${sight.nowMs}`,
    step: 1,
    over: false,
    title: `Region ${label} is ${health.state === "silent" ? "silent" : "suspended from voting"}`,
    text:
      `Since ${clock(health.sinceMs)}: ${health.why}. This is trouble of Echoquorum's own region and ` +
      "of no target. Monitors are judged by the other regions meanwhile.",
  };
}

function isDue(sinceMs: number, afterMs: number, sight: Sight): boolean {
  return sight.sinceMs !== null && sight.nowMs - Math.max(sinceMs, sight.sinceMs) >= afterMs;
}

function sentence(text: string): string {
  return `${text.replace(/\.$/, "")}.`;
}

/** ISO 8601 to the second. */
function clock(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
