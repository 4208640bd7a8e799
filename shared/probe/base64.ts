/** Base64 (RFC 4648 §4) of bytes, for payloads in JSON. Pure. */
import { decodeLatin1 } from "../websocket/quote.ts";

/** Encodes bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(decodeLatin1(bytes));
}

/** Decodes bytes. */
export function decodeBase64(text: string): Uint8Array {
  return encodeLatin1(atob(text));
}

/** The bytes of a text with one character per byte, the reverse of `decodeLatin1`. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
