/**
 * Encodes the opening request of the handshake (RFC 6455 §4.1).
 *
 * Refuses what would change the meaning of the request: line breaks in values, and headers that the
 * handshake itself sets. Pure.
 */
import { isFieldValue, isToken, type Header } from "./header-syntax.ts";

/** What goes into the request. */
export interface UpgradeRequest {
  /** Value of `Host`: name or literal address, with the port unless it is the scheme's own. */
  host: string;
  /** Path and query, e.g. `/socket?v=2`. */
  target: string;
  /** `Sec-WebSocket-Key`. */
  key: string;
  /** Value of `Origin`; null: none. */
  origin: string | null;
  /** Offered in order of preference, without duplicates. */
  subprotocols: readonly string[];
  /** Value of `Sec-WebSocket-Extensions`; null: none. */
  extensions: string | null;
  /** Value of `User-Agent`; null: none. A header of that name in `headers` replaces it. */
  userAgent: string | null;
  /** Additional headers, in order. */
  headers: readonly Header[];
}

const RESERVED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a header belongs to the handshake, so that a caller may not add it. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.has(lower) || lower.startsWith("sec-websocket-");
}

/**
 * Encodes the request head.
 *
 * @throws TypeError for values that cannot stand in a request
 */
export function encodeUpgradeRequest(request: UpgradeRequest): string {
  const { host, target, key, origin, subprotocols, extensions, userAgent, headers } = request;
  assertValid(/^[\x21-\x7e]+$/u.test(host), "the host has characters that a header cannot hold");
  assertValid(/^\/[\x21-\x7e]*$/u.test(target), "the path must begin with / and be URL-encoded");
  assertValid(subprotocols.every(isToken), "a subprotocol must be a token");
  assertValid(new Set(subprotocols).size === subprotocols.length, "a subprotocol is offered twice");

  const fields: Header[] = [
    ["Host", host],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (subprotocols.length > 0) fields.push(["Sec-WebSocket-Protocol", subprotocols.join(", ")]);
  if (extensions !== null) fields.push(["Sec-WebSocket-Extensions", extensions]);
  if (origin !== null) fields.push(["Origin", origin]);
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  if (userAgent !== null && !named.has("user-agent")) fields.push(["User-Agent", userAgent]);
  for (const [name, value] of headers) {
    assertValid(isToken(name), "a header name must be a token");
    assertValid(!isReservedHeader(name), `the handshake itself sets the header ${name}`);
    fields.push([name, value]);
  }
  // Values are not repeated in errors: they may be secrets.
  for (const [name, value] of fields) {
    assertValid(isFieldValue(value), `the value of the header ${name} has control characters`);
  }
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

function assertValid(holds: boolean, message: string): void {
  if (!holds) throw new TypeError(message);
}
