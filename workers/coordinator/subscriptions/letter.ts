/**
 * A message as an e-mail: plain text and HTML that says the same, and the headers by which mail
 * programs offer to unsubscribe (RFC 2369, RFC 8058) and to send no automatic answer (RFC 3834).
 * All of them are among those that Cloudflare's Email Service lets be set. Pure; sends nothing.
 */
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Tone } from "../pages/view-model/words.ts";
import type { MessageEntry, SubscriberMessage } from "./message.ts";

/** An e-mail but for its sender and its receiver. */
export interface Letter {
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Longest subject, in characters; RFC 5322 allows 998 in a line, programs show less. */
const SUBJECT_MAX = 150;

const TONES: Readonly<Record<Tone, string>> = {
  operational: "#159a61",
  degraded: "#c17f00",
  partial: "#e0600c",
  down: "#d62c3b",
  unknown: "#76808f",
  paused: "#76808f",
  maintenance: "#3b76e1",
};

const FACE = "-apple-system,'Segoe UI',Roboto,'Noto Sans',Ubuntu,system-ui,sans-serif";
/** Follows the reader's scheme where the mail program lets it; else the light one stands. */
const STYLE = `
  body { background: #f5f7fa; color: #10151d; }
  .card { background: #ffffff; border-color: #e1e6ed; }
  .soft, .soft a { color: #576171; }
  a { color: #1756b8; }
  @media (prefers-color-scheme: dark) {
    body { background: #0b0f15 !important; color: #e9eef5 !important; }
    .card { background: #131922 !important; border-inline-color: #242d3a !important;
      border-bottom-color: #242d3a !important; }
    .soft, .soft a { color: #9aa6b6 !important; }
    a { color: #8ab8ff; }
  }`;

/** Renders an e-mail. */
export async function renderLetter(message: SubscriberMessage): Promise<Letter> {
  const { unsubscribe, id, words } = message;
  return {
    subject: oneLine(message.title),
    text: renderText(message),
    html: String(await renderHtml(message)),
    headers: {
      "Auto-Submitted": "auto-generated",
      "Content-Language": words.language.tag,
      "X-Echoquorum-Message": id,
      ...(unsubscribe === null
        ? {}
        : {
            "List-Unsubscribe": `<${unsubscribe}>`,
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
          }),
    },
  };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
  const characters = [...line];
  return characters.length > SUBJECT_MAX
    ? `${characters.slice(0, SUBJECT_MAX - 1).join("")}…`
    : line;
}

function renderText({ entries, action, why, links }: SubscriberMessage): string {
  const told = entries.map(({ title, paragraphs, link }) =>
    [title, ...paragraphs, ...(link === null ? [] : [link])].join("\n"),
  );
  const asked = action === null ? [] : [`${action.label}:\n${action.href}`];
  const foot = [why, ...links.map(({ label, href }) => `${label}: ${href}`)].join("\n");
  return `${[...told, ...asked, `-- \n${foot}`].join("\n\n")}\n`;
}

function renderHtml(message: SubscriberMessage): Markup {
  const { entries, action, why, links, title, words } = message;
  const { tag, direction } = words.language;
  return html`<!doctype html>
    <html lang="${tag}" dir="${direction}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body style="margin:0;padding:24px 12px;font:16px/1.5 ${raw(FACE)}">
        <div role="main" style="max-width:560px;margin:0 auto">
          ${entries.map(renderEntry)}
          ${
            action === null
              ? ""
              : html`<p style="margin:24px 0">
                  <a
                    href="${action.href}"
                    style="display:inline-block;padding:12px 22px;border-radius:10px;
                    background:#1756b8;color:#ffffff;font-weight:600;text-decoration:none"
                    >${action.label}</a
                  >
                </p>`
          }
          <p class="soft" style="margin:24px 4px 0;font-size:13px">
            ${why}<br />
            ${links.map(
              ({ label, href }, index) =>
                html`${index === 0 ? "" : " · "}<a href="${href}">${label}</a>`,
            )}
          </p>
        </div>
      </body>
    </html>`;
}

function renderEntry({ title, tone, paragraphs, link }: MessageEntry): Markup {
  const heading =
    link === null ? title : html`<a href="${link}" style="color:inherit">${title}</a>`;
  return html`<div
    class="card"
    style="margin:0 0 12px;padding:18px 20px;border:1px solid #e1e6ed;border-radius:12px;
    border-top:4px solid ${raw(TONES[tone])}"
  >
    <h1 style="margin:0;font-size:18px;line-height:1.35">${heading}</h1>
    ${paragraphs.map(
      (paragraph) =>
        html`<p dir="auto" style="margin:8px 0 0;white-space:pre-line">${paragraph}</p>`,
    )}
  </div>`;
}
