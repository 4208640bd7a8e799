/**
 * Head, styles and navigation that the demo's two pages share. No script, nothing from elsewhere.
 */
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

/** Addresses that the pages link to. */
export interface DemoAddresses {
  statusPage: string;
  panel: string;
  alerts: string;
}

/** Path of the page that shows Slack's messages, below the alert receiver. */
export const SLACK_PAGE_PATH = "slack";

/** Path of the page that shows what subscribers were told, below the alert receiver. */
export const MAIL_PAGE_PATH = "mail";

/** Markup, escaped. */
export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

const STYLE = `
:root { color-scheme: light dark;
  --paper: light-dark(#f5f6f8, #101318); --card: light-dark(#fff, #191d24);
  --ink: light-dark(#1b2330, #e8ebf0); --soft: light-dark(#5b6675, #9aa5b4);
  --line: light-dark(#dde2e9, #2b323c); --accent: light-dark(#2456c8, #86a8ff);
  --good: light-dark(#13743f, #4fd08a); --bad: light-dark(#b3261e, #ff8a80);
  --warn: light-dark(#8a5a00, #f0bd5a); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 0; }
main { padding-bottom: 3rem; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -0.01em; }
h2 { margin: 0; font-size: 1.1rem; }
p { margin: 0.25rem 0; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 0.5rem; font-size: 0.95rem; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.85em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1rem 1.25rem; margin-top: 1rem; border-left: 5px solid var(--edge, var(--line)); }
.good { --edge: var(--good); } .bad { --edge: var(--bad); } .warn { --edge: var(--warn); }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; }
.row > h2 { flex: 1 1 auto; }
.badge { color: var(--edge, var(--soft)); border: 1px solid currentColor; border-radius: 999px;
  padding: 0.05rem 0.7rem; font-size: 0.8rem; font-weight: 600; white-space: nowrap; }
.actions { margin-top: 1rem; }
fieldset { border: 0; margin: 0.75rem 0 0; padding: 0; }
legend { padding: 0; font-size: 0.85rem; color: var(--soft); margin-bottom: 0.3rem; }
.chips { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.chips label { display: inline-flex; align-items: center; gap: 0.4rem; cursor: pointer;
  border: 1px solid var(--line); border-radius: 8px; padding: 0.3rem 0.65rem; font-size: 0.9rem; }
.chips label:has(:checked) { border-color: var(--accent); outline: 1px solid var(--accent); }
.chips input { accent-color: var(--accent); margin: 0; }
button { font: inherit; font-weight: 600; border-radius: 8px; padding: 0.4rem 1rem;
  border: 1px solid var(--accent); background: var(--accent); color: var(--card); cursor: pointer; }
button.quiet { background: none; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; margin-top: 0.5rem; font-size: 0.9rem; }
th, td { text-align: left; overflow-wrap: anywhere; padding: 0.25rem 0.75rem 0.25rem 0; border-top: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
.scroll { overflow-x: auto; }
pre { margin: 0.5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.mail { font: inherit; }
.slack-header { font-size: 1.15rem; margin: 0.25rem 0; }
.slack-fields { display: grid; grid-template-columns: repeat(2, 1fr); gap: 0.25rem 1.5rem; }
.slack-replies { border-left: 3px solid var(--line); margin: 0.75rem 0 0 0.25rem;
  padding-left: 1rem; }
.slack-message + .slack-message { margin-top: 1rem; }
.slack-message p { overflow-wrap: anywhere; }`;

/** A whole page. */
export function renderShell(
  addresses: DemoAddresses,
  page: { title: string; lead: string; refreshSeconds: number | null; body: Markup },
): Markup {
  const refresh =
    page.refreshSeconds === null
      ? ""
      : html`<meta http-equiv="refresh" content="${page.refreshSeconds}" />`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <link rel="icon" href="data:," />
        <title>${page.title} · Echoquorum demo</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${page.title}</h1>
          <p class="soft">${page.lead}</p>
          <nav aria-label="Demo">
            <a href="${addresses.statusPage}">Status page</a>
            <a href="${addresses.panel}">Fault panel</a>
            <a href="${addresses.alerts}">Alert receiver</a>
            <a href="${addresses.alerts}${SLACK_PAGE_PATH}">Slack</a>
            <a href="${addresses.alerts}${MAIL_PAGE_PATH}">Subscribers</a>
          </nav>
        </header>
        <main>${page.body}</main>
      </body>
    </html>`;
}
