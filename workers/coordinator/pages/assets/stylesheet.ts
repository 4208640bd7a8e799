/** The stylesheet of the public pages: one column, no framework, no request to other hosts. */
import { FIGURE_STYLES } from "./stylesheet-figures.ts";
import { FORM_STYLES } from "./stylesheet-forms.ts";
import { INCIDENT_STYLES } from "./stylesheet-incidents.ts";
import { LOGIN_STYLES } from "./stylesheet-login.ts";
import { MONITOR_STYLES } from "./stylesheet-monitors.ts";
import { css, TOKENS } from "./stylesheet-tokens.ts";

const FRAME = css`
  *,
  ::before,
  ::after {
    box-sizing: border-box;
    margin: 0;
  }
  html {
    -webkit-text-size-adjust: 100%;
    scroll-padding-top: 16px;
    overflow-wrap: break-word;
  }
  body {
    background: var(--page);
    color: var(--ink);
    font: 400 15px/1.5 var(--face);
    font-variant-numeric: tabular-nums;
    max-width: 928px;
    margin: 0 auto;
    padding: 0 24px;
  }
  h1,
  h2,
  h3,
  h4 {
    font-weight: 600;
    line-height: 1.3;
    text-wrap: balance;
  }
  h2 {
    font-size: 17px;
    margin: 40px 0 12px;
  }
  h3 {
    font-size: 16px;
  }
  h4 {
    font-size: 15px;
  }
  ul,
  ol,
  dl,
  dd {
    list-style: none;
    padding: 0;
    margin: 0;
  }
  a {
    color: var(--link);
    text-underline-offset: 3px;
  }
  a:not(:hover) {
    text-decoration-color: color-mix(in srgb, currentColor 35%, transparent);
  }
  :focus-visible {
    outline: 2px solid var(--link);
    outline-offset: 3px;
    border-radius: 4px;
  }
  main:focus {
    outline: none;
  }
  .quiet {
    color: var(--quiet);
  }
  .unseen,
  .shapes {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .skip {
    position: absolute;
    inset-inline-start: 24px;
    top: -60px;
    background: var(--card);
    padding: 8px 16px;
    border-radius: 8px;
    z-index: 2;
  }
  .skip:focus {
    top: 12px;
  }
  .card {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 14px;
    box-shadow: var(--shadow);
  }
  .icon {
    flex: none;
    width: 16px;
    height: 16px;
  }
  symbol circle {
    fill: var(--tone);
  }
  symbol path {
    fill: none;
    stroke: var(--card);
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .masthead {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 24px;
    align-items: center;
    justify-content: space-between;
    padding: 28px 0 24px;
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: 10px;
    color: var(--ink);
    font-size: 18px;
    font-weight: 650;
    letter-spacing: -0.01em;
    text-decoration: none;
  }
  .brand img {
    display: block;
    max-width: 100%;
    object-fit: contain;
    object-position: 0;
  }
  [dir="rtl"] .brand img {
    object-position: 100%;
  }
  .mark {
    flex: none;
    width: 26px;
    height: 26px;
    fill: none;
    color: var(--accent, inherit);
    stroke: currentColor;
    stroke-width: 2.2;
    stroke-linecap: round;
  }
  .mark circle {
    fill: currentColor;
    stroke: none;
  }
  nav {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    font-size: 14px;
  }
  nav a {
    color: var(--quiet);
    text-decoration: none;
    padding: 4px 0;
  }
  nav a.own {
    color: var(--link);
    font-weight: 500;
  }
  nav a:hover {
    color: var(--ink);
    text-decoration: underline;
  }
  footer {
    margin: 48px 0 40px;
    padding-top: 24px;
    border-top: 1px solid var(--line);
    color: var(--quiet);
    font-size: 13px;
  }
  footer p {
    max-width: 76ch;
  }
  .own-footer {
    margin-bottom: 24px;
    padding-bottom: 24px;
    border-bottom: 1px solid var(--line);
    color: var(--ink);
    font-size: 14px;
  }
  .own-links {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    font-weight: 500;
  }
  .own-links + .markup {
    margin-top: 12px;
  }
  .own-footer .markup > * {
    max-width: none;
    text-align: match-parent;
  }
  .languages {
    gap: 4px 18px;
    margin-top: 16px;
    font-size: 13px;
  }
  .languages [aria-current] {
    color: var(--ink);
    font-weight: 600;
  }
  footer p + p {
    margin-top: 8px;
  }
`;

