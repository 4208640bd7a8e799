/** Base64 (RFC 4648 §4) of bytes, for payloads in JSON. Pure. */

/** Bytes that are handed to `String.fromCharCode` at once: arguments live on the stack. */
const PIECE_BYTES = 8_192;

/** Encodes bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(binaryString(bytes));
}

/** Decodes bytes. */
export function decodeBase64(text: string): Uint8Array {
  return binaryBytes(atob(text));
}

/** Bytes as a string with one character per byte. */
export function binaryString(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES));
  }
  return text;
}

/** The bytes of a string with one character per byte. */
export function binaryBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
