/** How monitors, their bars and their regions look. */
import { css } from "./stylesheet-tokens.ts";

/** Styles of monitors. */
export const MONITOR_STYLES = css`
  .monitor {
    padding: 20px 24px 14px;
  }
  .monitor + .monitor {
    border-top: 1px solid var(--line);
  }
  .monitor-head {
    display: flex;
    gap: 8px 16px;
    align-items: center;
    justify-content: space-between;
    margin-bottom: 10px;
  }
  .monitor-head h3 {
    min-width: 0;
  }
  .monitor-head h3,
  h2 {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow: hidden;
    overflow-wrap: anywhere;
  }
  .pill {
    display: inline-flex;
    flex: none;
    max-width: 60%;
    gap: 6px;
    align-items: center;
    padding-block: 3px;
    padding-inline: 6px 11px;
    border-radius: 99px;
    background: var(--tint);
    color: var(--tone-ink);
    font-size: 13px;
    font-weight: 600;
  }
  .why {
    margin: -4px 0 12px;
    font-size: 14px;
  }
  .reason,
  .colo {
    font: 500 12px/1.5 var(--mono);
    color: var(--quiet);
    background: color-mix(in srgb, var(--quiet) 11%, transparent);
    border-radius: 5px;
    padding: 1px 5px;
    text-decoration: none;
  }
  .colo {
    margin-inline-start: 6px;
    unicode-bidi: isolate;
    cursor: help;
  }
  .bar {
    display: block;
    width: 100%;
    height: 34px;
    border-radius: 5px;
    overflow: hidden;
  }
  [dir="rtl"] .bar {
    transform: scaleX(-1);
  }
  .bar.dense {
    height: 20px;
    border-radius: 3px;
  }
  .bar rect {
    fill: var(--tone);
  }
  .bar .day {
    fill: transparent;
  }
  .bar .day:hover,
  .bar .day.at {
    fill: color-mix(in srgb, var(--ink) 26%, transparent);
  }
  .run {
    fill: none;
    stroke-dasharray: 3 1;
  }
  .run.operational {
    stroke: color-mix(in srgb, var(--good) 82%, var(--card));
  }
  .run.none {
    stroke: var(--stub);
  }
  .scale {
    display: flex;
    gap: 12px;
    align-items: center;
    margin-top: 6px;
    color: var(--quiet);
    font-size: 13px;
  }
  .scale b {
    color: var(--ink);
    font-weight: 600;
  }
  .scale span {
    white-space: nowrap;
  }
  .scale .rule {
    flex: 1;
    height: 1px;
    background: var(--line);
  }
  details {
    margin-top: 6px;
  }
  summary {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 32px;
    padding-inline-end: 8px;
    color: var(--quiet);
    font-size: 14px;
    cursor: pointer;
    list-style: none;
  }
  summary:hover {
    color: var(--ink);
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary::before {
    content: "";
    width: 7px;
    height: 7px;
    margin: 0 2px 0 3px;
    border: solid currentColor;
    border-width: 0 1.6px 1.6px 0;
    rotate: -45deg;
  }
  [dir="rtl"] summary::before {
    rotate: 135deg;
  }
  [dir] [open] > summary::before {
    rotate: 45deg;
  }
  .regions {
    padding: 4px 0 8px;
  }
  .region {
    display: grid;
    grid-template-columns: 16px minmax(0, 1fr) max-content minmax(0, 34%);
    gap: 6px 12px;
    align-items: center;
    padding: 10px 0;
    font-size: 14px;
  }
  .region + .region {
    border-top: 1px dashed var(--line);
  }
  .region > .icon {
    align-self: start;
    margin-top: 3px;
  }
  .place {
    font-weight: 500;
  }
  .monitor-head h3 a {
    color: inherit;
    text-decoration-color: transparent;
  }
  .monitor-head h3 a:hover {
    text-decoration-color: currentColor;
  }
  .latency {
    text-align: end;
    font-weight: 500;
    white-space: nowrap;
  }
  .quantiles {
    color: var(--quiet);
    font-size: 12px;
    font-weight: 400;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 18px;
    justify-content: flex-end;
    margin: 12px 4px 0;
    color: var(--quiet);
    font-size: 13px;
  }
  .legend li::before {
    content: "";
    display: inline-block;
    width: 7px;
    height: 12px;
    margin-inline-end: 7px;
    border-radius: 2px;
    background: var(--tone);
    vertical-align: -1px;
  }
  .legend .tone-none::before {
    height: 3px;
    background: var(--stub);
    vertical-align: 1px;
  }
  .tip {
    position: absolute;
    z-index: 3;
    width: max-content;
    max-width: min(340px, calc(100vw - 16px));
    padding: 6px 10px;
    border-radius: 8px;
    background: var(--ink);
    color: var(--card);
    font-size: 13px;
    line-height: 1.4;
    pointer-events: none;
    box-shadow: 0 4px 16px #0003;
  }
`;
