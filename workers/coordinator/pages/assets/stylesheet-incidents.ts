/** How incidents, their timelines, and announced maintenance look. */
import { css } from "./stylesheet-tokens.ts";

/** Styles of incidents and maintenance. */
export const INCIDENT_STYLES = css`
  .incident {
    padding: 20px 24px 14px;
    border: 1px solid color-mix(in srgb, var(--tone) 32%, var(--line));
    border-inline-start: 4px solid var(--tone);
    border-radius: 14px;
    background: var(--card);
    box-shadow: var(--shadow);
  }
  .incident + .incident {
    margin-top: 12px;
  }
  .incident h3 {
    display: flex;
    gap: 10px;
    align-items: center;
    font-size: 18px;
  }
  .incident h3 .icon {
    width: 20px;
    height: 20px;
  }
  .incident h3 a,
  .past h4 a {
    color: var(--ink);
  }
  .cause {
    margin-top: 4px;
  }
  .incident-body {
    padding: 20px 24px;
  }
  #incident > .incident-body,
  #written > .incident-body {
    margin-top: 16px;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 10px 32px;
    margin: 12px 0 4px;
  }
  dt {
    color: var(--quiet);
    font-size: 13px;
  }
  dd {
    font-weight: 500;
  }
  .timeline > li {
    position: relative;
    display: flex;
    gap: 14px;
    padding-bottom: 18px;
  }
  details .timeline {
    padding: 12px 0 0;
  }
  .timeline > li::before {
    content: "";
    position: absolute;
    inset-inline-start: 7px;
    top: 22px;
    bottom: 0;
    width: 2px;
    background: var(--line);
  }
  .timeline > li:last-child::before {
    display: none;
  }
  .timeline > li:last-child {
    padding-bottom: 4px;
  }
  .timeline .icon {
    margin-top: 4px;
  }
  .timeline > li > div {
    min-width: 0;
    flex: 1;
  }
  .entry time {
    color: var(--quiet);
    font-size: 13px;
    margin-inline-start: 6px;
  }
  .entry b {
    font-weight: 600;
  }
  .votes {
    margin-top: 6px;
    font-size: 14px;
  }
  .votes li {
    display: flex;
    gap: 8px;
    padding: 3px 0;
  }
  .votes .icon {
    width: 14px;
    height: 14px;
  }
  .past-day {
    padding: 18px 24px;
  }
  .past-day + .past-day {
    border-top: 1px solid var(--line);
  }
  .past-day h3 {
    color: var(--quiet);
    font-size: 14px;
    margin-bottom: 8px;
  }
  .markup > * + * {
    margin-top: 8px;
  }
  .markup {
    overflow-wrap: anywhere;
  }
  .markup ul,
  .markup ol {
    padding-inline-start: 22px;
    list-style: revert;
  }
  .markup pre {
    overflow-x: auto;
  }
  .markup blockquote {
    padding-inline-start: 12px;
    border-inline-start: 3px solid var(--line);
    color: var(--quiet);
  }
  .incident .markup {
    margin-top: 8px;
  }
  .work {
    display: flex;
    gap: 12px;
    padding: 16px 24px;
  }
  .work + .work {
    border-top: 1px solid var(--line);
  }
  .work .icon {
    margin-top: 3px;
  }
  .work p {
    font-size: 14px;
  }
  .past {
    display: flex;
    gap: 12px;
    padding: 6px 0;
  }
  .past .icon {
    margin-top: 3px;
  }
  .past h4 .quiet {
    font-weight: 400;
  }
  .past p {
    font-size: 14px;
  }
  .empty {
    padding: 24px;
    color: var(--quiet);
  }
`;
