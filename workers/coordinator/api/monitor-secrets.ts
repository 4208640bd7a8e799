/**
 * What of a monitor is never shown: the values of its headers, and of query parameters that are
 * named like a secret or look like one. They are shown as `[redacted]`, and a change that repeats
 * `[redacted]` keeps what is stored, so that what was read can be sent back. Pure.
 */
import type { Monitor } from "../../../shared/monitor/monitor.ts";
import type { FieldError } from "./problem.ts";

/** What stands for a secret where a monitor is shown. */
export const REDACTED = "[redacted]";

const SECRET_NAME = /token|key|secret|passw|pwd|auth|sig|credential|jwt|ticket|session|otp/i;
/** A value that is long and mixes letters and digits is taken for a token whatever its name. */
const TOKEN_CHARACTERS_MIN = 20;

/** Renders a monitor without its secrets. */
export function renderMonitor(monitor: Monitor): Monitor {
  const headers = Object.fromEntries(Object.keys(monitor.headers).map((name) => [name, REDACTED]));
  return { ...monitor, url: renderUrl(monitor.url), headers, http: renderHttp(monitor.http) };
}

function renderHttp(http: Monitor["http"]): Monitor["http"] {
  return typeof http === "boolean" || http.url === undefined
    ? http
    : { ...http, url: renderUrl(http.url) };
}

/** A URL without the values of query parameters that are secrets. */
export function renderUrl(url: string): string {
  return mapQuery(url, ({ name, value }) => (isSecret(name, value) ? REDACTED : null));
}

function isSecret(name: string, value: string): boolean {
  if (SECRET_NAME.test(name)) return value !== "";
  return value.length >= TOKEN_CHARACTERS_MIN && /[a-z]/i.test(value) && /\d/.test(value);
}

/**
 * Puts the stored secrets back where a declared monitor repeats `[redacted]`.
 *
 * @param stored the monitor that is changed; null: it is new
 */
export function restoreSecrets(
  declared: Monitor,
  stored: Monitor | null,
): { monitor: Monitor; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const storedHeaders = new Map(
    Object.entries(stored?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const headers = Object.entries(declared.headers).map(([name, value]) => {
    if (value !== REDACTED) return [name, value] as const;
    const kept = storedHeaders.get(name.toLowerCase());
    if (kept === undefined) errors.push({ field: `headers.${name}`, message: NOTHING_TO_KEEP });
    return [name, kept ?? value] as const;
  });
  const restore = (field: string, url: string, storedUrl: string) =>
    restoreUrl(url, storedUrl, (message) => errors.push({ field, message }));
  const url = restore("url", declared.url, stored?.url ?? "");
  const { http } = declared;
  const httpUrl = urlOf(http);
  return {
    monitor: {
      ...declared,
      url,
      headers: Object.fromEntries(headers),
      http:
        typeof http === "boolean" || httpUrl === undefined
          ? http
          : { ...http, url: restore("http.url", httpUrl, urlOf(stored?.http ?? false) ?? "") },
    },
    errors,
  };
}

function urlOf(http: Monitor["http"]): string | undefined {
  return typeof http === "boolean" ? undefined : http.url;
}

/** A URL with the stored values where its query repeats `[redacted]`. */
function restoreUrl(url: string, stored: string, complain: (message: string) => void): string {
  const storedValues = queryValues(stored);
  return mapQuery(url, ({ name, value, occurrence }) => {
    if (decode(value) !== REDACTED) return null;
    const kept = storedValues.get(`${occurrence}:${name}`);
    if (kept === undefined) complain(`query parameter ${name}: ${NOTHING_TO_KEEP}`);
    return kept ?? null;
  });
}

const NOTHING_TO_KEEP = `expected a value: ${REDACTED} stands for a stored one, and there is none`;

interface QueryPair {
  /** Decoded. */
  name: string;
  /** As it is spelled. */
  value: string;
  /** How many parameters of the same name came before. */
  occurrence: number;
}

/** Replaces values of a URL's query, as they are spelled; null keeps one. */
function mapQuery(url: string, replace: (pair: QueryPair) => string | null): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const seen = new Map<string, number>();
  const query = url
    .slice(start + 1)
    .split("&")
    .map((pair) => {
      const at = pair.indexOf("=");
      const spelled = at < 0 ? pair : pair.slice(0, at);
      const name = decode(spelled);
      const occurrence = seen.get(name) ?? 0;
      seen.set(name, occurrence + 1);
      const value = replace({ name, value: at < 0 ? "" : pair.slice(at + 1), occurrence });
      return value === null ? pair : `${spelled}=${value}`;
    });
  return `${url.slice(0, start)}?${query.join("&")}`;
}

function queryValues(url: string): Map<string, string> {
  const values = new Map<string, string>();
  mapQuery(url, ({ name, value, occurrence }) => {
    values.set(`${occurrence}:${name}`, value);
    return null;
  });
  return values;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // Not percent-encoded: it is taken as it is spelled.
    return text;
  }
}
