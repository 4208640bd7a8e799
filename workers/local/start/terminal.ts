/**
 * What `npm start` writes: progress, addresses, one line per transition. Colours only on a terminal
 * and never when `NO_COLOR` is set (no-color.org).
 */

/** Colours by meaning. */
export interface Palette {
  bold(text: string): string;
  soft(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const plain = (text: string) => text;
const ansi = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;

/** Palette for a stream. */
export function paletteFor(
  stream: { isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Palette {
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const refused = env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "";
  if (refused || !(stream.isTTY === true || forced)) {
    return { bold: plain, soft: plain, good: plain, warn: plain, bad: plain };
  }
  return { bold: ansi(1), soft: ansi(90), good: ansi(32), warn: ansi(33), bad: ansi(31) };
}

/** Time of day in UTC, e.g. `14:02:11`: messages of the quorum name moments in UTC too. */
export function clockTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}
