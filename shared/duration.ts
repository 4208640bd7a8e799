/**
 * Durations as people write them: `15s`, `2m`, `1h30m`, `250ms`, `1d`.
 *
 * Used by the monitor schema, the API and the command line alike. Pure; imports nothing.
 */
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Durations that were parsed: a schedule asks for the same few over and over. */
const known = new Map<string, number | null>();
/** Texts come from people: what is remembered of them is bounded. */
const KNOWN_MAX = 1_000;

/**
 * Parses a duration into milliseconds.
 *
 * @returns whole milliseconds, or null when the text is not a duration
 * @example parseDuration("1h30m") === 5_400_000
 */
export function parseDuration(text: string): number | null {
  let durationMs = known.get(text);
  if (durationMs === undefined) {
    durationMs = parse(text);
    if (known.size < KNOWN_MAX) known.set(text, durationMs);
  }
  return durationMs;
}

function parse(text: string): number | null {
  const trimmed = text.trim();
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return Math.round(totalMs);
}

/** Writes milliseconds in the largest units that are exact, e.g. `90_000` → `1m30s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return "0s";
  let restMs = Math.round(durationMs);
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"] as const) {
    const amount = Math.floor(restMs / UNIT_MS[unit]);
    if (amount === 0) continue;
    text += `${amount}${unit}`;
    restMs -= amount * UNIT_MS[unit];
  }
  return text;
}
