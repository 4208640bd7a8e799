/** Quotes what was received, for people. Pure; imports nothing. */

/** Characters of a received message that an explanation quotes. */
const QUOTE_MAX = 80;

/** A text in quotation marks, escaped and bounded. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTE_MAX ? `${text.slice(0, QUOTE_MAX)}…` : text);
}
