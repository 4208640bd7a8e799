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

/** A bin that is not empty. */
type Entry = readonly [bin: number, count: number];

/** Encodes bins that are in ascending order. */
function encodeEntries(entries: readonly Entry[]): LatencyHistogram {
  let text = "";
  let last = 0;
  for (const [bin, count] of entries) {
    if (text !== "") text += " ";
    text += (bin - last).toString(RADIX);
    if (count !== 1) text += `*${count.toString(RADIX)}`;
    last = bin;
  }
  return text;
}

/**
 * Encodes counts by bin: bins in ascending order, each as its distance from the one before in base
 * 36, with `*` and the count behind it unless that is 1; e.g. `1h*5 2 1*c`.
 */
export function encodeHistogram(counts: ReadonlyMap<number, number>): LatencyHistogram {
  return encodeEntries([...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b));
}

function decodeEntries(histogram: LatencyHistogram): Entry[] {
  if (histogram === "") return [];
  const entries: Entry[] = [];
  let bin = 0;
  for (const token of histogram.split(" ")) {
    const star = token.indexOf("*");
    bin += Number.parseInt(token, RADIX);
    const count = star < 0 ? 1 : Number.parseInt(token.slice(star + 1), RADIX);
    if (!Number.isSafeInteger(bin) || !(count > 0)) {
      throw new SyntaxError("damaged latency histogram");
    }
    entries.push([bin, count]);
  }
  return entries;
}

/**
 * Decodes a histogram into counts by bin, in ascending order.
 *
 * @throws SyntaxError when the text is damaged
 */
export function decodeHistogram(histogram: LatencyHistogram): Map<number, number> {
  return new Map(decodeEntries(histogram));
}

/** Two histograms as one: both are in order, so that one pass over them is enough. */
function mergeTwo(first: LatencyHistogram, second: LatencyHistogram): LatencyHistogram {
  const [a, b] = [decodeEntries(first), decodeEntries(second)];
  const merged: Entry[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && (right === undefined || left[0] < right[0])) {
      merged.push(left);
      i += 1;
    } else if (right !== undefined && (left === undefined || right[0] < left[0])) {
      merged.push(right);
      j += 1;
    } else if (left !== undefined && right !== undefined) {
      merged.push([left[0], left[1] + right[1]]);
      i += 1;
      j += 1;
    }
  }
  return encodeEntries(merged);
}

/** The histogram of one latency in milliseconds. */
export function latencyHistogram(latencyMs: number): LatencyHistogram {
  return binOf(latencyMs).toString(RADIX);
}

/** The histogram of all that several have seen. */
export function mergeHistograms(...histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const given = histograms.filter((histogram) => histogram !== "");
  const [first = "", second] = given;
  if (second === undefined) return first;
  // Most are one latency that is added to a few.
  if (given.length === 2) return mergeTwo(first, second);
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

/** Median and 95th percentile in milliseconds; null when the histogram is empty. */
export function medianAndTail(
  histogram: LatencyHistogram,
): { p50Ms: number; p95Ms: number } | null {
  const [p50Ms, p95Ms] = [quantileMs(histogram, 0.5), quantileMs(histogram, 0.95)];
  return p50Ms === null || p95Ms === null ? null : { p50Ms, p95Ms };
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
