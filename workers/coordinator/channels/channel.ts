/**
 * Where alerts go: the schema of a channel, and how one is completed when it is created or changed.
 *
 * A channel holds secrets: signing secrets, tokens, and a URL whose path or query is often a token
 * itself. What of it may leave the coordinator is for `channel-view.ts` to say. Pure; sends nothing.
 */
import { z } from "zod";
import { idSchema } from "../../../shared/monitor/monitor.ts";
import { REDACTED, renderChannel } from "./channel-view.ts";
import { ALERT_LANGUAGES } from "./language/languages.ts";
import { findTemplateMistakes } from "./webhook-template.ts";

/** Bytes of randomness that a new signing secret needs (Standard Webhooks asks for 24 … 64). */
export const SECRET_BYTES = 32;
/** What signing secrets begin with. */
export const SECRET_PREFIX = "whsec_";
/** Most former signing secrets that sign beside the present one. */
export const FORMER_SECRETS_MAX = 4;
/** Where Slack's Web API is; GovSlack and compatible servers are elsewhere. */
export const SLACK_API_URL = "https://slack.com/api/";

/** Address of a receiver: http or https, without credentials in it. */
export const urlSchema = z
  .string()
  .max(2_048)
  .superRefine((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
      context.addIssue({ code: "custom", message: "expected an https:// or http:// URL" });
    } else if (url.username !== "" || url.password !== "") {
      context.addIssue({ code: "custom", message: "expected no user name or password in the URL" });
    }
  });

/** A Standard Webhooks secret: `whsec_` and base64. */
export const secretSchema = z.string().superRefine((value, context) => {
  const bytes = value.startsWith(SECRET_PREFIX) ? decodedLength(value.slice(6)) : null;
  if (bytes === null || bytes < 24 || bytes > 64) {
    context.addIssue({
      code: "custom",
      message: `expected a signing secret: "${SECRET_PREFIX}" and 24 to 64 bytes in base64`,
    });
  }
});

/** Length in bytes of base64 text with padding (RFC 4648 §4); null: not base64. */
function decodedLength(base64: string): number | null {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  return (base64.length / 4) * 3 - (base64.length - base64.replace(/=+$/, "").length);
}

/** Visible ASCII, as header values may have it (RFC 9110 §5.5). */
const headerValueSchema = z
  .string()
  .min(1)
  .max(4_096)
  .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, "expected visible ASCII characters");

const templateSchema = z
  .strictObject({
    /** Media type of the body; for JSON, values are escaped as in a JSON string. */
    contentType: headerValueSchema.default("application/json"),
    /** Text with `{{name}}`, `{{#list}}…{{/list}}` and `{{^list}}…{{/list}}`. */
    body: z.string().min(1).max(32_768),
  })
  .superRefine((template, context) => {
    for (const message of findTemplateMistakes(template)) {
      context.addIssue({ code: "custom", path: ["body"], message });
    }
  });

/** Fields of every kind. */
const everyField = {
  /** Language of the messages, as a tag; absent: English. */
  language: z.enum(ALERT_LANGUAGES).optional(),
};

const webhookFields = {
  ...everyField,
  /** Receives a POST per alert. */
  url: urlSchema,
  /** `alertmanager`: the payload that Prometheus Alertmanager sends, version 4. */
  format: z.enum(["echoquorum", "alertmanager"]).optional(),
  /** Replaces the payload of the format `echoquorum`. */
  template: templateSchema.optional(),
};

function hasOneForm(
  { format, template }: { format?: string | undefined; template?: unknown },
  context: z.RefinementCtx,
): void {
  if (format !== "alertmanager" || template === undefined) return;
  const message = "expected no template with the format alertmanager";
  context.addIssue({ code: "custom", path: ["template"], message });
}

