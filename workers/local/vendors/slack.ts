/**
 * A stand-in for Slack: incoming webhooks and the two methods of the Web API that alerts use, as
 * strict as the reference. It keeps messages in memory, in their threads, to be looked at.
 *
 * Answers: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks ("Handling errors"),
 * docs.slack.dev/reference/methods/chat.postMessage and chat.update ("Errors").
 */
import { Hono } from "hono";
import type { Context } from "hono";
import type { z } from "zod";
import type { Block } from "./slack-schema.ts";
import {
  complaintOf,
  incomingWebhookSchema,
  postMessageSchema,
  updateSchema,
} from "./slack-schema.ts";

/** Messages that are kept. */
const MESSAGES_MAX = 500;

/** A message as a channel shows it. */
export interface SlackPost {
  channel: string;
  /** Its id within the channel: seconds and a counter. */
  ts: string;
  /** Message in whose thread it is; null: in the channel itself. */
  threadTs: string | null;
  /** Whether a reply is shown in the channel too. */
  broadcast: boolean;
  /** How often it was changed. */
  edits: number;
  text: string;
  blocks: Block[];
  /** Idempotency key that came with it; null: none. */
  key: string | null;
}

/** What the stand-in is set up with. */
export interface SlackOptions {
  /** Token of the bot. */
  token: string;
  /** Ids of channels by name. */
  channels: Readonly<Record<string, string>>;
  nowMs: () => number;
}

/** A workspace. */
export class SlackWorkspace {
  /** Oldest first. */
  readonly posts: SlackPost[] = [];
  /** What was refused, and why; oldest first. */
  readonly refusals: string[] = [];
  readonly options: SlackOptions;
  #count = 0;

  constructor(options: SlackOptions) {
    this.options = options;
  }

  /** Id of a channel by id or name; null: there is none. */
  channelId(name: string): string | null {
    const { channels } = this.options;
    const known = Object.values(channels).includes(name) ? name : undefined;
    return known ?? channels[name.replace(/^#/, "")] ?? null;
  }

  find(channel: string, ts: string): SlackPost | null {
    return this.posts.find((post) => post.channel === channel && post.ts === ts) ?? null;
  }

  add(post: Omit<SlackPost, "ts" | "edits">): SlackPost {
    this.#count += 1;
    const seconds = Math.floor(this.options.nowMs() / 1_000);
    const ts = `${seconds}.${String(this.#count).padStart(6, "0")}`;
    const added = { ...post, ts, edits: 0 };
    this.posts.push(added);
    if (this.posts.length > MESSAGES_MAX) this.posts.shift();
    return added;
  }

  refuse(why: string): string {
    this.refusals.push(why);
    return why;
  }
}

/** Routes: `/services/…` takes incoming webhooks, `/api/…` the Web API. */
export function slackApp(workspace: SlackWorkspace): Hono {
  const app = new Hono();
  app.post("/services/*", async (context) => {
    const parsed = incomingWebhookSchema.safeParse(await readJson(context));
    if (!parsed.success) {
      const why = complaintOf(parsed.error);
      return context.text(workspace.refuse(why === "no_text" ? why : "invalid_payload"), 400);
    }
    const { text, blocks = [] } = parsed.data;
    const place = { channel: "webhook", threadTs: null, broadcast: false, key: null };
    workspace.add({ ...place, text, blocks });
    return context.text("ok");
  });
  app.post("/api/chat.postMessage", (context) =>
    call(context, workspace, postMessageSchema, (message) => {
      const channel = workspace.channelId(message.channel);
      if (channel === null) return { ok: false, error: "channel_not_found" };
      const { thread_ts: threadTs = null, text, blocks = [], reply_broadcast: broadcast } = message;
      if (threadTs !== null && workspace.find(channel, threadTs) === null) {
        return { ok: false, error: "thread_not_found" };
      }
      const key = message.metadata?.event_payload["id"];
      const post = workspace.add({
        channel,
        threadTs,
        broadcast: broadcast ?? false,
        text,
        blocks,
        key: typeof key === "string" ? key : null,
      });
      return { ok: true, channel, ts: post.ts, message: { text, blocks } };
    }),
  );
  app.post("/api/chat.update", (context) =>
    call(context, workspace, updateSchema, ({ channel, ts, text, blocks = [] }) => {
      const post = workspace.find(channel, ts);
      if (post === null) return { ok: false, error: "message_not_found" };
      Object.assign(post, { text, blocks, edits: post.edits + 1 });
      return { ok: true, channel, ts, text };
    }),
  );
  return app;
}

type Answer = { ok: true; [field: string]: unknown } | { ok: false; error: string };

/** A call of the Web API: whatever is wrong is said in a 200. */
async function call<Schema extends z.ZodType>(
  context: Context,
  workspace: SlackWorkspace,
  schema: Schema,
  act: (body: z.output<Schema>) => Answer,
): Promise<Response> {
  const refuse = (error: string) => context.json({ ok: false, error: workspace.refuse(error) });
  const authorization = context.req.header("authorization");
  if (authorization === undefined) return refuse("not_authed");
  if (authorization !== `Bearer ${workspace.options.token}`) return refuse("invalid_auth");
  const parsed = schema.safeParse(await readJson(context));
  if (!parsed.success) return refuse(complaintOf(parsed.error));
  const answer = act(parsed.data);
  if (!answer.ok) workspace.refuse(answer.error);
  return context.json(answer);
}

/** The body; null where it is not JSON or not sent as such. */
async function readJson(context: Context): Promise<unknown> {
  const type = context.req.header("content-type") ?? "";
  if (!/^application\/json\b/.test(type)) return null;
  return context.req.json().catch(() => null);
}
