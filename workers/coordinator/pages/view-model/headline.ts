/**
 * The verdict over everything, as the first thing a visitor reads.
 *
 * It is never green by default: data that is missing, old or without a reporting region says so
 * before anything else, and one monitor that is not known keeps the whole from being called
 * operational. Pure: `now` is an argument.
 */
import type { RegionStatus } from "../../object/rpc.ts";
import type { Plural } from "../language/catalogue.ts";
import type { Words } from "../language/words.ts";
import { fill } from "../language/words.ts";
import type { Tone } from "./words.ts";

/** What the headline is decided from. */
export interface HeadlineFacts {
  /** Tones and names of the monitors on the page. */
  monitors: ReadonlyArray<{ name: string; tone: Tone }>;
  regions: ReadonlyArray<Pick<RegionStatus, "state">>;
  /** Whether it is known that no region can see, where the regions themselves are not shown. */
  impaired?: boolean | undefined;
  /** Time of the newest data; null: none yet. */
  newestDataAtMs: number | null;
  /** Shortest interval among the monitors on the page. */
  intervalMs: number;
  /** Whether the coordinator answered, or this is what it last stored. */
  source: "live" | "snapshot";
  /** Tones of what people tell of and have not called over; absent: nothing. */
  declared?: readonly Tone[];
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
  /** Whether it is what people declare, which is worse than what is measured; the detail has that. */
  declared: boolean;
}

/** What is measured alone. */
type Measured = Omit<Headline, "declared">;

/** Age in milliseconds beyond which data no longer says how things are now. */
export function staleAfterMs(intervalMs: number): number {
  return 2.5 * intervalMs + 60_000;
}

/** Whether a region's runs arrive, wherever its probe runs. */
export function isReporting({ state }: Pick<RegionStatus, "state">): boolean {
  return state === "active" || state === "misplaced";
}

/**
 * Decides the headline: the worst of what is measured and what people declare. Neither is turned into
 * the other: what is declared is called so, with what is measured beneath it.
 */
export function decideHeadline(facts: HeadlineFacts, words: Words): Headline {
  const measured = untrustworthy(facts, words) ?? verdictOver(facts.monitors, words);
  const { declared = [] } = facts;
  const worst = TROUBLES.find((tone) => declared.includes(tone));
  if (!measured.current || worst === undefined || rank(worst) >= rank(measured.tone)) {
    return { ...measured, declared: false };
  }
  const t = words.t.headline;
  const { title, detail } = measured;
  const sentence = fill(words.t.evidence.fact, { fact: title });
  const facing = detail === null ? title : `${sentence} ${detail.replace(/[.。]$/, "")}`;
  return {
    tone: worst,
    title: words.count(declared.length, t.declared),
    detail: fill(t.measured, { title: facing }),
    current: true,
    declared: true,
  };
}

/** How bad a tone is: 0 is the worst; what is no trouble comes last. */
function rank(tone: Tone): number {
  const at = TROUBLES.findIndex((trouble) => trouble === tone);
  return at < 0 ? TROUBLES.length : at;
}

function unknownHeadline(title: string, detail: string): Measured {
  return { tone: "unknown", title, detail, current: false };
}

function untrustworthy(facts: HeadlineFacts, words: Words): Measured | null {
  const { newestDataAtMs, regions, nowMs } = facts;
  const t = words.t.headline;
  if (facts.monitors.length === 0) return unknownHeadline(t.empty, t.emptyDetail);
  if (newestDataAtMs === null) return unknownHeadline(t.newborn, t.newbornDetail);
  const ageMs = nowMs - newestDataAtMs;
  const isSilent = regions.length === 0 ? facts.impaired === true : !regions.some(isReporting);
  const duration = words.duration(ageMs);
  if (facts.source === "live" && isSilent) {
    return unknownHeadline(t.impaired, fill(t.impairedDetail, { duration }));
  }
  if (ageMs > staleAfterMs(facts.intervalMs)) {
    return unknownHeadline(fill(t.stale, { duration }), t.staleDetail);
  }
  return null;
}

/** Tones in which a service does not do its work, worst first. */
const TROUBLES = ["down", "partial", "degraded"] as const;

/** Messages about one, some or all services. */
interface Subject {
  named: string;
  some: Plural;
  all: Plural;
}

function told(message: Subject, names: readonly string[], total: number, words: Words): string {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return fill(message.named, { name: only });
  return words.count(names.length, names.length === total ? message.all : message.some);
}

function verdictOver(all: HeadlineFacts["monitors"], words: Words): Measured {
  const t = words.t.headline;
  const monitors = all.filter(({ tone }) => tone !== "paused");
  const named = (tone: Tone) =>
    monitors.filter((monitor) => monitor.tone === tone).map(({ name }) => name);
  const troubles = TROUBLES.map((tone) => ({ tone, names: named(tone) })).filter(
    ({ names }) => names.length > 0,
  );
  const [worst, ...rest] = troubles;
  if (worst !== undefined) {
    const detail = rest.map(({ tone, names }) => told(t[tone], names, all.length, words));
    return {
      tone: worst.tone,
      title: told(t[worst.tone], worst.names, monitors.length, words),
      detail:
        detail.length === 0 ? null : fill(words.t.evidence.fact, { fact: words.list(detail) }),
      current: true,
    };
  }
  return quietVerdict(monitors.length, named("unknown"), named("maintenance"), words);
}

function quietVerdict(
  total: number,
  unknown: readonly string[],
  maintenance: readonly string[],
  words: Words,
): Measured {
  const t = words.t.headline;
  if (total === 0) return { tone: "paused", title: t.paused, detail: null, current: true };
  if (unknown.length > 0) {
    const rest = total - unknown.length;
    return {
      tone: "unknown",
      title: told(t.unknown, unknown, total, words),
      detail: rest === 0 ? null : words.count(rest, t.noOtherTrouble),
      current: true,
    };
  }
  if (maintenance.length > 0) {
    const title = told(t.maintenance, maintenance, total, words);
    return { tone: "maintenance", title, detail: null, current: true };
  }
  return { tone: "operational", title: t.operational, detail: null, current: true };
}
