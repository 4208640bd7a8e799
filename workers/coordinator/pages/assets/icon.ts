/** The page's icon in the browser's tab: the mark in the colour of the verdict. */
import type { Tone } from "../view-model/words.ts";

/** Colours that stand on light and dark tabs alike. */
const COLOURS: Readonly<Record<Tone, string>> = {
  operational: "#16a065",
  degraded: "#d08700",
  partial: "#ea6a12",
  down: "#dc2f3c",
  unknown: "#76808f",
  maintenance: "#3b76e1",
  paused: "#76808f",
};

/** Draws the icon. */
export function renderIcon(tone: Tone): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" ` +
    `stroke="${COLOURS[tone]}" stroke-width="2.6" stroke-linecap="round">` +
    `<circle cx="12" cy="12" r="3" fill="${COLOURS[tone]}" stroke="none"/>` +
    `<path d="M7.4 7.4a6.5 6.5 0 0 0 0 9.2M16.6 16.6a6.5 6.5 0 0 0 0-9.2"/>` +
    `<path d="M4.2 4.2a11 11 0 0 0 0 15.6M19.8 19.8a11 11 0 0 0 0-15.6"/></svg>`
  );
}
