/**
 * Control targets as the variable `CONTROL_TARGETS` names them: http and https addresses, separated by
 * commas. Pure.
 *
 * Production has three by default, run by different companies on networks that raw sockets of the
 * platform may reach; two at least must fail for a region to be doubted at once.
 */

/** Most control targets that a run looks at; with them one of six connections stays free. */
export const CONTROL_TARGETS_MAX = 5;

/** Parses the variable; what is no such address is left out. */
export function parseControlTargets(text: string): URL[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => URL.canParse(part))
    .map((part) => new URL(part))
    .filter(({ protocol }) => protocol === "http:" || protocol === "https:")
    .slice(0, CONTROL_TARGETS_MAX);
}
