/**
 * A message in Slack's Block Kit, within Slack's limits.
 *
 * Limits are those of Slack's reference: 50 blocks per message
 * (docs.slack.dev/reference/block-kit/blocks), 3,000 characters of section text and 10 fields of
 * 2,000 (…/blocks/section-block), 150 characters of a header (…/blocks/header-block), 10 elements
 * of a context block (…/blocks/context-block), 40,000 characters of text
 * (docs.slack.dev/reference/methods/chat.postMessage). All blocks together have a limit that the
 * reference does not name: `msg_blocks_too_long` was seen from 13,172 characters on
 * (github.com/slackapi/bolt-js/issues/2509). `&`, `<` and `>` are escaped, so nothing in a
 * monitor's name can mention people (docs.slack.dev/messaging/formatting-message-text). Links are
 * text, not buttons: a button would need an interactivity endpoint to answer it. Pure.
 */
import type {
  AlertMessage,
  AlertRegion,
  GroupedAlert,
} from "../../../shared/alert/alert-message.ts";
import type { Labels } from "../../../shared/alert/words.ts";
import { ENGLISH_LABELS } from "../../../shared/alert/words.ts";

/** Slack's limits, in characters or items. */
export const SLACK_LIMITS = {
  blocks: 50,
  sectionText: 3_000,
  fields: 10,
  fieldText: 2_000,
  headerText: 150,
  contextElements: 10,
  messageText: 40_000,
  /** Of all blocks together: below what Slack was seen to refuse. */
  allBlocks: 12_000,
} as const;
/** Longest message of one region: eleven of them and the rest stay far below the limits together. */
const REGION_MESSAGE_CHARACTERS_MAX = 300;
/** Longest title of one of several alerts. */
const GROUPED_TITLE_CHARACTERS_MAX = 150;
/** Longest list in one message, so that header, text and link always fit beside it. */
const LIST_CHARACTERS_MAX = 2_900;

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

/** What a message says, however it is posted. */
export interface SlackMessage {
  /** Shown in notifications, and where blocks cannot be. */
  text: string;
  blocks: SlackBlock[];
}

const SIGNS: Readonly<Record<AlertMessage["severity"], string>> = {
  critical: "🔴",
  warning: "🟠",
  info: "🔵",
};
const REGION_SIGNS: Readonly<Record<string, string>> = { up: "🟢", degraded: "🟠", down: "🔴" };

/** Renders a message in Block Kit. */
export function renderSlackMessage(
  message: AlertMessage,
  labels: Labels = ENGLISH_LABELS,
): SlackMessage {
  const headline = `${signOf(message)} ${message.title}`;
  const header: SlackBlock = {
    type: "header",
    text: { type: "plain_text", text: truncate(headline, SLACK_LIMITS.headerText), emoji: true },
  };
  const footer: SlackBlock = { type: "context", elements: renderContext(message, labels) };
  const body = [section(escape(message.text)), ...renderDetails(message, labels)];
  return {
    text: truncate(escape(headline), SLACK_LIMITS.sectionText),
    blocks: [header, ...fitting(body, lengthOf([header, footer])), footer],
  };
}

/** Renders what a message adds to a thread whose first message shows the present state. */
export function renderSlackReply(
  message: AlertMessage,
  labels: Labels = ENGLISH_LABELS,
): SlackMessage {
  const headline = `${signOf(message)} ${message.title}`;
  const footer: SlackBlock = { type: "context", elements: renderContext(message, labels) };
  return {
    text: truncate(escape(headline), SLACK_LIMITS.sectionText),
    blocks: [
      section(`*${escape(headline)}*`),
      section(escape(message.text)),
      ...renderCourse(message, labels),
      footer,
    ],
  };
}

function signOf({ alert, severity }: Pick<AlertMessage, "alert" | "severity">): string {
  return alert === "resolved" ? "🟢" : SIGNS[severity];
}

/** What stands between the sentence and the links, the most important first. */
function renderDetails(message: AlertMessage, labels: Labels): SlackBlock[] {
  const { cause, certificate, diagnosis } = message;
  const blocks: SlackBlock[] = [];
  const fields = renderFields(message, labels);
  if (fields.length > 0) blocks.push({ type: "section", fields });
  if (cause !== null) blocks.push(section(labelled(labels["label.cause"](), escape(cause))));
  if (diagnosis !== undefined) {
    blocks.push(section(labelled(labels["label.diagnosis"](), escape(diagnosis.text))));
  }
  blocks.push(...renderCourse(message, labels));
  if (certificate !== undefined) {
    const { subject, issuer, notAfter, daysLeft } = certificate;
    const said = labels.certificate({ subject, issuer, until: notAfter.slice(0, 10), daysLeft });
    blocks.push(section(labelled(labels["label.certificate"](), escape(said))));
  }
  return blocks;
}

/** The alerts of a group; what each region sees while it goes on; what happened once it is over. */
function renderCourse(message: AlertMessage, labels: Labels): SlackBlock[] {
  const { alert, alerts, moreAlerts = 0, regions, timeline = [] } = message;
  if (alerts !== undefined) return [list(alerts.map(renderGrouped), moreAlerts, labels)];
  if (alert === "resolved") {
    if (timeline.length === 0) return [];
    const steps = timeline.map(({ at, text }) => `${renderTime(at)} ${escape(text)}`);
    return [list([`*${labels["label.timeline"]()}*`, ...steps], 0, labels)];
  }
  const lines = regions.map((region) => renderRegion(region, labels));
  return lines.length === 0 ? [] : [list(lines, 0, labels)];
}

