/** Reads a text file line by line, and holds no more of it than a line and a piece. */
import { closeSync, openSync, readSync } from "node:fs";
import { TextDecoder } from "node:util";

/** Bytes that are read at once. */
const PIECE_BYTES = 1_048_576;

/**
 * Lines of a file, without their ends; what is behind the last end is a line if it is not empty.
 *
 * @throws what the file system does, when the file cannot be read
 */
export function* fileLines(path: string): Generator<string> {
  const descriptor = openSync(path, "r");
  try {
    const decoder = new TextDecoder();
    const piece = new Uint8Array(PIECE_BYTES);
    /** Beginning of a line whose end has not been read. */
    let begun: string[] = [];
    for (let bytes = 1; bytes > 0;) {
      bytes = readSync(descriptor, piece, 0, piece.length, null);
      const text = decoder.decode(piece.subarray(0, bytes), { stream: bytes > 0 });
      const lines = text.split("\n");
      const last = lines.pop() ?? "";
      for (const line of lines) {
        yield begun.join("") + line;
        begun = [];
      }
      begun.push(last);
    }
    const rest = begun.join("");
    if (rest !== "") yield rest;
  } finally {
    closeSync(descriptor);
  }
}
