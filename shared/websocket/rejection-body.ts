/**
 * Keeps the beginning of the body of an answer that refused the upgrade, so that an operator can
 * read what the server said about it.
 *
 * Follows the framing rules of RFC 9112 §6 (length, chunked, until the end of the connection), but
 * a fault in the framing only ends the snippet: the refusal itself is the finding. Pure.
 */
import { ByteAccumulator } from "./byte-accumulator.ts";
import { headerElements, type Header } from "./header-syntax.ts";
import { decodeLatin1 } from "./quote.ts";

const LF = 0x0a;
/** Longest chunk-size line with its extensions, in bytes. */
const CHUNK_LINE_BYTES_MAX = 256;
/** How a body is delimited. */
type Framing = "none" | "length" | "chunked" | "end_of_connection";

/** Takes the bytes after the head until the body, or the part of it that is kept, is complete. */
export class RejectionBody {
  readonly #kept: ByteAccumulator;
  readonly #bytesMax: number;
  readonly #framing: Framing;
  /** Bytes of the body, or of the current chunk, that are still due. */
  #dueBytes: number;
  /** Chunk-size line under way; null inside a chunk's data. */
  #chunkLine: string | null = "";
  #done: boolean;

  constructor(status: number, headers: readonly Header[], bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#kept = new ByteAccumulator(bytesMax);
    const lengthBytes = parseContentLength(headers);
    this.#framing = framingOf(status, headers, lengthBytes);
    this.#dueBytes = this.#framing === "length" ? (lengthBytes ?? 0) : 0;
    this.#done = this.#framing === "none" || (this.#framing === "length" && this.#dueBytes === 0);
  }

  /** Whether nothing more is wanted. */
  get done(): boolean {
    return this.#done;
  }

  /** What was kept, as text; a character that the limit cut is left out. */
  get text(): string {
    return new TextDecoder().decode(this.#kept.view(), { stream: true });
  }

  /** Takes the next bytes; those after the end are ignored. */
  receive(bytes: Uint8Array): void {
    let at = 0;
    while (!this.#done && at < bytes.length) {
      if (this.#framing === "chunked" && this.#chunkLine !== null) {
        at += this.#receiveChunkLine(bytes.subarray(at));
        continue;
      }
      const rest = bytes.subarray(at);
      const piece = this.#framing === "end_of_connection" ? rest : rest.subarray(0, this.#dueBytes);
      this.#keep(piece);
      at += piece.length;
      this.#dueBytes -= piece.length;
      if (this.#framing === "length" && this.#dueBytes === 0) this.#done = true;
      if (this.#framing === "chunked" && this.#dueBytes === 0) this.#chunkLine = "";
    }
  }

  #keep(piece: Uint8Array): void {
    this.#kept.append(piece.subarray(0, this.#bytesMax - this.#kept.length));
    if (this.#kept.length === this.#bytesMax) this.#done = true;
  }

  /** Reads up to the end of a chunk-size line; the empty line after each chunk is skipped. */
  #receiveChunkLine(bytes: Uint8Array): number {
    const newline = bytes.indexOf(LF);
    const end = newline === -1 ? bytes.length : newline;
    const piece = bytes.subarray(0, Math.min(end, CHUNK_LINE_BYTES_MAX + 1));
    const line = (this.#chunkLine ?? "") + decodeLatin1(piece);
    if (line.length > CHUNK_LINE_BYTES_MAX) {
      this.#done = true;
    } else if (newline === -1) {
      this.#chunkLine = line;
    } else if (line === "\r" || line === "") {
      this.#chunkLine = "";
    } else {
      this.#startChunk(line);
    }
    return newline === -1 ? bytes.length : newline + 1;
  }

  #startChunk(line: string): void {
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?\r?$/u.exec(line)?.[1];
    this.#dueBytes = size === undefined ? 0 : Number.parseInt(size, 16);
    if (this.#dueBytes === 0) this.#done = true;
    else this.#chunkLine = null;
  }
}

function framingOf(
  status: number,
  headers: readonly Header[],
  lengthBytes: number | null,
): Framing {
  if (status === 204 || status === 304) return "none";
  const codings = headerElements(headers, "Transfer-Encoding");
  if (codings.at(-1)?.toLowerCase() === "chunked") return "chunked";
  return lengthBytes === null || codings.length > 0 ? "end_of_connection" : "length";
}

/** The one value that all `Content-Length` fields agree on; null: none, or they do not. */
function parseContentLength(headers: readonly Header[]): number | null {
  const values = new Set(headerElements(headers, "Content-Length"));
  const [value] = values;
  return values.size === 1 && value !== undefined && /^[0-9]{1,15}$/u.test(value)
    ? Number(value)
    : null;
}
