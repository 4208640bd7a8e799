/** The arithmetic of the check benchmark. Pure. */

/** How the figures of several rounds lie. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** Middle of the figures; between two it is their mean. */
export function median(figures: readonly number[]): number {
  const ascending = figures.toSorted((left, right) => left - right);
  const upper = ascending[Math.floor(ascending.length / 2)];
  const lower = ascending[Math.ceil(ascending.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("there are no figures");
  return (lower + upper) / 2;
}

/** Least, middle and greatest of the figures. */
export function spread(figures: readonly number[]): Spread {
  return { min: Math.min(...figures), median: median(figures), max: Math.max(...figures) };
}

/**
 * Each round's figure as a multiple of the base's in the same round: what slowed the machine down
 * for a round slowed both.
 */
export function ratios(figures: readonly number[], base: readonly number[]): number[] {
  if (figures.length !== base.length) throw new RangeError("the rounds differ in number");
  return figures.map((figure, round) => figure / (base[round] ?? Number.NaN));
}

/** Memory in use after a number of checks. */
export interface MemorySample {
  checks: number;
  bytes: number;
}

/** How memory went. */
export interface MemoryCourse {
  /** Middle of the second quarter: caches are filled and code is compiled by then. */
  early: number;
  /** Middle of the last quarter. */
  late: number;
  max: number;
  /** Bytes per check from the second quarter to the last, by the middles of both. */
  growthPerCheck: number;
}

/** How memory went, from samples at even distances, four at least. */
export function memoryCourse(samples: readonly MemorySample[]): MemoryCourse {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) throw new RangeError("four samples at least are needed");
  const early = samples.slice(quarter, quarter * 2);
  const late = samples.slice(-quarter);
  const bytes = (some: readonly MemorySample[]) => median(some.map((sample) => sample.bytes));
  const checks = (some: readonly MemorySample[]) => median(some.map((sample) => sample.checks));
  return {
    early: bytes(early),
    late: bytes(late),
    max: Math.max(...samples.map((sample) => sample.bytes)),
    growthPerCheck: (bytes(late) - bytes(early)) / (checks(late) - checks(early)),
  };
}

/** Memory counts as flat up to this growth from the second quarter to the last. */
export const FLAT_GROWTH_MAX = 0.05;

/** Whether memory stayed flat. */
export function isFlat({ early, late }: MemoryCourse): boolean {
  return late <= early * (1 + FLAT_GROWTH_MAX);
}
