/**
 * Keeps a monitor's secrets out of everything that a check says: transcript, messages, errors.
 *
 * Secret are the values of every header that the monitor sets, of the well-known credential headers
 * in either direction, and of the URL's query. Header names and query names stay. Pure.
 */
import { decodeLatin1 } from "../websocket/quote.ts";
import { encodeLatin1 } from "./base64.ts";

/** What stands in for a secret. */
export const REDACTED = "[redacted]";
/** What stands in for each byte of a secret where lengths count. */
const FILLER = "*";

/** Headers whose values are credentials, in requests and answers. */
const CREDENTIAL_HEADERS = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
  "www-authenticate",
]);

/** Shorter values are too common in ordinary text to be replaced wherever they occur. */
const SECRET_LENGTH_MIN = 4;

/** Where a monitor's secrets are. */
export interface SecretSource {
  url: string;
  /** Further addresses whose queries are secret, e.g. those that redirects lead to. */
  otherUrls?: readonly string[] | undefined;
  headers: ReadonlyArray<readonly [name: string, value: string]>;
}

/** Removes one monitor's secrets from texts. */
export interface Redactor {
  /** Any text: replaces each occurrence of a secret. */
  text(text: string): string;
  /** An HTTP head: also header values and query values, whatever they are. */
  head(head: string): string;
  /** Any bytes: fills each occurrence of a secret with `*`, so that lengths stay true. */
  bytes(bytes: Uint8Array): Uint8Array;
}

/** Replaces the values of a URL's or path's query, keeping names, e.g. `/ws?token=[redacted]`. */
export function redactQuery(url: string): string {
  return url.replace(/\?[^#\s]*/, (query) => query.replaceAll(/=[^&]*/g, `=${REDACTED}`));
}

/** Makes the redactor of a monitor. */
export function createRedactor(source: SecretSource): Redactor {
  const names = new Set(CREDENTIAL_HEADERS);
  const secrets = new Set<string>();
  for (const [name, value] of source.headers) {
    names.add(name.toLowerCase());
    secrets.add(value);
    // `Bearer abc`: the server may quote the token alone.
    for (const word of value.split(/[\s,;=]+/)) secrets.add(word);
  }
  for (const url of [source.url, ...(source.otherUrls ?? [])]) {
    const query = /\?([^#]*)/.exec(url)?.[1] ?? "";
    for (const pair of query.split("&")) {
      const value = pair.slice(pair.indexOf("=") + 1);
      secrets.add(value);
      secrets.add(decoded(value));
    }
  }
  const ordered = [...secrets]
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN && !SCHEMES.has(secret.toLowerCase()))
    .sort((left, right) => right.length - left.length);
  const text = (raw: string) =>
    redactCutEnd(
      ordered.reduce((result, secret) => result.replaceAll(secret, REDACTED), raw),
      ordered,
      () => REDACTED,
    );
  const head = (raw: string) =>
    text(raw.replaceAll(/[^\r\n]+/g, (line) => redactLine(line, names)));
  const encoded = ordered.map((secret) => decodeLatin1(new TextEncoder().encode(secret)));
  const bytes = (raw: Uint8Array) => {
    const filled = encoded.reduce(
      (result, secret) => result.replaceAll(secret, FILLER.repeat(secret.length)),
      decodeLatin1(raw),
    );
    return encodeLatin1(redactCutEnd(filled, encoded, (length) => FILLER.repeat(length)));
  };
  return { text, head, bytes };
}

/** Words that come before credentials and are not themselves secret. */
const SCHEMES = new Set(["basic", "bearer", "digest", "token"]);

/** A text that was cut for length may end in the middle of a secret. */
function redactCutEnd(
  text: string,
  secrets: readonly string[],
  standIn: (length: number) => string,
): string {
  for (const secret of secrets) {
    for (let length = secret.length - 1; length >= SECRET_LENGTH_MIN; length -= 1) {
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + standIn(length);
    }
  }
  return text;
}

function redactLine(line: string, names: ReadonlySet<string>): string {
  const name = /^([^\s:]+)[ \t]*:/.exec(line)?.[1];
  if (name !== undefined && names.has(name.toLowerCase())) return `${name}: ${REDACTED}`;
  return redactQuery(line);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    // Not percent-encoded text: what stands there is all there is.
    return value;
  }
}
