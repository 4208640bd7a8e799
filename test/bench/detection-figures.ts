/** Figures of a distribution, as text. */

/** Percentile by nearest rank; `values` need not be sorted. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** One line of figures and a histogram by half seconds; values in milliseconds. */
export function renderDistribution(values: readonly number[]): string {
  const figures = [
    ["min", Math.min(...values)],
    ["median", percentile(values, 50)],
    ["p95", percentile(values, 95)],
    ["max", Math.max(...values)],
  ] as const;
  const bins = new Map<number, number>();
  for (const ms of values) {
    const bin = Math.floor(ms / 500);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const bars = [...bins]
    .sort(([a], [b]) => a - b)
    .map(
      ([bin, count]) =>
        `  ${(bin / 2).toFixed(1)} … ${(bin / 2 + 0.5).toFixed(1)} s  ${"█".repeat(count)}`,
    );
  return [figures.map(([name, ms]) => `${name} ${seconds(ms)}`).join(", "), ...bars].join("\n");
}
