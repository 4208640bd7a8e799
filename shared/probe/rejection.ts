/**
 * What an HTTP answer other than 101 to an upgrade request means (RFC 6455 §4.1, RFC 9110 §15).
 * Pure.
 */
import { decodeLatin1 } from "../websocket/quote.ts";
import type { Reason } from "./reason.ts";
import type { Redactor } from "./redaction.ts";
import { printable } from "./transcript.ts";

/** Classifies the status of a rejection, 100 … 599 but not 101. */
export function rejectionReason(status: number): Reason {
  if (status >= 300 && status < 400) return "upgrade_redirected";
  switch (status) {
    case 401:
    case 403:
    case 407:
      return "upgrade_unauthorized";
    case 429:
    case 503:
      return "upgrade_overloaded";
    // What a server says to a request that it took for plain HTTP, or for a broken upgrade.
    case 400:
    case 426:
      return "upgrade_ignored";
    default:
      return status < 300 ? "upgrade_ignored" : "upgrade_rejected";
  }
}

/**
 * What Cloudflare's own answers say of the server behind its proxy; undefined for every other.
 *
 * @see https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
export function cloudflareReason(status: number): Reason | undefined {
  return CLOUDFLARE_REASONS[status];
}

const CLOUDFLARE_REASONS: Readonly<Record<number, Reason>> = {
  521: "connect_failed",
  522: "connect_timeout",
  523: "connect_failed",
  524: "upgrade_timeout",
  525: "tls_failed",
  526: "tls_failed",
  530: "dns_error",
};

const PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  407: "Proxy Authentication Required",
  410: "Gone",
  421: "Misdirected Request",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  520: "Web Server Returned an Unknown Error",
  521: "Web Server Is Down",
  522: "Connection Timed Out",
  523: "Origin Is Unreachable",
  524: "A Timeout Occurred",
  525: "SSL Handshake Failed",
  526: "Invalid SSL Certificate",
  530: "Origin DNS Error",
};

/** A status with its usual phrase, e.g. `502 Bad Gateway`. */
export function statusText(status: number): string {
  const phrase = PHRASES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

/** A body as one line, as it would be read: without markup and control characters. */
export function plainText(body: string): string {
  // The head says in its title what the page then says again.
  const head = /<\/head\s*>/i.exec(body);
  const shown = head === null ? body : body.slice(head.index + head[0].length);
  return printable(shown.replaceAll(/<[^>]*>/g, " "))
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Characters of a body that a message quotes. */
const BODY_QUOTE_MAX = 200;

/** What a body says, as a sentence; none when it says nothing. */
export function bodySentences(body: string, redactor: Redactor): string[] {
  const text = redactor.text(plainText(body));
  const quoted = text.length > BODY_QUOTE_MAX ? `${text.slice(0, BODY_QUOTE_MAX)}…` : text;
  return quoted === "" ? [] : [`It said: ${JSON.stringify(quoted)}.`];
}

/** As much as is looked at of what came instead of frames, in bytes. */
const MISPLACED_BYTES_MAX = 4_096;
const MISPLACED_ANSWER =
  /^(?:HTTP\/1\.1 101 [\s\S]*?\r\n\r\n)?HTTP\/1\.[01] ([2-5]\d\d)\b[\s\S]*?\r\n\r\n([\s\S]*)/;

/**
 * The HTTP answer of a server that upgraded and only then refused: some write it over the upgraded
 * connection, where it reads as broken frames.
 *
 * @param bytes what was received last, as it came: it begins with the answer, or with a 101 before it
 * @returns null when it is something else
 */
export function misplacedAnswer(bytes: Uint8Array): { status: number; body: string } | null {
  const match = MISPLACED_ANSWER.exec(decodeLatin1(bytes.subarray(0, MISPLACED_BYTES_MAX)));
  return match === null ? null : { status: Number(match[1]), body: match[2] ?? "" };
}
