/**
 * Messages as Slack would show them: blocks, mrkdwn, threads. It shows what was sent and nothing
 * else, in a form that is close to Slack's without being it.
 *
 * Mrkdwn: docs.slack.dev/messaging/formatting-message-text.
 */
import { html } from "hono/html";
import type { Block } from "../vendors/slack-schema.ts";
import type { SlackPost } from "../vendors/slack.ts";
import type { DemoAddresses, Markup } from "./page-shell.ts";
import { renderShell } from "./page-shell.ts";

const REFRESH_SECONDS = 3;
/** Threads that the page shows. */
const THREADS_MAX = 30;

/** Renders the page: threads, the one with the latest message first. */
export function renderSlackPage(
  addresses: DemoAddresses,
  posts: readonly SlackPost[],
  refusals: readonly string[],
): Markup {
  const threads = threadsOf(posts).slice(0, THREADS_MAX);
  return renderShell(addresses, {
    title: "Slack",
    lead:
      "Messages as Slack would show them, each incident in a thread. Refused so far: " +
      `${refusals.length === 0 ? "none" : refusals.join(", ")}.`,
    refreshSeconds: REFRESH_SECONDS,
    body:
      threads.length === 0
        ? html`<section class="card">
            <p>Nothing has arrived yet. Break a target on the fault panel.</p>
          </section>`
        : html`${threads.map(renderThread)}`,
  });
}

/** First messages with their replies, the thread with the latest message first. */
function threadsOf(posts: readonly SlackPost[]): SlackPost[][] {
  const threads = new Map<string, SlackPost[]>();
  for (const post of posts) {
    const key = post.threadTs ?? post.ts;
    const thread = threads.get(key) ?? [];
    thread.push(post);
    // The latest thread is the last one.
    threads.delete(key);
    threads.set(key, thread);
  }
  return [...threads.values()].reverse();
}

function renderThread([first, ...replies]: SlackPost[]): Markup | string {
  if (first === undefined) return "";
  return html`<article class="card">
    ${renderPost(first)}
    ${replies.length === 0 ? "" : html`<div class="slack-replies">${replies.map(renderPost)}</div>`}
  </article>`;
}

function renderPost(post: SlackPost): Markup {
  const notes = [
    `#${post.channel} · ${post.ts}`,
    ...(post.edits === 0 ? [] : ["edited"]),
    ...(post.broadcast ? ["also sent to the channel"] : []),
  ];
  return html`<div class="slack-message">
    <p><strong>Echoquorum</strong> <span class="soft small">${notes.join(" · ")}</span></p>
    ${post.blocks.length === 0 ? html`<p>${post.text}</p>` : post.blocks.map(renderBlock)}
  </div>`;
}

/** Renders a block. */
export function renderBlock(block: Block): Markup {
  switch (block.type) {
    case "header":
      return html`<h2 class="slack-header">${block.text.text}</h2>`;
    case "divider":
      return html`<hr />`;
    case "context":
      return html`<p class="soft small">
        ${block.elements.map(({ text }) => html`<span>${renderMrkdwn(text)}</span> `)}
      </p>`;
    case "section":
      return html`${block.text === undefined ? "" : html`<p>${renderMrkdwn(block.text.text)}</p>`}
      ${
        block.fields === undefined
          ? ""
          : html`<div class="slack-fields">
              ${block.fields.map(({ text }) => html`<p>${renderMrkdwn(text)}</p>`)}
            </div>`
      }`;
  }
}

/** Links, dates, bold, italics, code and line breaks; everything else is text. */
function renderMrkdwn(text: string): Array<Markup | string> {
  const token = /<([^>]*)>|`([^`\n]+)`|\*([^*\n]+)\*|\b_([^_\n]+)_\b|\n/g;
  const parts: Array<Markup | string> = [];
  let end = 0;
  for (const found of text.matchAll(token)) {
    parts.push(unescape(text.slice(end, found.index)));
    end = found.index + found[0].length;
    const [, angled, code, bold, italic] = found;
    if (angled !== undefined) parts.push(renderAngled(angled));
    else if (code !== undefined) parts.push(html`<code class="mono">${unescape(code)}</code>`);
    else if (bold !== undefined) parts.push(html`<strong>${unescape(bold)}</strong>`);
    else if (italic !== undefined) parts.push(html`<em>${unescape(italic)}</em>`);
    else parts.push(html`<br />`);
  }
  parts.push(unescape(text.slice(end)));
  return parts;
}

/** A link, or a date with what stands for it: `!date^seconds^format|fallback`. */
function renderAngled(text: string): Markup | string {
  const [target = "", label = target] = text.split("|");
  const date = /^!date\^(\d+)\^/.exec(target);
  if (date !== null) {
    const at = new Date(Number(date[1]) * 1_000).toISOString();
    return html`<time datetime="${at}">${at.slice(0, 19).replace("T", " ")}</time>`;
  }
  if (!/^https?:\/\//.test(target)) return `<${unescape(text)}>`;
  return html`<a href="${unescape(target)}">${unescape(label)}</a>`;
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
