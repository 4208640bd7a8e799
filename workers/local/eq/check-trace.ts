/**
 * A transcript as a packet trace: time since dialling, direction, kind, flags, sizes and content, as
 * text where it is text, else as a hex dump. Pure.
 */
import type { Transcript, TranscriptEntry } from "../../../shared/probe/observation.ts";
import { hex, textOrHex } from "../../../shared/probe/transcript.ts";
import type { EntryPayload } from "../../../shared/probe/transcript-payload.ts";
import { entryPayload } from "../../../shared/probe/transcript-payload.ts";
import { OPCODE } from "../../../shared/websocket/opcode.ts";

/** Columns of a line; longer ones are wrapped. */
const COLUMNS = 96;
/** What continues a line stands under its kind. */
const INDENT = " ".repeat(15);
const DUMP_BYTES = 16;

/** Renders the lines of a trace. */
export function renderTrace({ entries }: Transcript): string[] {
  return entries.flatMap(renderEntry);
}

function renderEntry(entry: TranscriptEntry): string[] {
  const { atMs, direction, text } = entry;
  const arrow = { sent: "→", received: "←", note: "·" }[direction];
  const begin = `${`+${atMs.toFixed(1)} ms`.padStart(12)} ${arrow} `;
  const label = labelOf(entry);
  if (direction === "note" || label === "") return wrap(`${begin}${text}`);
  const payload = entryPayload(entry);
  if (payload === null) return [begin + label, ...indented(text)];
  if (isText(entry, payload)) {
    const shown = withoutRemark(entry);
    const isShort = !shown.includes("\n") && shown.length <= COLUMNS - begin.length - label.length;
    if (shown === "") return [begin + label];
    return isShort ? [`${begin}${label}  ${shown}`] : [begin + label, ...indented(shown)];
  }
  const rest = payload.totalBytes - payload.bytes.length;
  return [
    begin + label,
    ...dump(payload.bytes),
    ...(rest > 0 ? [`${INDENT}… ${rest} more bytes`] : []),
  ];
}

/** Kind, flags and sizes; empty: the text says it all. */
function labelOf({ kind, bytes, frame, direction }: TranscriptEntry): string {
  if (kind === "end" || kind === "reset") return "";
  if (frame === undefined) return bytes === null ? kind : `${kind} ${bytes} B`;
  const flags = [
    ...(frame.fin ? ["fin"] : []),
    ...(frame.rsv1 ? ["rsv1"] : []),
    ...(direction === "sent" ? ["mask"] : []),
  ];
  const opcode = `0x${frame.opcode.toString(16)}`;
  const sizes = `${bytes ?? "?"} B, payload ${frame.payloadBytes} B`;
  return `${kind} ${opcode} [${flags.join(" ")}] ${sizes}`;
}

function isText({ frame }: TranscriptEntry, { bytes, totalBytes }: EntryPayload): boolean {
  if (frame?.opcode === OPCODE.close) return true;
  if (frame?.rsv1 === true || frame?.opcode === OPCODE.binary) return false;
  return bytes.length === 0 || textOrHex(bytes, bytes.length < totalBytes) !== hex(bytes);
}

/** The text of a fragment says so; here the flags do. */
function withoutRemark({ text, frame }: TranscriptEntry): string {
  return frame?.fin === false ? text.replace(/^\(more fragments follow\) /, "") : text;
}

function indented(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .flatMap((line) => wrap(INDENT + line));
}

function wrap(line: string): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > COLUMNS) {
    lines.push(rest.slice(0, COLUMNS));
    rest = INDENT + rest.slice(COLUMNS);
  }
  return [...lines, rest];
}

/** Offset, sixteen bytes in hexadecimal, and what of them is printable ASCII. */
function dump(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(bytes.length / DUMP_BYTES) }, (_, index) => {
    const row = bytes.subarray(index * DUMP_BYTES, (index + 1) * DUMP_BYTES);
    const offset = (index * DUMP_BYTES).toString(16).padStart(4, "0");
    const ascii = Array.from(row, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    ).join("");
    return `${INDENT}${offset}  ${hex(row).padEnd(DUMP_BYTES * 3 - 1)}  ${ascii}`;
  });
}
