/** Describes frames and other bytes as lines of a transcript. Pure. */
import type { FrameEvent } from "../websocket/connection-event.ts";
import { OPCODE, opcodeName } from "../websocket/opcode.ts";
import type { Redactor } from "./redaction.ts";
import { CUT_MARK } from "./transcript-payload.ts";
import type { HideSecrets, TranscriptDraft } from "./transcript.ts";
import { hex, textOrHex } from "./transcript.ts";

/** The line for a frame at `atMs` after dialling; its text is rendered when it is needed. */
export function frameDraft(frame: FrameEvent, atMs: number): TranscriptDraft {
  const { direction, opcode, fin, rsv1, payloadBytes, wireBytes, preview } = frame;
  return {
    atMs,
    direction,
    kind: opcodeName(opcode),
    bytes: wireBytes,
    frame: { opcode, fin, rsv1, payloadBytes },
    text: (hide) => frameText(frame, hide),
    payload: preview,
  };
}

/** Bytes of the server that make up no whole head or frame. */
export interface UnframedBytes {
  /** Their beginning. */
  bytes: Uint8Array;
  totalBytes: number;
}

/** The line for the beginning of a head that never ended, or of something else than HTTP. */
export function partialHeadDraft(
  { bytes, totalBytes }: UnframedBytes,
  redactor: Pick<Redactor, "head">,
  atMs: number,
): TranscriptDraft {
  const text = textOrHex(bytes, true);
  const isHex = text === hex(bytes);
  // Here too a header's value is a secret; only text can be told apart into headers.
  const shown = isHex ? bytes : new TextEncoder().encode(redactor.head(text));
  return dataDraft("data", { bytes: shown, totalBytes }, atMs);
}

/** The line for other bytes: `body` of a rejection, or `data` where a frame was expected. */
export function dataDraft(
  kind: "body" | "data",
  { bytes, totalBytes }: UnframedBytes,
  atMs: number,
): TranscriptDraft {
  const isCut = bytes.length < totalBytes;
  return {
    atMs,
    direction: "received",
    kind,
    bytes: totalBytes,
    text: (hide) => textOrHex(bytes, isCut, hide) + (isCut ? CUT_MARK : ""),
    payload: bytes,
  };
}

function frameText(frame: FrameEvent, hide: HideSecrets): string {
  const flags = [frame.fin ? [] : ["more fragments follow"], frame.rsv1 ? ["compressed"] : []];
  const remarks = flags.flat();
  const prefix = remarks.length === 0 ? "" : `(${remarks.join(", ")}) `;
  const cut = frame.preview.length < frame.payloadBytes ? CUT_MARK : "";
  return prefix + payloadText(frame, hide) + cut;
}

function payloadText(frame: FrameEvent, hide: HideSecrets): string {
  const { opcode, rsv1, preview, payloadBytes } = frame;
  if (opcode === OPCODE.close && preview.length >= 2) {
    const code = ((preview[0] ?? 0) << 8) | (preview[1] ?? 0);
    const reason = textOrHex(preview.subarray(2), false, hide);
    return reason === "" ? String(code) : `${code} ${reason}`;
  }
  if (opcode === OPCODE.binary || rsv1) return hex(hide(preview));
  return textOrHex(preview, preview.length < payloadBytes, hide);
}
