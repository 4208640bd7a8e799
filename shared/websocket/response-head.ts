/**
 * Incremental, strict parser of the head of an HTTP/1.x response, interim responses included.
 *
 * Strict where leniency would hide a fault from the people who run the server: line ends, header
 * names, control characters, size. Lenient where RFC 9112 says that a client must be: folded values
 * are unfolded (§5.2). Knows nothing of WebSocket. Pure.
 */
import { ByteAccumulator } from "./byte-accumulator.ts";
import { isFieldValue, isToken, trimOws, type Header } from "./header-syntax.ts";
import type { Limits } from "./limits.ts";
import { decodeLatin1, quoteText } from "./quote.ts";
import { Violation } from "./violation.ts";

/** A complete response head. */
export interface ResponseHead {
  /** Minor version: 1 for HTTP/1.1. */
  minorVersion: number;
  status: number;
  headers: Header[];
  /** The bytes as they came, interim responses first, as ISO 8859-1. */
  text: string;
}

const LF = 0x0a;
const CR = 0x0d;
/** What every answer begins with. */
const PRELUDE = "HTTP/1.";
/** Bytes of another protocol that are awaited, so that the message can show what it was. */
const FOREIGN_BYTES = 32;
const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-9][0-9]{2})(?: (.*))?$/u;

type HeadLimits = Pick<Limits, "headBytesMax" | "headerCountMax" | "interimResponsesMax">;

/** Takes bytes until the head is complete. */
export class ResponseHeadParser {
  readonly #limits: HeadLimits;
  readonly #raw: ByteAccumulator;
  #lineStart = 0;
  #status: { minorVersion: number; status: number } | null = null;
  /** Fields so far, each with the lines that its value is folded over. */
  #headers: Array<{ name: string; lines: string[] }> = [];
  #interimResponses = 0;
  #head: ResponseHead | null = null;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
    this.#raw = new ByteAccumulator(limits.headBytesMax);
  }

  /** The head, once it is complete. */
  get head(): ResponseHead | null {
    return this.#head;
  }

  /**
   * Takes the next bytes and returns how many belonged to the head: fewer than given only when it
   * is complete and something follows it.
   *
   * @throws Violation `upgrade_invalid`
   */
  receive(bytes: Uint8Array): number {
    let consumed = 0;
    while (this.#head === null && consumed < bytes.length) {
      const room = this.#limits.headBytesMax - this.#raw.length;
      if (room === 0) throw invalid(`has a head of more than ${this.#raw.length} bytes`, "§5.4");
      const window = bytes.subarray(consumed, consumed + room);
      const newline = window.indexOf(LF);
      const piece = newline === -1 ? window : window.subarray(0, newline + 1);
      this.#raw.append(piece);
      consumed += piece.length;
      if (newline === -1) this.#rejectForeign(false);
      else this.#endLine();
    }
    return consumed;
  }

  /** The connection ended inside the head: says so, or that what came was not HTTP at all. */
  endOfInput(): Violation {
    if (this.#raw.length === 0) {
      return new Violation(
        "upgrade_invalid",
        "RFC 6455 §4.1",
        "The server closed the connection without an answer to the upgrade request.",
      );
    }
    try {
      this.#rejectForeign(true);
    } catch (error) {
      if (error instanceof Violation) return error;
      throw error;
    }
    return invalid("stops before the end of its head: the connection was closed", "§8");
  }

  /** Fails early on bytes that cannot be the start of an HTTP answer. */
  #rejectForeign(complete: boolean): void {
    if (this.#status !== null || this.#lineStart > 0) return;
    const start = this.#raw.view().subarray(0, FOREIGN_BYTES);
    const first = start[0] ?? 0;
    const binary = first < 0x20 || first > 0x7e;
    if (!binary && !complete && start.length < FOREIGN_BYTES) return;
    const text = decodeLatin1(start);
    if (text.startsWith(PRELUDE) || PRELUDE.startsWith(text)) return;
    throw foreign(binary ? text.slice(0, 1) : text);
  }

  #endLine(): void {
    const raw = this.#raw.view();
    const end = raw.length - 1;
    const line = decodeLatin1(raw.subarray(this.#lineStart, Math.max(end - 1, this.#lineStart)));
    if (this.#status === null && this.#lineStart === 0) this.#rejectForeign(true);
    if (end === this.#lineStart || raw[end - 1] !== CR) {
      throw invalid("has a line that ends with a line feed alone", "§2.2");
    }
    this.#lineStart = raw.length;
    if (this.#status === null) this.#status = parseStatusLine(line);
    else if (line !== "") this.#addHeaderLine(line);
    else this.#endHead(this.#status);
  }

  #addHeaderLine(line: string): void {
    if (!isFieldValue(line)) {
      throw invalid(`has a header with a control character: ${quoteText(line)}`, "§5.5", "9110");
    }
    if (line.startsWith(" ") || line.startsWith("\t")) {
      const last = this.#headers.at(-1);
      if (last === undefined) throw invalid("begins its headers with white space", "§2.2");
      last.lines.push(trimOws(line));
      return;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!isToken(name)) {
      throw invalid(`has a line that is not a header: ${quoteText(line)}`, "§5");
    }
    if (this.#headers.length === this.#limits.headerCountMax) {
      throw invalid(`has more than ${this.#limits.headerCountMax} headers`, "§5.4", "9110");
    }
    this.#headers.push({ name, lines: [trimOws(line.slice(colon + 1))] });
  }

  #endHead(status: { minorVersion: number; status: number }): void {
    if (status.status >= 200 || status.status === 101) {
      const headers = this.#headers.map(({ name, lines }): Header => [name, unfold(lines)]);
      this.#head = { ...status, headers, text: decodeLatin1(this.#raw.view()) };
      return;
    }
    this.#interimResponses += 1;
    if (this.#interimResponses > this.#limits.interimResponsesMax) {
      const most = this.#limits.interimResponsesMax;
      throw invalid(`has more than ${most} interim (1xx) responses before it`, "§15.2", "9110");
    }
    this.#status = null;
    this.#headers = [];
  }
}

/** Joins the lines of a folded value with one space each (RFC 9112 §5.2). */
function unfold(lines: readonly string[]): string {
  return lines.filter((line) => line !== "").join(" ");
}

function parseStatusLine(line: string): { minorVersion: number; status: number } {
  const match = STATUS_LINE.exec(line);
  if (match === null || !isFieldValue(line)) {
    throw invalid(`has a malformed status line: ${quoteText(line)}`, "§4");
  }
  return { minorVersion: Number(match[1]), status: Number(match[2]) };
}

function invalid(fault: string, section: string, rfc = "9112"): Violation {
  const message = `The answer to the upgrade request ${fault}.`;
  return new Violation("upgrade_invalid", `RFC ${rfc} ${section}`, message);
}

/** Names the protocols that are met in practice behind a wrong port or scheme. */
function foreign(text: string): Violation {
  const first = text.charCodeAt(0);
  let guess = "";
  if (first === 0x15 || first === 0x16) guess = ": it looks like TLS, which needs a wss: address";
  else if (first === 0x00) guess = ": it looks like HTTP/2, which this port speaks unasked";
  else if (text.startsWith("SSH-")) guess = ": an SSH server answers on this port";
  else if (text.startsWith("HTTP/")) guess = ": its HTTP version is not 1.1";
  return invalid(`is not HTTP${guess}; it begins with ${quoteText(text)}`, "§4");
}
