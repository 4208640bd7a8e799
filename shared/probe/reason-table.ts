/**
 * The list of reasons as a Markdown table for the documentation, rendered from the list itself so
 * that the two cannot differ. Pure.
 */
import type { ReasonFacts } from "./reason.ts";
import { PHASES, REASONS } from "./reason.ts";

/** Renders one row per reason, in the order in which a check goes through its phases. */
export function renderReasonTable(): string {
  const rows = Object.entries(REASONS as Record<string, ReasonFacts>)
    .sort(([, a], [, b]) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase))
    .map(
      ([reason, { phase, blame, status, meaning, cause }]) =>
        `| ${phase} | \`${reason}\` | ${status} | ${blame} | ${meaning} | ${cause} |`,
    );
  return [
    "| phase | reason | status | blame | meaning | likely cause |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