const slackSettingsSchema = z
  .strictObject({
    ...everyField,
    /** URL of an incoming webhook; it is a secret. */
    url: urlSchema.optional(),
    /** Token of a bot, `xoxb-…`, with the scope `chat:write`; it is a secret. */
    token: headerValueSchema.optional(),
    /** Where the bot posts: the id of a channel, or its name. */
    channel: z.string().trim().min(1).max(200).optional(),
    /** Slack's Web API; absent: `https://slack.com/api/`. */
    apiUrl: urlSchema.optional(),
  })
  .superRefine(({ url, token, channel, apiUrl }, context) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (url === undefined && token === undefined) {
      complain("url", "expected the URL of an incoming webhook, or a bot's token and channel");
    }
    if (url !== undefined && token !== undefined) {
      complain("token", "expected either url or token, not both");
    }
    if (token !== undefined && channel === undefined) {
      complain("channel", "required: expected the channel in which the bot posts");
    }
    if (token === undefined && url !== undefined && channel !== undefined) {
      complain("channel", "expected none: an incoming webhook has its own channel");
    }
    if (token === undefined && apiUrl !== undefined) {
      complain("apiUrl", "expected none without a token");
    }
  });

const alertmanagerSettingsSchema = z.strictObject({
  ...everyField,
  /** Base address, e.g. `https://alertmanager.example.com/`; `api/v2/alerts` is added. */
  url: urlSchema,
  /** Value of the header `Authorization`, e.g. `Bearer …`; it is a secret. */
  authorization: headerValueSchema.optional(),
});

const nameSchema = z.string().trim().min(1).max(200);

/** A channel as it is created: an id and a signing secret are made where they are left out. */
export const channelInputSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    id: idSchema.optional(),
    name: nameSchema,
    kind: z.literal("webhook"),
    settings: z
      .strictObject({ ...webhookFields, secret: secretSchema.optional() })
      .superRefine(hasOneForm),
  }),
  z.strictObject({
    id: idSchema.optional(),
    name: nameSchema,
    kind: z.literal("slack"),
    settings: slackSettingsSchema,
  }),
  z.strictObject({
    id: idSchema.optional(),
    name: nameSchema,
    kind: z.literal("alertmanager"),
    settings: alertmanagerSettingsSchema,
  }),
]);

/** A complete channel, as it is stored. */
export const channelSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    id: idSchema,
    name: nameSchema,
    kind: z.literal("webhook"),
    settings: z.strictObject({
      ...webhookFields,
      secret: secretSchema,
      /** Secrets that were replaced, and until when they sign too (UTC epoch milliseconds). */
      formerSecrets: z
        .array(z.strictObject({ secret: secretSchema, untilMs: z.number() }))
        .max(FORMER_SECRETS_MAX)
        .optional(),
    }),
  }),
  z.strictObject({
    id: idSchema,
    name: nameSchema,
    kind: z.literal("slack"),
    settings: slackSettingsSchema,
  }),
  z.strictObject({
    id: idSchema,
    name: nameSchema,
    kind: z.literal("alertmanager"),
    settings: alertmanagerSettingsSchema,
  }),
]);

/** A channel as people declare it. */
export type ChannelInput = z.output<typeof channelInputSchema>;
/** A channel with its secrets: never rendered, logged or passed to a page. */
export type Channel = z.output<typeof channelSchema>;
/** A channel of one kind. */
export type ChannelOf<Kind extends Channel["kind"]> = Extract<Channel, { kind: Kind }>;
/** A request that carries one message to a channel. */
export interface ChannelRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Fields whose value is a secret as a whole, by kind. */
const SECRET_FIELDS = {
  webhook: ["secret"],
  slack: ["token"],
  alertmanager: ["authorization"],
} as const satisfies Record<Channel["kind"], readonly string[]>;

/**
 * Completes a declared channel.
 *
 * A change that repeats a secret or the URL in the form in which it was shown, or leaves the signing
 * secret of a webhook out, keeps what was stored.
 *
 * @param facts.id used when the input names none
 * @param facts.previous the channel that is changed; null: it is new
 * @param facts.randomBytes {@link SECRET_BYTES} of them, for a secret that has to be made
 * @returns the channel, and the secret if it was made here: to be shown once, now
 */
