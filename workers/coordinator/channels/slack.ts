/**
 * Slack as a channel, in either of its two ways.
 *
 * An incoming webhook takes messages and tells nothing back. A bot (`chat.postMessage`, scope
 * `chat:write`) is told where its message is: so what follows in an incident is posted into the
 * thread of the first message, and that one is brought up to date (`chat.update`), so that the
 * channel shows the present state. References: docs.slack.dev/reference/methods/chat.postMessage,
 * …/chat.update, docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. Sends nothing
 * itself: `post` does.
 */
import type {
  Delivery,
  DeliveryOutcome,
  RemoteMessage,
  Thread,
} from "../../../shared/alert/delivery.ts";
import type { Labels } from "../../../shared/alert/words.ts";
import type { ChannelOf, ChannelRequest } from "./channel.ts";
import { SLACK_API_URL } from "./channel.ts";
import { renderSlackMessage, renderSlackReply } from "./slack-message.ts";
import { webhookId } from "./webhook-payload.ts";

/** Makes one request; `answer` is the body of an answer that accepts. */
export type Post = (request: ChannelRequest) => Promise<DeliveryOutcome & { answer: string }>;

/** Errors that stand for a thread that is no more: the message is told anew. */
const THREAD_GONE: ReadonlySet<string> = new Set([
  "message_not_found",
  "thread_not_found",
  "cannot_reply_to_message",
]);
/** Errors for which an update is tried again; for any other the reply alone has to do. */
const PASSING: ReadonlySet<string> = new Set([
  "fatal_error",
  "internal_error",
  "ratelimited",
  "request_timeout",
  "service_unavailable",
]);
/** Errors that do not pass by themselves; any other of a post is tried again. */
const PERMANENT: ReadonlySet<string> = new Set([
  "account_inactive",
  "channel_not_found",
  "invalid_auth",
  "invalid_blocks",
  "is_archived",
  "missing_scope",
  "msg_blocks_too_long",
  "msg_too_long",
  "no_permission",
  "not_authed",
  "not_in_channel",
  "org_login_required",
  "restricted_action",
  "token_expired",
  "token_revoked",
]);

/** Renders the request that carries a delivery to an incoming webhook. */
export function renderIncomingWebhook(
  url: string,
  delivery: Delivery,
  labels: Labels,
): ChannelRequest {
  return {
    url,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...renderSlackMessage(delivery.message, labels), unfurl_links: false }),
  };
}

/**
 * Sends a delivery as a bot.
 *
 * What can be repeated without harm comes first: an update that passes and a post that fails are
 * both made again.
 *
 * @param thread where the first message about the same is; null: this is the first
 */
export async function sendAsBot(
  channel: ChannelOf<"slack">,
  delivery: Delivery,
  thread: Thread | null,
  labels: Labels,
  post: Post,
): Promise<DeliveryOutcome> {
  let root = thread?.remote ?? null;
  // What goes on there besides must stay to be seen.
  if (root !== null && thread?.isWhole === true) {
    const updated = readAnswer(await post(renderUpdate(channel, delivery, root, labels)));
    const { ok, error, permanent } = updated;
    if (!ok && (error === null ? !permanent : PASSING.has(error))) return updated.outcome;
    if (error !== null && THREAD_GONE.has(error)) root = null;
  }
  const posted = readAnswer(await post(renderPost(channel, delivery, root, labels)));
  if (root !== null && posted.error !== null && THREAD_GONE.has(posted.error)) {
    return readAnswer(await post(renderPost(channel, delivery, null, labels))).outcome;
  }
  // What comes later belongs to the thread, not to this reply.
  return posted.ok && root !== null ? { ...posted.outcome, remote: root } : posted.outcome;
}

function renderPost(
  channel: ChannelOf<"slack">,
  { id, message }: Delivery,
  thread: RemoteMessage | null,
  labels: Labels,
): ChannelRequest {
  const isWorse = message.alert === "changed";
  return renderCall(channel, "chat.postMessage", {
    channel: thread?.["channel"] ?? channel.settings.channel,
    ...(thread === null ? renderSlackMessage(message, labels) : renderSlackReply(message, labels)),
    unfurl_links: false,
    // Whoever collects messages can tell repetitions by it.
    metadata: { event_type: "echoquorum_alert", event_payload: { id: webhookId({ id }) } },
    ...(thread === null ? {} : { thread_ts: thread["ts"], reply_broadcast: isWorse }),
  });
}

function renderUpdate(
  channel: ChannelOf<"slack">,
  { message }: Delivery,
  thread: RemoteMessage,
  labels: Labels,
): ChannelRequest {
  const { channel: id, ts } = thread;
  return renderCall(channel, "chat.update", {
    channel: id,
    ts,
    ...renderSlackMessage(message, labels),
  });
}

function renderCall(
  { settings }: ChannelOf<"slack">,
  method: string,
  body: Record<string, unknown>,
): ChannelRequest {
  const base = (settings.apiUrl ?? SLACK_API_URL).replace(/\/*$/, "/");
  return {
    url: new URL(method, base).href,
    headers: {
      "content-type": "application/json; charset=utf-8",
      authorization: `Bearer ${settings.token ?? ""}`,
    },
    body: JSON.stringify(body),
  };
}

/** Slack says in the body of a 200 whether it accepts. */
function readAnswer(result: DeliveryOutcome & { answer: string }): {
  ok: boolean;
  permanent: boolean;
  /** Slack's code; null: none. */
  error: string | null;
  outcome: DeliveryOutcome;
} {
  const { answer, ...outcome } = result;
  if (!outcome.ok) {
    return { ok: false, permanent: outcome.permanent, error: null, outcome };
  }
  const said = parseAnswer(answer);
  if (said === null) {
    const unread = { ...outcome, ok: false, error: "Slack's answer is not JSON" };
    return { ok: false, permanent: false, error: null, outcome: unread };
  }
  if (said.ok) {
    const { channel, ts } = said;
    const remote = channel === null || ts === null ? {} : { remote: { channel, ts } };
    return { ok: true, permanent: false, error: null, outcome: { ...outcome, ...remote } };
  }
  const permanent = PERMANENT.has(said.error) || THREAD_GONE.has(said.error);
  const refused = { ...outcome, ok: false, error: `Slack answered: ${said.error}`, permanent };
  return { ok: false, permanent, error: said.error, outcome: refused };
}

function parseAnswer(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("ok" in value)) return null;
  const field = (name: string) => {
    const found = (value as Record<string, unknown>)[name];
    return typeof found === "string" ? found : null;
  };
  return {
    ok: value.ok === true,
    error: (field("error") ?? "unknown_error").slice(0, 100),
    channel: field("channel"),
    ts: field("ts"),
  };
}
