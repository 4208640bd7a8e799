/** How the pages of monitors and months look: figures, charts, tables. */
import { css } from "./stylesheet-tokens.ts";

/** Styles of figures over time. */
export const FIGURE_STYLES = css`
  .block {
    padding: 20px 24px;
  }
  .card.why {
    margin: 16px 0 0;
    padding: 16px 24px;
    font-size: 15px;
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(120px, 1fr));
    gap: 16px;
    margin-bottom: 20px;
  }
  .figures dd {
    font-size: 20px;
    font-weight: 600;
    letter-spacing: -0.01em;
  }
  .figures dd .quiet {
    display: block;
  }
  .figures dd.quiet,
  .figures dd .quiet {
    font-size: 13px;
    font-weight: 400;
    letter-spacing: 0;
  }
  .chart {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 4px 12px;
    direction: ltr;
  }
  .chart-scale {
    display: flex;
    flex-direction: column-reverse;
    justify-content: space-between;
    margin: -9px 0;
    color: var(--quiet);
    font-size: 12px;
    line-height: 18px;
    text-align: right;
  }
  .plot {
    display: block;
    width: 100%;
    height: 180px;
    overflow: visible;
  }
  .plot path,
  .chart-legend path {
    fill: none;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
    vector-effect: non-scaling-stroke;
  }
  .plot .grid {
    stroke: var(--line);
    stroke-width: 1;
  }
  .plot .day {
    fill: transparent;
  }
  .plot .day:hover,
  .plot .day.at {
    fill: color-mix(in srgb, var(--ink) 9%, transparent);
  }
  .chart-hours {
    display: flex;
    grid-column: 2;
    justify-content: space-between;
    color: var(--quiet);
    font-size: 13px;
  }
  .chart figcaption {
    grid-column: 1 / -1;
  }
  .chart-legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    margin-top: 8px;
    font-size: 13px;
  }
  .chart-legend li {
    display: inline-flex;
    gap: 8px;
    align-items: center;
  }
  .chart-legend svg {
    width: 24px;
    height: 4px;
    overflow: visible;
  }
  .series {
    stroke: var(--series);
  }
  .s0 {
    --series: var(--s-blue);
  }
  .s1 {
    --series: var(--s-orange);
    stroke-dasharray: 7 4;
  }
  .s2 {
    --series: var(--s-green);
    stroke-dasharray: 2 4;
  }
  .s3 {
    --series: var(--s-pink);
    stroke-dasharray: 10 3 2 3;
  }
  .s4 {
    --series: var(--s-violet);
  }
  .s5 {
    --series: var(--s-blue);
    stroke-dasharray: 4 4;
  }
  .s6 {
    --series: var(--s-orange);
  }
  .s7 {
    --series: var(--s-green);
    stroke-dasharray: 8 3;
  }
  .s8 {
    --series: var(--s-pink);
    stroke-dasharray: 2 4;
  }
  .s9 {
    --series: var(--s-violet);
    stroke-dasharray: 10 3 2 3;
  }
  .s10 {
    --series: var(--quiet);
  }
  .latencies {
    width: 100%;
    margin-top: 16px;
    border-collapse: collapse;
    font-size: 14px;
  }
  .latencies th,
  .latencies td {
    padding: 6px 0;
    border-top: 1px solid var(--line);
    font-weight: 400;
    text-align: end;
  }
  .latencies th:first-child {
    text-align: start;
  }
  .latencies thead th {
    border: 0;
    color: var(--quiet);
    font-size: 13px;
  }
  .latencies td {
    font-weight: 500;
  }
  .latencies abbr {
    text-decoration: none;
  }
  .more {
    margin: 12px 4px 0;
    font-size: 14px;
  }
  .block > .more {
    margin: 12px 0 0;
  }
  .month {
    font-size: clamp(22px, 4.2vw, 30px);
    letter-spacing: -0.02em;
  }
  .month .quiet {
    display: block;
    font-size: 15px;
    font-weight: 400;
    letter-spacing: 0;
  }
  .months {
    justify-content: space-between;
    margin: 12px 0 16px;
  }
  .months a {
    color: var(--link);
  }
  .months [rel="next"] {
    margin-inline-start: auto;
  }
  .past-day h2 {
    margin: 0 0 8px;
    color: var(--quiet);
    font-size: 14px;
  }
  .past-day .works {
    border: 0;
    box-shadow: none;
  }
  .past-day .work {
    padding: 6px 0;
  }
  .past h3 {
    font-size: 15px;
  }
  .past h3 a {
    color: var(--ink);
  }
  .past h3 .quiet {
    font-weight: 400;
  }
`;
