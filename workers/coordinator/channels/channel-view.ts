/**
 * What of a channel may be shown. Only {@link renderChannel} may leave the coordinator, and
 * {@link redact} must see every text that came from sending. Pure.
 */
import type { Channel } from "./channel.ts";

/** What stands for a secret where a channel or a page is shown. */
export const REDACTED = "***";
/** Parts of a URL shorter than this are not looked for in other text: they would match anything. */
const SEARCHED_CHARACTERS_MIN = 6;

/** What may be shown of a channel. */
export interface PublicChannel {
  id: string;
  name: string;
  kind: Channel["kind"];
  settings: {
    url?: string;
    token?: string;
    channel?: string;
    apiUrl?: string;
    authorization?: string;
    format?: "echoquorum" | "alertmanager";
    template?: { contentType: string; body: string };
    language?: string;
  };
}

/** Renders what may be shown of a channel: the URL without what could be a token. */
export function renderChannel(channel: Channel): PublicChannel {
  const { id, name, kind } = channel;
  const { language } = channel.settings;
  const spoken = language === undefined ? {} : { language };
  return { id, name, kind, settings: { ...renderSettings(channel), ...spoken } };
}

function renderSettings({ kind, settings }: Channel): PublicChannel["settings"] {
  switch (kind) {
    case "webhook": {
      const { url, format, template } = settings;
      return {
        url: renderUrl(kind, url),
        ...(format === undefined ? {} : { format }),
        ...(template === undefined ? {} : { template }),
      };
    }
    case "slack": {
      const { url, token, channel, apiUrl } = settings;
      return {
        ...(url === undefined ? {} : { url: renderUrl(kind, url) }),
        ...(token === undefined ? {} : { token: REDACTED }),
        ...(channel === undefined ? {} : { channel }),
        ...(apiUrl === undefined ? {} : { apiUrl: renderUrl("webhook", apiUrl) }),
      };
    }
    case "alertmanager": {
      const { url, authorization } = settings;
      const shown = { url: renderUrl(kind, url) };
      return authorization === undefined ? shown : { ...shown, authorization: REDACTED };
    }
  }
}

/** Removes a channel's secrets from a text, such as an error or what a receiver answered. */
export function redact(text: string, channel: Channel): string {
  const parts = secretParts(channel);
  const secrets = [...parts, ...parts.map(decoded)]
    .filter((part) => part.length >= SEARCHED_CHARACTERS_MIN)
    .sort((a, b) => b.length - a.length);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

/** What of a channel must not be seen, as it is spelled. */
function secretParts({ kind, settings }: Channel): string[] {
  switch (kind) {
    case "webhook": {
      const former = (settings.formerSecrets ?? []).map(({ secret }) => secret);
      // With and without `whsec_`.
      const secrets = [settings.secret, ...former].flatMap((secret) => [secret, secret.slice(6)]);
      return [...urlSecrets(kind, settings.url), ...secrets];
    }
    case "slack": {
      const { url, token, apiUrl } = settings;
      return [
        ...(url === undefined ? [] : urlSecrets(kind, url)),
        ...(apiUrl === undefined ? [] : urlSecrets("webhook", apiUrl)),
        ...(token === undefined ? [] : [token]),
      ];
    }
    case "alertmanager": {
      const { url, authorization = "" } = settings;
      // The value as a whole, and without its scheme.
      return [...urlSecrets(kind, url), authorization, authorization.replace(/^\S+ /, "")];
    }
  }
}

function urlSecrets(kind: Channel["kind"], text: string): string[] {
  const url = new URL(text);
  const parts = queryPairs(url).map(([, value]) => value);
  parts.push(...url.pathname.split("/").filter((...at) => isToken(kind, ...at)));
  if (url.hash !== "") parts.push(url.hash.slice(1));
  return parts.filter((part) => part !== "");
}

function renderUrl(kind: Channel["kind"], text: string): string {
  const url = new URL(text);
  const path = url.pathname
    .split("/")
    .map((segment, index, all) => (isToken(kind, segment, index, all) ? REDACTED : segment))
    .join("/");
  const query = queryPairs(url).map(([name]) => `${name}=${REDACTED}`);
  return `${url.origin}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`;
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
function isToken(kind: Channel["kind"], segment: string, index: number, all: string[]): boolean {
  if (segment === "") return false;
  if (kind === "slack" && index === all.findLastIndex((other) => other !== "")) return true;
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
