/**
 * Where alerts go: the schema of a channel, how it is completed when it is created or changed, and
 * what of it may be shown.
 *
 * A channel holds secrets: the signing secret, and a URL whose path or query is often a token
 * itself. Only {@link renderChannel} may leave the coordinator, and {@link redact} must see every
 * text that came from sending. Pure; sends nothing.
 */
import { z } from "zod";
import { idSchema } from "../../../shared/monitor/monitor.ts";

/** Bytes of randomness that a new signing secret needs (Standard Webhooks asks for 24 … 64). */
export const SECRET_BYTES = 32;
const SECRET_PREFIX = "whsec_";
/** What stands for a secret where a channel is shown. */
export const REDACTED = "***";
/** Parts of a URL shorter than this are not looked for in other text: they would match anything. */
const SEARCHED_CHARACTERS_MIN = 6;

const urlSchema = z
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

const secretSchema = z.string().superRefine((value, context) => {
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

const nameSchema = z.string().trim().min(1).max(200);

/** A channel as it is created: an id and a signing secret are made where they are left out. */
export const channelInputSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    id: idSchema.optional(),
    name: nameSchema,
    kind: z.literal("webhook"),
    settings: z.strictObject({
      /** Receives a POST per alert. */
      url: urlSchema,
      /** Standard Webhooks secret: `whsec_` and base64. */
      secret: secretSchema.optional(),
    }),
  }),
  z.strictObject({
    id: idSchema.optional(),
    name: nameSchema,
    kind: z.literal("slack"),
    /** URL of an incoming webhook; it is a secret. */
    settings: z.strictObject({ url: urlSchema }),
  }),
]);

/** A complete channel, as it is stored. */
export const channelSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    id: idSchema,
    name: nameSchema,
    kind: z.literal("webhook"),
    settings: z.strictObject({ url: urlSchema, secret: secretSchema }),
  }),
  z.strictObject({
    id: idSchema,
    name: nameSchema,
    kind: z.literal("slack"),
    settings: z.strictObject({ url: urlSchema }),
  }),
]);

/** A channel as people declare it. */
export type ChannelInput = z.output<typeof channelInputSchema>;
/** A channel with its secrets: never rendered, logged or passed to a page. */
export type Channel = z.output<typeof channelSchema>;
/** What may be shown of a channel. */
export type PublicChannel = Pick<Channel, "id" | "name" | "kind"> & { settings: { url: string } };
/** A request that carries one message to a channel. */
export interface ChannelRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * Completes a declared channel.
 *
 * A change that leaves the secret out, or repeats the URL in the form in which it was shown, keeps
 * what was stored.
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
  const { previous } = facts;
  const id = input.id ?? facts.id;
  const repeated =
    previous !== null &&
    previous.kind === input.kind &&
    renderChannel(previous).settings.url === input.settings.url;
  const url = repeated ? previous.settings.url : input.settings.url;
  if (input.kind === "slack") {
    return { channel: { ...input, id, settings: { url } }, newSecret: null };
  }
  const given =
    input.settings.secret ?? (previous?.kind === "webhook" ? previous.settings.secret : undefined);
  const secret = given ?? encodeSecret(facts.randomBytes);
  return {
    channel: { ...input, id, settings: { url, secret } },
    newSecret: given === undefined ? secret : null,
  };
}

/** Renders what may be shown of a channel: the URL without what could be a token. */
export function renderChannel(channel: Channel): PublicChannel {
  const { id, name, kind } = channel;
  return { id, name, kind, settings: { url: renderUrl(channel) } };
}

/** Removes a channel's secrets from a text, such as an error or what a receiver answered. */
export function redact(text: string, channel: Channel): string {
  const secrets = [...secretParts(channel), ...secretParts(channel).map(decoded)]
    .filter((part) => part.length >= SEARCHED_CHARACTERS_MIN)
    .sort((a, b) => b.length - a.length);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

function encodeSecret(bytes: Uint8Array): string {
  if (bytes.length < 24) throw new RangeError("a signing secret needs at least 24 random bytes");
  return SECRET_PREFIX + btoa(String.fromCharCode(...bytes));
}

function renderUrl(channel: Channel): string {
  const url = new URL(channel.settings.url);
  const path = url.pathname
    .split("/")
    .map((segment, index, all) => (isToken(channel, segment, index, all) ? REDACTED : segment))
    .join("/");
  const query = queryPairs(url).map(([name]) => `${name}=${REDACTED}`);
  return `${url.origin}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** What of a channel must not be seen, as it is spelled in the URL. */
function secretParts(channel: Channel): string[] {
  const url = new URL(channel.settings.url);
  const parts = queryPairs(url).map(([, value]) => value);
  parts.push(...url.pathname.split("/").filter((...at) => isToken(channel, ...at)));
  if (url.hash !== "") parts.push(url.hash.slice(1));
  if (channel.kind === "webhook") {
    parts.push(channel.settings.secret, channel.settings.secret.slice(SECRET_PREFIX.length));
  }
  return parts.filter((part) => part !== "");
}

/** Name and value of each query parameter, as spelled; a parameter without `=` is all value. */
function queryPairs(url: URL): Array<[name: string, value: string]> {
  const query = url.search.slice(1);
  if (query === "") return [];
  return query.split("&").map((pair) => {
    const at = pair.indexOf("=");
    return at < 0 ? ["", pair] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/**
 * Whether a path segment is a token: the last one of a Slack webhook always is; elsewhere one that
 * is long and mixes letters and digits.
 */
function isToken(channel: Channel, segment: string, index: number, all: string[]): boolean {
  if (segment === "") return false;
  if (channel.kind === "slack" && index === all.findLastIndex((other) => other !== "")) return true;
  return segment.length >= 16 && /[a-z]/i.test(segment) && /\d/.test(segment);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not percent-encoded: it is looked for as it is spelled.
    return part;
  }
}