const HEADLINE = css`
  .headline {
    position: relative;
    isolation: isolate;
    overflow: hidden;
    display: flex;
    gap: 20px;
    align-items: flex-start;
    padding: 28px;
    border-radius: 18px;
    border: 1px solid color-mix(in srgb, var(--tone) 32%, var(--line));
    background: linear-gradient(115deg, var(--tint) 35%, var(--card));
    box-shadow: var(--shadow);
  }
  [dir="rtl"] .headline {
    background: linear-gradient(245deg, var(--tint) 35%, var(--card));
  }
  .headline::after {
    content: "";
    position: absolute;
    z-index: -1;
    inset-block-start: -140px;
    inset-inline-end: -140px;
    width: 420px;
    height: 420px;
    border-radius: 50%;
    opacity: 0.16;
    background: repeating-radial-gradient(
      circle,
      transparent 0 27px,
      var(--tone) 28px 29.5px,
      transparent 30px 42px
    );
    mask: radial-gradient(circle, #000, transparent 70%);
  }
  .headline > .icon {
    width: 44px;
    height: 44px;
    margin-top: 2px;
  }
  .headline h1 {
    font-size: clamp(22px, 4.2vw, 30px);
    letter-spacing: -0.02em;
    line-height: 1.2;
    padding: 5px 0;
  }
  .detail {
    font-size: 16px;
    color: var(--tone-ink);
  }
  .data-age {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 20px;
    margin-top: 8px;
    font-size: 14px;
  }
  .back {
    margin-bottom: 16px;
  }
  .back:last-child {
    margin-top: 24px;
  }
`;

const NETWORK = css`
  .network .card {
    padding: 24px;
  }
  .map {
    display: block;
    width: 100%;
    margin-bottom: 20px;
  }
  .land {
    fill: none;
    stroke: var(--land);
    stroke-width: 0.62;
    stroke-linecap: round;
    stroke-dasharray: 0 1;
  }
  .map circle {
    fill: var(--tone);
    stroke: var(--card);
    stroke-width: 0.35;
  }
  .map .halo {
    opacity: 0.25;
    stroke: none;
  }
  .probes {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(270px, 1fr));
    gap: 16px 28px;
  }
  .probes li {
    display: flex;
    gap: 10px;
  }
  .probes .icon {
    margin-top: 3px;
  }
  .probes .quiet {
    font-size: 14px;
  }
`;

const CIRCUMSTANCES = css`
  @media (max-width: 640px) {
    body {
      padding: 0 16px;
    }
    .masthead {
      padding: 20px 0 16px;
    }
    nav {
      gap: 4px 16px;
    }
    .headline {
      padding: 20px;
      gap: 14px;
    }
    .headline > .icon {
      width: 34px;
      height: 34px;
    }
    .monitor,
    .incident,
    .incident-body,
    .past-day,
    .block,
    .card.why,
    .network .card {
      padding-left: 16px;
      padding-right: 16px;
    }
    .region {
      grid-template-columns: 16px 1fr auto;
    }
    .region .bar {
      grid-column: 2 / -1;
    }
    .scale {
      justify-content: space-between;
      gap: 8px;
    }
    .scale .rule {
      display: none;
    }
    .legend {
      justify-content: flex-start;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    html {
      scroll-behavior: smooth;
    }
    summary::before {
      transition: rotate 0.15s;
    }
  }
  @media (forced-colors: active) {
    .icon,
    .bar,
    .plot,
    .chart-legend svg,
    .legend li::before,
    .map {
      forced-color-adjust: none;
    }
    .pill {
      border: 1px solid;
    }
  }
  @media print {
    :root {
      --page: #fff;
    }
    body {
      max-width: none;
      padding: 0;
    }
    nav,
    .skip,
    .map {
      display: none;
    }
    .incident details::details-content {
      content-visibility: visible;
      block-size: auto;
    }
    .card,
    .headline,
    .incident {
      box-shadow: none;
      break-inside: avoid;
    }
    .icon,
    .bar,
    .pill,
    .headline {
      print-color-adjust: exact;
    }
  }
`;

/** Drops what only serves readers of the source. */
function compress(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,]) ?/g, "$1")
    .replaceAll(": ", ":")
    .replaceAll(";}", "}")
    .trim();
}

/** The stylesheet. */
export const STYLESHEET = compress(
  [
    TOKENS,
    FRAME,
    HEADLINE,
    MONITOR_STYLES,
    INCIDENT_STYLES,
    FIGURE_STYLES,
    NETWORK,
    FORM_STYLES,
    LOGIN_STYLES,
    CIRCUMSTANCES,
  ].join(""),
);
