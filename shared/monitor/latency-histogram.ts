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
    text += encodeBin(bin - last, count);
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

/** Codes of the characters that a histogram is made of. */
const [SPACE, STAR, MINUS, ZERO, NINE, LOWER_A, LOWER_Z] = [32, 42, 45, 48, 57, 97, 122] as const;

/** Reads a histogram bin by bin out of its text, which makes nothing that is thrown away again. */
class BinReader {
  readonly #text: string;
  /** Behind the bin that was read. */
  endAt = 0;
  /** Where its text begins. */
  startAt = 0;
  /** The bin; Infinity: there is none any more. */
  bin = 0;
  count = 0;

  constructor(text: string) {
    this.#text = text;
    this.next();
  }

  /** Reads the next bin. */
  next(): void {
    const text = this.#text;
    if (this.endAt >= text.length) {
      this.startAt = text.length;
      this.bin = Infinity;
      return;
    }
    if (this.endAt > 0 && text.charCodeAt(this.endAt) === SPACE) this.endAt += 1;
    this.startAt = this.endAt;
    const isNegative = text.charCodeAt(this.endAt) === MINUS;
    if (isNegative) this.endAt += 1;
    const distance = this.#readNumber();
    this.bin += isNegative ? -distance : distance;
    this.count = 1;
    if (text.charCodeAt(this.endAt) === STAR) {
      this.endAt += 1;
      this.count = this.#readNumber();
    }
    const isOver = this.endAt === text.length || text.charCodeAt(this.endAt) === SPACE;
    if (!isOver || !(this.count > 0) || !Number.isSafeInteger(this.bin)) {
      throw new SyntaxError("damaged latency histogram");
    }
  }

  #readNumber(): number {
    const fromAt = this.endAt;
    let value = 0;
    for (; this.endAt < this.#text.length; this.endAt += 1) {
      const code = this.#text.charCodeAt(this.endAt);
      if (code >= ZERO && code <= NINE) value = value * RADIX + code - ZERO;
      else if (code >= LOWER_A && code <= LOWER_Z) value = value * RADIX + code - LOWER_A + 10;
      else break;
    }
    return this.endAt === fromAt ? NaN : value;
  }
}

function encodeBin(distance: number, count: number): string {
  const text = distance.toString(RADIX);
  return count === 1 ? text : `${text}*${count.toString(RADIX)}`;
}

/** A histogram with some more of one bin: what comes before it stays as it is, and so does the rest. */
function addBin(histogram: LatencyHistogram, bin: number, count: number): LatencyHistogram {
  const reader = new BinReader(histogram);
  let last = 0;
  for (; reader.bin < bin; reader.next()) last = reader.bin;
  const before = histogram.slice(0, reader.startAt);
  if (reader.bin === Infinity) return `${before} ${encodeBin(bin - last, count)}`;
  const after = histogram.slice(reader.endAt);
  if (reader.bin === bin) return before + encodeBin(bin - last, reader.count + count) + after;
  const next = encodeBin(reader.bin - bin, reader.count);
  return `${before}${encodeBin(bin - last, count)} ${next}${after}`;
}

/** Two histograms as one: both are in order, so that one pass over them is enough. */
function mergeTwo(first: LatencyHistogram, second: LatencyHistogram): LatencyHistogram {
  const b = new BinReader(second);
  // Most are one latency that is added to a few.
  if (b.endAt === second.length) return addBin(first, b.bin, b.count);
  const a = new BinReader(first);
  const tokens: string[] = [];
  for (let last = 0; a.bin !== Infinity || b.bin !== Infinity;) {
    const bin = Math.min(a.bin, b.bin);
    const count = (a.bin === bin ? a.count : 0) + (b.bin === bin ? b.count : 0);
    if (a.bin === bin) a.next();
    if (b.bin === bin) b.next();
    tokens.push(encodeBin(bin - last, count));
    last = bin;
  }
  return tokens.join(" ");
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
  if (given.length === 2) return mergeTwo(first, second);
  const counts = new Map<number, number>();
  for (const histogram of given) {
    for (const [bin, count] of decodeHistogram(histogram)) {
      counts.set(bin, (counts.get(bin) ?? 0) + count);
    }
  }
  return encodeHistogram(counts);
}

/** Two histograms as one, as {@link mergeHistograms} has it. */
export function addHistograms(first: LatencyHistogram, second: LatencyHistogram): LatencyHistogram {
  if (first === "") return second;
  return second === "" ? first : mergeTwo(first, second);
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
