/**
 * Negotiation of `permessage-deflate`: the offer of the client and the check of what the server
 * made of it, parameter by parameter.
 *
 * Follows RFC 7692 §7.1. Pure.
 */
import type { Extension } from "./header-syntax.ts";
import { quoteText } from "./quote.ts";
import { Violation } from "./violation.ts";

/** Name of the extension on the wire. */
export const PERMESSAGE_DEFLATE = "permessage-deflate";
/** Window of 32 KiB, which applies where nothing else was agreed (§7.1.2). */
export const WINDOW_BITS_MAX = 15;
/** Smallest window that can be agreed, 256 bytes. */
export const WINDOW_BITS_MIN = 8;

/** What the client offers. */
export interface DeflateOffer {
  /** Demands that the server compress each message by itself (§7.1.1.1). */
  serverNoContextTakeover: boolean;
  /** Hints that the client will compress each message by itself (§7.1.1.2). */
  clientNoContextTakeover: boolean;
  /** Largest window that the server may use, 8 … 15; null: no demand (§7.1.2.1). */
  serverMaxWindowBits: number | null;
  /**
   * Largest window that the client will use, 8 … 15; `true`: the server may choose; null: the
   * parameter is not offered, and the server may not limit the client (§7.1.2.2).
   */
  clientMaxWindowBits: number | true | null;
}

/** What both sides agreed on. */
export interface DeflateAgreement {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits: number;
  clientMaxWindowBits: number;
}

/** The offer that browsers make: everything allowed, and the server may limit the client. */
export const DEFAULT_DEFLATE_OFFER: DeflateOffer = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: null,
  clientMaxWindowBits: true,
};

/**
 * Encodes the offer for `Sec-WebSocket-Extensions`.
 *
 * @throws RangeError for window bits outside 8 … 15
 */
export function encodeDeflateOffer(offer: DeflateOffer): string {
  const parts = [PERMESSAGE_DEFLATE];
  if (offer.serverNoContextTakeover) parts.push("server_no_context_takeover");
  if (offer.clientNoContextTakeover) parts.push("client_no_context_takeover");
  if (offer.serverMaxWindowBits !== null) {
    parts.push(`server_max_window_bits=${checkedBits(offer.serverMaxWindowBits)}`);
  }
  if (offer.clientMaxWindowBits === true) parts.push("client_max_window_bits");
  else if (offer.clientMaxWindowBits !== null) {
    parts.push(`client_max_window_bits=${checkedBits(offer.clientMaxWindowBits)}`);
  }
  return parts.join("; ");
}

/**
 * Checks the server's answer to an offer.
 *
 * @throws Violation `extension_unrequested`
 */
export function parseDeflateAgreement(offer: DeflateOffer, extension: Extension): DeflateAgreement {
  const params = uniqueParams(extension);
  const agreement: DeflateAgreement = {
    serverNoContextTakeover: parseFlag(params, "server_no_context_takeover", "§7.1.1.1"),
    clientNoContextTakeover:
      parseFlag(params, "client_no_context_takeover", "§7.1.1.2") || offer.clientNoContextTakeover,
    serverMaxWindowBits: parseServerBits(params, offer),
    clientMaxWindowBits: parseClientBits(params, offer),
  };
  for (const name of params.keys()) {
    if (!PARAMS.has(name)) {
      throw fault("§7.1", `with the unknown parameter ${quoteText(name)}`);
    }
  }
  if (offer.serverNoContextTakeover && !agreement.serverNoContextTakeover) {
    throw fault("§7.1.1.1", "without server_no_context_takeover, which was demanded");
  }
  return agreement;
}

type Params = ReadonlyMap<string, string | null>;

const PARAMS: ReadonlySet<string> = new Set([
  "server_no_context_takeover",
  "client_no_context_takeover",
  "server_max_window_bits",
  "client_max_window_bits",
]);

function uniqueParams(extension: Extension): Params {
  const params = new Map<string, string | null>();
  for (const [name, value] of extension.params) {
    if (params.has(name)) throw fault("§7.1", `with ${quoteText(name)} given twice`);
    params.set(name, value);
  }
  return params;
}

function parseFlag(params: Params, name: string, section: string): boolean {
  const value = params.get(name);
  if (value === undefined) return false;
  if (value !== null) throw fault(section, `with a value for ${name}, which takes none`);
  return true;
}

function parseServerBits(params: Params, offer: DeflateOffer): number {
  const name = "server_max_window_bits";
  const most = offer.serverMaxWindowBits;
  if (!params.has(name)) {
    if (most !== null) throw fault("§7.1.2.1", `without ${name}, which was demanded`);
    return WINDOW_BITS_MAX;
  }
  const bits = parseBits(params.get(name) ?? null, name, "§7.1.2.1");
  if (most !== null && bits > most) {
    throw fault("§7.1.2.1", `with ${name}=${bits}, more than the ${most} that were demanded`);
  }
  return bits;
}

function parseClientBits(params: Params, offer: DeflateOffer): number {
  const name = "client_max_window_bits";
  const offered = offer.clientMaxWindowBits;
  const most = typeof offered === "number" ? offered : WINDOW_BITS_MAX;
  if (!params.has(name)) return most;
  if (offered === null) throw fault("§7.1.2.2", `with ${name}, which was not offered`);
  const bits = parseBits(params.get(name) ?? null, name, "§7.1.2.2");
  if (bits > most) {
    throw fault("§7.1.2.2", `with ${name}=${bits}, more than the ${most} that were offered`);
  }
  return bits;
}

function parseBits(value: string | null, name: string, section: string): number {
  // No leading zeros (§7.1.2.1).
  if (value === null || !/^(?:[89]|1[0-5])$/u.test(value)) {
    const shown = value === null ? "without a value" : `as ${quoteText(value)}`;
    throw fault(section, `with ${name} ${shown}; it is a number from 8 to 15`);
  }
  return Number(value);
}

function checkedBits(bits: number): number {
  if (Number.isInteger(bits) && bits >= WINDOW_BITS_MIN && bits <= WINDOW_BITS_MAX) return bits;
  throw new RangeError(`window bits must be 8 … 15, not ${bits}`);
}

function fault(section: string, what: string): Violation {
  const message = `The server accepted ${PERMESSAGE_DEFLATE} ${what}.`;
  return new Violation("extension_unrequested", `RFC 7692 ${section}`, message);
}
