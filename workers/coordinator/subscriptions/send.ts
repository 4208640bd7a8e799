/**
 * Sends one message to one subscriber, once, in the form of its way. It neither stores nor repeats.
 *
 * Webhooks are signed after Standard Webhooks 1.0.0; receivers drop repetitions by `webhook-id`.
 */
import { Webhook } from "standardwebhooks";
import type { ChannelRequest } from "../channels/channel.ts";
import type { SlackBlock } from "../channels/slack-message.ts";
import { SLACK_LIMITS, escape, section, truncate } from "../channels/slack-message.ts";
import type { Env } from "../env.ts";
import { renderLetter } from "./letter.ts";
import { sendLetter } from "./mailer.ts";
import type { SubscriberMessage } from "./message.ts";
import type { PostOptions } from "./post.ts";
import { postMessage } from "./post.ts";
import type { SubscriberOutcome, Subscription } from "./subscription.ts";

/** Longest text of an entry, in characters. */
const SLACK_SECTION_MAX = 1_000;
/** Longest label of a link, in characters. */
const SLACK_LABEL_MAX = 100;
/** Of one message; with sections this long it stays below what Slack takes in all. */
const SLACK_ENTRIES_MAX = 8;

/** Sends a message. Never throws: whatever goes wrong is the outcome. */
export async function sendMessage(
  env: Env,
  { kind, target }: Pick<Subscription, "kind" | "target">,
  message: SubscriberMessage,
  options: PostOptions,
): Promise<SubscriberOutcome> {
  if (kind === "email") {
    const letter = await renderLetter(message);
    return sendLetter(env, target.address, letter, options.timeoutMs);
  }
  const request =
    kind === "slack"
      ? renderSlack(target.address, message)
      : renderWebhook(target, message, options.nowMs);
  const { answer: _unread, ...outcome } = await postMessage(request, options);
  return outcome;
}

/** Renders a webhook's request, signed for an attempt at `nowMs`. */
export function renderWebhook(
  { address: url, secret }: Pick<Subscription["target"], "address" | "secret">,
  { id, payload }: Pick<SubscriberMessage, "id" | "payload">,
  nowMs: number,
): ChannelRequest {
  const body = JSON.stringify(payload);
  const signature = secret === null ? null : new Webhook(secret).sign(id, new Date(nowMs), body);
  return {
    url,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(nowMs / 1_000)),
      ...(signature === null ? {} : { "webhook-signature": signature }),
    },
    body,
  };
}

function renderSlack(url: string, message: SubscriberMessage): ChannelRequest {
  const { title, entries, action, links } = message;
  const told = entries.slice(0, SLACK_ENTRIES_MAX).flatMap(({ title: heading, ...entry }) => {
    const text = [heading, ...entry.paragraphs].join("\n");
    return [
      section(truncate(escape(text), SLACK_SECTION_MAX)),
      ...(entry.link === null ? [] : [context([{ label: heading, href: entry.link }])]),
    ];
  });
  const blocks = [
    {
      type: "header",
      text: { type: "plain_text", text: truncate(title, SLACK_LIMITS.headerText) },
    },
    ...told,
    context(action === null ? links : [action, ...links]),
  ];
  return {
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: escape(title), blocks, unfurl_links: false }),
  };
}

function context(links: SubscriberMessage["links"]): SlackBlock {
  const text = links
    .map(
      ({ label, href }) =>
        `<${href}|${truncate(escape(label), SLACK_LABEL_MAX).replaceAll("|", "¦")}>`,
    )
    .join(" · ");
  return { type: "context", elements: [{ type: "mrkdwn", text }] };
}
