/**
 * Shows a server's words inside a sentence for people: bounded, and printable whatever they are.
 *
 * Pure; imports the limits.
 */
import { QUOTE_BYTES_MAX } from "./limits.ts";

/** Decodes bytes as ISO 8859-1, the superset of what HTTP heads may hold (RFC 9110 §5.5). */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4_096) {
    text += Reflect.apply(String.fromCharCode, null, bytes.subarray(at, at + 4_096));
  }
  return text;
}

/** Quotes text: `"abc"`, with escapes for what cannot be printed, cut after 64 characters. */
export function quoteText(text: string): string {
  const cut = text.length > QUOTE_BYTES_MAX;
  const shown = cut ? text.slice(0, QUOTE_BYTES_MAX) : text;
  const escaped = shown.replaceAll(/[^\x20-\x7e]|["\\]/gu, escapeCharacter);
  return `"${escaped}${cut ? "…" : ""}"`;
}

/** Shows bytes as hexadecimal pairs: `81 85`. */
export function quoteHex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\r") return String.raw`\r`;
  if (character === "\n") return String.raw`\n`;
  if (character === "\t") return String.raw`\t`;
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? String.raw`\x` + code.toString(16).padStart(2, "0") : character;
}
