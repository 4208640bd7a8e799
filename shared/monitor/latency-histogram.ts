/**
 * A histogram of latencies that is small, can be merged, and answers quantiles with a relative error
 * of at most 5 %. Pure.
 *
 * After DDSketch (Masson, Rim, Lee: VLDB 2019): value v falls into bin ⌈log_γ v⌉ with
 * γ = 1.05 / 0.95, and every bin answers with the value that is at most 5 % away from all it may
 * hold. Merging adds counts, so that it is exact, commutative and associative: the histogram of a
 * day is the histogram of its hours. A histogram is kept as its canonical text, because thousands of
 * them are stored, compared and added to, and few are ever read: equal histograms are equal texts.
 */

/** A histogram as text: see {@link encodeHistogram}. The empty text is the empty histogram. */
export type LatencyHistogram = string;

/** Largest relative error of a quantile. */
export const RELATIVE_ERROR = 0.05;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

/** Shortest and longest latency that are told apart, in milliseconds; beyond, they stand for all. */
export const LATENCY_RANGE_MS = { shortest: 0.01, longest: 86_400_000 } as const;

const RADIX = 36;

/** Bin of a latency in milliseconds. */
function binOf(latencyMs: number): number {
  const { shortest, longest } = LATENCY_RANGE_MS;
  const bounded = Math.min(longest, Math.max(shortest, latencyMs));
  return Math.ceil(Math.log(bounded) / LOG_GAMMA);
}

/** The value that is equally far, in proportion, from both ends of a bin; in milliseconds. */
function valueOf(bin: number): number {
  return (2 * GAMMA ** bin) / (GAMMA + 1);
}

/**
 * Encodes counts by bin: bins in ascending order, each as its distance from the one before in base
 * 36, with `*` and the count behind it unless that is 1; e.g. `1h*5 2 1*c`.
 */
export function encodeHistogram(counts: ReadonlyMap<number, number>): LatencyHistogram {
  let last = 0;
  return [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => a - b)
    .map(([bin, count]) => {
      const distance = (bin - last).toString(RADIX);
      last = bin;
      return count === 1 ? distance : `${distance}*${count.toString(RADIX)}`;
    })
    .join(" ");
}

/**
 * Decodes a histogram into counts by bin, in ascending order.
 *
 * @throws SyntaxError when the text is damaged
 */
export function decodeHistogram(histogram: LatencyHistogram): Map<number, number> {
  const counts = new Map<number, number>();
  if (histogram === "") return counts;
  let bin = 0;
  for (const entry of histogram.split(" ")) {
    const [distance = "", count = "1"] = entry.split("*");
    bin += Number.parseInt(distance, RADIX);
    const number = Number.parseInt(count, RADIX);
    if (!Number.isSafeInteger(bin) || !(number > 0)) {
      throw new SyntaxError("damaged latency histogram");
    }
    counts.set(bin, number);
  }
  return counts;
}

/** The histogram of one latency in milliseconds. */
export function latencyHistogram(latencyMs: number): LatencyHistogram {
  return binOf(latencyMs).toString(RADIX);
}

/** The histogram of all that several have seen. */
export function mergeHistograms(...histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const given = histograms.filter((histogram) => histogram !== "");
  if (given.length <= 1) return given[0] ?? "";
  const counts = new Map<number, number>();
  for (const histogram of given) {
    for (const [bin, count] of decodeHistogram(histogram)) {
      counts.set(bin, (counts.get(bin) ?? 0) + count);
    }
  }
  return encodeHistogram(counts);
}

/** Number of latencies in a histogram. */
export function histogramCount(histogram: LatencyHistogram): number {
  let total = 0;
  for (const count of decodeHistogram(histogram).values()) total += count;
  return total;
}

/**
 * A quantile in milliseconds, at most {@link RELATIVE_ERROR} away from the latency at that rank.
 *
 * @param q 0 … 1; 0.5 is the median, the lower one of an even number
 * @returns null when the histogram is empty
 */
export function quantileMs(histogram: LatencyHistogram, q: number): number | null {
  const counts = decodeHistogram(histogram);
  const total = histogramCount(histogram);
  if (total === 0) return null;
  const rank = Math.floor(q * (total - 1));
  let before = 0;
  let last = 0;
  for (const [bin, count] of counts) {
    before += count;
    last = bin;
    if (before > rank) break;
  }
  return valueOf(last);
}