function renderFields(message: AlertMessage, labels: Labels): Text[] {
  const { incident, monitor, reason, meaning } = message;
  const facts: Array<[name: string, value: string]> = [];
  if (monitor !== null) {
    const group = monitor.group === null ? "" : ` (${escape(monitor.group)})`;
    facts.push([labels["label.monitor"](), escape(monitor.name) + group]);
  }
  if (incident !== null) {
    facts.push([labels["label.severity"](), labels.severity({ severity: message.severity })]);
    facts.push([labels["label.since"](), renderTime(incident.startedAt)]);
    if (incident.endedAt !== null) {
      facts.push([labels["label.until"](), renderTime(incident.endedAt)]);
    }
    const seconds = incident.durationSeconds ?? incident.lastedSeconds;
    if (seconds !== undefined) {
      facts.push([labels["label.duration"](), labels.duration({ seconds })]);
    }
  }
  if (reason !== null) facts.push([labels["label.reason"](), `\`${reason}\``]);
  if (meaning !== undefined) facts.push([labels["label.meaning"](), escape(meaning)]);
  return facts
    .slice(0, SLACK_LIMITS.fields)
    .map(([name, value]) => mrkdwn(`*${name}*\n${value}`, SLACK_LIMITS.fieldText));
}

function renderRegion(region: AlertRegion, labels: Labels): string {
  const sign = REGION_SIGNS[region.status] ?? "⚪";
  const colo = region.colo == null ? "" : ` (${escape(region.colo)})`;
  const reason = region.reason === null ? "" : ` \`${region.reason}\``;
  const uncounted = region.counted === false ? ` _${labels["region.uncounted"]()}_` : "";
  const said = truncate(escape(region.message), REGION_MESSAGE_CHARACTERS_MAX);
  const status = labels.status({ status: region.status });
  const place = `${sign} *${escape(region.label)}*${colo} ${status}`;
  const evidence =
    region.evidence === undefined
      ? ""
      : ` <${escape(region.evidence)}|${labels["link.evidence"]()}>`;
  return `${`${place}${reason}${uncounted} ${said}`.trimEnd()}${evidence}`;
}

function renderGrouped(alert: GroupedAlert): string {
  const title = truncate(escape(alert.title), GROUPED_TITLE_CHARACTERS_MAX);
  const shown = alert.link === null ? title : `<${escape(alert.link)}|${title}>`;
  return `${signOf(alert)} ${shown}`;
}

function renderContext(message: AlertMessage, labels: Labels): Text[] {
  const parts = [labels.sentBy({ time: renderTime(message.at) })];
  if (message.link !== null) {
    const isIncident = message.incident !== null && message.alert !== "test";
    const label = isIncident ? labels["link.incident"]() : labels["link.page"]();
    parts.unshift(`<${escape(message.link)}|${label}>`);
  }
  return parts.map((part) => mrkdwn(part, SLACK_LIMITS.sectionText));
}

/** A moment in the reader's own time zone, with UTC where Slack cannot show it. */
function renderTime(time: string): string {
  const seconds = Math.floor(Date.parse(time) / 1_000);
  return `<!date^${seconds}^{date_short_pretty} {time_secs}|${time}>`;
}

/** Whole lines as far as they fit, and how many do not. */
function list(lines: readonly string[], omitted: number, labels: Labels): SlackBlock {
  let characters = 0;
  const shown: string[] = [];
  for (const line of lines) {
    characters += line.length + 1;
    if (characters > LIST_CHARACTERS_MAX) break;
    shown.push(line);
  }
  const more = lines.length - shown.length + omitted;
  return section([...shown, ...(more === 0 ? [] : [labels["list.more"]({ more })])].join("\n"));
}

/** The first blocks, as many as fit beside what takes `taken` characters. */
function fitting(blocks: readonly SlackBlock[], taken: number): SlackBlock[] {
  let characters = taken;
  return blocks.filter((block, index) => {
    characters += lengthOf([block]);
    return characters <= SLACK_LIMITS.allBlocks && index < SLACK_LIMITS.blocks - 2;
  });
}

/** Characters of text in blocks. */
function lengthOf(blocks: readonly SlackBlock[]): number {
  const texts = blocks.flatMap((block) => {
    if (block.type === "context") return block.elements;
    return "fields" in block ? block.fields : [block.text];
  });
  return texts.reduce((sum, { text }) => sum + text.length, 0);
}

function labelled(name: string, value: string): string {
  return `*${name}:* ${value}`;
}

/** A block of text in Slack's markup. */
export function section(text: string): SlackBlock {
  return { type: "section", text: mrkdwn(text, SLACK_LIMITS.sectionText) };
}

function mrkdwn(text: string, charactersMax: number): Text {
  return { type: "mrkdwn", text: truncate(text, charactersMax) };
}

/** Text in Slack's own markup (docs.slack.dev/messaging/formatting-message-text). */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Cuts a text without leaving half an escape, half a link or half a character behind. */
export function truncate(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const cut = text.slice(0, charactersMax - 1).replace(/(&[a-z]*|<[^>]*|[\ud800-\udbff])$/, "");
  return `${cut}…`;
}
