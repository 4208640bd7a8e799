/** The figures of all rules as a table of Markdown, and where Echoquorum is not ahead. Pure. */
import { formatDuration } from "../../../shared/duration.ts";
import type { Rule } from "./court.ts";
import type { Score, Truth } from "./score.ts";
import { DETECTABLE_MS } from "./score.ts";
import { HOUR_MS, INTERVAL_MS, REGIONS } from "./trace.ts";

/** Rates are given for so many hours. */
const PER_HOURS = 10_000;

/** A rule and what became of it. */
export interface Result {
  rule: Rule;
  score: Score;
}

/** All results of one trace. */
export interface Comparison {
  seed: number;
  hours: number;
  truth: Truth;
  /** Echoquorum, in the ways in which it may be set up. */
  own: readonly Result[];
  others: readonly Result[];
}

interface Column {
  title: string;
  show: (score: Score) => string;
  /** Smaller is better; null: it depends on what one wants. */
  weigh: ((score: Score) => number) | null;
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : "never";
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function columnsOf({ hours, truth }: Comparison): Column[] {
  const rate = (count: number) => ((count * PER_HOURS) / hours).toFixed(1);
  const blips = Math.max(1, truth.blips.spans.length);
  const scheduled = (hours * HOUR_MS * REGIONS.length) / INTERVAL_MS;
  return [
    { title: "median", show: (s) => seconds(s.medianMs), weigh: (s) => s.medianMs },
    { title: "p95", show: (s) => seconds(s.p95Ms), weigh: (s) => s.p95Ms },
    { title: "false alerts", show: (s) => rate(s.falseAlerts), weigh: (s) => s.falseAlerts },
    { title: "missed outages", show: (s) => rate(s.missed), weigh: (s) => s.missed },
    { title: "blips told", show: (s) => percent(s.blips / blips), weigh: null },
    { title: "extra checks", show: (s) => percent(s.extraChecks / scheduled), weigh: null },
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Where rules of others have the better figure; that there is no such place where there is none. */
export function notAhead(comparison: Comparison): string[] {
  const { own, others } = comparison;
  const weighed = columnsOf(comparison).filter(({ weigh }) => weigh !== null);
  return own.flatMap(({ rule, score: ours }) => {
    const lines = weighed.flatMap(({ title, show, weigh }) => {
      const better = others.filter(({ score }) => (weigh?.(score) ?? 0) < (weigh?.(ours) ?? 0));
      if (better.length === 0) return [];
      const named = better.map((other) => `${other.rule.name} (${show(other.score)})`);
      return [`${rule.name} is not ahead in ${title} (${show(ours)}): ${named.join(", ")}.`];
    });
    const titles = weighed.map(({ title }) => title).join(", ");
    return lines.length > 0 ? lines : [`${rule.name} is second to no rule in ${titles}.`];
  });
}

/** Everything that is printed. */
export function renderComparison(comparison: Comparison): string {
  const { seed, hours, truth, own, others } = comparison;
  const columns = columnsOf(comparison);
  const results = [...own, ...others];
  const counts = `${truth.outages.spans.length} outages, ${truth.blips.spans.length} blips`;
  return [
    `Seed ${seed}, ${hours} hours, ${counts}; four regions, each every ` +
      `${formatDuration(INTERVAL_MS)}. Time to detect over outages of ` +
      `${formatDuration(DETECTABLE_MS)} or more; alerts and outages per ${PER_HOURS} hours.`,
    "",
    row(["rule", ...columns.map(({ title }) => title)]),
    row(["---", ...columns.map(() => "---:")]),
    ...results.map(({ rule, score }) =>
      row([rule.name, ...columns.map(({ show }) => show(score))]),
    ),
    "",
    ...notAhead(comparison),
    "",
    ...results.map(({ rule }) => `${rule.name}: ${rule.source}`),
  ].join("\n");
}
