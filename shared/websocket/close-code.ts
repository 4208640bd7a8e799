/**
 * Status codes of the closing handshake: which may travel, and what they say.
 *
 * Follows RFC 6455 §7.4 and the IANA registry that it opened (1012, 1013 and 1014 came later).
 * Pure data; imports nothing.
 */

/** Close codes that this client gives a meaning of its own. */
export const CLOSE_CODE = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** A rule of the protocol was broken. */
  protocolError: 1002,
  /** Never on the wire: stands for a close frame without a code (§7.1.5). */
  noStatus: 1005,
  /** Data of a message is not what its type promises, e.g. text that is not UTF-8. */
  invalidPayload: 1007,
  /** A message is larger than the receiver accepts. */
  messageTooBig: 1009,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [1000, "normal closure"],
  [1001, "going away"],
  [1002, "protocol error"],
  [1003, "unsupported data"],
  [1005, "no code"],
  [1006, "abnormal closure"],
  [1007, "invalid payload"],
  [1008, "policy violation"],
  [1009, "message too big"],
  [1010, "extension required"],
  [1011, "internal error"],
  [1012, "service restart"],
  [1013, "try again later"],
  [1014, "bad gateway"],
  [1015, "TLS failure"],
]);

/**
 * Whether a code may stand in a close frame: those defined for it, 3000–3999 (registered by
 * libraries) and 4000–4999 (private). 1004, 1005, 1006 and 1015 are reserved and never sent;
 * 1016–2999 wait for future versions of the protocol (§7.4.2).
 */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 1000 && code <= 1014) return code < 1004 || code > 1006;
  return code >= 3000 && code <= 4999;
}

/** What a code says in a few words, or null for one without a registered meaning. */
export function closeCodeName(code: number): string | null {
  return NAMES.get(code) ?? null;
}
