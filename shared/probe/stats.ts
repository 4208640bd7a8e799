/**
 * Statistics of round trips. Percentiles are by nearest rank: each is a time that was measured.
 * Pure.
 */
import type { RttSpread } from "./observation.ts";

/** Rounds to a hundredth; no clock that a probe has is finer. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Nearest-rank percentile of ascending samples; `fraction` in (0, 1]. */
function percentile(ascending: readonly number[], fraction: number): number {
  const rank = Math.max(1, Math.ceil(fraction * ascending.length));
  return ascending[rank - 1] ?? 0;
}

/** Spread of round-trip times in milliseconds; null without samples. */
export function rttSpread(samplesMs: readonly number[]): RttSpread | null {
  if (samplesMs.length === 0) return null;
  const ascending = samplesMs.toSorted((left, right) => left - right);
  const sum = ascending.reduce((total, sample) => total + sample, 0);
  return {
    min: rounded(ascending[0] ?? 0),
    mean: rounded(sum / ascending.length),
    p50: rounded(percentile(ascending, 0.5)),
    p95: rounded(percentile(ascending, 0.95)),
    max: rounded(ascending.at(-1) ?? 0),
  };
}

/**
 * Jitter of round trips in milliseconds: the mean of the differences between each and the one before
 * it, without their signs (as RFC 3550 §6.4.1 takes them, but not smoothed).
 *
 * @param samplesMs in the order in which they were measured
 * @returns null with fewer than two samples
 */
export function jitterMs(samplesMs: readonly number[]): number | null {
  if (samplesMs.length < 2) return null;
  const differences = samplesMs
    .slice(1)
    .map((sampleMs, index) => Math.abs(sampleMs - (samplesMs[index] ?? sampleMs)));
  return rounded(differences.reduce((sum, each) => sum + each, 0) / differences.length);
}

/**
 * Messages, or bytes, per second of an exchange.
 *
 * @returns null when nothing was exchanged, or in less time than the clock can tell from none
 */
export function perSecond(amount: number, elapsedMs: number): number | null {
  return amount === 0 || elapsedMs <= 0 ? null : rounded((amount * 1_000) / elapsedMs);
}
