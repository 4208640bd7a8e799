/**
 * Judges the 101 answer of a server against what was asked for.
 *
 * Follows the numbered checks of RFC 6455 §4.1, in their order. Pure.
 */
import {
  parseDeflateAgreement,
  PERMESSAGE_DEFLATE,
  type DeflateAgreement,
  type DeflateOffer,
} from "./deflate-negotiation.ts";
import { headerElements, headerValues, parseExtensions, type Header } from "./header-syntax.ts";
import { quoteText } from "./quote.ts";
import type { ResponseHead } from "./response-head.ts";
import { Violation, type ViolationReason } from "./violation.ts";

/** What the request asked for. */
export interface UpgradeExpectation {
  /** The accept value that answers the request's key. */
  accept: string;
  subprotocols: readonly string[];
  /** null: compression was not offered. */
  deflate: DeflateOffer | null;
}

/** What was agreed. */
export interface UpgradeAgreement {
  subprotocol: string | null;
  /** The server's `Sec-WebSocket-Extensions` as it stood; null: none. */
  extensions: string | null;
  deflate: DeflateAgreement | null;
}

/**
 * Checks a 101 answer.
 *
 * @throws Violation with a reason of the handshake
 */
export function parseUpgradeAnswer(
  head: ResponseHead,
  expected: UpgradeExpectation,
): UpgradeAgreement {
  if (head.minorVersion < 1) {
    throw fault(
      "upgrade_invalid",
      "§4.1",
      "The server answered 101 in HTTP/1.0, which has no upgrades.",
    );
  }
  checkUpgrade(head.headers);
  checkAccept(head.headers, expected.accept);
  const deflate = parseAgreedExtensions(head.headers, expected.deflate);
  const extensions = headerValues(head.headers, "Sec-WebSocket-Extensions");
  return {
    subprotocol: parseSubprotocol(head.headers, expected.subprotocols),
    extensions: extensions.length === 0 ? null : extensions.join(", "),
    deflate,
  };
}

function checkUpgrade(headers: readonly Header[]): void {
  const upgrade = headerValues(headers, "Upgrade");
  if (upgrade.length === 0) {
    throw fault("upgrade_header_missing", "§4.1", "The 101 answer has no Upgrade header.");
  }
  if (upgrade.length > 1 || upgrade[0]?.toLowerCase() !== "websocket") {
    const shown = quoteText(upgrade.join(", "));
    const message = `The 101 answer has the Upgrade header ${shown} instead of "websocket".`;
    throw fault("upgrade_header_missing", "§4.1", message);
  }
  const connection = headerElements(headers, "Connection");
  if (connection.some((token) => token.toLowerCase() === "upgrade")) return;
  const shown = quoteText(connection.join(", "));
  const message =
    connection.length === 0
      ? "The 101 answer has no Connection header."
      : `The 101 answer has the Connection header ${shown} without "Upgrade".`;
  throw fault("upgrade_header_missing", "§4.1", message);
}

function checkAccept(headers: readonly Header[], expected: string): void {
  const values = headerValues(headers, "Sec-WebSocket-Accept");
  const [value] = values;
  if (values.length === 1 && value === expected) return;
  let message = `The Sec-WebSocket-Accept value is ${quoteText(value ?? "")}, not "${expected}".`;
  if (values.length === 0) message = "The 101 answer has no Sec-WebSocket-Accept header.";
  if (values.length > 1) message = "The 101 answer has more than one Sec-WebSocket-Accept header.";
  throw fault("accept_mismatch", values.length > 1 ? "§11.3.3" : "§4.1", message);
}

function parseAgreedExtensions(
  headers: readonly Header[],
  offer: DeflateOffer | null,
): DeflateAgreement | null {
  const values = headerValues(headers, "Sec-WebSocket-Extensions");
  if (values.length === 0) return null;
  const text = values.join(", ");
  const extensions = parseExtensions(text);
  if (extensions === null) {
    const message = `The Sec-WebSocket-Extensions header ${quoteText(text)} is malformed.`;
    throw fault("extension_unrequested", "§9.1", message);
  }
  let agreement: DeflateAgreement | null = null;
  for (const extension of extensions) {
    if (offer === null || extension.name !== PERMESSAGE_DEFLATE) {
      const shown = quoteText(extension.name);
      const message = `The server chose the extension ${shown}, which was not offered.`;
      throw fault("extension_unrequested", "§4.1", message);
    }
    if (agreement !== null) {
      const message = `The server accepted ${PERMESSAGE_DEFLATE} twice.`;
      throw new Violation("extension_unrequested", "RFC 7692 §5", message);
    }
    agreement = parseDeflateAgreement(offer, extension);
  }
  return agreement;
}

function parseSubprotocol(headers: readonly Header[], offered: readonly string[]): string | null {
  const values = headerValues(headers, "Sec-WebSocket-Protocol");
  const [value] = values;
  if (value === undefined) {
    if (offered.length === 0) return null;
    // RFC 6455 leaves this to the client; browsers (WHATWG WebSockets §4) fail the connection.
    const message = `The server chose none of the offered subprotocols (${offered.join(", ")}).`;
    throw fault("subprotocol_mismatch", "§4.1", message);
  }
  if (values.length > 1) {
    const message = "The 101 answer has more than one Sec-WebSocket-Protocol header.";
    throw fault("subprotocol_mismatch", "§11.3.4", message);
  }
  if (offered.includes(value)) return value;
  const message = `The server chose the subprotocol ${quoteText(value)}, which was not offered.`;
  throw fault("subprotocol_mismatch", "§4.1", message);
}

function fault(reason: ViolationReason, section: string, message: string): Violation {
  return new Violation(reason, `RFC 6455 ${section}`, message);
}
