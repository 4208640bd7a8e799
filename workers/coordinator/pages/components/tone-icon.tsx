/**
 * One icon per tone, each with its own shape, so that no meaning hangs on colour alone. Drawn once
 * per page and referred to.
 */
import type { Tone } from "../view-model/words.ts";

/** Shapes on a 16 × 16 grid, cut out of a filled disc. */
const SHAPES: Readonly<Record<Tone, string>> = {
  operational: "M4.6 8.3l2.3 2.3 4.5-4.9",
  degraded: "M8 4.4v4.4M8 11.4v.2",
  partial: "M8 4.4v4.4M8 11.4v.2",
  down: "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2",
  unknown: "M6 6.4c0-1.2.9-1.9 2-1.9s2 .7 2 1.8c0 1.4-2 1.5-2 3M8 11.6v.1",
  maintenance: "M8 4.6v3.6l2.3 1.5",
  paused: "M6.3 5.2v5.6M9.7 5.2v5.6",
};

/** Definitions that {@link ToneIcon} refers to; once per page. */
export const ToneIconShapes = () => (
  <svg class="shapes" aria-hidden="true" focusable="false">
    {Object.entries(SHAPES).map(([tone, path]) => (
      <symbol id={`i-${tone}`} viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="8" />
        <path d={path} />
      </symbol>
    ))}
  </svg>
);

/** The icon of a tone; decoration beside words that say the same. */
export const ToneIcon = ({ tone }: { tone: Tone }) => (
  <svg class={`icon tone-${tone}`} aria-hidden="true" focusable="false">
    <use href={`#i-${tone}`} />
  </svg>
);
