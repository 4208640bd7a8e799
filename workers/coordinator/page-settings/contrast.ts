/**
 * Contrast of two colours as WCAG 2.2 defines it, and the colours of the pages that an owner's own
 * must stand beside. Pure.
 */

/** Contrast that WCAG AA asks of text (success criterion 1.4.3). */
export const TEXT_CONTRAST_MIN = 4.5;

/** A scheme's colours that an owner's accent and background meet; as in the stylesheet's tokens. */
export const SCHEMES = {
  light: { background: "#f5f7fa", card: "#ffffff", ink: "#10151d", quiet: "#576171" },
  dark: { background: "#0b0f15", card: "#131922", ink: "#e9eef5", quiet: "#9aa6b6" },
} as const;

/** Relative luminance of `#rrggbb`, 0 … 1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours written as `#rrggbb`, 1 … 21. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Black or white, whichever can be read better on a colour: one of them always keeps AA. */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  return contrast(colour, "#ffffff") >= contrast(colour, "#000000") ? "#ffffff" : "#000000";
}
