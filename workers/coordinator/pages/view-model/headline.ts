/**
 * The verdict over everything, as the first thing a visitor reads.
 *
 * It is never green by default: data that is missing, old or without a reporting region says so
 * before anything else, and one monitor that is not known keeps the whole from being called
 * operational. Pure: `now` is an argument.
 */
import type { RegionStatus } from "../../object/rpc.ts";
import type { Tone } from "./words.ts";
import { countWords, durationWords, listWords } from "./words.ts";

/** What the headline is decided from. */
export interface HeadlineFacts {
  /** Tones and names of the monitors on the page. */
  monitors: ReadonlyArray<{ name: string; tone: Tone }>;
  regions: ReadonlyArray<Pick<RegionStatus, "state">>;
  /** Time of the newest data; null: none yet. */
  newestDataAtMs: number | null;
  /** Shortest interval among the monitors on the page. */
  intervalMs: number;
  /** Whether the coordinator answered, or this is what it last stored. */
  source: "live" | "snapshot";
  nowMs: number;
}

/** The verdict over everything. */
export interface Headline {
  tone: Tone;
  title: string;
  /** A sentence that explains the title; null: the title says it all. */
  detail: string | null;
  /** Whether the monitors' verdicts may be believed now. */
  current: boolean;
}

/** Age in milliseconds beyond which data no longer says how things are now. */
export function staleAfterMs(intervalMs: number): number {
  return 2.5 * intervalMs + 60_000;
}

/** Whether a region's runs arrive, wherever its probe runs. */
export function isReporting({ state }: Pick<RegionStatus, "state">): boolean {
  return state === "active" || state === "misplaced";
}

/** Decides the headline. */
export function decideHeadline(facts: HeadlineFacts): Headline {
  return untrustworthy(facts) ?? verdictOver(facts.monitors);
}

function unknownHeadline(title: string, detail: string): Headline {
  return { tone: "unknown", title, detail, current: false };
}

function untrustworthy(facts: HeadlineFacts): Headline | null {
  const { newestDataAtMs, regions, nowMs } = facts;
  if (facts.monitors.length === 0) {
    return unknownHeadline("Nothing is monitored yet", "Services appear here once they are added.");
  }
  if (newestDataAtMs === null) {
    return unknownHeadline(
      "No data yet",
      "No region has reported so far: the first checks are on their way.",
    );
  }
  const ageMs = nowMs - newestDataAtMs;
  const isSilent = regions.length > 0 && !regions.some(isReporting);
  if (facts.source === "live" && isSilent) {
    return unknownHeadline(
      "Monitoring impaired",
      `No region is reporting. What follows was last seen ${durationWords(ageMs)} ago.`,
    );
  }
  if (ageMs > staleAfterMs(facts.intervalMs)) {
    return unknownHeadline(
      `Status not known for ${durationWords(ageMs)}`,
      "Monitoring data is out of date. What follows is the last known state.",
    );
  }
  return null;
}

/** Tones in which a service does not do its work, worst first, as verbs. */
const TROUBLES = [
  ["down", "is down", "are down"],
  ["partial", "fails in some regions", "fail in some regions"],
  ["degraded", "is degraded", "are degraded"],
] as const;

function verdictOver(all: HeadlineFacts["monitors"]): Headline {
  const monitors = all.filter(({ tone }) => tone !== "paused");
  const named = (tone: Tone) =>
    monitors.filter((monitor) => monitor.tone === tone).map(({ name }) => name);
  const found = TROUBLES.map(([tone, one, many]) => ({ tone, one, many, names: named(tone) }));
  const troubles = found.filter(({ names }) => names.length > 0);
  const [worst, ...rest] = troubles;
  if (worst !== undefined) {
    const { tone, names, one, many } = worst;
    const detail = rest.map((other) => `${subject(other.names, all.length)} ${verb(other)}`);
    return {
      tone,
      title: `${subject(names, monitors.length)} ${names.length === 1 ? one : many}`,
      detail: detail.length === 0 ? null : `${listWords(detail)}.`,
      current: true,
    };
  }
  return quietVerdict(monitors, named("unknown"), named("maintenance"));
}

function verb(trouble: { one: string; many: string; names: readonly string[] }): string {
  return trouble.names.length === 1 ? trouble.one : trouble.many;
}

function subject(names: readonly string[], total: number): string {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return only;
  return names.length === total ? `All ${total} services` : countWords(names.length, "service");
}

function quietVerdict(
  monitors: ReadonlyArray<{ name: string; tone: Tone }>,
  unknown: readonly string[],
  maintenance: readonly string[],
): Headline {
  const total = monitors.length;
  if (total === 0) {
    return { tone: "paused", title: "Monitoring is paused", detail: null, current: true };
  }
  if (unknown.length > 0) {
    const rest = total - unknown.length;
    return {
      tone: "unknown",
      title: `${subject(unknown, total)}: status not known`,
      detail: rest === 0 ? null : `No trouble is known with the ${countWords(rest, "other")}.`,
      current: true,
    };
  }
  if (maintenance.length > 0) {
    const verbs = maintenance.length === 1 ? "is" : "are";
    return {
      tone: "maintenance",
      title: `${subject(maintenance, total)} ${verbs} under maintenance`,
      detail: null,
      current: true,
    };
  }
  return { tone: "operational", title: "All services operational", detail: null, current: true };
}