export function completeChannel(
  input: ChannelInput,
  facts: { id: string; previous: Channel | null; randomBytes: Uint8Array },
): { channel: Channel; newSecret: string | null } {
  const id = input.id ?? facts.id;
  const previous = facts.previous?.kind === input.kind ? facts.previous : null;
  const settings: Record<string, unknown> = { ...input.settings };
  const stored: Record<string, unknown> = previous?.settings ?? {};
  const shown: Record<string, unknown> = previous === null ? {} : renderChannel(previous).settings;
  for (const field of ["url", "apiUrl"]) {
    if (settings[field] !== undefined && settings[field] === shown[field]) {
      settings[field] = stored[field];
    }
  }
  for (const field of SECRET_FIELDS[input.kind]) {
    // A signing secret is never shown, so a webhook that is sent back comes without it.
    const isKept = input.kind === "webhook" && settings[field] === undefined;
    if (!isKept && settings[field] !== REDACTED) continue;
    if (stored[field] !== undefined) settings[field] = stored[field];
  }
  if (input.kind !== "webhook") {
    return { channel: { ...input, id, settings } as Channel, newSecret: null };
  }
  const made = settings["secret"] === undefined ? encodeSecret(facts.randomBytes) : null;
  if (made !== null) settings["secret"] = made;
  if (settings["secret"] === stored["secret"] && stored["formerSecrets"] !== undefined) {
    settings["formerSecrets"] = stored["formerSecrets"];
  }
  return { channel: { ...input, id, settings } as Channel, newSecret: made };
}

/**
 * Gives a webhook a new signing secret; the present one signs beside it for a while, so that
 * receivers can change over without refusing a message.
 *
 * @param untilMs until when the present one signs; not after `nowMs`: no longer
 */
export function rotateSecret(
  channel: ChannelOf<"webhook">,
  facts: { secret: string | null; randomBytes: Uint8Array; untilMs: number; nowMs: number },
): { channel: ChannelOf<"webhook">; newSecret: string } {
  const { secret: present, formerSecrets: _former, ...settings } = channel.settings;
  const newSecret = facts.secret ?? encodeSecret(facts.randomBytes);
  const former = [{ secret: present, untilMs: facts.untilMs }, ...formerSecretsOf(channel)]
    .filter(({ secret, untilMs }) => untilMs > facts.nowMs && secret !== newSecret)
    .slice(0, FORMER_SECRETS_MAX);
  const formerSecrets = former.length === 0 ? {} : { formerSecrets: former };
  return {
    channel: { ...channel, settings: { ...settings, secret: newSecret, ...formerSecrets } },
    newSecret,
  };
}

function formerSecretsOf({ settings }: ChannelOf<"webhook">) {
  return settings.formerSecrets ?? [];
}

/** A stored channel as somebody could have declared it, secrets included. */
export function declarationOf(channel: Channel): ChannelInput {
  if (channel.kind !== "webhook") return channel;
  const { formerSecrets: _former, ...settings } = channel.settings;
  return { ...channel, settings };
}

/** Secrets that sign at a moment, the present one first. */
export function signingSecrets(channel: ChannelOf<"webhook">, nowMs: number): string[] {
  const former = formerSecretsOf(channel).filter(({ untilMs }) => untilMs > nowMs);
  return [channel.settings.secret, ...former.map(({ secret }) => secret)];
}

/** Where a channel's requests go, and the field that says so. */
export function targetOf(channel: Channel): { url: string; field: string } {
  if (channel.kind !== "slack") return { url: channel.settings.url, field: "settings.url" };
  const { url, apiUrl } = channel.settings;
  return url === undefined
    ? { url: apiUrl ?? SLACK_API_URL, field: "settings.apiUrl" }
    : { url, field: "settings.url" };
}

/**
 * Writes a signing secret of Standard Webhooks.
 *
 * @param bytes random ones
 * @throws RangeError with too few of them
 */
export function encodeSecret(bytes: Uint8Array): string {
  if (bytes.length < 24) throw new RangeError("a signing secret needs at least 24 random bytes");
  return SECRET_PREFIX + btoa(String.fromCharCode(...bytes));
}
