/**
 * Slack: a message in Block Kit for an incoming webhook.
 *
 * Limits are Slack's, from its reference: 50 blocks per message
 * (docs.slack.dev/reference/block-kit/blocks), 3,000 characters of section text and 10 fields of
 * 2,000 (…/blocks/section-block), 150 characters of a header (…/blocks/header-block), 10 elements
 * of a context block (…/blocks/context-block). `&`, `<` and `>` are escaped, so nothing in a
 * monitor's name can mention people (docs.slack.dev/messaging/formatting-message-text). Links are
 * text, not buttons: a button would need an interactivity endpoint to answer it. Pure.
 */
import type { AlertMessage, Delivery } from "../../../shared/alert/delivery.ts";
import { formatDuration } from "../../../shared/duration.ts";
import type { Channel, ChannelRequest } from "./channel.ts";

/** Slack's limits, in characters or items. */
export const SLACK_LIMITS = {
  blocks: 50,
  sectionText: 3_000,
  fields: 10,
  fieldText: 2_000,
  headerText: 150,
  contextElements: 10,
} as const;
/** Longest message of one region: eleven of them and the rest stay far below the limits together. */
const REGION_MESSAGE_CHARACTERS_MAX = 300;

interface Text {
  type: "mrkdwn" | "plain_text";
  text: string;
  emoji?: boolean;
}

/** The kinds of block that alerts use. */
export type SlackBlock =
  | { type: "header"; text: Text }
  | { type: "section"; text: Text }
  | { type: "section"; fields: Text[] }
  | { type: "context"; elements: Text[] };

/** Body of a call to an incoming webhook. */
export interface SlackMessage {
  /** Shown in notifications, and where blocks cannot be. */
  text: string;
  blocks: SlackBlock[];
  unfurl_links: false;
}

const SIGNS: Readonly<Record<AlertMessage["severity"], string>> = {
  critical: "🔴",
  warning: "🟠",
  info: "🔵",
};
const REGION_SIGNS: Readonly<Record<string, string>> = { up: "🟢", degraded: "🟠", down: "🔴" };

/** Renders the request that carries a delivery to Slack. */
export function renderSlackRequest(
  channel: Extract<Channel, { kind: "slack" }>,
  delivery: Delivery,
): ChannelRequest {
  return {
    url: channel.settings.url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(renderSlackMessage(delivery.message)),
  };
}

/** Renders a message in Block Kit, within Slack's limits. */
export function renderSlackMessage(message: AlertMessage): SlackMessage {
  const sign = message.alert === "resolved" ? "🟢" : SIGNS[message.severity];
  const headline = `${sign} ${message.title}`;
  const blocks: SlackBlock[] = [
    {
      type: "header",
      text: {
        type: "plain_text",
        text: truncate(headline, SLACK_LIMITS.headerText),
        emoji: true,
      },
    },
    section(escape(message.text)),
  ];
  const fields = renderFields(message);
  if (fields.length > 0) blocks.push({ type: "section", fields });
  if (message.cause !== null) blocks.push(section(`*Usual cause:* ${escape(message.cause)}`));
  if (message.alert !== "resolved" && message.regions.length > 0) {
    blocks.push(section(message.regions.map(renderRegion).join("\n")));
  }
  blocks.push({ type: "context", elements: renderContext(message) });
  return {
    text: truncate(escape(headline), SLACK_LIMITS.sectionText),
    blocks,
    unfurl_links: false,
  };
}

function renderFields(message: AlertMessage): Text[] {
  const { incident, monitor, reason } = message;
  const facts: Array<[name: string, value: string]> = [];
  if (monitor !== null) {
    const group = monitor.group === null ? "" : ` (${escape(monitor.group)})`;
    facts.push(["Monitor", escape(monitor.name) + group]);
  }
  if (incident !== null) {
    facts.push(["Severity", message.severity], ["Since", renderTime(incident.startedAt)]);
    if (incident.endedAt !== null) facts.push(["Until", renderTime(incident.endedAt)]);
    if (incident.durationSeconds !== null) {
      facts.push(["Duration", formatDuration(incident.durationSeconds * 1_000)]);
    }
  }
  if (reason !== null) facts.push(["Reason", `\`${reason}\``]);
  return facts
    .slice(0, SLACK_LIMITS.fields)
    .map(([name, value]) => mrkdwn(`*${name}*\n${value}`, SLACK_LIMITS.fieldText));
}

function renderRegion(region: AlertMessage["regions"][number]): string {
  const sign = REGION_SIGNS[region.status] ?? "⚪";
  const reason = region.reason === null ? "" : ` \`${region.reason}\``;
  const said = truncate(escape(region.message), REGION_MESSAGE_CHARACTERS_MAX);
  return `${sign} *${escape(region.label)}* ${region.status}${reason} ${said}`.trimEnd();
}

function renderContext(message: AlertMessage): Text[] {
  const parts = [`Echoquorum, ${renderTime(message.at)}`];
  if (message.link !== null) {
    const label = message.incident === null ? "Open the status page" : "Open the incident";
    parts.unshift(`<${escape(message.link)}|${label}>`);
  }
  return parts.map((part) => mrkdwn(part, SLACK_LIMITS.sectionText));
}

/** A moment in the reader's own time zone, with UTC where Slack cannot show it. */
function renderTime(time: string): string {
  const seconds = Math.floor(Date.parse(time) / 1_000);
  return `<!date^${seconds}^{date_short_pretty} {time_secs}|${time}>`;
}

function section(text: string): SlackBlock {
  return { type: "section", text: mrkdwn(text, SLACK_LIMITS.sectionText) };
}

function mrkdwn(text: string, charactersMax: number): Text {
  return { type: "mrkdwn", text: truncate(text, charactersMax) };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Cuts a text without leaving half an escape or half a character behind. */
function truncate(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const cut = text.slice(0, charactersMax - 1).replace(/&[a-z]*$|[\ud800-\udbff]$/, "");
  return `${cut}…`;
}
