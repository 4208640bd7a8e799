/**
 * The messages of an echo step: unique to one check, numbered, and of an exact size in bytes.
 * ASCII only, so that bytes and characters are the same. Pure; imports nothing.
 */

/** Characters of the nonce that each message carries. */
const NONCE_LENGTH = 8;
const FILLER = "abcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Message number `index` of a check.
 *
 * @param nonce at least eight hexadecimal digits
 * @param index 0 … 999,999
 * @param bytes exact size, at least 16
 */
export function echoPayload(nonce: string, index: number, bytes: number): string {
  const head = `${nonce.slice(0, NONCE_LENGTH)}-${index}-`;
  const missing = Math.max(0, bytes - head.length);
  return head + FILLER.repeat(Math.ceil(missing / FILLER.length)).slice(0, missing);
}

/** Number of an intact message of this check; null for any other text. */
export function echoIndex(nonce: string, text: string): number | null {
  const match = /^([0-9a-f]{8})-(\d{1,6})-/.exec(text);
  if (match === null || match[1] !== nonce.slice(0, NONCE_LENGTH)) return null;
  const index = Number(match[2]);
  return echoPayload(nonce, index, text.length) === text ? index : null;
}

/** Number that a message of this check shows, changed as it may be; null: none that can be read. */
export function echoNumber(nonce: string, text: string): number | null {
  const start = text.indexOf(`${nonce.slice(0, NONCE_LENGTH)}-`);
  const digits = /^\d{1,6}(?=-)/.exec(text.slice(start + NONCE_LENGTH + 1))?.[0];
  return start < 0 || digits === undefined ? null : Number(digits);
}

/** Whether a text, intact or not, was once a message of this check. */
export function isEchoRemnant(nonce: string, text: string): boolean {
  return text.includes(nonce.slice(0, NONCE_LENGTH));
}
