/**
 * The grammar of header fields, as far as a WebSocket handshake needs it: tokens, lists, and the
 * extension list of RFC 6455 §9.1.
 *
 * Parsers return null for text outside the grammar; what follows from that is for the caller to
 * decide. Follows RFC 9110 §5. Pure; imports nothing.
 */

/** One header field as it stood in the message; names keep their case. */
export type Header = readonly [name: string, value: string];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/u;
// Visible characters, spaces and tabs, and the upper half of ISO 8859-1 (obs-text).
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/u;

/** Whether text is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether text may be the value of a field or a reason phrase: no control characters. */
export function isFieldValue(text: string): boolean {
  return FIELD_VALUE.test(text);
}

/** Values of all fields of that name, in order; names compare without case. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase();
  const found: string[] = [];
  for (const [key, value] of headers) if (key.toLowerCase() === wanted) found.push(value);
  return found;
}

/** Elements of comma-separated fields of that name (RFC 9110 §5.6.1), without empty ones. */
export function headerElements(headers: readonly Header[], name: string): string[] {
  return headerValues(headers, name)
    .flatMap((value) => value.split(","))
    .map(trimOws)
    .filter((element) => element !== "");
}

/** Removes spaces and tabs at both ends, and nothing else. */
export function trimOws(text: string): string {
  // Not a regular expression: one would look at a long run of spaces again from each of them.
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start += 1;
  while (end > start && isOws(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** One extension with its parameters; a parameter without a value has null. */
export interface Extension {
  name: string;
  params: Array<[name: string, value: string | null]>;
}

const LEXEME = /[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)"|([,;=]))[ \t]*/uy;

interface Lexeme {
  kind: "token" | "quoted" | "," | ";" | "=";
  text: string;
}

/** Parses `Sec-WebSocket-Extensions` (RFC 6455 §9.1); null: outside the grammar. */
export function parseExtensions(value: string): Extension[] | null {
  const lexemes = splitLexemes(value);
  if (lexemes === null) return null;
  const extensions: Extension[] = [];
  let at = 0;
  while (at < lexemes.length) {
    if (lexemes[at]?.kind === ",") {
      at += 1;
      continue;
    }
    const name = lexemes[at];
    if (name?.kind !== "token") return null;
    const extension: Extension = { name: name.text, params: [] };
    at += 1;
    while (lexemes[at]?.kind === ";") {
      const param = parseParam(lexemes, at + 1);
      if (param === null) return null;
      extension.params.push([param.name, param.value]);
      at = param.end;
    }
    if (at < lexemes.length && lexemes[at]?.kind !== ",") return null;
    extensions.push(extension);
  }
  return extensions.length === 0 ? null : extensions;
}

function splitLexemes(value: string): Lexeme[] | null {
  const lexemes: Lexeme[] = [];
  LEXEME.lastIndex = 0;
  while (LEXEME.lastIndex < value.length) {
    const match = LEXEME.exec(value);
    if (match === null) return null;
    const [, token, quoted, mark] = match;
    if (token !== undefined) lexemes.push({ kind: "token", text: token });
    else if (quoted !== undefined) {
      lexemes.push({ kind: "quoted", text: quoted.replaceAll(/\\(.)/gu, "$1") });
    } else if (mark === "," || mark === ";" || mark === "=") {
      lexemes.push({ kind: mark, text: mark });
    }
  }
  return lexemes;
}

function parseParam(
  lexemes: readonly Lexeme[],
  at: number,
): { name: string; value: string | null; end: number } | null {
  const name = lexemes[at];
  if (name?.kind !== "token") return null;
  if (lexemes[at + 1]?.kind !== "=") return { name: name.text, value: null, end: at + 1 };
  const value = lexemes[at + 2];
  // A quoted value must be a token once its quotes are off (RFC 6455 §9.1).
  if (value === undefined || !isToken(value.text)) return null;
  return { name: name.text, value: value.text, end: at + 3 };
}
